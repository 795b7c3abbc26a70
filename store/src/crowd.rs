//! Fills a stopped SQLite folder with a crowd, so that measurements can show what a long history costs.
//!
//! Each of the crowd is a copy, under ids of its own, of one customer that the server itself has answered: the same rows
//! in the same tables, as large and as indexed. What is sealed in them is bound to the place it was sealed for and opens
//! nowhere else; nothing that is measured opens it.

use std::ops::Range;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::{OpenError, sqlite};

/// People written in one transaction.
const AT_ONCE: u64 = 5_000;

/// A table of which every one of the crowd gets a row, or one for each exchange.
struct Copied {
    table: &'static str,
    /// Which row of the model is copied.
    model: &'static str,
    /// Once for each exchange.
    often: bool,
    /// Columns that differ from the model's. `i` is the number of the person, `j` of the exchange, `x` the model.
    differ: &'static [(&'static str, &'static str)],
}

const CUSTOMER: (&str, &str) = ("customer", "printf('cus_00%024x', i)");
const STRAND: (&str, &str) = ("strand", "printf('str_00%024x', i)");
const CONVERSATION: (&str, &str) = ("conversation", "printf('cnv_00%024x', i)");
const OWNER: (&str, &str) = ("key_owner", "printf('str_00%024x', i)");
const HASH: &str = "'1.' || lower(hex(randomblob(16)))";
const TURN: &str = "printf('trn_00%012x%012x', i, j)";
const ASKED: &str = "printf('msg_00%012x%012x', i, 2 * j)";
const REPLIED: &str = "printf('msg_00%012x%012x', i, 2 * j + 1)";

const COPIED: [Copied; 11] = [
    Copied {
        table: "customer",
        model: "id = ?1",
        often: false,
        differ: &[("id", CUSTOMER.1), ("root", CUSTOMER.1), ("created_at", "x.created_at - i")],
    },
    Copied {
        table: "identifier",
        model: "strand = ?2",
        often: false,
        differ: &[("id", "printf('idn_00%024x', i)"), STRAND, OWNER, ("lookup", HASH), ("loose", HASH)],
    },
    Copied {
        table: "strand",
        model: "id = ?2",
        often: false,
        differ: &[("id", STRAND.1), ("identifier", "printf('idn_00%024x', i)"), CUSTOMER, ("home", CUSTOMER.1)],
    },
    Copied { table: "door", model: "strand = ?2", often: false, differ: &[STRAND, ("address_hash", HASH)] },
    Copied {
        table: "conversation",
        model: "customer = ?1",
        often: false,
        differ: &[
            ("id", CONVERSATION.1),
            CUSTOMER,
            STRAND,
            ("updated_at", "x.updated_at - i"),
            ("last_message_at", "x.last_message_at - i"),
        ],
    },
    Copied { table: "term", model: "customer = ?1", often: false, differ: &[CUSTOMER, ("hash", HASH)] },
    Copied {
        table: "memory",
        model: "customer = ?1",
        often: false,
        differ: &[
            ("id", "printf('fct_00%024x', i)"),
            CUSTOMER,
            ("home", CUSTOMER.1),
            STRAND,
            OWNER,
            ("source_message", "printf('msg_00%012x%012x', i, 0)"),
        ],
    },
    Copied {
        table: "message",
        model: "customer = ?1 and direction = 'in'",
        often: true,
        differ: &[
            ("id", ASKED),
            CUSTOMER,
            STRAND,
            CONVERSATION,
            ("turn", TURN),
            ("seq", "-(i * 1000 + 2 * j)"),
            ("at", "x.at - i * 1000000 - j"),
            ("dedupe", HASH),
        ],
    },
    Copied {
        table: "message",
        model: "customer = ?1 and direction = 'out'",
        often: true,
        differ: &[
            ("id", REPLIED),
            CUSTOMER,
            STRAND,
            CONVERSATION,
            ("turn", TURN),
            ("seq", "-(i * 1000 + 2 * j) + 1"),
            ("at", "x.at - i * 1000000 - j"),
        ],
    },
    Copied {
        table: "turn",
        model: "key_owner = ?2",
        often: true,
        differ: &[("id", TURN), CONVERSATION, OWNER, ("at", "x.at - i * 1000000 - j")],
    },
    Copied {
        table: "outbox",
        model: "customer = ?1",
        often: true,
        differ: &[
            ("id", "printf('dlv_00%012x%012x', i, j)"),
            ("message", REPLIED),
            CUSTOMER,
            STRAND,
            ("seq", "-(i * 1000 + 2 * j) + 1"),
            ("vendor_hash", HASH),
        ],
    },
];

/// Everybody has a key.
const KEYS: &str = "with recursive n (i) as (select ?3 union all select i + 1 from n where i + 1 < ?4) \
    insert into keys.wrapped_key (workspace, owner, version, wrapped) select k.workspace, printf('str_00%024x', i), k.version, k.wrapped \
    from keys.wrapped_key k, n where k.owner = ?2 and ?1 <> ?2 and ?5 > 0";

/// Adds the people of these numbers, each with so many exchanges of a question and its reply, to the store in a folder
/// that no server has open; `told` hears how many are written. Fails when nobody in it has been answered.
pub fn crowd(folder: &Path, people: Range<u64>, exchanges: u64, told: &mut dyn FnMut(u64)) -> Result<(), OpenError> {
    let path = folder.join("rapport.db");
    let failed = |source: rusqlite::Error| OpenError::Database { name: path.display().to_string(), source: source.into() };
    let conn = Connection::open(&path).map_err(failed)?;
    // A crowd that a power cut takes is made again.
    conn.execute_batch("pragma synchronous = off; pragma cache_size = -200000; pragma temp_store = memory").map_err(failed)?;
    conn.execute("attach ?1 as keys", [folder.join("keys.db").to_string_lossy()]).map_err(failed)?;
    let model: (String, String) = conn
        .query_row(
            "select o.customer, o.strand from outbox o where o.state = 'settled' and (select count(*) from message m \
             where m.workspace = o.workspace and m.customer = o.customer) = 2 limit 1",
            (),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(failed)?
        .ok_or_else(|| failed(rusqlite::Error::QueryReturnedNoRows))?;
    let mut statements = Vec::new();
    for copied in &COPIED {
        statements.push(copied.sql(&conn).map_err(failed)?);
    }
    statements.push(KEYS.to_owned());
    let mut from = people.start;
    while from < people.end {
        let to = (from + AT_ONCE).min(people.end);
        conn.execute_batch("begin").map_err(failed)?;
        for sql in &statements {
            conn.execute(sql, (&model.0, &model.1, to_sql(from), to_sql(to), to_sql(exchanges))).map_err(failed)?;
        }
        conn.execute_batch("commit").map_err(failed)?;
        told(to - people.start);
        from = to;
    }
    drop(conn);
    if !sqlite::empty_log(&path) || !sqlite::empty_log(&folder.join("keys.db")) {
        return Err(failed(rusqlite::Error::InvalidQuery));
    }
    Ok(())
}

fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Copied {
    /// `?1` customer and `?2` strand of the model, people `?3` to `?4`, `?5` exchanges; all parameters stand in every one.
    fn sql(&self, conn: &Connection) -> rusqlite::Result<String> {
        let mut columns = conn.prepare("select name from pragma_table_info(?1)")?;
        let columns: Vec<String> = columns.query_map([self.table], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let value = |column: &String| {
            let differs = self.differ.iter().find(|(name, _)| name == column);
            differs.map_or_else(|| format!("x.{column}"), |(_, value)| (*value).to_owned())
        };
        Ok(format!(
            "with recursive n (i) as (select ?3 union all select i + 1 from n where i + 1 < ?4), \
             m (j) as (select 0 union all select j + 1 from m where j + 1 < ?5 and {often}) \
             insert into {table} ({names}) select {values} from (select * from {table} where {model} and ?1 <> ?2 limit {most}) x, n, m",
            often = i32::from(self.often),
            table = self.table,
            names = columns.join(", "),
            values = columns.iter().map(value).collect::<Vec<_>>().join(", "),
            model = self.model,
            // What a person is found by is several rows; of everything else one stands for all.
            most = if self.table == "term" { 8 } else { 1 },
        ))
    }
}
