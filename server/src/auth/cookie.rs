//! The console's session cookie, and where a request with it may come from.

use axum::http::{HeaderMap, HeaderValue, header};

/// Its name.
pub const NAME: &str = "rapport_session";

/// The session token of a request.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    named(headers, NAME)
}

/// A cookie of a request, by its name.
pub fn named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
        .filter(|token| !token.is_empty())
}

/// `Set-Cookie` for a new session.
pub fn set(token: &str, public_url: &str, seconds: u64) -> HeaderValue {
    made(NAME, token, "/", public_url, seconds)
}

/// `Set-Cookie` with a hexadecimal value, below a path, out of reach for scripts.
pub fn made(name: &str, value: &str, path: &str, public_url: &str, seconds: u64) -> HeaderValue {
    let secure = if public_url.starts_with("https:") { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"))
        .expect("names, paths and hexadecimal values are plain text")
}

/// `Set-Cookie` that ends it.
pub fn clear() -> HeaderValue {
    HeaderValue::from_static("rapport_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Does the request come from our own pages? Without an `Origin` no browser page sent it across sites.
pub fn is_own_origin(headers: &HeaderMap, public_url: &str) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let own = url::Url::parse(public_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    if origin == own {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    !host.is_empty() && (origin == format!("http://{host}") || origin == format!("https://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_from_another_site_is_told_apart() {
        let check = |origin: Option<&str>, host: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("a header"));
            }
            assert_eq!(is_own_origin(&headers, "https://chat.example.com"), expected, "{origin:?} to {host}");
        };
        check(None, "chat.example.com", true);
        check(Some("https://chat.example.com"), "127.0.0.1:8080", true);
        check(Some("http://localhost:8080"), "localhost:8080", true);
        check(Some("https://evil.example"), "chat.example.com", false);
        check(Some("null"), "chat.example.com", false);
    }
}
