-- Bodies are sealed. Times are microseconds since 1970 (business) or since the process began (ready_at, leased_until).
-- A customer column holds the record that owns the row now, a home column the one it was born on.
create table workspace (
    id text primary key,
    name text not null,
    created_at bigint not null
);

create table customer (
    workspace text not null,
    id text not null,
    root text not null,
    redirect text,
    version bigint not null default 1,
    fence bigint not null default 0,
    leased_until bigint not null default 0,
    score bigint not null default 0,
    created_at bigint not null,
    card bytea not null,
    primary key (workspace, id)
);
create index customer_root on customer (workspace, root);

create table strand (
    workspace text not null,
    id text not null,
    identifier text not null,
    customer text not null,
    home text not null,
    channel text,
    since bigint not null,
    primary key (workspace, id)
);
create index strand_customer on strand (workspace, customer);
create index strand_identifier on strand (workspace, identifier);

create table identifier (
    workspace text not null,
    id text not null,
    lookup text not null,
    loose text not null,
    kind text not null,
    trust text not null,
    origin text not null,
    shared bigint not null default 0,
    strand text not null,
    key_owner text not null,
    body bytea not null,
    first_seen bigint not null,
    last_seen bigint not null,
    last_message bigint,
    primary key (workspace, id)
);
create unique index identifier_holder on identifier (workspace, lookup) where trust <> 'claimed';
create index identifier_lookup on identifier (workspace, lookup);
create index identifier_loose on identifier (workspace, loose);

create table conversation (
    workspace text not null,
    id text not null,
    customer text not null,
    strand text not null,
    status text not null,
    snoozed_until bigint,
    assignee text,
    channel text not null,
    connection text not null,
    channels text not null,
    disclosed_on text not null,
    created_at bigint not null,
    updated_at bigint not null,
    last_message_at bigint not null,
    asked_again bigint not null default 0,
    repeated bigint not null default 0,
    ai_silent bigint not null default 0,
    speaker text,
    unread bigint not null default 0,
    memo bytea,
    -- The conversation that took this one's messages when two records became one.
    folded_into text,
    primary key (workspace, id)
);
create index conversation_customer on conversation (workspace, customer, last_message_at);
create index conversation_updated on conversation (workspace, updated_at);

create table message (
    workspace text not null,
    id text not null,
    customer text not null,
    strand text not null,
    conversation text not null,
    turn text,
    seq bigint not null,
    channel text not null,
    connection text not null,
    direction text not null,
    author text not null,
    kind text,
    is_event bigint not null default 0,
    at bigint not null,
    state text,
    delivery text,
    language text,
    attempts bigint not null default 0,
    dedupe text,
    body bytea not null,
    inbound bytea,
    reason bytea,
    primary key (workspace, id)
);
create index message_customer on message (workspace, customer, seq);
create index message_conversation on message (workspace, conversation, seq);
create index message_strand on message (workspace, strand, seq);
create unique index message_dedupe on message (workspace, connection, dedupe) where dedupe is not null;
create index message_open on message (workspace, customer, connection, seq) where state = 'open';
create index message_state on message (workspace, state, seq) where state is not null;

create table burst (
    workspace text not null,
    customer text not null,
    connection text not null,
    first_seq bigint not null,
    ready_at bigint not null,
    limit_at bigint not null,
    primary key (workspace, customer, connection)
);
create index burst_ready on burst (ready_at);

create table door (
    workspace text not null,
    strand text not null,
    connection text not null,
    channel text not null,
    address_hash text not null,
    address bytea not null,
    last_inbound bigint not null,
    primary key (workspace, strand, connection)
);

create table memory (
    workspace text not null,
    id text not null,
    kind text not null,
    customer text not null,
    home text not null,
    strand text,
    topic text not null,
    status text not null,
    source_message text,
    at bigint not null,
    valid_to bigint,
    ended_at bigint,
    key_owner text not null,
    body bytea not null,
    primary key (workspace, id)
);
create index memory_customer on memory (workspace, customer, kind, at);
create index memory_home on memory (workspace, home) where strand is null;
create index memory_source on memory (workspace, source_message) where source_message is not null;

create table turn (
    workspace text not null,
    id text not null,
    conversation text not null,
    at bigint not null,
    key_owner text not null,
    body bytea not null,
    primary key (workspace, id)
);
create index turn_conversation on turn (workspace, conversation, at);

create table escalation (
    workspace text not null,
    id text not null,
    conversation text not null,
    rule text not null,
    status text not null,
    at bigint not null,
    due_at bigint not null,
    turn text,
    key_owner text not null,
    body bytea not null,
    primary key (workspace, id)
);
create index escalation_conversation on escalation (workspace, conversation);
create index escalation_status on escalation (workspace, status, due_at);

create table firing (
    workspace text not null,
    rule text not null,
    escalation text not null,
    at bigint not null,
    primary key (workspace, rule, escalation)
);

create table outbox (
    workspace text not null,
    id text not null,
    message text not null,
    customer text not null,
    strand text not null,
    connection text not null,
    channel text not null,
    author text not null,
    seq bigint not null,
    state text not null,
    attempt bigint not null default 0,
    next_at bigint not null default 0,
    leased_until bigint not null default 0,
    settled_at bigint,
    vendor_hash text,
    vendor_id bytea,
    body bytea not null,
    primary key (workspace, id)
);
create index outbox_waiting on outbox (workspace, customer, seq) where state = 'waiting';
create index outbox_next on outbox (next_at, seq) where state = 'waiting';
create index outbox_message on outbox (workspace, message);
create index outbox_vendor on outbox (workspace, connection, vendor_hash) where vendor_hash is not null;

create table early_receipt (
    workspace text not null,
    connection text not null,
    vendor_hash text not null,
    state text not null,
    code text,
    at bigint not null,
    primary key (workspace, connection, vendor_hash, state)
);

create table suppression (
    workspace text not null,
    connection text not null,
    address_hash text not null,
    at bigint not null,
    primary key (workspace, connection, address_hash)
);

create table timer (
    workspace text not null,
    customer text not null,
    name text not null,
    due_at bigint not null,
    claimed_until bigint not null default 0,
    what text not null,
    primary key (workspace, customer, name)
);
create index timer_due on timer (due_at);

create table gap (
    workspace text not null,
    id text not null,
    times bigint not null,
    last_at bigint not null,
    conversation text not null,
    message text not null,
    key_owner text not null,
    body bytea not null,
    primary key (workspace, id)
);

create table task (
    workspace text not null,
    id text not null,
    customer text not null,
    due_at bigint,
    at bigint not null,
    done bigint not null default 0,
    body bytea not null,
    primary key (workspace, id)
);

create table quarantine (
    workspace text not null,
    id text not null,
    connection text not null,
    at bigint not null,
    day text not null,
    body bytea not null,
    primary key (workspace, id)
);

create table link_event (
    workspace text not null,
    seq bigint not null,
    change text not null,
    at bigint not null,
    primary key (workspace, seq)
);

create table merge (
    workspace text not null,
    id text not null,
    kept text not null,
    absorbed text not null,
    reasons text not null,
    merged_by text not null,
    strands text not null,
    at bigint not null,
    undone bigint not null default 0,
    primary key (workspace, id)
);
create index merge_kept on merge (workspace, kept);
create index merge_absorbed on merge (workspace, absorbed);

create table block (
    workspace text not null,
    a text not null,
    b text not null,
    at bigint not null,
    primary key (workspace, a, b)
);

create table suggestion (
    workspace text not null,
    id text not null,
    a text not null,
    b text not null,
    probability double precision not null,
    reasons text not null,
    status text not null,
    at bigint not null,
    primary key (workspace, id)
);

create table link (
    workspace text not null,
    id text not null,
    code_hash text not null,
    customer text not null,
    identifier text not null,
    channel text not null,
    expires_at bigint not null,
    redeemed_by text,
    shown_as bytea,
    merge text,
    redeemed_at bigint,
    primary key (workspace, id)
);
create unique index link_code on link (workspace, code_hash);
create index link_customer on link (workspace, customer);

create table link_try (
    workspace text not null,
    customer text not null,
    at bigint not null
);
create index link_try_customer on link_try (workspace, customer, at);

create table term (
    workspace text not null,
    hash text not null,
    customer text not null,
    primary key (workspace, hash, customer)
);

create table teammate (
    workspace text not null,
    id text primary key,
    email_hash text not null unique,
    role text not null,
    body bytea not null,
    at bigint not null
);

create table session (
    token_hash text primary key,
    teammate text not null references teammate (id) on delete cascade,
    csrf text not null,
    at bigint not null,
    expires_at bigint not null
);

create table token (
    workspace text not null,
    id text primary key,
    token_hash text not null unique,
    name text not null,
    scopes text not null,
    expires_at bigint,
    at bigint not null
);

create table visitor (
    workspace text not null,
    connection text not null,
    token_hash text not null,
    identifier text not null,
    at bigint not null,
    primary key (workspace, connection, token_hash)
);

create table note (
    name text primary key,
    value text not null
);

create table mark (
    scope text not null,
    mark_hash text not null,
    at bigint not null,
    primary key (scope, mark_hash)
);
