//! One call to a vendor: a deadline, a limit on the answer, and what a failure says about whether the message left.

use std::time::Duration;

use domain::ports::{SendError, Sent};
use reqwest::RequestBuilder;
use reqwest::header::RETRY_AFTER;
use serde_json::Value;

/// No vendor needs more than this to say that it took a message.
const LARGEST_ANSWER: usize = 256 * 1024;

/// How long a best-effort call (typing, reading) may take.
pub(crate) const BEST_EFFORT: Duration = Duration::from_secs(5);

/// A vendor's answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    /// How long nothing more is taken, where the vendor says that this was the last call for now.
    pub(crate) full_for: Option<Duration>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Makes the call once. An error means that no usable answer came back.
pub(crate) async fn once(request: RequestBuilder, deadline: Duration) -> Result<Answer, SendError> {
    let mut response = request.timeout(deadline).send().await.map_err(|error| unanswered(&error))?;
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(RETRY_AFTER.as_str()).and_then(seconds);
    let full_for = header("x-ratelimit-reset-after").filter(|_| header("x-ratelimit-remaining") == Some("0")).and_then(seconds);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(None) => break,
            // A refusal stands whatever its words were; a success that cannot be read proves nothing.
            Ok(Some(_)) | Err(_) if status >= 400 => {
                body.clear();
                break;
            }
            Ok(Some(_)) => return Err(SendError::Unknown("the answer is larger than any real one".to_owned())),
            Err(_) => return Err(SendError::Unknown("the answer was cut off".to_owned())),
        }
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok(Answer { status, retry_after, full_for, body })
}

/// Before a connection stood nothing can have been sent; after that nobody knows. The error itself is not repeated,
/// because it may hold an address with a token in it.
fn unanswered(error: &reqwest::Error) -> SendError {
    if error.is_connect() {
        SendError::NotSent("no connection to the vendor".to_owned())
    } else if error.is_builder() {
        SendError::NotSent("the request could not be made".to_owned())
    } else if error.is_timeout() {
        SendError::Unknown("no answer in time".to_owned())
    } else {
        SendError::Unknown("the connection broke before the answer".to_owned())
    }
}

/// `Retry-After` in seconds; its date form is left to the caller's own back-off.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    (0.0..=86_400.0).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

/// What a question about us came to: a refusal that the owner can mend is one, anything else proves nothing.
pub(crate) fn only_ours<T>(outcome: Result<Sent, SendError>, is_the_owners: impl Fn(&str) -> bool) -> Result<Option<T>, SendError> {
    match outcome {
        Err(error @ SendError::Refused { .. }) if matches!(&error, SendError::Refused { code, .. } if is_the_owners(code)) => Err(error),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// A refusal in the vendor's code and words a teammate can read.
pub(crate) fn refused(code: impl Into<String>, why: impl Into<String>) -> SendError {
    SendError::Refused { code: code.into(), why: why.into(), opted_out: false }
}

/// A refusal that means: never write to this address again.
pub(crate) fn refused_for_good(code: impl Into<String>, why: impl Into<String>) -> SendError {
    SendError::Refused { code: code.into(), why: why.into(), opted_out: true }
}
