//! Values from the environment: `RAPPORT_SERVER__LISTEN` is `listen` in `[server]`.

use super::document::{Entry, Node, Value, parse_value};
use super::keys::{AGENTS, SERVER, WORKSPACE};
use super::problems::Origin;

/// Puts the variables over the file's values; a table, two underscores, a key. Lists of tables take the entry's id
/// between: `RAPPORT_CONNECTIONS__WA__ACCESS_TOKEN`. Other names that start with `RAPPORT_` are left alone.
pub fn overlay(entries: &mut Vec<Entry>, variables: &[(String, String)]) {
    for (name, value) in variables {
        let Some(path) = name.strip_prefix("RAPPORT_") else { continue };
        let parts: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        let node = parse_value(name, value);
        match parts.as_slice() {
            [table, key] if is_table(table) => set(table_of(entries, table, name), key, node),
            [list, id, key] if is_list(list) => {
                if let Some(found) = item_of(entries, list, id) {
                    set(found, key, node);
                }
            }
            _ => {}
        }
    }
    // A listen address or a name that happens to look like a number is text all the same.
    for (table, keys) in [("server", SERVER), ("workspace", WORKSPACE), ("agents", AGENTS)] {
        let Some(entry) = entries.iter_mut().find(|entry| entry.key == table) else { continue };
        let Value::Table(inner) = &mut entry.node.value else { continue };
        for entry in inner {
            let wants_text = keys.iter().any(|key| key.name == entry.key && key.form == super::keys::Form::Text);
            if let (true, Origin::Environment(_), Value::Integer(number)) = (wants_text, &entry.origin, &entry.node.value) {
                entry.node.value = Value::Text(number.to_string());
            }
        }
    }
}

fn is_table(name: &str) -> bool {
    matches!(name, "server" | "workspace" | "agents")
}

fn is_list(name: &str) -> bool {
    matches!(name, "connections" | "models" | "speech" | "knowledge")
}

fn table_of<'a>(entries: &'a mut Vec<Entry>, table: &str, variable: &str) -> &'a mut Vec<Entry> {
    let place = entries.iter().position(|entry| entry.key == table).unwrap_or_else(|| {
        let origin = Origin::Environment(variable.to_owned());
        entries.push(Entry { key: table.to_owned(), origin: origin.clone(), node: Node { origin, value: Value::Table(Vec::new()) } });
        entries.len() - 1
    });
    let value = &mut entries[place].node.value;
    if !matches!(value, Value::Table(_)) {
        *value = Value::Table(Vec::new());
    }
    let Value::Table(inner) = value else { unreachable!("it was made a table just above") };
    inner
}

fn item_of<'a>(entries: &'a mut [Entry], list: &str, id: &str) -> Option<&'a mut Vec<Entry>> {
    let Value::List(items) = &mut entries.iter_mut().find(|entry| entry.key == list)?.node.value else { return None };
    items.iter_mut().find_map(|item| {
        let Value::Table(inner) = &mut item.value else { return None };
        let is_it = inner.iter().any(|entry| {
            entry.key == "id" && matches!(&entry.node.value, Value::Text(text) if text.to_lowercase().replace('-', "_") == id)
        });
        is_it.then_some(inner)
    })
}

fn set(entries: &mut Vec<Entry>, key: &str, node: Node) {
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => {
            entry.origin = node.origin.clone();
            entry.node = node;
        }
        None => entries.push(Entry { key: key.to_owned(), origin: node.origin.clone(), node }),
    }
}
