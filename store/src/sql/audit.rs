//! Statements of the audit log.

pub(crate) const WORKSPACES: &str = "select workspace from audit union select workspace from audit_checkpoint order by workspace";
pub(crate) const LAST: &str = "select seq, hash from audit where workspace = $1 order by seq desc limit 1";
pub(crate) const ADD: &str = "insert into audit (workspace, seq, at, actor, act, subjects, outcome, hash) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const CONCERNS: &str = "insert into audit_subject (workspace, subject, seq) values ($1, $2, $3) \
    on conflict (workspace, subject, seq) do nothing";

pub(crate) const PAGE: &str = "select seq, at, actor, act, subjects, outcome, hash from audit \
    where workspace = $1 and seq < $2 and ($3 is null or actor = $3) and at >= $4 and at < $5 order by seq desc limit cast($6 as bigint)";
pub(crate) const PAGE_OF_SUBJECT: &str = "select a.seq, a.at, a.actor, a.act, a.subjects, a.outcome, a.hash \
    from audit_subject s cross join audit a \
    where a.workspace = s.workspace and a.seq = s.seq and s.workspace = $1 and s.seq < $2 and s.subject = $7 and ($3 is null or a.actor = $3) and a.at >= $4 and a.at < $5 \
    order by s.seq desc limit cast($6 as bigint)";
pub(crate) const ONWARDS: &str = "select seq, at, actor, act, subjects, outcome, hash from audit \
    where workspace = $1 and seq > $2 order by seq limit cast($3 as bigint)";

pub(crate) const SIGN: &str = "insert into audit_checkpoint (workspace, seq, at, hash, signature) values ($1, $2, $3, $4, $5) \
    on conflict (workspace, seq) do nothing";
pub(crate) const CHECKPOINTS: &str = "select seq, hash, signature from audit_checkpoint where workspace = $1 order by seq";
