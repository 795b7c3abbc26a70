//! The region of phone numbers written without a country code, where the owner has not named it.

/// From the time zone, else the locale, else the currency, else the United States.
pub fn region_of(timezone: &str, locale: &str, currency: &str) -> &'static str {
    by_zone(timezone).or_else(|| by_locale(locale)).or_else(|| by_currency(currency)).unwrap_or("US")
}

fn by_zone(zone: &str) -> Option<&'static str> {
    Some(match zone {
        "Europe/Paris" => "FR",
        "Europe/Berlin" | "Europe/Busingen" => "DE",
        "Europe/London" | "Europe/Belfast" => "GB",
        "Europe/Dublin" => "IE",
        "Europe/Madrid" | "Atlantic/Canary" => "ES",
        "Europe/Lisbon" | "Atlantic/Azores" => "PT",
        "Europe/Rome" => "IT",
        "Europe/Brussels" => "BE",
        "Europe/Amsterdam" => "NL",
        "Europe/Luxembourg" => "LU",
        "Europe/Zurich" => "CH",
        "Europe/Vienna" => "AT",
        "Europe/Copenhagen" => "DK",
        "Europe/Stockholm" => "SE",
        "Europe/Oslo" => "NO",
        "Europe/Helsinki" => "FI",
        "Europe/Warsaw" => "PL",
        "Europe/Prague" => "CZ",
        "Europe/Bratislava" => "SK",
        "Europe/Budapest" => "HU",
        "Europe/Bucharest" => "RO",
        "Europe/Sofia" => "BG",
        "Europe/Athens" => "GR",
        "Europe/Zagreb" => "HR",
        "Europe/Ljubljana" => "SI",
        "Europe/Belgrade" => "RS",
        "Europe/Kiev" | "Europe/Kyiv" => "UA",
        "Europe/Istanbul" => "TR",
        "Europe/Vilnius" => "LT",
        "Europe/Riga" => "LV",
        "Europe/Tallinn" => "EE",
        "America/New_York"
        | "America/Chicago"
        | "America/Denver"
        | "America/Los_Angeles"
        | "America/Phoenix"
        | "America/Detroit"
        | "America/Anchorage"
        | "Pacific/Honolulu" => "US",
        "America/Toronto" | "America/Vancouver" | "America/Montreal" | "America/Edmonton" | "America/Halifax" | "America/Winnipeg" => "CA",
        "America/Mexico_City" | "America/Monterrey" | "America/Tijuana" => "MX",
        "America/Sao_Paulo" | "America/Bahia" | "America/Manaus" => "BR",
        "America/Argentina/Buenos_Aires" | "America/Buenos_Aires" => "AR",
        "America/Santiago" => "CL",
        "America/Bogota" => "CO",
        "America/Lima" => "PE",
        "Asia/Dubai" => "AE",
        "Asia/Riyadh" => "SA",
        "Asia/Jerusalem" => "IL",
        "Asia/Kolkata" | "Asia/Calcutta" => "IN",
        "Asia/Singapore" => "SG",
        "Asia/Tokyo" => "JP",
        "Asia/Seoul" => "KR",
        "Asia/Shanghai" => "CN",
        "Asia/Hong_Kong" => "HK",
        "Asia/Taipei" => "TW",
        "Asia/Manila" => "PH",
        "Asia/Jakarta" => "ID",
        "Asia/Bangkok" => "TH",
        "Asia/Ho_Chi_Minh" => "VN",
        "Asia/Kuala_Lumpur" => "MY",
        "Africa/Johannesburg" => "ZA",
        "Africa/Lagos" => "NG",
        "Africa/Nairobi" => "KE",
        "Africa/Cairo" => "EG",
        "Africa/Casablanca" => "MA",
        "Africa/Tunis" => "TN",
        "Australia/Sydney" | "Australia/Melbourne" | "Australia/Brisbane" | "Australia/Perth" | "Australia/Adelaide" => "AU",
        "Pacific/Auckland" => "NZ",
        _ => return None,
    })
}

fn by_locale(locale: &str) -> Option<&'static str> {
    Some(match locale.get(..2)? {
        "fr" => "FR",
        "de" => "DE",
        "es" => "ES",
        "it" => "IT",
        "pt" => "PT",
        "nl" => "NL",
        "pl" => "PL",
        "sv" => "SE",
        "da" => "DK",
        "fi" => "FI",
        "nb" | "no" => "NO",
        "cs" => "CZ",
        "ja" => "JP",
        "tr" => "TR",
        _ => return None,
    })
}

fn by_currency(currency: &str) -> Option<&'static str> {
    Some(match currency {
        "GBP" => "GB",
        "CHF" => "CH",
        "SEK" => "SE",
        "DKK" => "DK",
        "NOK" => "NO",
        "PLN" => "PL",
        "CAD" => "CA",
        "AUD" => "AU",
        "INR" => "IN",
        "JPY" => "JP",
        "BRL" => "BR",
        "MXN" => "MX",
        "EUR" => "DE",
        _ => return None,
    })
}
