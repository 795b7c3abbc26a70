//! Statements of alerts.

/// Columns that [`crate::alerts`] reads.
macro_rules! columns {
    () => {
        "a.workspace, a.id, a.target, a.kind, a.conversation, a.teammate, a.at, a.attempt"
    };
}

/// The same cause is told once, also when it is written again.
pub(crate) const NEW: &str = "insert into alert (workspace, id, target, kind, conversation, teammate, at, state) \
    values ($1, $2, '', $3, $4, $5, $6, 'waiting') on conflict (workspace, id, target) do nothing";
macro_rules! due {
    ($lock:literal) => {
        concat!(
            "select ",
            columns!(),
            " from alert a where a.state = 'waiting' and a.next_at <= $1 order by a.next_at, a.id limit cast($2 as bigint)",
            $lock
        )
    };
}
pub(crate) const DUE_LITE: &str = due!("");
pub(crate) const DUE_PG: &str = due!(" for update skip locked");
pub(crate) const HOLD: &str = "update alert set next_at = $4, attempt = attempt + 1 where workspace = $1 and id = $2 and target = $3";
pub(crate) const NEXT: &str = "select min(next_at) from alert where state = 'waiting'";
pub(crate) const SPREAD: &str = "insert into alert (workspace, id, target, kind, conversation, teammate, at, state) \
    values ($1, $2, $3, $4, $5, $6, $7, 'waiting') on conflict (workspace, id, target) do nothing";
pub(crate) const SETTLE: &str = "update alert set state = $4, next_at = case when $4 = 'waiting' then $5 else next_at end, why = $6 \
    where workspace = $1 and id = $2 and target = $3 and state = 'waiting'";
pub(crate) const OF_TEAMMATE: &str = concat!(
    "select ",
    columns!(),
    " from alert a where a.workspace = $1 and a.target = '' and (a.teammate is null or a.teammate = $2) order by a.at desc, a.id desc limit cast($3 as bigint)"
);
pub(crate) const STANDING: &str = "select target, state, at, why from alert where workspace = $1 and target = $2 order by at desc limit 1";
pub(crate) const FORGET: &str = "delete from alert where at < $1 and state <> 'waiting'";
