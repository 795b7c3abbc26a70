//! Orders as the business's own events tell them, for the people of the team to read: number, products, amount, where it stands.

use domain::Timestamp;
use domain::event::BusinessEvent;
use serde::Serialize;
use serde_json::Value;

use super::orders::number;
use crate::decision::action::{same, total};

/// Orders shown of one person.
const MOST: usize = 50;

/// One thing of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// What it is called.
    pub name: String,
    /// How many, where that was said.
    pub quantity: Option<i64>,
}

/// An order with everything that was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Purchase {
    /// Its number, as the business wrote it first.
    pub number: String,
    /// `created`, `paid`, `shipped`, `delivered`, `cancelled`, … from the newest event that says one, or the business's own words.
    pub state: String,
    /// What was bought.
    pub products: Vec<Product>,
    /// What it cost, in minor units.
    pub total_minor: Option<i64>,
    /// In which currency, by its code.
    pub currency: Option<String>,
    /// Who brings it.
    pub carrier: Option<String>,
    /// Its number with whoever brings it.
    pub tracking: Option<String>,
    /// When it is expected, as the business wrote it.
    pub expected: Option<String>,
    /// When it was first heard of.
    pub placed_at: Timestamp,
    /// When it was last heard of.
    pub at: Timestamp,
}

/// Is an event about an order?
fn is_about_order(event: &BusinessEvent) -> bool {
    event.kind.starts_with("order") || event.kind.starts_with("shipment")
}

/// Orders in events that stand in the order of their time; the one heard of last comes first.
pub fn purchases(events: &[BusinessEvent]) -> Vec<Purchase> {
    let mut found: Vec<Purchase> = Vec::new();
    for event in events.iter().filter(|event| is_about_order(event)) {
        let Some(named) = order_number(event) else { continue };
        let place = found.iter().position(|known| same(&known.number, &named)).unwrap_or_else(|| {
            found.push(Purchase {
                number: named,
                state: String::new(),
                products: Vec::new(),
                total_minor: None,
                currency: None,
                carrier: None,
                tracking: None,
                expected: None,
                placed_at: event.at,
                at: event.at,
            });
            found.len() - 1
        });
        add(&mut found[place], event);
    }
    found.sort_by_key(|purchase| std::cmp::Reverse(purchase.at));
    found.truncate(MOST);
    found
}

/// A shipment names its order before it names itself.
fn order_number(event: &BusinessEvent) -> Option<String> {
    text(event, &["order", "order_id", "order_number"]).or_else(|| number(event))
}

fn add(known: &mut Purchase, event: &BusinessEvent) {
    let is_newer = event.at >= known.at;
    known.placed_at = known.placed_at.min(event.at);
    known.at = known.at.max(event.at);
    let said = text(event, &["status", "state"]).unwrap_or_else(|| event.kind.rsplit('.').next().unwrap_or_default().to_owned());
    if is_newer || known.state.is_empty() {
        known.state = said;
    }
    let products = products(event);
    if !products.is_empty() && (is_newer || known.products.is_empty()) {
        known.products = products;
    }
    known.total_minor = total(event).or(known.total_minor);
    known.currency = currency(event).or(known.currency.take());
    known.carrier = text(event, &["carrier"]).or(known.carrier.take());
    known.tracking = text(event, &["tracking", "tracking_number"]).or(known.tracking.take());
    known.expected = text(event, &["eta", "expected", "expected_at"]).or(known.expected.take());
}

fn text(event: &BusinessEvent, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| worded(event.data.get(*key)?))
}

fn worded(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `items: [{ "name": …, "quantity": … }]` as shops write it, or one product by its name.
fn products(event: &BusinessEvent) -> Vec<Product> {
    let listed = ["items", "line_items", "lines", "products"].iter().find_map(|key| event.data.get(*key)?.as_array());
    let Some(listed) = listed else {
        return text(event, &["product", "product_name", "item"])
            .map(|name| Product { name, quantity: event.data.get("quantity").and_then(Value::as_i64) })
            .into_iter()
            .collect();
    };
    listed
        .iter()
        .filter_map(|item| {
            let named = || ["name", "title", "product", "sku"].iter().find_map(|key| worded(item.get(*key)?));
            let quantity = ["quantity", "qty"].iter().find_map(|key| item.get(*key)?.as_i64());
            Some(Product { name: worded(item).or_else(named)?, quantity })
        })
        .collect()
}

/// The code that the event names, or the one that stands beside the amount.
fn currency(event: &BusinessEvent) -> Option<String> {
    let is_code = |word: &&str| word.len() == 3 && word.bytes().all(|sign| sign.is_ascii_uppercase());
    let named = text(event, &["currency"]).map(|code| code.to_uppercase()).filter(|code| is_code(&code.as_str()));
    named.or_else(|| {
        let written = ["total", "amount", "total_price", "price", "value"].iter().find_map(|key| event.data.get(*key)?.as_str())?;
        let code = written.split(|sign: char| !sign.is_ascii_alphabetic()).find(is_code);
        code.or_else(|| [("€", "EUR"), ("£", "GBP"), ("$", "USD")].iter().find(|(sign, _)| written.contains(sign)).map(|(_, code)| *code))
            .map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use domain::BusinessEventId;
    use serde_json::json;

    use super::*;

    fn event(kind: &str, data: Value, day: i64) -> BusinessEvent {
        let at = Timestamp::from_secs(day * 86_400);
        BusinessEvent { id: BusinessEventId::new(at, 1), kind: kind.to_owned(), data, at }
    }

    #[test]
    fn an_order_gathers_what_its_events_tell_and_stands_where_the_newest_leaves_it() {
        let told = [
            event("cart.updated", json!({ "id": "C-1", "total": 5 }), 1),
            event(
                "order.created",
                json!({ "order": "EC-1", "items": [{ "name": "Chair", "quantity": 2 }, "Mat"], "total": "1,258.50 EUR" }),
                2,
            ),
            event("order.created", json!({ "order_id": 77, "product": "Lamp", "total": 40, "currency": "usd" }), 3),
            event("shipment.shipped", json!({ "order": "#ec 1", "tracking": "TR-9", "carrier": "DHL", "eta": "2026-12-03" }), 4),
        ];
        let found = purchases(&told);
        assert_eq!(found.len(), 2);
        let first = &found[0];
        assert_eq!((first.number.as_str(), first.state.as_str()), ("EC-1", "shipped"));
        assert_eq!((first.total_minor, first.currency.as_deref()), (Some(125_850), Some("EUR")));
        assert_eq!(
            (first.carrier.as_deref(), first.tracking.as_deref(), first.expected.as_deref()),
            (Some("DHL"), Some("TR-9"), Some("2026-12-03"))
        );
        let names: Vec<(&str, Option<i64>)> = first.products.iter().map(|product| (product.name.as_str(), product.quantity)).collect();
        assert_eq!(names, [("Chair", Some(2)), ("Mat", None)]);
        assert_eq!((first.placed_at, first.at), (told[1].at, told[3].at));
        assert_eq!((found[1].number.as_str(), found[1].currency.as_deref(), found[1].total_minor), ("77", Some("USD"), Some(4_000)));
    }

    #[test]
    fn what_comes_late_does_not_turn_back_where_an_order_stands() {
        let told = [
            event("order.delivered", json!({ "order": "A-1" }), 5),
            event("order.created", json!({ "order": "A-1", "product": "Desk" }), 2),
        ];
        let found = purchases(&told);
        assert_eq!((found[0].state.as_str(), found[0].products[0].name.as_str()), ("delivered", "Desk"));
    }
}
