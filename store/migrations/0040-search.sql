-- What was said, in its order over everybody, for the index of search. And what is to be indexed anew or taken out of it:
-- numbers and ids only.
create index message_order on message (seq);
create table retold (
    place bigint not null,
    seq bigint not null,
    strand text not null
);
create index retold_place on retold (place);
