-- The keyed hash of whom an identity provider says a teammate is. Null: they sign in with a password.
alter table teammate add column sso_hash text;
create unique index teammate_sso on teammate (sso_hash);
