//! The audit log's pen: whatever a caller does, and whose record a caller is shown, is written down before the answer leaves.

use std::sync::Arc;

use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use domain::WorkspaceId;
use domain::ports::{Audited, Monotonic};

use super::caller::{Caller, Who};
use super::hash;
use crate::app::Shared;
use crate::problem::Problem;
use crate::time::real_now;

/// Ids of one answer that are written down.
const MOST_SUBJECTS: usize = 200;
/// How an id of a customer begins.
const CUSTOMER: &str = "cus_";

/// The customers that an answer shows: an extension of the response.
#[derive(Debug, Clone)]
pub struct Shows(Arc<[String]>);

impl Shows {
    /// Their ids.
    pub fn into_ids(self) -> Vec<String> {
        self.0.to_vec()
    }

    /// Those whose ids stand in an answer's JSON; `None`: nobody.
    pub fn of(text: &str) -> Option<Self> {
        let mut found: Vec<String> = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(CUSTOMER) {
            rest = &rest[at..];
            let end =
                rest[CUSTOMER.len()..].find(|sign: char| !sign.is_ascii_alphanumeric()).map_or(rest.len(), |end| CUSTOMER.len() + end);
            if end > CUSTOMER.len() && found.len() < MOST_SUBJECTS && !found.iter().any(|known| known == &rest[..end]) {
                found.push(rest[..end].to_owned());
            }
            rest = &rest[end..];
        }
        (!found.is_empty()).then(|| Self(found.into()))
    }
}

/// How the log names who is calling.
pub fn actor(caller: &Caller) -> String {
    match &caller.who {
        Who::Operator => "operator".to_owned(),
        Who::Program { token, .. } => format!("token:{token}"),
        Who::Teammate { teammate, .. } => format!("teammate:{}", teammate.id),
    }
}

/// The same reading of the same record is written once in ten minutes: a page that refreshes is one look.
fn look(actor: &str, act: &str, subject: &str) -> String {
    hash(&format!("{actor}\n{act}\n{subject}"))
}

/// What a request was, before it is handled.
pub struct Act {
    is_read: bool,
    name: String,
    named: Vec<String>,
}

impl Act {
    /// From its method, the route it matched, and its address, whose ids are what it concerns.
    pub fn of(method: &Method, route: Option<&str>, uri: &Uri) -> Self {
        let is_id = |part: &&str| part.split_once('_').is_some_and(|(kind, rest)| kind.len() == 3 && rest.len() > 20);
        Self {
            is_read: matches!(*method, Method::GET | Method::HEAD),
            name: format!("{method} {}", route.unwrap_or(uri.path())),
            named: uri.path().split('/').filter(is_id).map(str::to_owned).collect(),
        }
    }
}

/// Writes down what was done and answered. What cannot be written down is not shown.
pub async fn witness(app: &Shared, caller: &Caller, act: Act, response: Response) -> Response {
    let Act { is_read, name, named } = act;
    let shown = response.extensions().get::<Shows>().map_or([].as_slice(), |shows| &shows.0);
    let actor = actor(caller);
    let mut subjects = named;
    subjects.extend(shown.iter().filter(|id| !subjects.contains(id)).cloned().collect::<Vec<_>>());
    let now = app.monotonic.now();
    if is_read {
        // Only people make a reading worth a line.
        subjects.retain(|subject| app.limits.looks.is_over(&look(&actor, &name, subject), now).is_none());
        if subjects.is_empty() {
            return response;
        }
    }
    match keep(app, &caller.workspace, actor.clone(), name.clone(), subjects.clone(), response.status().as_u16()).await {
        Ok(()) => {
            if is_read {
                for subject in &subjects {
                    app.limits.looks.count(&look(&actor, &name, subject), now);
                }
            }
            response
        }
        Err(problem) if is_read => problem.into_response(),
        // What was changed has happened; its own events tell of it.
        Err(_) => response,
    }
}

/// One line of the log.
pub async fn keep(
    app: &Shared,
    workspace: &WorkspaceId,
    actor: String,
    act: String,
    subjects: Vec<String>,
    outcome: u16,
) -> Result<(), Problem> {
    let done = Audited { at: real_now(), actor, act, subjects, outcome };
    app.store().audit(workspace, vec![done]).await.map_err(|error| {
        tracing::error!(%error, "the audit log could not be written");
        Problem::from(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stands_in_an_answer_is_shown() {
        let shown = |text: &str| Shows::of(text).map_or(Vec::new(), |shows| shows.0.to_vec());
        assert_eq!(shown(r#"{"id":"cus_01a","items":[{"customer":"cus_02b"},{"customer":"cus_01a"}]}"#), ["cus_01a", "cus_02b"]);
        assert_eq!(shown(r#"{"text":"cus_"}"#), Vec::<String>::new());
        assert_eq!(shown("cus_é cus_cus_1"), ["cus_cus"]);
        assert!(Shows::of("{}").is_none());
    }

    #[test]
    fn an_act_is_named_by_its_route_and_concerns_what_its_address_names() {
        let uri: Uri = "/api/v1/customers/cus_06f9zm2k3q8rt5vwxy0ab1cd2e/merge?x=1".parse().expect("an address");
        let act = Act::of(&Method::POST, Some("/api/v1/customers/{id}/merge"), &uri);
        assert_eq!((act.is_read, act.name.as_str()), (false, "POST /api/v1/customers/{id}/merge"));
        assert_eq!(act.named, ["cus_06f9zm2k3q8rt5vwxy0ab1cd2e"]);
        assert_eq!(Act::of(&Method::GET, None, &"/api/v1/quick_replies".parse().expect("an address")).named, Vec::<String>::new());
    }
}
