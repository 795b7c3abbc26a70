-- Which file is the recording of a call, so that the sweep finds those that have been kept for long enough.
alter table call add column recording text;
create index call_recorded on call (ended_at) where recording is not null;
