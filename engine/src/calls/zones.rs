//! Where in the day somebody is whom we would call: by what they said, by their number's country, else by ours. Pure.

use domain::Timestamp;
use domain::fact::{Fact, Predicate};
use jiff::tz::TimeZone;

/// Hours of the day in which people are called, where they are.
const CALLING_HOURS: std::ops::Range<i8> = 8..20;

/// Zones of countries by the digits of their numbers, the earliest and the latest of those that have several: a call suits
/// both. Longer digits go before shorter ones.
const ZONES: &[(&str, &[&str])] = &[
    ("+1808", &["Pacific/Honolulu"]),
    ("+1907", &["America/Anchorage"]),
    ("+1", &["America/New_York", "America/Los_Angeles"]),
    ("+20", &["Africa/Cairo"]),
    ("+212", &["Africa/Casablanca"]),
    ("+213", &["Africa/Algiers"]),
    ("+216", &["Africa/Tunis"]),
    ("+221", &["Africa/Dakar"]),
    ("+225", &["Africa/Abidjan"]),
    ("+234", &["Africa/Lagos"]),
    ("+254", &["Africa/Nairobi"]),
    ("+262", &["Indian/Reunion"]),
    ("+27", &["Africa/Johannesburg"]),
    ("+30", &["Europe/Athens"]),
    ("+31", &["Europe/Amsterdam"]),
    ("+32", &["Europe/Brussels"]),
    ("+33", &["Europe/Paris"]),
    ("+34", &["Europe/Madrid"]),
    ("+351", &["Europe/Lisbon"]),
    ("+352", &["Europe/Luxembourg"]),
    ("+353", &["Europe/Dublin"]),
    ("+354", &["Atlantic/Reykjavik"]),
    ("+356", &["Europe/Malta"]),
    ("+357", &["Asia/Nicosia"]),
    ("+358", &["Europe/Helsinki"]),
    ("+359", &["Europe/Sofia"]),
    ("+36", &["Europe/Budapest"]),
    ("+370", &["Europe/Vilnius"]),
    ("+371", &["Europe/Riga"]),
    ("+372", &["Europe/Tallinn"]),
    ("+380", &["Europe/Kyiv"]),
    ("+385", &["Europe/Zagreb"]),
    ("+386", &["Europe/Ljubljana"]),
    ("+39", &["Europe/Rome"]),
    ("+40", &["Europe/Bucharest"]),
    ("+41", &["Europe/Zurich"]),
    ("+420", &["Europe/Prague"]),
    ("+421", &["Europe/Bratislava"]),
    ("+43", &["Europe/Vienna"]),
    ("+44", &["Europe/London"]),
    ("+45", &["Europe/Copenhagen"]),
    ("+46", &["Europe/Stockholm"]),
    ("+47", &["Europe/Oslo"]),
    ("+48", &["Europe/Warsaw"]),
    ("+49", &["Europe/Berlin"]),
    ("+508", &["America/Miquelon"]),
    ("+52", &["America/Tijuana", "America/Cancun"]),
    ("+54", &["America/Argentina/Buenos_Aires"]),
    ("+55", &["America/Sao_Paulo", "America/Manaus"]),
    ("+56", &["America/Santiago"]),
    ("+57", &["America/Bogota"]),
    ("+590", &["America/Guadeloupe"]),
    ("+594", &["America/Cayenne"]),
    ("+596", &["America/Martinique"]),
    ("+60", &["Asia/Kuala_Lumpur"]),
    ("+61", &["Australia/Sydney", "Australia/Perth"]),
    ("+62", &["Asia/Jakarta", "Asia/Jayapura"]),
    ("+63", &["Asia/Manila"]),
    ("+64", &["Pacific/Auckland"]),
    ("+65", &["Asia/Singapore"]),
    ("+66", &["Asia/Bangkok"]),
    ("+687", &["Pacific/Noumea"]),
    ("+689", &["Pacific/Tahiti"]),
    ("+81", &["Asia/Tokyo"]),
    ("+82", &["Asia/Seoul"]),
    ("+852", &["Asia/Hong_Kong"]),
    ("+86", &["Asia/Shanghai"]),
    ("+886", &["Asia/Taipei"]),
    ("+90", &["Europe/Istanbul"]),
    ("+91", &["Asia/Kolkata"]),
    ("+966", &["Asia/Riyadh"]),
    ("+971", &["Asia/Dubai"]),
    ("+972", &["Asia/Jerusalem"]),
];

/// Is it a time of day at which whoever has told this may be called on this number? `ours` is the business's zone.
pub fn may_be_called_at(now: Timestamp, facts: &[Fact], number: &str, ours: &str) -> bool {
    zones(facts, number, ours).into_iter().all(|zone| CALLING_HOURS.contains(&now.in_zone(zone).hour()))
}

fn zones<'a>(facts: &'a [Fact], number: &str, ours: &'a str) -> Vec<&'a str> {
    let is_so =
        |fact: &&Fact| fact.predicate == Predicate::TimeZone && fact.holds && fact.retracted_at.is_none() && fact.valid_to.is_none();
    let said = facts.iter().filter(is_so).map(|fact| fact.value.as_str()).rfind(|zone| zone.contains('/') && TimeZone::get(zone).is_ok());
    if let Some(said) = said {
        return vec![said];
    }
    let known = ZONES.iter().filter(|(digits, _)| number.starts_with(digits)).max_by_key(|(digits, _)| digits.len());
    known.map_or_else(|| vec![ours], |(_, zones)| zones.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &str, number: &str, expected: bool) {
        let at = Timestamp::parse_rfc3339(at).expect("a time");
        assert_eq!(may_be_called_at(at, &[], number, "Europe/Paris"), expected, "{at:?} {number}");
    }

    #[test]
    fn nobody_is_called_at_night_where_they_are() {
        check("2026-01-15T09:00:00Z", "+33612345678", true);
        check("2026-01-15T06:30:00Z", "+33612345678", false);
        check("2026-01-15T09:00:00Z", "+15558675310", false);
        // Nine in the evening in Paris, early afternoon in America; but early in the morning on one of its coasts.
        check("2026-01-15T20:00:00Z", "+15558675310", true);
        check("2026-01-15T14:00:00Z", "+15558675310", false);
        check("2026-01-15T20:00:00Z", "+18085550100", true);
        check("2026-01-15T17:00:00Z", "+18085550100", false);
        check("2026-01-15T20:00:00Z", "+33612345678", false);
        // A country of which we know nothing: the business's own day.
        check("2026-01-15T09:00:00Z", "+99912345678", true);
        check("2026-01-15T22:00:00Z", "+99912345678", false);
    }

    #[test]
    fn every_zone_of_the_table_is_known() {
        for (digits, zones) in ZONES {
            assert!(digits.starts_with('+') && !zones.is_empty());
            for zone in *zones {
                assert!(TimeZone::get(zone).is_ok(), "{zone}");
            }
        }
    }
}
