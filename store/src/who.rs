//! Who is who, worked out from the identity log alone, and where the rows say something else.

use std::collections::HashMap;

use domain::ports::Stored;

use crate::db::{Conn, args};
use crate::identity::LONGEST_CHAIN;
use crate::sql::identity as sql;

/// In the place of an erased person's id.
const ERASED: &str = "erased";

/// The redirects and moves of one workspace after some entries of its log. Where a strand was born is in its own row.
#[derive(Debug, Default)]
struct Who {
    redirects: HashMap<String, String>,
    /// Kept and absorbed, while it stands.
    merges: HashMap<String, (String, String)>,
    homes: HashMap<String, String>,
}

impl Who {
    fn apply(&mut self, entry: &serde_json::Value) {
        let of = |name: &str| entry[name].as_str().filter(|id| *id != ERASED).map(str::to_owned);
        match entry["change"].as_str() {
            Some("merge") => {
                let (Some(id), Some(kept), Some(absorbed)) = (of("id"), of("kept"), of("absorbed")) else { return };
                let (kept, absorbed) = (self.root(&kept).to_owned(), self.root(&absorbed).to_owned());
                if kept != absorbed {
                    self.redirects.insert(absorbed.clone(), kept.clone());
                    self.merges.insert(id, (kept, absorbed));
                }
            }
            Some("unmerge") => {
                if let Some((_, absorbed)) = of("merge").and_then(|merge| self.merges.remove(&merge)) {
                    self.redirects.remove(&absorbed);
                }
            }
            Some("move_strand") => {
                if let (Some(strand), Some(to)) = (of("strand"), of("to")) {
                    self.homes.insert(strand, to);
                }
            }
            Some(_) | None => {}
        }
    }

    fn root<'a>(&'a self, id: &'a str) -> &'a str {
        let mut at = id;
        for _ in 0..LONGEST_CHAIN {
            match self.redirects.get(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}

/// Ids of records and strands that do not belong to whom the log gives them.
pub(crate) async fn disagreements(conn: &mut Conn) -> Stored<Vec<String>> {
    let mut all: HashMap<String, Who> = HashMap::new();
    for row in conn.all(sql::JOINS, args![]).await? {
        if let Ok(entry) = serde_json::from_str(&row.text(1)?) {
            all.entry(row.text(0)?).or_default().apply(&entry);
        }
    }
    let nobody = Who::default();
    let mut found = Vec::new();
    for row in conn.all(sql::ROOTS, args![]).await? {
        let (workspace, id) = (row.text(0)?, row.text(1)?);
        if all.get(&workspace).unwrap_or(&nobody).root(&id) != row.text(2)? {
            found.push(id);
        }
    }
    for row in conn.all(sql::HOMES, args![]).await? {
        let (workspace, strand, home) = (row.text(0)?, row.text(1)?, row.text(3)?);
        let who = all.get(&workspace).unwrap_or(&nobody);
        if who.root(&home) != row.text(2)? || who.homes.get(&strand).is_some_and(|to| *to != home) {
            found.push(strand);
        }
    }
    Ok(found)
}
