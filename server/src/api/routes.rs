//! The table of routes.

use axum::routing::{MethodRouter, delete, get, patch, post};

use super::{
    channels, clock, conversations, customers, escalations, events, knowledge, ledger, messages, rules, session, suggestions, teammates,
    tokens, turns,
};
use crate::app::App;
use crate::auth::scope::{Need, Scope};
use crate::live;

/// A route of the API.
pub struct Route {
    /// Lower case.
    pub method: &'static str,
    /// Below `/api/v1`.
    pub path: &'static str,
    /// What its caller needs.
    pub need: Need,
    /// One sentence.
    pub summary: &'static str,
    /// Query parameters with what they mean.
    pub query: &'static [(&'static str, &'static str)],
    /// Schema of the body.
    pub body: Option<&'static str>,
    /// Status and schema when it works; no schema: no body.
    pub works: &'static [(u16, Option<&'static str>)],
    /// Statuses of problems besides 400, 401, 403, 429, 500 and 503.
    pub fails: &'static [u16],
    /// The handler.
    pub handler: fn() -> MethodRouter<App>,
}

impl Route {
    /// The path from the root.
    pub fn full_path(&self) -> String {
        format!("/api/v1{}", self.path)
    }

    /// The noun it belongs to.
    pub fn noun(&self) -> &'static str {
        self.path.trim_start_matches('/').split('/').next().unwrap_or_default()
    }
}

const READ: Need = Need::Scope(Scope::Read);
const WRITE: Need = Need::Scope(Scope::Write);
const ADMIN: Need = Need::Scope(Scope::Admin);

const PAGE: (&str, &str) = ("limit", "Size of the page, 1 to 200.");
const CURSOR: (&str, &str) = ("cursor", "Where the page before ended.");

/// Every route.
pub const ROUTES: &[Route] = &[
    Route {
        method: "get",
        path: "/session",
        need: Need::Nothing,
        summary: "Who is signed in.",
        query: &[],
        body: None,
        works: &[(200, Some("Session"))],
        fails: &[],
        handler: || get(session::show),
    },
    Route {
        method: "post",
        path: "/session",
        need: Need::Nothing,
        summary: "Signs a teammate in and sets the session cookie.",
        query: &[],
        body: Some("Login"),
        works: &[(200, Some("Session"))],
        fails: &[413, 415],
        handler: || post(session::sign_in),
    },
    Route {
        method: "delete",
        path: "/session",
        need: Need::Teammate,
        summary: "Signs the teammate out.",
        query: &[],
        body: None,
        works: &[(204, None)],
        fails: &[],
        handler: || delete(session::sign_out),
    },
    Route {
        method: "post",
        path: "/setup",
        need: Need::Nothing,
        summary: "Makes the first owner with the single-use token of the set-up link.",
        query: &[],
        body: Some("Setup"),
        works: &[(201, Some("Session"))],
        fails: &[404, 409, 413, 415, 422],
        handler: || post(session::setup::handle),
    },
    Route {
        method: "get",
        path: "/live",
        need: READ,
        summary: "Changes as server-sent events, resumable by Last-Event-ID.",
        query: &[],
        body: None,
        works: &[(200, Some("Stream"))],
        fails: &[],
        handler: || get(live::follow),
    },
    Route {
        method: "get",
        path: "/conversations",
        need: READ,
        summary: "Conversations, the latest first; escalated ones by due time.",
        query: &[
            ("view", "ai, escalated, mine, resolved or all."),
            ("status", "open, with_teammate, waiting, snoozed or resolved."),
            ("customer", "Of this customer only."),
            CURSOR,
            PAGE,
        ],
        body: None,
        works: &[(200, Some("Conversations"))],
        fails: &[404],
        handler: || get(conversations::list::handle),
    },
    Route {
        method: "get",
        path: "/conversations/{id}",
        need: READ,
        summary: "A conversation with its escalations, its service window and the doors it can be answered on.",
        query: &[],
        body: None,
        works: &[(200, Some("ConversationDetail"))],
        fails: &[404],
        handler: || get(conversations::show::handle),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/take",
        need: WRITE,
        summary: "A teammate takes it; the AI is silent from now on.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415],
        handler: || post(conversations::act::take),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/return",
        need: WRITE,
        summary: "Gives it back to the AI.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415],
        handler: || post(conversations::act::give_back),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/resolve",
        need: WRITE,
        summary: "Ends it.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415],
        handler: || post(conversations::act::resolve),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/snooze",
        need: WRITE,
        summary: "Puts it off.",
        query: &[],
        body: Some("Snooze"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415, 422],
        handler: || post(conversations::act::snooze),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/assign",
        need: WRITE,
        summary: "Gives it to a teammate or to nobody.",
        query: &[],
        body: Some("Assign"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415],
        handler: || post(conversations::act::assign),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/reply",
        need: WRITE,
        summary: "Writes to the customer, on the given channel or the last one.",
        query: &[],
        body: Some("Reply"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415, 422],
        handler: || post(conversations::act::reply),
    },
    Route {
        method: "post",
        path: "/conversations/{id}/note",
        need: WRITE,
        summary: "A note for teammates.",
        query: &[],
        body: Some("Note"),
        works: &[(200, Some("Conversation"))],
        fails: &[404, 409, 413, 415, 422],
        handler: || post(conversations::act::note),
    },
    Route {
        method: "get",
        path: "/customers",
        need: READ,
        summary: "Customers by identifier, or by words of names and identifiers.",
        query: &[
            ("identifier", "kind:value, such as phone:%2B33612345678; also email, whatsapp, telegram, discord, external_id, visitor."),
            ("q", "Words of names and identifiers."),
            CURSOR,
            PAGE,
        ],
        body: None,
        works: &[(200, Some("Customers"))],
        fails: &[],
        handler: || get(customers::list::handle),
    },
    Route {
        method: "get",
        path: "/customers/{id}",
        need: READ,
        summary: "A customer; an absorbed id answers with the surviving one.",
        query: &[],
        body: None,
        works: &[(200, Some("Customer"))],
        fails: &[404],
        handler: || get(customers::show::handle),
    },
    Route {
        method: "patch",
        path: "/customers/{id}",
        need: WRITE,
        summary: "Pins values; an empty or null value takes a fact back.",
        query: &[],
        body: Some("CustomerChanges"),
        works: &[(200, Some("Customer"))],
        fails: &[404, 409, 413, 415, 422],
        handler: || patch(customers::pin::handle),
    },
    Route {
        method: "get",
        path: "/customers/{id}/timeline",
        need: READ,
        summary: "Messages and events of all channels, oldest first within a page; the newest page when nothing is asked.",
        query: &[("before", "Where the page before ended."), CURSOR, PAGE],
        body: None,
        works: &[(200, Some("Timeline"))],
        fails: &[404],
        handler: || get(customers::timeline::handle),
    },
    Route {
        method: "post",
        path: "/customers/{id}/merge",
        need: WRITE,
        summary: "Joins another record into this one.",
        query: &[],
        body: Some("Merge"),
        works: &[(200, Some("Merged"))],
        fails: &[404, 409, 413, 415],
        handler: || post(customers::merge::handle),
    },
    Route {
        method: "post",
        path: "/merges/{id}/undo",
        need: WRITE,
        summary: "Takes a join back, losslessly.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("Unmerged"))],
        fails: &[404, 409, 413, 415],
        handler: || post(customers::merge::undo),
    },
    Route {
        method: "get",
        path: "/escalations",
        need: READ,
        summary: "Escalations with their briefs, by due time.",
        query: &[("status", "open or all."), CURSOR, PAGE],
        body: None,
        works: &[(200, Some("Escalations"))],
        fails: &[],
        handler: || get(escalations::handle),
    },
    Route {
        method: "get",
        path: "/turns/{id}",
        need: READ,
        summary: "How a turn was decided.",
        query: &[],
        body: None,
        works: &[(200, Some("Turn"))],
        fails: &[404],
        handler: || get(turns::handle),
    },
    Route {
        method: "get",
        path: "/knowledge",
        need: READ,
        summary: "Sources, unanswered questions and skipped files.",
        query: &[],
        body: None,
        works: &[(200, Some("Knowledge"))],
        fails: &[],
        handler: || get(knowledge::list),
    },
    Route {
        method: "get",
        path: "/knowledge/ask",
        need: READ,
        summary: "An answer from the sources alone, with its citations.",
        query: &[("q", "The question.")],
        body: None,
        works: &[(200, Some("KnowledgeAnswer"))],
        fails: &[422],
        handler: || get(knowledge::ask),
    },
    Route {
        method: "get",
        path: "/rules",
        need: READ,
        summary: "Named rules and how often they fired.",
        query: &[],
        body: None,
        works: &[(200, Some("Rules"))],
        fails: &[],
        handler: || get(rules::handle),
    },
    Route {
        method: "get",
        path: "/ledger",
        need: READ,
        summary: "Was anything lost? Counts by state, and items.",
        query: &[("state", "open, answered, handed_over, ignored_by_rule or quarantined."), CURSOR, PAGE],
        body: None,
        works: &[(200, Some("Ledger"))],
        fails: &[],
        handler: || get(ledger::list),
    },
    Route {
        method: "post",
        path: "/ledger/{id}/replay",
        need: WRITE,
        summary: "Puts a quarantined message back into its customer's queue.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("Replayed"))],
        fails: &[404, 409, 413, 415],
        handler: || post(ledger::replay),
    },
    Route {
        method: "get",
        path: "/channels",
        need: READ,
        summary: "The configured doors and how they are.",
        query: &[],
        body: None,
        works: &[(200, Some("Channels"))],
        fails: &[],
        handler: || get(channels::handle),
    },
    Route {
        method: "post",
        path: "/events",
        need: WRITE,
        summary: "A business event: order, cart, payment, shipment, booking.",
        query: &[],
        body: Some("BusinessEvent"),
        works: &[(202, Some("BusinessEventTaken"))],
        fails: &[409, 413, 415, 422],
        handler: || post(events::handle),
    },
    Route {
        method: "get",
        path: "/messages",
        need: READ,
        summary: "What was said back in a conversation.",
        query: &[("conversation", "Its id."), CURSOR, PAGE],
        body: None,
        works: &[(200, Some("OutboundMessages"))],
        fails: &[404],
        handler: || get(messages::list),
    },
    Route {
        method: "post",
        path: "/messages",
        need: Need::Nothing,
        summary: "A message through the API channel, signed by Standard Webhooks under the connection's secret; the same id again answers 200.",
        query: &[],
        body: Some("InboundMessage"),
        works: &[(202, Some("MessageTaken")), (200, Some("MessageTaken"))],
        fails: &[404, 409, 413],
        handler: || post(messages::receive),
    },
    Route {
        method: "get",
        path: "/suggestions",
        need: READ,
        summary: "Possible duplicates with probability and reasons.",
        query: &[],
        body: None,
        works: &[(200, Some("Suggestions"))],
        fails: &[],
        handler: || get(suggestions::list),
    },
    Route {
        method: "post",
        path: "/suggestions/{id}/accept",
        need: WRITE,
        summary: "They are one person.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("SuggestionSettled"))],
        fails: &[404, 409, 413, 415],
        handler: || post(suggestions::accept),
    },
    Route {
        method: "post",
        path: "/suggestions/{id}/reject",
        need: WRITE,
        summary: "They are two persons.",
        query: &[],
        body: Some("Nothing"),
        works: &[(200, Some("SuggestionSettled"))],
        fails: &[404, 409, 413, 415],
        handler: || post(suggestions::reject),
    },
    Route {
        method: "get",
        path: "/teammates",
        need: READ,
        summary: "All teammates.",
        query: &[],
        body: None,
        works: &[(200, Some("Teammates"))],
        fails: &[],
        handler: || get(teammates::list),
    },
    Route {
        method: "post",
        path: "/teammates",
        need: ADMIN,
        summary: "Adds a teammate.",
        query: &[],
        body: Some("NewTeammate"),
        works: &[(201, Some("Teammate"))],
        fails: &[409, 413, 415, 422],
        handler: || post(teammates::create),
    },
    Route {
        method: "get",
        path: "/tokens",
        need: ADMIN,
        summary: "Tokens of programs, without what opens.",
        query: &[],
        body: None,
        works: &[(200, Some("Tokens"))],
        fails: &[],
        handler: || get(tokens::list),
    },
    Route {
        method: "post",
        path: "/tokens",
        need: ADMIN,
        summary: "Makes a token; its value is in this answer only.",
        query: &[],
        body: Some("NewToken"),
        works: &[(201, Some("TokenMade"))],
        fails: &[413, 415, 422],
        handler: || post(tokens::create),
    },
    Route {
        method: "delete",
        path: "/tokens/{id}",
        need: ADMIN,
        summary: "Ends a token.",
        query: &[],
        body: None,
        works: &[(204, None)],
        fails: &[404],
        handler: || delete(tokens::delete),
    },
    Route {
        method: "get",
        path: "/clock",
        need: ADMIN,
        summary: "Business time; only with virtual_clock and the admin token.",
        query: &[],
        body: None,
        works: &[(200, Some("Clock"))],
        fails: &[404],
        handler: || get(clock::show),
    },
    Route {
        method: "post",
        path: "/clock",
        need: ADMIN,
        summary: "Moves business time and runs every timer due; only with virtual_clock and the admin token.",
        query: &[],
        body: Some("ClockAdvance"),
        works: &[(200, Some("ClockMoved"))],
        fails: &[404, 409, 413, 415, 422],
        handler: || post(clock::handle),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_changes_anything_by_get() {
        for route in ROUTES.iter().filter(|route| route.method == "get") {
            assert!(matches!(route.need, Need::Nothing | Need::Scope(Scope::Read | Scope::Admin)), "{}", route.path);
            assert!(route.body.is_none(), "{}", route.path);
        }
    }

    #[test]
    fn only_these_routes_check_their_callers_themselves() {
        let open: Vec<String> =
            ROUTES.iter().filter(|route| route.need == Need::Nothing).map(|route| format!("{} {}", route.method, route.path)).collect();
        assert_eq!(open, ["get /session", "post /session", "post /setup", "post /messages"]);
    }
}
