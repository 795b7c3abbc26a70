//! Statements of the key store.

pub(crate) const FIND: &str = "select wrapped from wrapped_key where workspace = $1 and owner = $2";

pub(crate) const KEEP: &str = "insert into wrapped_key (workspace, owner, version, wrapped) values ($1, $2, $3, $4) \
    on conflict (workspace, owner) do nothing";

pub(crate) const DROP: &str = "delete from wrapped_key where workspace = $1 and owner >= $2 and owner < $3";

pub(crate) const DESTROY: &str = "delete from wrapped_key where workspace = $1 and owner = $2";

pub(crate) const WORKSPACES: &str = "select distinct workspace from wrapped_key order by workspace";
