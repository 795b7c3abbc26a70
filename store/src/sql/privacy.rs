//! Statements of export and erasure.

use super::{conversation_columns, escalation_columns, message_columns};

// What there is about the record $2.
pub(crate) const CONVERSATIONS: &str = concat!(
    "select ",
    conversation_columns!(),
    " from conversation v where v.workspace = $1 and v.customer = $2 order by v.created_at, v.id"
);
pub(crate) const MESSAGES: &str =
    concat!("select ", message_columns!(), " from message m where m.workspace = $1 and m.customer = $2 order by m.seq, m.id");
pub(crate) const DRAFTS: &str = "select message from outbox where workspace = $1 and customer = $2 and state = 'draft' order by seq";
/// Turns of the person's conversations, and those that answered a message of theirs elsewhere.
pub(crate) const TURNS: &str = "select t.id, t.conversation, t.at, t.key_owner, t.body from turn t where t.workspace = $1 \
    and (t.conversation in (select id from conversation where workspace = $1 and customer = $2) \
    or t.id in (select turn from message where workspace = $1 and customer = $2 and turn is not null)) order by t.at, t.id";
pub(crate) const ESCALATIONS: &str = concat!(
    "select ",
    escalation_columns!(),
    " from conversation v cross join escalation e where e.workspace = v.workspace and e.conversation = v.id \
     and v.workspace = $1 and v.customer = $2 order by e.at, e.id"
);
pub(crate) const TASKS: &str = "select id, customer, body, at, due_at, done from task where workspace = $1 \
    and customer in (select id from customer where workspace = $1 and root = $2) order by at, id";
pub(crate) const LINKS: &str = "select l.id, l.code_hash, c.root, l.identifier, l.channel, l.expires_at, l.redeemed_by, l.shown_as, \
    l.merge, l.redeemed_at, l.customer, l.waits_for from customer c cross join link l \
    where l.workspace = c.workspace and l.customer = c.id and c.workspace = $1 and c.root = $2 order by l.expires_at, l.id";
pub(crate) const SUGGESTIONS: &str = "select id, a, b, probability, reasons, status, at from suggestion where workspace = $1 \
    and (a in (select id from customer where workspace = $1 and root = $2) \
    or b in (select id from customer where workspace = $1 and root = $2)) order by at, id";
pub(crate) const GAPS: &str = "select g.id, g.last_at, g.message, g.key_owner, g.body from gap g where g.workspace = $1 \
    and g.message in (select id from message where workspace = $1 and customer = $2) order by g.last_at, g.id";
pub(crate) const EVENTS: &str = "select id, key_owner, body from memory \
    where workspace = $1 and customer = $2 and kind = 'event' order by at, id";
pub(crate) const COUNTS: &str = "select \
    (select count(distinct identifier) from strand where workspace = $1 and customer = $2), \
    (select count(*) from strand where workspace = $1 and customer = $2), \
    (select count(*) from conversation where workspace = $1 and customer = $2), \
    (select count(*) from message where workspace = $1 and customer = $2), \
    (select count(*) from memory where workspace = $1 and customer = $2), \
    (select count(*) from turn where workspace = $1 and conversation in \
    (select id from conversation where workspace = $1 and customer = $2)), \
    (select count(*) from escalation where workspace = $1 and conversation in \
    (select id from conversation where workspace = $1 and customer = $2)), \
    (select count(*) from task where workspace = $1 and customer in (select id from customer where workspace = $1 and root = $2)), \
    (select count(*) from link where workspace = $1 and customer in (select id from customer where workspace = $1 and root = $2))";

/// Others who name one of the record's identifiers.
pub(crate) const ALIKE: &str = "select distinct c.root from strand s cross join identifier i cross join identifier o \
    cross join strand t cross join customer c \
    where i.workspace = s.workspace and i.id = s.identifier \
    and o.workspace = i.workspace and o.loose = i.loose and o.id <> i.id \
    and t.workspace = o.workspace and t.identifier = o.id \
    and c.workspace = t.workspace and c.id = t.customer and s.workspace = $1 and s.customer = $2 and c.root <> $2 order by c.root";

// The list.
pub(crate) const NEW_ERASURE: &str = "insert into erasure (workspace, customer, customers, strands, at) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, customer) do update set customers = excluded.customers, strands = excluded.strands, done = 0";
pub(crate) const NEW_ERASED: &str = "insert into erased (workspace, customer, erasure) values ($1, $2, $3) \
    on conflict (workspace, customer) do nothing";
pub(crate) const ERASURE_OF: &str = "select e.workspace, e.customer, e.customers, e.strands, e.at from erased x \
    join erasure e on e.workspace = x.workspace and e.customer = x.erasure where x.workspace = $1 and x.customer = $2";
pub(crate) const ERASURES: &str = "select workspace, customer, customers, strands, at from erasure order by at, workspace, customer";
pub(crate) const UNDONE: &str = "select workspace, customer, customers, strands, at from erasure where done = 0 order by at";
pub(crate) const DONE: &str = "update erasure set done = 1 where workspace = $1 and customer = $2";
/// A tombstone stands behind whatever the log holds, and replay never goes back behind it.
pub(crate) const TOMBSTONE: &str = "insert into link_event (workspace, seq, change, at) \
    select $1, case when coalesce(max(seq), 0) >= $3 then max(seq) + 1 else $3 end, $2, $3 from link_event where workspace = $1";

/// SQLite: numbers of entries that go are never given again, or a page that was away would miss what is new.
pub(crate) const KEEP_SEQ: &str = "insert into note (name, value) \
    select 'message.seq', cast(coalesce(max(seq), 0) as text) from message where true on conflict (name) do update \
    set value = excluded.value where cast(excluded.value as bigint) > cast(note.value as bigint)";

// What hangs on the strand $2, in this order.
pub(crate) const OF_STRAND: [&str; 14] = [
    "delete from challenge where workspace = $1 and (strand = $2 or contact_strand = $2)",
    "delete from booking where workspace = $1 and strand = $2",
    "delete from attachment_part where workspace = $1 \
     and attachment in (select id from attachment where workspace = $1 and strand = $2)",
    "delete from attachment where workspace = $1 and strand = $2",
    "delete from call where workspace = $1 and strand = $2",
    "delete from posting where workspace = $1 and strand = $2",
    "delete from meaning where workspace = $1 and strand = $2",
    "delete from early_receipt where workspace = $1 and (connection, vendor_hash) in (select o.connection, o.vendor_hash \
     from message m cross join outbox o where o.workspace = m.workspace and o.message = m.id and m.workspace = $1 and m.strand = $2)",
    "delete from outbox where workspace = $1 and message in (select id from message where workspace = $1 and strand = $2)",
    "delete from suppression where workspace = $1 and (connection, address_hash) in (select d.connection, d.address_hash from door d \
     where d.workspace = $1 and d.strand = $2) and not exists (select 1 from door d where d.workspace = $1 and d.strand <> $2 \
     and d.connection = suppression.connection and d.address_hash = suppression.address_hash)",
    "delete from door where workspace = $1 and strand = $2",
    "delete from gap where workspace = $1 and (key_owner = $2 \
     or message in (select id from message where workspace = $1 and strand = $2))",
    "delete from turn where workspace = $1 and id in (select turn from message where workspace = $1 and strand = $2 and turn is not null)",
    "update conversation set memo = null where workspace = $1 \
     and id in (select conversation from message where workspace = $1 and strand = $2)",
];
pub(crate) const MEMORY_OF_STRAND: &str = "delete from memory where workspace = $1 and strand = $2 and customer = $3";
/// Conversations in which the strand spoke, or that began on it.
pub(crate) const TALKS_OF_STRAND: &str = "select conversation from message where workspace = $1 and strand = $2 \
    union select id from conversation where workspace = $1 and customer = $3 and strand = $2";
pub(crate) const MESSAGES_OF_STRAND: &str = "delete from message where workspace = $1 and strand = $2";
pub(crate) const DROP_STRAND: &str = "delete from strand where workspace = $1 and id = $2";
/// Who else is on this identifier.
pub(crate) const STRANDS_ON: &str = "select id from strand where workspace = $1 and identifier = $2 order by since, id limit 1";
pub(crate) const SEALED_IDENTIFIER: &str = "select lookup, loose, key_owner, body, strand from identifier where workspace = $1 and id = $2";
pub(crate) const HAND_IDENTIFIER: &str = "update identifier set key_owner = $3, body = $4 where workspace = $1 and id = $2";
/// Is the look-up still somebody else's?
pub(crate) const SAME_LOOKUP: &str = "select 1 from identifier where workspace = $1 and id <> $2 and lookup = $3 limit 1";
pub(crate) const BLIND_LOG: &str = "update link_event set change = replace(change, $2, 'erased') \
    where workspace = $1 and change like '%' || $2 || '%'";

/// Whoever was last spoken to on a shared identifier $2 and is no longer on it is nobody.
pub(crate) const FORGET_SPEAKER: &str = "update conversation set speaker = null where workspace = $1 and speaker is not null \
    and customer in (select customer from strand where workspace = $1 and identifier = $2) \
    and speaker not in (select customer from strand where workspace = $1 and identifier = $2)";

// What hangs on the identifier $2.
pub(crate) const OF_IDENTIFIER: [&str; 3] = [
    "delete from visitor where workspace = $1 and identifier = $2",
    "delete from link where workspace = $1 and identifier = $2",
    "delete from identifier where workspace = $1 and id = $2",
];

/// Somebody else's message in a conversation.
pub(crate) const REST_OF_TALK: &str = "select m.strand, s.customer from message m join strand s on s.workspace = m.workspace \
    and s.id = m.strand where m.workspace = $1 and m.conversation = $2 order by m.seq limit 1";
pub(crate) const HAND_TALK: &str = "update conversation set customer = $3, strand = $4, memo = null, folded_into = null \
    where workspace = $1 and id = $2";
// Turns of the conversation $2 that are sealed with the key of the strand $3.
pub(crate) const SEALED_TURNS: [&str; 2] = [
    "update message set turn = null where workspace = $1 and conversation = $2 \
     and turn in (select id from turn where workspace = $1 and conversation = $2 and key_owner = $3)",
    "delete from turn where workspace = $1 and conversation = $2 and key_owner = $3",
];
// What hangs on the conversation $2.
pub(crate) const OF_TALK: [&str; 7] = [
    "delete from alert where workspace = $1 and conversation = $2",
    "delete from firing where workspace = $1 and escalation in (select id from escalation where workspace = $1 and conversation = $2)",
    "delete from escalation where workspace = $1 and conversation = $2",
    "delete from turn where workspace = $1 and conversation = $2",
    "delete from gap where workspace = $1 and conversation = $2",
    "update conversation set folded_into = null where workspace = $1 and folded_into = $2",
    "delete from conversation where workspace = $1 and id = $2",
];

// What hangs on the record $2, in this order.
pub(crate) const OF_RECORD: [&str; 22] = [
    "insert into figure_sum (workspace, measure, day, a, b, times, total) \
     select workspace, measure, day, a, b, -count(*), -cast(sum(value) as bigint) from figure_mark \
     where workspace = $1 and customer = $2 group by workspace, measure, day, a, b on conflict (workspace, measure, day, a, b) \
     do update set times = figure_sum.times + excluded.times, total = figure_sum.total + excluded.total",
    "delete from figure_mark where workspace = $1 and customer = $2",
    "delete from recount where workspace = $1 and customer = $2",
    "delete from alert where workspace = $1 and conversation in (select id from conversation where workspace = $1 and customer = $2)",
    "delete from mention where workspace = $1 and conversation in (select id from conversation where workspace = $1 and customer = $2)",
    "update conversation set ai_silent = 0 where workspace = $1 and id in (select conversation from escalation \
     where workspace = $1 and key_owner = $2 and status in ('open', 'accepted', 'released'))",
    "delete from firing where workspace = $1 and escalation in (select id from escalation where workspace = $1 and key_owner = $2)",
    "delete from escalation where workspace = $1 and key_owner = $2",
    "delete from memory where workspace = $1 and home = $2 and strand is null",
    "delete from task where workspace = $1 and customer = $2",
    "delete from term where workspace = $1 and customer = $2",
    "delete from timer where workspace = $1 and customer = $2",
    "delete from link_try where workspace = $1 and customer = $2",
    "delete from burst where workspace = $1 and customer = $2",
    "delete from link where workspace = $1 and customer = $2",
    "update link set redeemed_by = null, waits_for = null, shown_as = null where workspace = $1 and (redeemed_by = $2 or waits_for = $2)",
    "delete from import_row where workspace = $1 and customer = $2",
    "delete from suggestion where workspace = $1 and (a = $2 or b = $2)",
    "delete from block where workspace = $1 and (a = $2 or b = $2)",
    "delete from merge where workspace = $1 and (kept = $2 or absorbed = $2)",
    "update customer set redirect = null where workspace = $1 and redirect = $2",
    "delete from customer where workspace = $1 and id = $2",
];

pub(crate) const STRANDS_WITH_HOME: &str = "select id, home from strand where workspace = $1 and customer = $2 order by id";
pub(crate) const PARTNERS: &str = "select m.kept, m.absorbed from merge m where m.workspace = $1 and (m.kept = $2 or m.absorbed = $2)";
pub(crate) const DROP_TERMS: &str = "delete from term where workspace = $1 and customer = $2";
pub(crate) const VALUES_OF: &str = "select i.id, i.key_owner, i.body from strand s join identifier i on i.workspace = s.workspace \
    and i.id = s.identifier where s.workspace = $1 and s.home = $2 order by i.id";

// An erasure that was put off.
pub(crate) const PENDING: &str = "select min(due_at) from timer where workspace = $1 and name = 'erase' \
    and customer in (select id from customer where workspace = $1 and root = $2)";
pub(crate) const KEEP: &str = "delete from timer where workspace = $1 and name = 'erase' \
    and customer in (select id from customer where workspace = $1 and root = $2)";

// Copies.
/// What waited when a copy was taken may have been sent since: it is doubted, not sent again.
pub(crate) const DOUBT_WAITING: &str = "update outbox set leased_until = 1 where state = 'waiting'";
