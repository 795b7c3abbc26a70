//! What business events say about a person's own orders; the answer for "not yours" and "does not exist" is the same.

use domain::customer::Customer;
use domain::event::BusinessEvent;
use domain::fact::Predicate;
use domain::settings::WorkspaceSettings;

use crate::decision::hours::civil;
use crate::rendering::phrases::Phrases;

/// What a question about an order's status says.
const ASKS: [&str; 26] = [
    "status",
    "where is",
    "where's",
    "when will",
    "when does",
    "arrive",
    "shipped",
    "ship",
    "deliver",
    "track",
    "on its way",
    "sent",
    "update",
    "booked",
    "appointment",
    "où est",
    "où en est",
    "quand",
    "expédi",
    "livr",
    "suivi",
    "wo ist",
    "wann",
    "dónde",
    "cuándo",
    "onde está",
];

/// Does a question want to know about an order of their own? `is_told`: they said which, or who they are.
pub fn is_asked_about(question: &str, is_told: bool) -> bool {
    const WHICH: [&str; 12] = [
        "did i order",
        "have i ordered",
        "i ordered",
        "i bought",
        "my order",
        "ai-je commandé",
        "ma commande",
        "bestellt",
        "bestellung",
        "mi pedido",
        "minha encomenda",
        "meu pedido",
    ];
    const WHERE: [&str; 7] = ["where is my", "where's my", "where is our", "où est ma", "où en est ma", "wo ist meine", "dónde está mi"];
    let lower = question.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    has(&WHERE) || is_told && (has(&ASKS) || has(&WHICH))
}

/// Where the order stands, from the newest event about it. `None`: the question is not about an order's status.
pub fn status(customer: &Customer, question: &str, settings: &WorkspaceSettings, words: &Phrases) -> Option<String> {
    let lower = question.to_lowercase();
    if !ASKS.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let named = customer
        .facts_of(Predicate::Order)
        .rev()
        .map(|fact| fact.value.clone())
        .find(|order| lower.contains(&order.to_lowercase()))
        .or_else(|| customer.facts_of(Predicate::Order).next_back().map(|fact| fact.value.clone()));
    let event = match &named {
        Some(order) => customer.events.iter().rev().find(|event| number(event).is_some_and(|known| known.eq_ignore_ascii_case(order))),
        None => customer.events.iter().rev().find(|event| number(event).is_some()),
    };
    let Some(event) = event else {
        return named.map(|_| words.say("answer.unknown.order"));
    };
    let order = number(event).unwrap_or_default();
    let at = civil(&event.at.in_zone(&settings.timezone), words.language());
    let told = event.data.get("status").and_then(serde_json::Value::as_str).map(str::to_owned);
    let mut status = told.unwrap_or_else(|| format!("{} ({at})", event.kind.rsplit('.').next().unwrap_or(&event.kind).replace('_', " ")));
    for key in ["carrier", "tracking", "eta", "date", "expected", "starts_at"] {
        if let Some(value) = event.data.get(key).and_then(serde_json::Value::as_str) {
            status.push_str(&format!(", {} {value}", key.replace('_', " ")));
        }
    }
    Some(words.with("answer.order", &[("order", &order), ("status", &status)]))
}

/// The number an event is about.
pub fn number(event: &BusinessEvent) -> Option<String> {
    ["order", "order_id", "order_number", "number", "id", "booking", "tracking"].iter().find_map(|key| match event.data.get(*key) {
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        _ => None,
    })
}
