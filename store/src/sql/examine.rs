//! Statements that must find nothing: each selects what breaks an invariant, with how much there is of it.

/// Some of what breaks an invariant, each row with the count of all.
macro_rules! breaches {
    ($($sql:expr),+ $(,)?) => { concat!("select v.id, count(*) over () from (", $($sql),+, ") v order by v.id limit 5") };
}

pub(crate) const INBOX: &str = breaches!(
    "select min(m.id) as id from message m where m.direction = 'in' and m.dedupe is not null \
     group by m.workspace, m.connection, m.dedupe having count(*) > 1 ",
    "union all select m.id from message m where m.direction = 'in' and m.dedupe is null",
);

pub(crate) const QUEUE: &str = breaches!(
    "select m.id as id from message m where m.state = 'open' and (m.inbound is null or not exists (select 1 from burst b \
     where b.workspace = m.workspace and b.customer = m.customer and b.connection = m.connection)) ",
    "union all select b.customer from burst b where not exists (select 1 from customer c \
     where c.workspace = b.workspace and c.id = b.customer and c.root = c.id)",
);

/// What a teammate takes over before its turn came is handed over without one.
pub(crate) const TURNS: &str = breaches!(
    "select m.id as id from message m where (m.state = 'answered' or m.turn is not null) and not exists (select 1 from turn t \
     where t.workspace = m.workspace and t.id = m.turn) ",
    "union all select m.id from message m where m.direction = 'out' and m.delivery is not null \
     and (select count(*) from outbox o where o.workspace = m.workspace and o.message = m.id) <> 1 ",
    "union all select o.id from outbox o where not exists (select 1 from message m \
     where m.workspace = o.workspace and m.id = o.message)",
);

pub(crate) const SENDS: &str = breaches!(
    "select min(o.id) as id from outbox o where o.vendor_hash is not null \
     group by o.workspace, o.connection, o.vendor_hash having count(*) > 1 ",
    "union all select o.id from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
     where o.state = 'settled' and m.delivery in ('queued', 'speaking') ",
    "union all select o.id from outbox o where o.state not in ('waiting', 'settled', 'speaking', 'draft')",
);

/// When each reply was sent is not looked at: a teammate may send an old one again, or approve a draft late.
pub(crate) const ORDER: &str = breaches!(
    "select m.id as id from message m join (select workspace, strand, connection, turn, min(seq) as first, max(seq) as last \
     from message where direction = 'in' and turn is not null group by workspace, strand, connection, turn) t \
     on m.workspace = t.workspace and m.strand = t.strand and m.connection = t.connection \
     and m.seq > t.first and m.seq < t.last where m.direction = 'in' and m.turn is not null and m.turn <> t.turn ",
    "union all select o.id from outbox o join message m on m.workspace = o.workspace and m.id = o.message where m.seq <> o.seq ",
    "union all select min(m.id) from message m group by m.workspace, m.customer, m.seq having count(*) > 1",
);

pub(crate) const POINTERS: &str = breaches!(
    "select m.id as id from message m left join strand s on s.workspace = m.workspace and s.id = m.strand \
     where s.id is null or s.customer <> m.customer ",
    "union all select m.id from message m where not exists (select 1 from conversation v \
     where v.workspace = m.workspace and v.id = m.conversation) ",
    "union all select o.id from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
     where m.customer <> o.customer or m.strand <> o.strand ",
    "union all select s.id from strand s where not exists (select 1 from customer c \
     where c.workspace = s.workspace and c.id = s.customer) ",
    "union all select s.id from strand s where not exists (select 1 from identifier i \
     where i.workspace = s.workspace and i.id = s.identifier) ",
    "union all select i.id from identifier i where not exists (select 1 from strand s \
     where s.workspace = i.workspace and s.id = i.strand) ",
    "union all select v.id from conversation v where not exists (select 1 from customer c \
     where c.workspace = v.workspace and c.id = v.customer) ",
    "union all select e.id from escalation e where not exists (select 1 from conversation v \
     where v.workspace = e.workspace and v.id = e.conversation) ",
    "union all select p.strand from posting p left join strand s on s.workspace = p.workspace and s.id = p.strand \
     where s.id is null or p.last_seq > s.posted_to ",
    "union all select n.strand from meaning n where not exists (select 1 from strand s \
     where s.workspace = n.workspace and s.id = n.strand) ",
    "union all select c.id from customer c where not exists (select 1 from customer r \
     where r.workspace = c.workspace and r.id = c.root)",
);

pub(crate) const STATES: &str = breaches!(
    "select m.id as id from message m where m.direction = 'in' and (m.state is null \
     or m.state not in ('open', 'answered', 'handed_over', 'ignored_by_rule', 'quarantined')) ",
    "union all select m.id from message m where m.direction = 'out' and m.state is not null",
);

/// SQLite: what its own look at its file says.
pub(crate) const INTEGRITY: &str = "pragma integrity_check(5)";
pub(crate) const FOREIGN_KEYS: &str = "pragma foreign_key_check";

/// PostgreSQL: is there anything yet, and may its indexes be looked at?
pub(crate) const HAS_TABLES: &str = "select cast(count(*) as bigint) from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = 'public' and c.relname = 'message'";
pub(crate) const HAS_AMCHECK: &str = "select count(*) from pg_extension where extname = 'amcheck'";
pub(crate) const AMCHECK: &str = "select c.relname, cast(bt_index_check(c.oid) as text) from pg_class c \
    join pg_index x on x.indexrelid = c.oid join pg_am a on a.oid = c.relam join pg_namespace n on n.oid = c.relnamespace \
    where a.amname = 'btree' and n.nspname in ('public', 'keys') and x.indisvalid";
