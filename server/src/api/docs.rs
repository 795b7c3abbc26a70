//! `/api/docs`: the same description for people, one page without anything from elsewhere.

use std::fmt::Write;

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::openapi::about;
use super::routes::ROUTES;
use crate::auth::scope::Need;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1b22;background:#fff}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;text-transform:capitalize}\
section{border:1px solid #d8d6e0;border-radius:8px;padding:.75rem 1rem;margin:.75rem 0}\
code{font:14px ui-monospace,monospace}b.method{display:inline-block;min-width:4.5rem;text-transform:uppercase;font-size:.8rem}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0 0}dt{font:14px ui-monospace,monospace}dd{margin:0}\
p{margin:.35rem 0}@media(prefers-color-scheme:dark){body{background:#17161c;color:#eceaf2}section{border-color:#3a3845}a{color:#9db7ff}}";

/// Serves it.
pub async fn handle() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ];
    (headers, page()).into_response()
}

fn page() -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Rapport API</title><style>{STYLE}</style></head><body><h1>Rapport API</h1>\
         <p>Everything below is under <code>/api/v1</code>. Send <code>Authorization: Bearer …</code>. \
         Lists are <code>{{\"items\": […], \"next\": cursor|null}}</code>, errors are problem documents (RFC 9457), times RFC 3339, ids opaque strings. \
         For programs: <a href=\"/api/openapi.json\">openapi.json</a>.</p>"
    );
    let mut nouns: Vec<&str> = Vec::new();
    for route in ROUTES {
        if !nouns.contains(&route.noun()) {
            nouns.push(route.noun());
        }
    }
    for noun in nouns {
        let _ = write!(out, "<h2 id=\"{noun}\">{noun}</h2>");
        for route in ROUTES.iter().filter(|route| route.noun() == noun) {
            let need = match route.need {
                Need::Nothing => "no token".to_owned(),
                Need::Scope(scope) => format!("scope {}", scope.as_str()),
                Need::Teammate => "a signed-in teammate".to_owned(),
            };
            let _ = write!(
                out,
                "<section><p><b class=\"method\">{}</b><code>{}</code></p><p>{} <small>({need})</small></p>",
                route.method, route.path, route.summary
            );
            if !route.query.is_empty() {
                out.push_str("<dl>");
                for (name, meaning) in route.query {
                    let _ = write!(out, "<dt>?{name}</dt><dd>{meaning}</dd>");
                }
                out.push_str("</dl>");
            }
            if let Some(body) = route.body.filter(|body| *body != "Nothing") {
                let _ = write!(out, "<p>Body: <code>{body}</code></p>");
            }
            out.push_str("</section>");
        }
    }
    out.push_str("<h2>problems</h2><dl>");
    for status in [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503] {
        let _ = write!(out, "<dt>{status}</dt><dd>{}</dd>", about(status));
    }
    out.push_str("</dl></body></html>");
    out
}
