//! The pages the binary carries: console, playground, widget. Built elsewhere; without them a plain page says so.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::app::App;
use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/console/dist"]
#[allow_missing = true]
struct Console;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/widget/dist"]
#[allow_missing = true]
struct Widget;

/// Nothing from elsewhere, nobody frames us.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self' data:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The demo shop stands in a frame of the playground.
const SHOP_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Rapport</title>\
    <style>body{font:17px/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}</style>\
    <h1>Rapport is running</h1><p>This build carries no console. Run <code>make build</code> to include it.</p>\
    <p>The API is described at <a href=\"/api/docs\">/api/docs</a>.</p></html>";

const SHOP: &str = include_str!("playground/shop.html");
const SHOP_SCRIPT: &str = include_str!("playground/shop.js");

/// A file as the build left it: small already, where the browser takes that. Most of these pages' weight is text.
fn served<Built: RustEmbed>(path: &str, headers: &HeaderMap) -> Option<Response> {
    let whole = Built::get(path)?;
    let Some(small) = Built::get(&format!("{path}.gz")) else { return Some(file(&whole, path, headers)) };
    let takes_small = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(takes_gzip);
    let mut response = file(if takes_small { &small } else { &whole }, path, headers);
    let out = response.headers_mut();
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if takes_small {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

/// Does `Accept-Encoding` name gzip, and not to refuse it?
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn file(found: &EmbeddedFile, path: &str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", crate::auth::hex(&found.metadata.sha256_hash()));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::new(Body::from(found.data.clone().into_owned()));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    if content_type(path).starts_with("text/html") {
        out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn html(text: &'static str, policy: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// `/` and everything that is no other address: the console finds its own way.
pub async fn console(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Problem::not_found().into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(found) = served::<Console>(path, &headers).filter(|_| path != "playground.html") {
        return found;
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.contains('.') || path.starts_with("assets/") {
        return Problem::not_found().into_response();
    }
    page("index.html", &headers)
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    served::<Console>(name, headers).unwrap_or_else(|| html(NOT_BUILT, PAGE_POLICY))
}

/// `/playground`: the demo only.
pub async fn playground(State(app): State<App>, headers: HeaderMap) -> Response {
    if app.playground.is_none() {
        return Problem::not_found().into_response();
    }
    page("playground.html", &headers)
}

/// `/playground/shop`: a small shop with the real widget, for the website phone.
pub async fn shop(State(app): State<App>) -> Response {
    if app.playground.is_none() {
        return Problem::not_found().into_response();
    }
    html(SHOP, SHOP_POLICY)
}

/// The shop's script.
pub async fn shop_script(State(app): State<App>) -> Response {
    if app.playground.is_none() {
        return Problem::not_found().into_response();
    }
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], SHOP_SCRIPT).into_response()
}

/// `/widget.js`: the one line on somebody's website.
pub async fn widget_loader(headers: HeaderMap) -> Response {
    widget("widget.js", &headers)
}

/// `/widget/panel.js` and whatever else the widget is built into.
pub async fn widget_file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    widget(&name, &headers)
}

fn widget(name: &str, headers: &HeaderMap) -> Response {
    let mut response = match served::<Widget>(name, headers) {
        Some(found) => found,
        None if name == "widget.js" => {
            let text = "console.warn('This build of Rapport carries no widget: run make build.');";
            ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response()
        }
        None => Problem::not_found().into_response(),
    };
    // Loaded by other people's websites; it holds nothing secret.
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whoever_takes_gzip_gets_it() {
        let check = |accepted: &str, expected: bool| assert_eq!(takes_gzip(accepted), expected, "{accepted}");
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.5", true);
        check("identity", false);
        check("gzip;q=0", false);
        check("br, gzip;q=0.0", false);
        check("", false);
    }
}
