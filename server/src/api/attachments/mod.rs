//! `GET /attachments/{id}`: a file that came or left with a message, handed out so that no page ever runs it; and
//! `GET /files/{link}`, the same for whoever was sent its address.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use domain::attachment::About;
use domain::{AttachmentId, WorkspaceId};

use super::answer::id;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::peer::{self, Peer};
use crate::problem::Problem;

/// Handles it.
pub async fn show(State(app): State<App>, caller: Caller, Path(written): Path<String>) -> Result<Response, Problem> {
    handed_out(&app, &caller.workspace, id(&written)?, "same-origin").await
}

/// Whoever knows the address gets the file: it was sent to somebody. Pages of the business show it, so other origins may.
pub async fn by_link(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    let address = peer::address(peer.0, &headers, &app.settings).to_string();
    if let Some(seconds) = app.limits.signatures.is_over(&address, app.steady()) {
        return Err(Problem::slow_down(seconds));
    }
    let Some((workspace, id)) = app.store().attachment_by_link(&link, app.now()).await? else {
        app.limits.signatures.count(&address, app.steady());
        return Err(Problem::not_found());
    };
    handed_out(&app, &workspace, id, "cross-origin").await
}

async fn handed_out(app: &App, workspace: &WorkspaceId, id: AttachmentId, policy: &'static str) -> Result<Response, Problem> {
    let (found, ..) = app.store().attachment(workspace, id).await?.ok_or_else(Problem::not_found)?;
    let content = app.store().attachment_content(workspace, id).await?.ok_or_else(Problem::not_found)?;
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static(policy));
    let kind = HeaderValue::from_str(found.about.safe_type()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(named) = HeaderValue::from_str(&disposition(&found.about)) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    Ok(response)
}

/// Always a download: a page that shows a picture does not mind, and a browser that is sent here shows nothing.
fn disposition(about: &About) -> String {
    let name = about.media.filename.as_deref().map(file_name).filter(|name| !name.is_empty()).unwrap_or_else(|| about.media.kind.clone());
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    format!("attachment; filename*=UTF-8''{encoded}")
}

/// The last part of a path, without what cannot be seen.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let seen = |letter: &char| !letter.is_control() && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}');
    last.chars().filter(seen).take(120).collect::<String>().trim_start_matches('.').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::Media;

    #[test]
    fn a_name_is_only_a_name() {
        let check = |name: &str, expected: &str| {
            let about = About {
                media: Media { filename: Some(name.to_owned()), kind: "document".to_owned(), ..Media::default() },
                ..About::default()
            };
            assert_eq!(disposition(&about), format!("attachment; filename*=UTF-8''{expected}"), "{name:?}");
        };
        check("a b.pdf", "a%20b.pdf");
        check("..\\..\\x", "x");
        check("\u{200b}.htaccess", "htaccess");
        check("a.php\u{0}.png", "a.php.png");
        check("x\"\r\nSet-Cookie: a=b", "x%22Set-Cookie%3A%20a%3Db");
        check("../", "document");
    }
}
