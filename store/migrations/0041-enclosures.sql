-- Files that were sent: what opens each by being known is kept as a keyed hash, and until when it does.
alter table attachment add column link_hash text;
alter table attachment add column link_until bigint;
create index attachment_link on attachment (link_hash) where link_hash is not null;
