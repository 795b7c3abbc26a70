//! Statements of figures.

/// Whoever a transaction changed is counted anew; one statement that changes nothing when they wait already.
pub(crate) const RETELL: &str = "insert into recount (workspace, customer) values ($1, $2) on conflict (workspace, customer) \
    do update set due_at = 0, taken = 0 where recount.due_at <> 0 or recount.taken <> 0";
pub(crate) const DUE: &str = "select customer, ticket from recount where workspace = $1 and due_at <= $2 order by due_at, ticket limit $3";
pub(crate) const TAKE: &str = "update recount set taken = 1, ticket = ticket + 1 where workspace = $1 and customer = $2";
pub(crate) const TAKEN: &str = "select taken from recount where workspace = $1 and customer = $2 and ticket = $3";
pub(crate) const PUT_OFF: &str = "update recount set due_at = $3, taken = 0 where workspace = $1 and customer = $2";
pub(crate) const DONE: &str = "delete from recount where workspace = $1 and customer = $2";

pub(crate) const RECORD: &str = "select root, score from customer where workspace = $1 and id = $2";
pub(crate) const IS_COUNTED: &str = "select 1 from figure_mark where workspace = $1 and customer = $2 limit 1";
pub(crate) const PROOF: &str = "select max(case when i.trust = 'verified' then 3 when i.trust = 'channel_asserted' then 2 \
    when i.kind = 'visitor' then 0 else 1 end) from strand s join identifier i on i.workspace = s.workspace and i.id = s.identifier \
    where s.workspace = $1 and s.customer = $2";
pub(crate) const MET: &str = "select at, channel from message where workspace = $1 and customer = $2 and direction = 'in' and is_event = 0 \
    order by seq limit 1";
pub(crate) const TALKS: &str = "select id, status, assignee, created_at, updated_at, asked_again, repeated from conversation \
    where workspace = $1 and customer = $2 and folded_into is null and (last_message_at >= $3 or updated_at >= $3) order by created_at, id";
pub(crate) const SAID: &str = "select m.id, m.conversation, m.turn, m.channel, m.direction, m.author, m.at, m.state from message m \
    where m.workspace = $1 and m.customer = $2 and m.is_event = 0 and m.at >= $3 \
    and m.id not in (select o.message from outbox o where o.workspace = $1 and o.message = m.id and o.state = 'draft') order by m.seq";
pub(crate) const TURNS: &str = "select t.id, t.conversation, t.at, t.key_owner, t.body from conversation v cross join turn t \
    where t.workspace = v.workspace and t.conversation = v.id and v.workspace = $1 and v.customer = $2 and t.at >= $3 order by t.at, t.id";

pub(crate) const MARKS: &str = "select conversation, measure, a, b, day, value from figure_mark \
    where workspace = $1 and customer = $2 and day >= $3 order by day, place";
pub(crate) const SUBTRACT: &str = "insert into figure_sum (workspace, measure, day, a, b, times, total) \
    select workspace, measure, day, a, b, -count(*), -cast(sum(value) as bigint) from figure_mark \
    where workspace = $1 and customer = $2 and day >= $3 group by workspace, measure, day, a, b \
    on conflict (workspace, measure, day, a, b) \
    do update set times = figure_sum.times + excluded.times, total = figure_sum.total + excluded.total";
pub(crate) const UNMARK: &str = "delete from figure_mark where workspace = $1 and customer = $2 and day >= $3";
pub(crate) const MARK: &str = "insert into figure_mark (workspace, customer, day, place, conversation, measure, a, b, value) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const ADD: &str = "insert into figure_sum (workspace, measure, day, a, b, times, total) values ($1, $2, $3, $4, $5, $6, $7) \
    on conflict (workspace, measure, day, a, b) \
    do update set times = figure_sum.times + excluded.times, total = figure_sum.total + excluded.total";

pub(crate) const SUMS: &str = "select a, b, cast(sum(times) as bigint), cast(sum(total) as bigint) from figure_sum \
    where workspace = $1 and measure = $2 and day >= $3 and day <= $4 group by a, b having sum(times) <> 0 order by a, b";
pub(crate) const SUMS_BY_DAY: &str = "select a, b, times, total, day from figure_sum \
    where workspace = $1 and measure = $2 and day >= $3 and day <= $4 and times <> 0 order by day, a, b";
pub(crate) const CUSTOMERS: &str = "select count(distinct customer) from figure_mark where workspace = $1 and measure = $2 \
    and day >= $3 and day <= $4 and ($5 is null or a = $5) and ($6 is null or b = $6)";
pub(crate) const BEHIND: &str = "select customer, conversation, a, b, day, value, place from figure_mark where workspace = $1 \
    and measure = $2 and day >= $3 and day <= $4 and ($5 is null or a = $5) and ($6 is null or b = $6) \
    and ($7 is null or day < $7 or (day = $7 and (customer > $8 or (customer = $8 and place > $9)))) \
    order by day desc, customer, place limit $10";
