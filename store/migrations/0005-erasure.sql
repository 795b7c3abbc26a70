-- Who was taken away: ids only. An erasure is done once keys, copies and lists have followed the rows.
create table erasure (
    workspace text not null,
    customer text not null,
    customers text not null,
    strands text not null,
    at bigint not null,
    done bigint not null default 0,
    primary key (workspace, customer)
);
create table erased (
    workspace text not null,
    customer text not null,
    erasure text not null,
    primary key (workspace, customer)
);
