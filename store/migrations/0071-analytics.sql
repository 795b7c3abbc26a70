-- Customers to be counted anew, from due_at on in business time.
create table recount (
    workspace text not null,
    customer text not null,
    due_at bigint not null default 0,
    ticket bigint not null default 0,
    taken bigint not null default 0,
    primary key (workspace, customer)
);
create index recount_due on recount (workspace, due_at, ticket);

-- What happened once: what the conversations behind a figure are found by.
create table figure_mark (
    workspace text not null,
    customer text not null,
    day bigint not null,
    place bigint not null,
    conversation text not null,
    measure text not null,
    a text not null,
    b text not null,
    value bigint not null,
    primary key (workspace, customer, day, place)
);
create index figure_mark_behind on figure_mark (workspace, measure, day, a, b, customer);

-- Marks added up by day: what reports read.
create table figure_sum (
    workspace text not null,
    measure text not null,
    day bigint not null,
    a text not null,
    b text not null,
    times bigint not null,
    total bigint not null,
    primary key (workspace, measure, day, a, b)
);

-- Whoever is known already is counted in the background.
insert into recount (workspace, customer) select workspace, id from customer where redirect is null;
