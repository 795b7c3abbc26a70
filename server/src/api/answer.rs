//! What handlers take and give: JSON bodies, queries and ids from outside, parsed once.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Id, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::auth::audit::Shows;
use crate::problem::Problem;

/// What a handler gives back.
pub type Answer = Result<Response, Problem>;

/// Largest page of a list.
const LONGEST_PAGE: usize = 200;
/// Page when nothing is asked for.
const USUAL_PAGE: usize = 50;

/// 200 with JSON.
pub fn ok(value: &impl Serialize) -> Answer {
    with(StatusCode::OK, value)
}

/// Another status with JSON.
pub fn with(status: StatusCode, value: &impl Serialize) -> Answer {
    let text = serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON, answering 500");
        Problem::internal()
    })?;
    let shows = Shows::of(&text);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], text).into_response();
    if let Some(shows) = shows {
        response.extensions_mut().insert(shows);
    }
    Ok(response)
}

/// 204.
pub fn nothing() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A body without fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A JSON body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let is_json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
            _ => Problem::bad_request("The body could not be read."),
        })?;
        // Nothing sent needs no type: acts without particulars.
        if !is_json && !bytes.is_empty() {
            return Err(Problem::unsupported_media());
        }
        parse(&bytes).map(Self)
    }
}

/// Parses a body; the problem names the field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(if bytes.is_empty() { b"{}" } else { bytes });
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let why = error.into_inner().to_string();
        Problem::bad_request(if path == "." { format!("The body: {why}.") } else { format!("The field {path}: {why}.") })
    })?;
    deserializer.end().map_err(|_| Problem::bad_request("Something follows the JSON of the body."))?;
    Ok(value)
}

fn is_json(headers: &HeaderMap) -> bool {
    let written = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = written.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

/// A query; unknown parameters are refused where its type refuses them.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| Problem::bad_request(format!("The query: {error}.")))
    }
}

/// An id from a path or a body: a malformed one is as unknown as a foreign one.
pub fn id<T>(written: &str) -> Result<Id<T>, Problem>
where
    Id<T>: FromStr,
{
    written.parse().map_err(|_| Problem::not_found())
}

/// A page size from a query.
pub fn limit(written: Option<&str>) -> Result<usize, Problem> {
    let Some(written) = written else { return Ok(USUAL_PAGE) };
    let number: i128 = written.parse().map_err(|_| Problem::bad_request("limit must be a whole number."))?;
    Ok(usize::try_from(number.clamp(1, LONGEST_PAGE as i128)).unwrap_or(USUAL_PAGE))
}

/// A time from a query or body.
pub fn time(written: &str, field: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse_rfc3339(written).ok_or_else(|| Problem::bad_request(format!("{field} must be an RFC 3339 time.")))
}

/// Text that must say something and stay within a length.
pub fn said(text: &str, field: &str, longest: usize) -> Result<String, Problem> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Problem::unprocessable("empty", format!("{field} is empty.")));
    }
    if trimmed.chars().count() > longest {
        return Err(Problem::unprocessable("too_long", format!("{field} is longer than {longest} characters.")));
    }
    Ok(trimmed.replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_size_is_clamped_or_refused() {
        assert_eq!(limit(None).ok(), Some(50));
        assert_eq!(limit(Some("-1")).ok(), Some(1));
        assert_eq!(limit(Some("1000000000")).ok(), Some(200));
        assert!(limit(Some("all")).is_err());
    }

    #[test]
    fn a_problem_of_a_body_names_the_field() {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wanted {
            #[expect(dead_code, reason = "only its parsing is looked at")]
            text: String,
        }
        let problem = parse::<Wanted>(br#"{"text":5}"#).err().expect("a number is no text");
        assert!(problem.detail.contains("text"), "{}", problem.detail);
        assert!(parse::<Wanted>(br#"{"text":"a","role":"owner"}"#).is_err());
    }
}
