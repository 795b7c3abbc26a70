//! Every statement, written once for both engines.
//!
//! `cross join` where the order of a join matters: SQLite takes the tables in the order written, and without it has read all
//! strands of a workspace to find one identifier.

pub(crate) mod access;
pub(crate) mod actions;
pub(crate) mod alerts;
pub(crate) mod amends;
pub(crate) mod analytics;
pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod challenges;
pub(crate) mod desk;
pub(crate) mod documents;
pub(crate) mod examine;
pub(crate) mod identity;
pub(crate) mod imports;
pub(crate) mod intake;
pub(crate) mod keys;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod privacy;
pub(crate) mod recall;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod tasks;
pub(crate) mod team;
pub(crate) mod turns;

/// Columns that [`crate::rows::message`] reads, of the table under the alias `m`.
macro_rules! message_columns {
    () => {
        "m.id, m.strand, m.conversation, m.turn, m.channel, m.connection, m.direction, m.author, m.at, m.state, \
         m.delivery, m.seq, m.language, m.body, m.reason"
    };
}
pub(crate) use message_columns;

/// Columns that [`crate::rows::conversation`] reads, of the table under the alias `v`.
macro_rules! conversation_columns {
    () => {
        "v.id, v.customer, v.status, v.snoozed_until, v.assignee, v.channel, v.connection, v.channels, v.disclosed_on, \
         v.created_at, v.updated_at, v.asked_again, v.repeated, v.ai_silent, v.speaker, v.unread, v.memo, v.strand"
    };
}
pub(crate) use conversation_columns;

/// Columns that [`crate::rows::escalation`] reads, of the tables under the aliases `e` and `v`.
macro_rules! escalation_columns {
    () => {
        "e.id, v.customer, e.conversation, e.rule, e.status, e.at, e.due_at, e.turn, e.key_owner, e.body, v.team"
    };
}
pub(crate) use escalation_columns;
