//! When the token that Meta lets us in with ends. System users' tokens last for ever, those of people and their pages do not.
//!
//! <https://developers.facebook.com/docs/graph-api/reference/debug_token>

use std::time::Duration;

use domain::{Secret, Timestamp};

use crate::call;
use crate::json::Field;
use crate::settings::Setup;

/// Where the other kind of Instagram token is asked about nothing: it has no such question.
const WITHOUT: &str = "graph.instagram.com";

/// The year 9999, in seconds: what lies behind is no time.
const FAR: i64 = 253_000_000_000;

/// Who may ask about a token: its app, where the connection names it, or the token itself.
pub(crate) struct Lease {
    base: String,
    token: Secret<String>,
    asker: Secret<String>,
}

impl Lease {
    pub(crate) fn new(setup: &Setup<'_>, base: &str, token: &Secret<String>, app_secret: Option<&Secret<String>>) -> Self {
        let app = setup.optional("app_id").zip(app_secret).map(|(id, secret)| format!("{id}|{}", secret.expose()));
        Self { base: base.to_owned(), token: token.clone(), asker: app.map_or_else(|| token.clone(), Secret::new) }
    }

    /// Asks; `None`: it lasts, or nobody says.
    pub(crate) async fn ends_at(&self, http: &reqwest::Client, deadline: Duration) -> Option<Timestamp> {
        let mut url = url::Url::parse(&format!("{}/debug_token", self.base)).ok()?;
        if url.host_str() == Some(WITHOUT) {
            return None;
        }
        url.query_pairs_mut().append_pair("input_token", self.token.expose());
        let answer = call::once(http.get(url).bearer_auth(self.asker.expose()), deadline).await.ok()?;
        // Nought: never.
        let is_a_time = |ends: &i64| answer.is_success() && (1..FAR).contains(ends);
        answer.body.integer(&["data", "expires_at"]).filter(is_a_time).map(Timestamp::from_secs)
    }
}
