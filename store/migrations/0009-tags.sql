-- The team's labels on a conversation: a list of words in JSON, in alphabetical order.
alter table conversation add column tags text not null default '[]';
