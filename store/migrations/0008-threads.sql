-- The thread that a customer wrote in last on a door, sealed, for replies that stay in it.
alter table door add column thread bytea;
