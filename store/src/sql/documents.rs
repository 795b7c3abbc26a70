//! Statements of documents that were given in the console.

pub(crate) const ALL: &str = "select id, size, teammate, at, body from document where workspace = $1 order by at, id";
pub(crate) const PUT: &str = "insert into document (workspace, id, size, teammate, at, body) values ($1, $2, $3, $4, $5, $6) \
    on conflict (workspace, id) do update set size = excluded.size, teammate = excluded.teammate, at = excluded.at, body = excluded.body";
pub(crate) const DROP: &str = "delete from document where workspace = $1 and id = $2";
pub(crate) const PARTS: &str = "select part, body from document_part where workspace = $1 and document = $2 order by part";
pub(crate) const NEW_PART: &str = "insert into document_part (workspace, document, part, body) values ($1, $2, $3, $4)";
pub(crate) const DROP_PARTS: &str = "delete from document_part where workspace = $1 and document = $2";
