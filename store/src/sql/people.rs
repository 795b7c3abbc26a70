//! Statements of people.

pub(crate) const HOLDERS_BY_LOOKUP: &str = "select distinct s.customer, i.trust, i.first_seen, i.id from identifier i \
    cross join strand s where s.workspace = i.workspace and s.identifier = i.id \
    and i.workspace = $1 and i.lookup = $2 and (i.shared = 1 or i.strand = s.id) order by i.first_seen, i.id";
pub(crate) const HOLDERS_LOOSE: &str = "select distinct s.customer, i.trust, i.first_seen, i.id from identifier i \
    cross join strand s where s.workspace = i.workspace and s.identifier = i.id \
    and i.workspace = $1 and i.loose = $2 and (i.shared = 1 or i.strand = s.id) order by i.first_seen, i.id";

pub(crate) const BY_TERM: &str = "select distinct r.id, r.created_at from term t \
    join customer c on c.workspace = t.workspace and c.id = t.customer \
    join customer r on r.workspace = c.workspace and r.id = c.root \
    where t.workspace = $1 and t.hash = $2 order by r.created_at desc, r.id desc limit 2000";
/// Everybody who fits, from one of two orders. Doors and proof are looked up for each by its own strands.
macro_rules! directory {
    ($rest:literal) => {
        concat!(
            "select c.id, c.created_at from customer c where c.workspace = $1 and c.root = c.id and c.score >= $6 \
             and ($4 is null or exists (select 1 from strand s join door d on d.workspace = s.workspace and d.strand = s.id \
             where s.workspace = c.workspace and s.customer = c.id and d.channel = $4)) \
             and ($5 is null or exists (select 1 from strand s join identifier i on i.workspace = s.workspace and i.id = s.identifier \
             where s.workspace = c.workspace and s.customer = c.id and (i.trust = 'verified' or i.trust = $5))) ",
            $rest
        )
    };
}
pub(crate) const ON_DOOR: &str = "select 1 from strand s join door d on d.workspace = s.workspace and d.strand = s.id \
    where s.workspace = $1 and s.customer = $2 and d.channel = $3 limit 1";
pub(crate) const NEWEST: &str = directory!(
    "and ($2 is null or (c.created_at, c.id) < (select b.created_at, b.id from customer b where b.workspace = $1 and b.id = $2)) \
     order by c.created_at desc, c.id desc limit cast($3 as bigint)"
);
pub(crate) const BEST: &str = directory!(
    "and ($2 is null or (c.score, c.created_at, c.id) < \
     (select b.score, b.created_at, b.id from customer b where b.workspace = $1 and b.id = $2)) \
     order by c.score desc, c.created_at desc, c.id desc limit cast($3 as bigint)"
);

pub(crate) const HOLDER: &str = "select s.customer, i.trust, i.kind, i.origin from identifier i \
    join strand s on s.workspace = i.workspace and s.id = i.strand \
    where i.workspace = $1 and i.lookup = $2 order by case when i.trust = 'claimed' then 1 else 0 end, i.first_seen desc limit 1";

pub(crate) const EVENT_OF: &str = "select c.root from memory m join customer c on c.workspace = m.workspace and c.id = m.customer \
    where m.workspace = $1 and m.id = $2 and m.kind = 'event'";

pub(crate) const MERGE_OF: &str = "select m.absorbed, c.root, m.kept, m.undone from merge m \
    join customer c on c.workspace = m.workspace and c.id = m.kept where m.workspace = $1 and m.id = $2";

pub(crate) const NEW_LINK: &str = "insert into link (workspace, id, code_hash, customer, identifier, channel, expires_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
macro_rules! link {
    ($rest:literal) => {
        concat!(
            "select l.id, l.code_hash, c.root, l.identifier, l.channel, l.expires_at, l.redeemed_by, l.shown_as, l.merge, \
             l.redeemed_at, l.customer, l.waits_for from link l join customer c on c.workspace = l.workspace and c.id = l.customer \
             where l.workspace = $1 and ",
            $rest
        )
    };
}
pub(crate) const LINK: &str = link!("l.id = $2");
pub(crate) const LINK_BY_CODE: &str = link!("l.code_hash = $2 and l.redeemed_at is null and l.expires_at > $3");
pub(crate) const WAITING_LINKS: &str =
    link!("l.identifier = $2 and l.waits_for is not null and l.redeemed_at is null order by l.expires_at, l.id");
pub(crate) const LINKS_OF: &str = link!(
    "l.customer in (select id from customer where workspace = $1 and root in (select root from customer where workspace = $1 and id = $2)) \
     and l.redeemed_at is not null order by l.redeemed_at, l.id"
);
pub(crate) const TRIES: &str = "select count(*) from link_try where workspace = $1 and customer = $2 and at > $3";
pub(crate) const NEW_TRY: &str = "insert into link_try (workspace, customer, at) values ($1, $2, $3)";
pub(crate) const OLD_TRIES: &str = "delete from link_try where workspace = $1 and customer = $2 and at <= $3";

pub(crate) const SUGGESTIONS: &str = "select s.id, s.a, s.b, s.probability, s.reasons, s.status, s.at from suggestion s \
    join customer x on x.workspace = s.workspace and x.id = s.a join customer y on y.workspace = s.workspace and y.id = s.b \
    where s.workspace = $1 and s.status = 'open' and x.root <> y.root order by s.probability desc, s.at desc";
pub(crate) const SUGGESTION: &str = "select id, a, b, probability, reasons, status, at from suggestion where workspace = $1 and id = $2";
pub(crate) const SETTLE_SUGGESTION: &str = "update suggestion set status = $3 where workspace = $1 and id = $2";
