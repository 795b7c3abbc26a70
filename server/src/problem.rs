//! Problem documents (RFC 9457): what the outside is told when something does not work.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ports::StoreError;
use serde_json::json;

/// A stable code and a sentence, no internals.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable word for programs.
    pub code: &'static str,
    /// Short title of the code.
    pub title: &'static str,
    /// What happened here.
    pub detail: String,
    /// After how many seconds to try again.
    pub retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), retry_after: None }
    }

    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", "The request cannot be understood", detail)
    }

    /// 401; the same for every reason.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first", "No valid token or session came with the request.")
    }

    /// 401 at sign-in; the same text for an unknown address and a wrong password.
    pub fn wrong_login() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "wrong_login", "Sign-in failed", "Email or password is wrong.")
    }

    /// 401 at sign-in, once the password was right.
    pub fn second_factor() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "second_factor", "A code is needed", "Send the code of the second factor too.")
    }

    /// 401 for a code that does not fit, was used, or is over.
    pub fn wrong_code() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "wrong_code", "The code does not fit", "The code is wrong, used up or over.")
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404; also for what belongs to somebody else.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", "There is nothing here under this address.")
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", "This address does not take this method.")
    }

    /// 409.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "Not possible now", detail)
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Too large", "The request is larger than this address takes.")
    }

    /// 415.
    pub fn unsupported_media() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Not JSON", "Send application/json.")
    }

    /// 422.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, "The request cannot be carried out", detail)
    }

    /// 429.
    pub fn slow_down(seconds: u64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "slow_down", "Too many requests", "Wait a little and try again.");
        problem.retry_after = Some(seconds.max(1));
        problem
    }

    /// 500.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something failed here",
            "The server could not do this. It has been logged.",
        )
    }

    /// 503.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible for the moment", detail);
        problem.retry_after = Some(5);
        problem
    }

    /// The document.
    pub fn document(&self) -> serde_json::Value {
        json!({
            "type": format!("/api/docs#problem-{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.document().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Full(_) | StoreError::Broken(_) => {
                tracing::error!(%error, "the store takes no writes, asking callers to come back");
                Self::unavailable("Nothing can be stored for the moment.")
            }
            StoreError::Stale(_) | StoreError::LeaseLost => {
                Self::conflict("stale", "Something changed meanwhile. Read again and try again.")
            }
            StoreError::Corrupt(_) | StoreError::Database(_) => {
                tracing::error!(error = ?error, "the store failed, answering 500");
                Self::internal()
            }
        }
    }
}
