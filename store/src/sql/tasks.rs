//! Statements of tasks.

pub(crate) const NEW: &str = "insert into task (workspace, id, customer, due_at, at, body, conversation, promise, assignee) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Whoever a task falls to: its own teammate, else whoever has the conversation.
macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "select t.id, t.customer, t.due_at, t.body, t.at, t.done_at, t.conversation, t.promise, coalesce(t.assignee, v.assignee), \
             r.id, r.card from task t join customer c on c.workspace = t.workspace and c.id = t.customer \
             join customer r on r.workspace = c.workspace and r.id = c.root \
             left join conversation v on v.workspace = t.workspace and v.id = t.conversation where t.workspace = $1 ",
            $rest
        )
    };
}
pub(crate) const OPEN: &str = listed!(
    "and t.done = 0 and ($2 is null or coalesce(t.assignee, v.assignee) = $2) \
     and ($3 is null or coalesce(t.due_at, 9223372036854775807) > $3 or (coalesce(t.due_at, 9223372036854775807) = $3 and t.id > $4)) \
     order by coalesce(t.due_at, 9223372036854775807), t.id limit cast($5 as bigint)"
);
/// Without a day a task is due at the end of all times, which no clock reaches.
pub(crate) const DUE: &str = listed!(
    "and t.done = 0 and coalesce(t.due_at, 9223372036854775807) > $2 and coalesce(t.due_at, 9223372036854775807) <= $3 \
     order by coalesce(t.due_at, 9223372036854775807), t.id limit cast($4 as bigint)"
);
pub(crate) const ABOUT: &str = listed!(
    "and t.done = 0 and t.customer in (select m.id from customer o join customer m on m.workspace = o.workspace and m.root = o.root \
     where o.workspace = $1 and o.id = $2) \
     and ($3 is null or coalesce(t.due_at, 9223372036854775807) > $3 or (coalesce(t.due_at, 9223372036854775807) = $3 and t.id > $4)) \
     order by coalesce(t.due_at, 9223372036854775807), t.id limit cast($5 as bigint)"
);
pub(crate) const DONE: &str = listed!(
    "and t.done_at is not null and ($2 is null or t.done_at < $2 or (t.done_at = $2 and t.id < $3)) \
     order by t.done_at desc, t.id desc limit cast($4 as bigint)"
);
pub(crate) const ONE: &str = listed!("and t.id = $2");
pub(crate) const COUNTS: &str = "select count(*), count(case when x.due_at < $3 then 1 end), count(case when x.whose = $2 then 1 end), \
    count(case when x.whose = $2 and x.due_at < $3 then 1 end) from (select t.due_at as due_at, coalesce(t.assignee, v.assignee) as whose \
    from task t left join conversation v on v.workspace = t.workspace and v.id = t.conversation \
    where t.workspace = $1 and t.done = 0 limit 1000) x";
pub(crate) const FOR_CHANGE: &str = "select done, done_at, due_at, assignee, promise, customer from task where workspace = $1 and id = $2";
pub(crate) const CHANGE: &str = "update task set done = $3, done_at = $4, due_at = $5, assignee = $6 where workspace = $1 and id = $2";
