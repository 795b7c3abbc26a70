//! Statements of the desk.

use super::{conversation_columns, escalation_columns, message_columns};

/// How well the best identifier is proven: 0 anonymous to 3 verified.
macro_rules! listed {
    ($rest:expr) => {
        concat!(
            "select ",
            conversation_columns!(),
            ", c.card, c.score, (select max(case when i.trust = 'verified' then 3 when i.trust = 'channel_asserted' then 2 \
             when i.kind = 'visitor' then 0 else 1 end) from strand s join identifier i on i.workspace = s.workspace \
             and i.id = s.identifier where s.workspace = v.workspace and s.customer = v.customer), \
             (select count(*) from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
             where o.workspace = v.workspace and o.customer = v.customer and o.state = 'draft' and o.author = 'ai' and m.conversation = v.id), v.tags, \
             (select count(*) from memory a join message m on m.workspace = a.workspace and m.id = a.source_message \
             where a.workspace = v.workspace and a.customer = v.customer and a.kind = 'action' and a.status = 'waiting' \
             and m.conversation = v.id), v.team \
             from conversation v join customer c on c.workspace = v.workspace and c.id = v.customer ",
            $rest
        )
    };
}
pub(crate) const CONVERSATION: &str = listed!("where v.workspace = $1 and v.id = $2");
/// Whatever is asked. What narrows it down comes first and is what the list is read by: few conversations are drafted,
/// mentioned or one customer's, and the rest of them need not be looked at.
macro_rules! asked {
    ($narrow:literal) => {
        concat!(
            "where v.workspace = $1 and v.folded_into is null ",
            $narrow,
            "and ($2 is null or v.status = $2) and ($3 is null or v.assignee = $3) \
     and ($8 is null or ($8 = 'ai' and v.ai_silent = 0 and v.status in ('open', 'waiting')) \
     or ($8 = 'nobody' and v.assignee is null and v.status = 'with_teammate') \
     or ($8 = 'teammate' and v.assignee is not null and v.status not in ('resolved', 'snoozed'))) \
     and ($9 is null or exists (select 1 from mention x where x.workspace = v.workspace and x.conversation = v.id and x.teammate = $9)) \
     and ($4 is null or v.customer in (select id from customer where workspace = $1 and id = $4 \
     union select root from customer where workspace = $1 and id = $4)) \
     and ($5 is null or $5 = (case when exists (select 1 from escalation e where e.workspace = v.workspace \
     and e.conversation = v.id and e.status in ('open', 'accepted', 'released')) then 1 else 0 end)) \
     and ($6 is null or $6 = (case when exists (select 1 from outbox o join message m on m.workspace = o.workspace \
     and m.id = o.message where o.workspace = v.workspace and o.customer = v.customer and o.state = 'draft' and o.author = 'ai' \
     and m.conversation = v.id) or exists (select 1 from memory a join message m on m.workspace = a.workspace \
     and m.id = a.source_message where a.workspace = v.workspace and a.customer = v.customer and a.kind = 'action' \
     and a.status = 'waiting' and m.conversation = v.id) then 1 else 0 end)) \
     and ($7 is null or v.tags like $7 escape '!') and ($10 is null or v.channel = $10) \
     and ($11 is null or v.team = $11) "
        )
    };
}
/// A page, newest first.
macro_rules! latest {
    ($narrow:literal) => {
        listed!(concat!(
            asked!($narrow),
            "and ($12 is null or v.updated_at < $12 or (v.updated_at = $12 and v.id < $13)) \
             order by v.updated_at desc, v.id desc limit cast($14 as bigint)"
        ))
    };
}
/// How many there are, as far as a list counts.
macro_rules! how_many {
    ($narrow:literal) => {
        concat!("select count(*) from (select 1 from conversation v ", asked!($narrow), "limit 1000) counted")
    };
}
/// What each list is read by.
macro_rules! by {
    (everything, $as:ident) => {
        $as!("")
    };
    (customer, $as:ident) => {
        $as!(
            "and v.customer in (select id from customer where workspace = $1 and id = $4 \
             union select root from customer where workspace = $1 and id = $4) "
        )
    };
    (assignee, $as:ident) => {
        $as!("and v.status in ('open', 'waiting', 'with_teammate', 'snoozed', 'resolved') and v.assignee = $3 ")
    };
    (team, $as:ident) => {
        $as!("and v.status in ('open', 'waiting', 'with_teammate', 'snoozed', 'resolved') and v.team = $11 ")
    };
    (approval, $as:ident) => {
        $as!(
            "and v.id in (select m.conversation from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
             where o.workspace = $1 and o.state = 'draft' and o.author = 'ai' \
             union select m.conversation from memory a join message m on m.workspace = a.workspace and m.id = a.source_message \
             where a.workspace = $1 and a.kind = 'action' and a.status = 'waiting') "
        )
    };
    (mentions, $as:ident) => {
        $as!("and v.id in (select x.conversation from mention x where x.workspace = $1 and x.teammate = $9) ")
    };
    (nobodys, $as:ident) => {
        $as!("and v.status = 'with_teammate' and v.assignee is null ")
    };
    (teammates, $as:ident) => {
        $as!("and v.status in ('open', 'waiting', 'with_teammate') and v.assignee is not null ")
    };
    (status, $as:ident) => {
        $as!("and v.status = $2 ")
    };
}
/// A list and its count.
pub(crate) struct List {
    pub page: &'static str,
    pub count: &'static str,
}
macro_rules! lists {
    ($($name:ident: $by:ident),* $(,)?) => {
        $(pub(crate) const $name: List = List { page: by!($by, latest), count: by!($by, how_many) };)*
    };
}
lists! {
    OF_CUSTOMER: customer,
    OF_ASSIGNEE: assignee,
    OF_TEAM: team,
    FOR_APPROVAL: approval,
    MENTIONED: mentions,
    IN_NOBODYS_HANDS: nobodys,
    IN_A_TEAMMATES_HANDS: teammates,
    OF_STATUS: status,
}
/// The whole inbox is counted as far back as anybody looks: what is rare in millions must not be counted through all of them.
pub(crate) const LATEST: List = List {
    page: by!(everything, latest),
    count: concat!(
        "select count(*) from (select 1 from (select * from conversation where workspace = $1 and folded_into is null \
         order by updated_at desc limit 10000) v ",
        asked!(""),
        "limit 1000) counted"
    ),
};
macro_rules! due {
    () => {
        "where v.workspace = $1 and ($2 is null or v.status = $2) and ($3 is null or v.assignee = $3) \
         and ($4 is null or v.customer in (select root from customer where workspace = $1 and id = $4)) \
         and ($5 is null or v.tags like $5 escape '!') and ($6 is null or v.channel = $6) \
         and ($7 is null or v.team = $7) "
    };
}
pub(crate) const DUE: List = List {
    page: listed!(concat!(
        "join escalation e on e.workspace = v.workspace and e.conversation = v.id and e.status in ('open', 'accepted', 'released') ",
        due!(),
        "and ($8 is null or e.due_at > $8 or (e.due_at = $8 and v.id > $9)) order by e.due_at, v.id limit cast($10 as bigint)"
    )),
    count: concat!(
        "select count(*) from (select 1 from conversation v join escalation e on e.workspace = v.workspace and e.conversation = v.id \
         and e.status in ('open', 'accepted', 'released') ",
        due!(),
        "limit 1000) counted"
    ),
};
pub(crate) const LAST_SAID: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.conversation = $2 and m.is_event = 0 order by m.seq desc limit 1"
);
/// When a teammate wrote last, and the first words of the customer's after that.
pub(crate) const ANSWERED: &str = "select l.at, (select m.at from message m where m.workspace = $1 and m.conversation = $2 \
    and m.direction = 'in' and m.is_event = 0 and m.seq > l.seq order by m.seq limit 1) from message l \
    where l.workspace = $1 and l.conversation = $2 and l.direction = 'out' and l.author = 'teammate' and l.is_event = 0 \
    order by l.seq desc limit 1";
pub(crate) const OPEN_ESCALATION: &str = concat!(
    "select ",
    escalation_columns!(),
    " from escalation e join conversation v on v.workspace = e.workspace and v.id = e.conversation \
     where e.workspace = $1 and e.conversation = $2 and e.status in ('open', 'accepted', 'released') order by e.at desc limit 1"
);

/// As many as a list counts: beyond, "999+" says it all, and ten million conversations cost what a thousand do.
macro_rules! counted {
    ($alias:literal, $which:literal) => {
        concat!("(select count(*) from (select ", $which, " limit 1000) ", $alias, ")")
    };
}
pub(crate) const COUNTS: &str = concat!(
    "select ",
    counted!(
        "a",
        "1 from conversation v where v.workspace = $1 and v.ai_silent = 0 and v.status in ('open', 'waiting') \
         and not exists (select 1 from escalation e where e.workspace = v.workspace and e.conversation = v.id \
         and e.status in ('open', 'accepted', 'released'))"
    ),
    ", ",
    counted!("b", "1 from escalation e where e.workspace = $1 and e.status in ('open', 'accepted', 'released')"),
    ", ",
    counted!("c", "1 from conversation v where v.workspace = $1 and v.assignee = $2 and v.status in ('open', 'waiting', 'with_teammate')"),
    ", ",
    counted!("d", "1 from conversation v where v.workspace = $1 and v.status = 'resolved' and v.folded_into is null"),
    ", ",
    counted!(
        "e",
        "m.conversation from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
         where o.workspace = $1 and o.state = 'draft' and o.author = 'ai' \
         union select m.conversation from memory a join message m on m.workspace = a.workspace and m.id = a.source_message \
         where a.workspace = $1 and a.kind = 'action' and a.status = 'waiting'"
    ),
    ", ",
    counted!("f", "1 from conversation v where v.workspace = $1 and v.status = 'snoozed' and v.folded_into is null"),
    ", ",
    counted!("g", "1 from conversation v where v.workspace = $1 and v.status = 'with_teammate' and v.assignee is null"),
    ", ",
    counted!(
        "h",
        "1 from conversation v where v.workspace = $1 and v.assignee is not null and v.status in ('open', 'waiting', 'with_teammate')"
    ),
    ", ",
    counted!("i", "distinct x.conversation from mention x where x.workspace = $1 and x.teammate = $2 and x.seen = 0")
);

pub(crate) const TIMELINE: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.customer = $2 and ($3 is null or m.seq < $3) order by m.seq desc limit cast($4 as bigint)"
);
/// Of one customer, by its own index.
pub(crate) const MESSAGE_COUNT: &str = "select count(*) from message m where m.workspace = $1 and m.customer = $2 and m.is_event = 0";
pub(crate) const STRAND_MESSAGES: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.strand = $2 and m.seq > $3 and m.is_event = 0 \
     and m.id not in (select o.message from outbox o where o.workspace = $1 and o.message = m.id and o.state = 'draft') \
     order by m.seq limit cast($4 as bigint)"
);
pub(crate) const CONVERSATION_MESSAGES: &str = concat!(
    "select ",
    message_columns!(),
    " from message m where m.workspace = $1 and m.conversation = $2 and m.direction = 'out' and m.is_event = 0 \
     and m.id not in (select o.message from outbox o where o.workspace = $1 and o.message = m.id and o.state = 'draft') \
     order by m.seq desc limit cast($3 as bigint)"
);
pub(crate) const DRAFTS: &str = concat!(
    "select ",
    message_columns!(),
    " from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
     where o.workspace = $1 and o.customer = $2 and o.state = 'draft' order by m.seq"
);
pub(crate) const IS_DRAFT: &str = "select o.id from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
    where o.workspace = $1 and o.message = $2 and o.state = 'draft' and m.conversation = $3";
pub(crate) const DROP_DRAFT: &str = "delete from outbox where workspace = $1 and id = $2 and state = 'draft'";
pub(crate) const DROP_MESSAGE: &str = "delete from message where workspace = $1 and id = $2";
pub(crate) const DRAFTS_IN: &str = "select o.id, o.message from outbox o join message m on m.workspace = o.workspace and m.id = o.message \
    where o.workspace = $1 and o.customer = $2 and o.state = 'draft' and o.author = 'ai' and m.conversation = $3";
pub(crate) const TURN: &str = "select key_owner, body from turn where workspace = $1 and id = $2";
pub(crate) const TURNS_OF: &str = "select t.id from conversation v cross join turn t where t.workspace = v.workspace \
    and t.conversation = v.id and v.workspace = $1 and v.customer in (select root from customer where workspace = $1 and id = $2) \
    order by t.at desc, t.id desc limit cast($3 as bigint)";
pub(crate) const ASKED_AGAIN: &str = "select cast(coalesce(sum(asked_again), 0) as bigint) from conversation \
    where workspace = $1 and customer in (select root from customer where workspace = $1 and id = $2)";

pub(crate) const ESCALATIONS: &str = concat!(
    "select ",
    escalation_columns!(),
    " from escalation e join conversation v on v.workspace = e.workspace and v.id = e.conversation \
     where e.workspace = $1 and ($2 = 0 or e.status in ('open', 'accepted', 'released')) \
     order by case when e.status in ('open', 'accepted', 'released') then 0 else 1 end, e.due_at, e.id limit cast($3 as bigint)"
);
pub(crate) const ESCALATIONS_OF: &str = concat!(
    "select ",
    escalation_columns!(),
    " from escalation e join conversation v on v.workspace = e.workspace and v.id = e.conversation \
     where e.workspace = $1 and e.conversation = $2 order by e.at, e.id"
);

pub(crate) const HEAD: &str = "select customer, strand, assignee from conversation where workspace = $1 and id = $2";
pub(crate) const TAKE: &str = "update conversation set status = 'with_teammate', assignee = $3, ai_silent = 1, unread = 0, \
    snoozed_until = null, updated_at = $4 where workspace = $1 and id = $2";
pub(crate) const RETURN: &str = "update conversation set status = 'open', assignee = null, team = null, ai_silent = 0, \
    snoozed_until = null, updated_at = $3 where workspace = $1 and id = $2";
pub(crate) const RESOLVE: &str = "update conversation set status = 'resolved', ai_silent = 0, unread = 0, \
    snoozed_until = null, updated_at = $3 where workspace = $1 and id = $2";
pub(crate) const SNOOZE: &str = "update conversation set status = 'snoozed', snoozed_until = $3, updated_at = $4 \
    where workspace = $1 and id = $2";
pub(crate) const WAKE: &str = "update conversation set status = case when assignee is null then 'open' else 'with_teammate' end, \
    snoozed_until = null, unread = 1, updated_at = $3 where workspace = $1 and id = $2 and status = 'snoozed'";
pub(crate) const ASSIGN: &str = "update conversation set assignee = $3, updated_at = $4 where workspace = $1 and id = $2";
pub(crate) const OFFER: &str = "update conversation set assignee = $3, updated_at = $4 \
    where workspace = $1 and id = $2 and assignee is null and status = 'with_teammate'";
pub(crate) const SET_TEAM: &str = "update conversation set team = $3 where workspace = $1 and id = $2";
/// Whoever has it keeps it where it goes to everybody, or to a team they are in.
pub(crate) const GIVE_TO_TEAM: &str = "update conversation set team = $3, updated_at = $4, assignee = case when $3 is null \
    or exists (select 1 from team_member m where m.workspace = $1 and m.team = $3 and m.teammate = conversation.assignee) \
    then assignee else null end where workspace = $1 and id = $2";
pub(crate) const READ: &str = "update conversation set unread = 0 where workspace = $1 and id = $2";
pub(crate) const SET_DEDUPE: &str = "update message set dedupe = $3 where workspace = $1 and id = $2";
pub(crate) const SAID: &str = "update conversation set updated_at = $3, \
    last_message_at = case when $3 > last_message_at then $3 else last_message_at end where workspace = $1 and id = $2";
pub(crate) const SILENCE: &str = "update conversation set ai_silent = $3, updated_at = $4, \
    status = case when $3 = 0 and status = 'with_teammate' then 'open' else status end where workspace = $1 and id = $2";
pub(crate) const END_ESCALATIONS: &str = "update escalation set status = $3 \
    where workspace = $1 and conversation = $2 and status in ('open', 'accepted', 'released')";
pub(crate) const ACCEPT_ESCALATIONS: &str = "update escalation set status = 'accepted' \
    where workspace = $1 and conversation = $2 and status in ('open', 'released')";
/// The waiting messages of a conversation that a teammate answers are in a person's hands.
pub(crate) const HAND_OVER: &str = "update message set state = 'handed_over', inbound = null \
    where workspace = $1 and conversation = $2 and customer = $3 and state = 'open'";
pub(crate) const EMPTY_BURSTS: &str = "delete from burst where workspace = $1 and customer = $2 and not exists \
    (select 1 from message m where m.workspace = burst.workspace and m.customer = burst.customer \
    and m.connection = burst.connection and m.state = 'open')";

pub(crate) const LEDGER_COUNTS: &str = "select m.state, count(*) from message m \
    where m.workspace = $1 and m.state is not null group by m.state";
pub(crate) const RAW_COUNT: &str = "select count(*) from quarantine where workspace = $1";
/// The newest of one state; the table is never read further than a page.
macro_rules! newest_in {
    ($state:literal) => {
        concat!(
            "select * from (select m.id as id, m.at as at, m.connection as connection, m.channel as channel, m.state as state, m.turn as turn, \
             m.strand as strand, m.inbound as inbound, 0 as is_raw from message m where m.workspace = $1 and m.state = '",
            $state,
            "' and ($2 is null or $2 = '",
            $state,
            "') and m.at <= coalesce($3, 9223372036854775807) and ($3 is null or m.at < $3 or m.id < $4) \
             order by m.at desc, m.id desc limit cast($5 as bigint)) m_",
            $state,
            " union all "
        )
    };
}
pub(crate) const LEDGER: &str = concat!(
    "select id, at, connection, channel, state, turn, strand, inbound, is_raw from (",
    newest_in!("open"),
    newest_in!("answered"),
    newest_in!("handed_over"),
    newest_in!("ignored_by_rule"),
    newest_in!("quarantined"),
    "select q.id, q.at, q.connection, null, 'quarantined', null, q.day, q.body, 1 from quarantine q \
     where q.workspace = $1 and ($2 is null or $2 = 'quarantined') and ($3 is null or q.at < $3 or (q.at = $3 and q.id < $4))) x \
     order by at desc, id desc limit cast($5 as bigint)"
);
pub(crate) const QUARANTINED: &str = "select customer, connection, seq, strand, inbound from message \
    where workspace = $1 and id = $2 and state = 'quarantined'";
pub(crate) const REOPEN: &str = "update message set state = 'open', attempts = 0, turn = null, inbound = $3 \
    where workspace = $1 and id = $2";

pub(crate) const GAPS: &str = "select id, times, last_at, conversation, key_owner, body from gap \
    where workspace = $1 order by times desc, last_at desc limit cast($2 as bigint)";
pub(crate) const RULES: &str = "select rule, count(*), max(at) from firing where workspace = $1 group by rule order by rule";
pub(crate) const DOOR_HEALTH: &str = "select connection, last_in, last_out from pulse where workspace = $1 order by connection";

/// Replies that have not left yet; drafts wait for a teammate and are not among them.
pub(crate) const QUEUED_COUNT: &str = "select count(*) from outbox where workspace = $1 and state = 'waiting'";

pub(crate) const QUEUED_BY_DOOR: &str = "select connection, count(*) from outbox where workspace = $1 and state = 'waiting' group by connection \
    order by connection";

pub(crate) const TAGS: &str = "select tags from conversation where workspace = $1 and id = $2";
pub(crate) const SET_TAGS: &str = "update conversation set tags = $3, updated_at = $4 where workspace = $1 and id = $2";

/// What merging and splitting read of a conversation.
pub(crate) const MATTER: &str = "select customer, strand, status, assignee, ai_silent, unread, channels, disclosed_on, asked_again, \
    repeated, last_message_at, memo, tags, channel, connection, folded_into, speaker from conversation where workspace = $1 and id = $2";
pub(crate) const SET_MATTER: &str = "update conversation set status = $3, assignee = $4, ai_silent = $5, unread = $6, channels = $7, \
    disclosed_on = $8, asked_again = $9, repeated = $10, last_message_at = $11, memo = $12, tags = $13, channel = $14, \
    connection = $15, updated_at = $16, snoozed_until = case when $3 = 'snoozed' then snoozed_until else null end \
    where workspace = $1 and id = $2";
/// A conversation that takes another's messages takes its team too, where it has none.
pub(crate) const TAKE_TEAM: &str = "update conversation set team = coalesce(team, (select o.team from conversation o \
    where o.workspace = $1 and o.id = $3)) where workspace = $1 and id = $2";
pub(crate) const RETRACE: &str = "update conversation set channels = $3, channel = $4, connection = $5, last_message_at = $6, \
    updated_at = $7 where workspace = $1 and id = $2";
pub(crate) const NEW_MATTER: &str = "insert into conversation (workspace, id, customer, strand, status, assignee, ai_silent, unread, \
    channels, disclosed_on, channel, connection, speaker, created_at, updated_at, last_message_at, tags, team) \
    select workspace, $3, customer, $4, case when assignee is null then 'open' else status end, assignee, \
    case when assignee is null then 0 else ai_silent end, unread, channels, '[]', channel, connection, speaker, $5, $6, $5, tags, team \
    from conversation where workspace = $1 and id = $2";
/// The AI is silent where an escalation waits, and where a teammate is.
pub(crate) const HUSH_WHERE_ESCALATED: &str = "update conversation set ai_silent = 1, status = 'with_teammate' \
    where workspace = $1 and id = $2 and assignee is null and exists (select 1 from escalation e where e.workspace = conversation.workspace \
    and e.conversation = conversation.id and e.status in ('open', 'accepted'))";
pub(crate) const SPEAK_WHERE_NOT_ESCALATED: &str = "update conversation set ai_silent = 0, status = 'open' \
    where workspace = $1 and id = $2 and assignee is null and ai_silent = 1 and not exists (select 1 from escalation e \
    where e.workspace = conversation.workspace and e.conversation = conversation.id and e.status in ('open', 'accepted'))";
/// Everything that hangs on a conversation goes to another.
pub(crate) const GIVE_OVER: [&str; 7] = [
    "update alert set conversation = $3 where workspace = $1 and conversation = $2",
    "update mention set conversation = $3 where workspace = $1 and conversation = $2",
    "update message set conversation = $3 where workspace = $1 and conversation = $2",
    "update turn set conversation = $3 where workspace = $1 and conversation = $2",
    "update escalation set conversation = $3 where workspace = $1 and conversation = $2",
    "update gap set conversation = $3 where workspace = $1 and conversation = $2",
    "update task set conversation = $3 where workspace = $1 and conversation = $2",
];
pub(crate) const LIVE_ESCALATION: &str = "select id, rule, key_owner, body, at from escalation \
    where workspace = $1 and conversation = $2 and status in ('open', 'accepted', 'released') order by at, id limit 1";
pub(crate) const PLACE_IN: &str = "select seq, strand, at from message where workspace = $1 and id = $2 and conversation = $3 \
    and is_event = 0";
pub(crate) const STANDS_BEFORE: &str = "select 1 from message where workspace = $1 and conversation = $2 and seq < $3 \
    and direction = 'in' and is_event = 0 limit 1";
pub(crate) const CHANNELS_IN: &str = "select channel, min(seq) from message where workspace = $1 and conversation = $2 \
    and is_event = 0 group by channel order by min(seq)";
pub(crate) const LAST_IN: &str = "select channel, connection, at from message where workspace = $1 and conversation = $2 \
    and is_event = 0 order by seq desc limit 1";
pub(crate) const MOVE_FROM: &str = "update message set conversation = $3 where workspace = $1 and conversation = $2 and seq >= $4";
/// Turns follow the messages they answered.
pub(crate) const TURNS_FOLLOW: [&str; 2] = [
    "update turn set conversation = $3 where workspace = $1 and conversation = $2 \
     and id in (select turn from message where workspace = $1 and conversation = $3 and direction = 'in' and turn is not null)",
    "update escalation set conversation = $3 where workspace = $1 and conversation = $2 \
     and turn in (select id from turn where workspace = $1 and conversation = $3)",
];
