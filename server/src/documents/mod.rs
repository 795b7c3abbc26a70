//! `GET /documents/{opener}`: what an action left on paper, for whoever was given its link.

mod calendar;
mod label;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use domain::action::Deed;
use domain::event::Content;
use domain::message::Enclosure;
use engine::Document;

use crate::app::App;
use crate::problem::Problem;

/// 128 bits, as they are written in a link.
const OPENER: usize = 22;

/// Hands the document out; the same answer for what is not there and what is not there any more.
pub async fn show(State(app): State<App>, Path(opener): Path<String>) -> Result<Response, Problem> {
    let is_opener = opener.len() == OPENER && opener.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_opener {
        return Err(Problem::not_found());
    }
    let document = app.engine().document(&opener).await?.ok_or_else(Problem::not_found)?;
    let file = written(&document);
    let shown = HeaderValue::from_str(&format!("inline; filename=\"{}\"", file.name));
    let kind = HeaderValue::from_str(&file.mime).map_err(|_| Problem::internal())?;
    let mut response = Response::new(Body::from(file.content.0.to_vec()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    if let Ok(named) = shown {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    Ok(response)
}

/// The document as a file: a label to print, or an entry for a calendar.
pub fn written(document: &Document) -> Enclosure {
    let (mime, ending, content) = match &document.action.deed {
        Deed::Return { order, .. } => ("application/pdf", "pdf", label::write(document, order, None)),
        Deed::Exchange { order, wanted } => ("application/pdf", "pdf", label::write(document, order, Some(wanted))),
        Deed::Booking { what, starts_at, ends_at, .. } => {
            ("text/calendar; charset=utf-8", "ics", calendar::write(document, what, *starts_at, *ends_at))
        }
        // The engine hands out none.
        Deed::Call { .. } => ("text/plain; charset=utf-8", "txt", Vec::new()),
    };
    let name = format!("{}.{ending}", document.action.number);
    Enclosure { name, mime: mime.to_owned(), content: Content(content.into()), link: None }
}
