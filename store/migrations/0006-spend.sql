-- What models have cost, by workspace, model and the workspace's own day, in millionths of the currency.
create table spend (
    workspace text not null,
    model text not null,
    day text not null,
    micros bigint not null,
    primary key (workspace, model, day)
);
