-- Which places of which calendar are taken: one row keeps two people from the same one.
create table booking (
    workspace text not null,
    calendar text not null,
    starts_at bigint not null,
    place bigint not null,
    action text not null,
    strand text not null,
    primary key (workspace, calendar, starts_at, place)
);
create index booking_action on booking (workspace, action);
create index booking_strand on booking (workspace, strand);
