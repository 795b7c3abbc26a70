//! Statements that load a customer's record.

use super::{conversation_columns, escalation_columns, message_columns};

pub(crate) const MEMBERS: &str = "select id, root, version, created_at, card from customer \
    where workspace = $1 and root = $2 order by created_at, id";

pub(crate) const IDENTIFIERS: &str = "select i.id, i.kind, i.trust, i.origin, i.shared, i.strand, i.first_seen, \
    i.last_seen, i.last_message, i.key_owner, i.body, s.id, s.channel, s.since \
    from strand s join identifier i on i.workspace = s.workspace and i.id = s.identifier \
    where s.workspace = $1 and s.customer = $2 order by i.first_seen, i.id, s.since, s.id";

pub(crate) const MEMORY: &str = "select id, kind, status, valid_to, ended_at, key_owner, body from memory \
    where workspace = $1 and customer = $2 and kind in ('fact', 'promise', 'offer', 'consent', 'action') order by at, id";

pub(crate) const EVENTS: &str = "select id, key_owner, body from memory \
    where workspace = $1 and customer = $2 and kind = 'event' order by at desc, id desc limit 50";

pub(crate) const MERGES: &str = "select id, at, absorbed, reasons, merged_by, undone, strands from merge \
    where workspace = $1 and kept in (select id from customer where workspace = $1 and root = $2) order by at, id";

pub(crate) const CONVERSATION: &str =
    concat!("select ", conversation_columns!(), " from conversation v where v.workspace = $1 and v.id = $2");

pub(crate) const HISTORY: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.customer = $2 and m.is_event = 0 order by m.seq desc limit cast($3 as bigint)"
);

pub(crate) const ESCALATIONS: &str = concat!(
    "select ",
    escalation_columns!(),
    " from conversation v cross join escalation e where e.workspace = v.workspace and e.conversation = v.id \
     and v.workspace = $1 and v.customer = $2 order by e.at, e.id"
);

pub(crate) const DOORS: &str = "select d.strand, d.connection, d.channel, d.address, d.last_inbound, x.at \
    from strand s cross join door d cross join identifier i \
    left join suppression x on x.workspace = d.workspace and x.connection = d.connection and x.address_hash = d.address_hash \
    where d.workspace = s.workspace and d.strand = s.id and i.workspace = s.workspace and i.id = s.identifier and s.workspace = $1 and s.customer = $2 and (i.shared = 1 or i.strand = s.id) order by d.last_inbound desc, d.strand";
