-- Who sent a link's code after its page was closed: the join waits for one fact or the visitor's next visit.
alter table link add column waits_for text;
create index link_waits on link (workspace, identifier) where waits_for is not null;
