//! One call over HTTP: asked for a stream, bounded, and asked again only without what the server says it does not take.

use std::time::{Duration, Instant};

use domain::ports::ModelError;
use serde_json::Value;

use super::events::Events;

/// Nothing longer is read from a model.
const LARGEST_ANSWER: usize = 1 << 20;
/// Parameters that may be left out one after the other.
const MOST_REFUSALS: usize = 4;

/// What one vendor's format makes of an answer.
pub(super) trait Reading: Send {
    /// An event of a stream. `true`: the answer is complete.
    fn event(&mut self, data: &str) -> Result<bool, ModelError>;
    /// A whole answer, from a server that does not stream.
    fn whole(&mut self, answer: &Value) -> Result<(), ModelError>;
}

/// Asks until the server takes the parameters. `request` makes the call anew; `refused` is told why the server does not
/// take it, and says whether there is something to leave out.
pub(super) async fn ask(
    request: impl Fn() -> reqwest::RequestBuilder + Send,
    refused: impl Fn(&str) -> bool + Send,
    reading: &mut (dyn Reading + '_),
    deadline: Duration,
) -> Result<(), ModelError> {
    let begun = Instant::now();
    for _ in 0..=MOST_REFUSALS {
        let left = deadline.checked_sub(begun.elapsed()).ok_or(ModelError::TimedOut)?;
        let mut answer = request().timeout(left).send().await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            return read(&mut answer, reading).await;
        }
        let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        let why = String::from_utf8_lossy(&bounded(&mut answer).await.unwrap_or_default()).into_owned();
        match status {
            // 529 is Anthropic's "overloaded".
            429 | 529 => return Err(ModelError::RateLimited(after.map(Duration::from_secs))),
            400 | 422 if refused(&why) => {}
            _ => return Err(ModelError::Unavailable(format!("status {status}"))),
        }
    }
    Err(ModelError::Unavailable("it takes none of our parameters".to_owned()))
}

async fn read(answer: &mut reqwest::Response, reading: &mut (dyn Reading + '_)) -> Result<(), ModelError> {
    let kind = answer.headers().get(reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/event-stream") {
        let body = bounded(answer).await?;
        let whole = serde_json::from_slice(&body).map_err(|error| ModelError::Garbage(error.to_string()))?;
        return reading.whole(&whole);
    }
    let (mut events, mut size) = (Events::default(), 0);
    while let Some(piece) = answer.chunk().await.map_err(|error| failed(&error))? {
        size += piece.len();
        if size > LARGEST_ANSWER * 4 {
            return Err(too_long());
        }
        for data in events.take(&piece).map_err(|_| too_long())? {
            if reading.event(&data)? {
                return Ok(());
            }
        }
    }
    Err(ModelError::Unavailable("the stream broke off".to_owned()))
}

async fn bounded(answer: &mut reqwest::Response) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| failed(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            return Err(too_long());
        }
    }
    Ok(body)
}

pub(super) fn too_long() -> ModelError {
    ModelError::Garbage("the answer is too long".to_owned())
}

fn failed(error: &reqwest::Error) -> ModelError {
    if error.is_timeout() {
        ModelError::TimedOut
    } else if error.is_connect() {
        ModelError::Unavailable("cannot connect".to_owned())
    } else {
        ModelError::Unavailable("the connection broke off".to_owned())
    }
}

/// A count as vendors write it.
pub(super) fn tokens(value: &Value) -> u32 {
    value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}

/// Adds to an answer, within bounds, and lets the caller hear it.
pub(super) fn add(text: &mut String, piece: &str, heard: &mut (dyn FnMut(&str) + Send)) -> Result<(), ModelError> {
    if text.len() + piece.len() > LARGEST_ANSWER {
        return Err(too_long());
    }
    if !piece.is_empty() {
        text.push_str(piece);
        heard(piece);
    }
    Ok(())
}

/// The answer, or why there is none.
pub(super) fn whole(answer: domain::ports::ModelAnswer) -> Result<domain::ports::ModelAnswer, ModelError> {
    if answer.text.trim().is_empty() {
        return Err(ModelError::Garbage("an empty answer".to_owned()));
    }
    Ok(answer)
}
