//! Statements of one-time codes.

pub(crate) const NEW: &str = "insert into challenge \
    (workspace, id, strand, contact, contact_strand, delivery, salt, code, at, expires_at, state) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open')";
/// A newer code takes the place of those before.
pub(crate) const END_EARLIER: &str = "update challenge set state = 'over' where workspace = $1 and strand = $2 and state = 'open'";
pub(crate) const SWEEP: &str = "delete from challenge where workspace = $1 and at < $2";
pub(crate) const OPEN: &str = "select c.id, c.salt from challenge c where c.workspace = $1 and c.strand = $2 and c.expires_at > $3 \
    union all select c.id, c.salt from challenge c where c.workspace = $1 and c.contact_strand = $2 and c.expires_at > $3 \
    order by 1 desc limit 1";
pub(crate) const BY_ID: &str = "select c.strand, c.contact_strand, c.code, c.expires_at, c.tries, c.state, c.answered_by, c.verdict, \
    c.delivery, (select s.customer from strand s where s.workspace = c.workspace and s.id = c.contact_strand) \
    from challenge c where c.workspace = $1 and c.id = $2";
pub(crate) const ANSWER: &str = "update challenge set tries = $3, state = $4, answered_by = $5, verdict = $6 \
    where workspace = $1 and id = $2";
pub(crate) const PARCEL: &str = "select strand, body from outbox where workspace = $1 and id = $2 and state = 'settled'";
pub(crate) const BLANK: &str = "update outbox set body = $3 where workspace = $1 and id = $2";
pub(crate) const ASKED: &str = "select \
    (select count(*) from challenge where workspace = $1 and contact = $2 and at > $4), \
    (select count(*) from challenge where workspace = $1 and contact = $2 and at > $5), \
    (select count(*) from challenge where workspace = $1 and strand = $3 and at > $4), \
    (select count(*) from challenge where workspace = $1 and at > $4)";
pub(crate) const TRUSTED: &str = "select coalesce(trusted_at, first_seen) from identifier where workspace = $1 and id = $2";
