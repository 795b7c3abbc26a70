//! What SQLite's planner is told about the tables: stated once, not gathered, so that a statement takes the same way on
//! the first day and after years.
//!
//! Without statistics the planner holds every column for equally telling, and finds the open messages of one customer by
//! reading all that are open. Writing the table of statistics oneself is a documented use of it
//! (<https://sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables>).

use rusqlite::{Connection, params};

/// Rows of a table, and of an index that holds only part of one.
const ALL: u64 = 1_000_000;
const PART: u64 = 1_000;
/// Rows that share one value of a telling column.
const FEW: u64 = 10;
/// A column of few values leaves one row in so many.
const COARSE: u64 = 4;
/// Columns of few values.
const OF_FEW_VALUES: [&str; 14] =
    ["state", "status", "kind", "is_event", "done", "made", "seen", "channel", "trust", "direction", "author", "day", "model", "rule"];
/// Columns that tell nearly nothing in a server of one workspace and a handful of doors.
const OF_ONE_VALUE: [&str; 2] = ["workspace", "connection"];

/// Writes the statistics unless they stand there already.
pub(crate) fn state(conn: &Connection) -> rusqlite::Result<()> {
    let wanted = wanted(conn)?;
    let known: bool = conn.query_row("select count(*) from sqlite_schema where name = 'sqlite_stat1'", (), |row| row.get(0))?;
    if known && stated(conn)? == wanted {
        return Ok(());
    }
    // Ends with a rollback when it is dropped before the commit.
    let tx = rusqlite::Transaction::new_unchecked(conn, rusqlite::TransactionBehavior::Immediate)?;
    // Makes the table of statistics: nothing else may.
    tx.execute_batch("analyze schema_version; delete from sqlite_stat1")?;
    for (table, index, rows) in &wanted {
        tx.execute("insert into sqlite_stat1 (tbl, idx, stat) values (?1, ?2, ?3)", params![table, index, rows])?;
    }
    tx.commit()?;
    // Read by the connections opened from now on, and by this one.
    conn.execute_batch("analyze sqlite_schema")
}

type Row = (String, String, String);

fn stated(conn: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut rows = conn.prepare("select tbl, idx, stat from sqlite_stat1 where idx is not null order by tbl, idx")?;
    rows.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

/// One row for each index, in order.
fn wanted(conn: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut indexes = conn.prepare(
        "select t.name, i.name, i.\"unique\", i.partial, (select group_concat(c.name, ' ' order by c.seqno) from pragma_index_info(i.name) c) \
         from sqlite_schema t join pragma_index_list(t.name) i where t.type = 'table' and t.name not like 'sqlite%' order by t.name, i.name",
    )?;
    let rows = indexes.query_map((), |row| {
        let columns: String = row.get(4)?;
        Ok((row.get(0)?, row.get(1)?, figures(&columns.split(' ').collect::<Vec<_>>(), row.get(2)?, row.get(3)?)))
    })?;
    rows.collect()
}

/// How many rows there are, then how many share the values of the first column, of the first two, …
fn figures(columns: &[&str], is_unique: bool, is_partial: bool) -> String {
    let mut left = if is_partial { PART } else { ALL };
    let mut figures = left.to_string();
    for (at, column) in columns.iter().enumerate() {
        left = if is_unique && at + 1 == columns.len() {
            1
        } else if OF_ONE_VALUE.contains(column) {
            left
        } else if OF_FEW_VALUES.contains(column) {
            (left / COARSE).max(1)
        } else {
            left.min(FEW)
        };
        figures += &format!(" {left}");
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_to_all_tells_nothing_and_what_is_unique_tells_all() {
        assert_eq!(figures(&["workspace", "id"], true, false), "1000000 1000000 1");
        assert_eq!(figures(&["workspace", "state", "seq"], false, true), "1000 1000 250 10");
        assert_eq!(figures(&["workspace", "customer", "connection", "seq"], false, false), "1000000 1000000 10 10 10");
    }

    #[test]
    fn statistics_are_stated_once_and_again_when_there_is_a_new_index() {
        let conn = Connection::open_in_memory().expect("in memory");
        conn.execute_batch("create table schema_version (version bigint primary key); create table a (workspace text, id text, b text)")
            .expect("made");
        state(&conn).expect("stated");
        let before = conn.total_changes();
        state(&conn).expect("nothing to do");
        assert_eq!(conn.total_changes(), before);
        conn.execute_batch("create index a_b on a (workspace, b)").expect("made");
        state(&conn).expect("stated");
        assert_eq!(stated(&conn).expect("read")[0], ("a".to_owned(), "a_b".to_owned(), "1000000 1000000 10".to_owned()));
    }
}
