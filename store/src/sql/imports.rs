//! Statements of imports.

pub(crate) const NEW: &str = "insert into import (workspace, id, name, made_by, at) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, id) do nothing";
pub(crate) const ROW: &str = "select customer, made, body from import_row where workspace = $1 and import = $2 and line = $3";
pub(crate) const NEW_ROW: &str = "insert into import_row (workspace, import, line, customer, made, body) \
    values ($1, $2, $3, $4, $5, $6) on conflict (workspace, import, line) do update \
    set customer = excluded.customer, made = excluded.made, body = excluded.body";
pub(crate) const ALL: &str = "select i.id, i.name, i.made_by, i.at, i.undone_at, \
    (select count(*) from import_row r where r.workspace = i.workspace and r.import = i.id and r.made = 1), \
    (select count(*) from import_row r where r.workspace = i.workspace and r.import = i.id and r.made = 0) \
    from import i where i.workspace = $1 order by i.at desc, i.id desc";
pub(crate) const KNOWN: &str = "select 1 from import where workspace = $1 and id = $2";
/// The latest lines first: what a later one replaced is put back before an earlier one is undone.
pub(crate) const NEXT_ROWS: &str = "select line, customer, made, body from import_row \
    where workspace = $1 and import = $2 order by line desc limit cast($3 as bigint)";
pub(crate) const DROP_ROW: &str = "delete from import_row where workspace = $1 and import = $2 and line = $3";
pub(crate) const UNDONE: &str = "update import set undone_at = $3 where workspace = $1 and id = $2 and undone_at is null";

/// Has anything been said by this person, or do they belong to somebody by now?
pub(crate) const LIVES: &str = "select 1 from message where workspace = $1 and customer = $2 \
    union all select 1 from conversation where workspace = $1 and customer = $2 \
    union all select 1 from merge where workspace = $1 and (kept = $2 or absorbed = $2) and undone = 0 \
    union all select 1 from task where workspace = $1 and customer = $2 limit 1";
pub(crate) const IDENTIFIERS_OF: &str = "select distinct i.id, i.trust, i.origin, s.id from strand s \
    join identifier i on i.workspace = s.workspace and i.id = s.identifier where s.workspace = $1 and s.customer = $2 order by i.id, s.id";
pub(crate) const SAID_ON: &str = "select 1 from message where workspace = $1 and strand = $2 limit 1";
/// A fact that the import replaced is in force again, unless something newer has replaced it too.
pub(crate) const FACT_BACK: &str = "update memory set status = 'active', valid_to = null \
    where workspace = $1 and id = $2 and kind = 'fact' and status = 'superseded'";
pub(crate) const FACT_OUT: &str = "delete from memory where workspace = $1 and id = $2 and kind = 'fact'";
pub(crate) const FACT_STATUS: &str = "select status from memory where workspace = $1 and id = $2 and kind = 'fact'";
