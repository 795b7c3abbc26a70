//! Carts, payments and bookings that the business told us of, as they are said to the person whose they are.

use std::sync::LazyLock;

use domain::customer::Customer;
use domain::event::BusinessEvent;
use domain::settings::WorkspaceSettings;
use domain::{Timestamp, money};
use regex::Regex;
use serde_json::Value;

use super::orders;
use crate::decision::hours::civil;
use crate::memory::spoken;
use crate::rendering::phrases::Phrases;

/// A kind of happening: how its events begin, what asks about one, how it is told.
struct Kind {
    begins: &'static [&'static str],
    asked: Regex,
    told: &'static str,
}

static KINDS: LazyLock<[Kind; 3]> = LazyLock::new(|| {
    let kind = |begins, asked: &str, told| Kind { begins, asked: Regex::new(asked).expect("a constant pattern"), told };
    [
        kind(
            &["cart", "basket", "checkout"],
            r"(?i)\b(?:my|our|the) (?:shopping )?(?:cart|basket)\b|\b(?:mon|notre|le) panier\b|\b(?:meinem|meinen|mein|unserem|im|den) warenkorb\b|\b(?:mi|nuestro|el) (?:carrito|cesta)\b|\bmi cesta\b|\b(?:meu|nosso|no|o) (?:carrinho|cesto)\b",
            "event.cart",
        ),
        kind(
            &["payment", "invoice", "refund"],
            r"(?i)\b(?:my|our|the) (?:last )?(?:payment|refund)\b|\bdid (?:i|we) pay\b|\bhave (?:i|we) paid\b|\b(?:mon|notre|le) (?:paiement|remboursement)\b|\bai-je pay[ée]|\b(?:meine|unsere|die) (?:zahlung|r[üu]ckzahlung|erstattung)\b|\bhabe ich (?:schon |bereits )?bezahlt|\b(?:mi|nuestro|el) (?:pago|reembolso)\b|\bhe pagado\b|\b(?:meu|nosso|o) (?:pagamento|reembolso)\b",
            "event.payment",
        ),
        kind(
            &["booking", "appointment", "reservation"],
            r"(?i)\b(?:my|our) (?:next )?(?:booking|appointment|reservation)\b|\b(?:mon|notre|ma) (?:rendez-vous|rdv|r[ée]servation)\b|\b(?:mein|meine|meinen|unser|unsere) (?:termin|buchung|reservierung)\b|\b(?:mi|nuestra) (?:cita|reserva)\b|\b(?:minha|nossa) (?:marca[çc][ãa]o|reserva)\b",
            "event.booking",
        ),
    ]
});

/// Asks how something stands, and not how something is done.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:what(?:'s|’s)?|when(?:'s|’s)?|where(?:'s|’s)?|did|has|have|is|was|were|status|how much|quand|est-ce que|qu'est-ce|que contient|combien|statut|est-il|ai-je|wann|wie viel|ist|habe|hat|qu[ée]|cu[áa]ndo|cu[áa]nto|est[áa]|ha|he|o que|quando|quanto|foi|entrou)\b")
        .expect("a constant pattern")
});
static WANTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:chang\w*|cancel\w*|move|moved|reschedul\w*|postpone|how (?:do|can|could)|can (?:i|we)|could (?:i|we)|policy|annuler|modifier|d[ée]placer|reporter|comment|stornier\w*|[äa]nder\w*|verschieb\w*|wie kann|kann ich|cambiar|mover|aplazar|c[óo]mo|puedo|alterar|remarcar|mudar|adiar|como|posso)\b")
        .expect("a constant pattern")
});

/// What the newest event of the kind that is asked about says. `None`: nothing of the kind is asked, or nothing was told of it.
pub fn told(customer: &Customer, question: &str, settings: &WorkspaceSettings, words: &Phrases) -> Option<String> {
    let kind = KINDS.iter().find(|kind| kind.asked.is_match(question))?;
    if !ASKS.is_match(question) || WANTS.is_match(question) {
        return None;
    }
    let is_meant = |event: &&BusinessEvent| kind.begins.iter().any(|start| event.kind.starts_with(start));
    let number = |event: &BusinessEvent| orders::number(event).filter(|number| question.to_lowercase().contains(&number.to_lowercase()));
    let named = customer.events.iter().filter(is_meant).max_by_key(|event| (number(event).is_some(), event.at));
    let event = named?;
    let at = civil(&event.at.in_zone(&settings.timezone), words.language());
    let mut parts: Vec<String> = Vec::new();
    let things: Vec<String> = things(event)
        .into_iter()
        .map(|(name, count)| count.filter(|count| *count > 1).map_or(name.clone(), |count| format!("{count} × {name}")))
        .collect();
    if !things.is_empty() {
        parts.push(things.join(", "));
    }
    parts.extend(amount(event, settings, words));
    if let Some(starts) = ["starts_at", "start", "date", "when", "at"].iter().find_map(|key| event.data.get(*key)?.as_str()) {
        parts.push(moment(starts, settings, words));
    }
    parts.push(state(event, words, &at));
    let what = parts.join(", ");
    let shown = orders::number(event).map(|number| format!(" {number}")).unwrap_or_default();
    Some(words.with(kind.told, &[("number", &shown), ("what", &what)]))
}

/// Names of what an event is about.
pub fn products(event: &BusinessEvent) -> Vec<String> {
    things(event).into_iter().map(|(name, _)| name).collect()
}

/// What an event is about, and how many of it.
fn things(event: &BusinessEvent) -> Vec<(String, Option<u64>)> {
    let name = |value: &Value| {
        let text = ["product", "name", "title"].iter().find_map(|key| value.get(*key)?.as_str());
        text.or(value.as_str()).map(str::to_owned)
    };
    let items = ["items", "products", "lines"].iter().find_map(|key| event.data.get(*key)?.as_array());
    match items {
        Some(items) => items
            .iter()
            .filter_map(|item| Some((name(item)?, ["quantity", "count"].iter().find_map(|key| item.get(*key)?.as_u64()))))
            .collect(),
        None => {
            let only = ["product", "service", "title"].iter().find_map(|key| event.data.get(*key)).and_then(name);
            only.map(|name| (name, None)).into_iter().collect()
        }
    }
}

/// "449 EUR", from a number or a text of it.
fn amount(event: &BusinessEvent, settings: &WorkspaceSettings, words: &Phrases) -> Option<String> {
    let value = ["total", "amount", "value", "price"].iter().find_map(|key| event.data.get(*key))?;
    let number = value.as_f64().or_else(|| value.as_str()?.replace(',', ".").parse().ok())?;
    let currency = event.data.get("currency").and_then(Value::as_str).unwrap_or(&settings.currency).to_uppercase();
    let figure = spoken::written(&money::figure((number * 100.0).round() as i64), words.language());
    Some(format!("{figure} {currency}"))
}

/// A time as people say it; as it was told where it is none.
fn moment(told: &str, settings: &WorkspaceSettings, words: &Phrases) -> String {
    Timestamp::parse_rfc3339(told).map_or_else(
        || told.to_owned(),
        |at| {
            let there = at.in_zone(&settings.timezone);
            format!("{} {:02}:{:02}", civil(&there, words.language()), there.hour(), there.minute())
        },
    )
}

/// How it stands: the status that was told, or the word of the event, in the customer's language where we have it.
fn state(event: &BusinessEvent, words: &Phrases, at: &str) -> String {
    let told = event.data.get("status").and_then(Value::as_str);
    let word = told.unwrap_or_else(|| event.kind.rsplit('.').next().unwrap_or(&event.kind));
    let key = format!("state.{}", word.to_lowercase());
    let said = if crate::rendering::phrases::exists(&key) { words.say(&key) } else { word.replace('_', " ") };
    format!("{said} ({at})")
}

#[cfg(test)]
mod tests {
    use domain::id::BusinessEventId;
    use serde_json::json;

    use super::*;

    #[test]
    fn carts_payments_and_bookings_are_told_to_whom_asks_for_theirs() {
        let settings = WorkspaceSettings { timezone: "Europe/Berlin".to_owned(), ..WorkspaceSettings::named("shop".into(), "Shop") };
        let at = Timestamp::parse_rfc3339("2026-12-01T09:00:00Z").expect("a constant time");
        let mut customer = Customer::unknown(domain::CustomerId::new(at, 1), at);
        let event = |kind: &str, data: Value| BusinessEvent { id: BusinessEventId::new(at, 2), kind: kind.to_owned(), data, at };
        customer.events = vec![
            event("cart.updated", json!({ "items": [{ "product": "Contour 2", "quantity": 2 }, { "name": "Lamp" }], "total": 998.5 })),
            event("payment.failed", json!({ "order": "EC-1", "amount": "449", "currency": "eur" })),
            event("booking.confirmed", json!({ "booking": "B-77", "starts_at": "2026-12-03T10:00:00Z" })),
        ];
        let check = |question: &str, language: &str, parts: &[&str]| {
            let said = told(&customer, question, &settings, &Phrases::new(language)).unwrap_or_default();
            assert!(!said.is_empty() && parts.iter().all(|part| said.contains(part)), "{question}: {said}");
        };
        check("What's in my cart?", "en", &["2 × Contour 2, Lamp", "998.50 EUR"]);
        check("Was ist in meinem Warenkorb?", "de", &["2 × Contour 2", "998,50 EUR"]);
        check("Did my payment go through?", "en", &["449 EUR", "failed", "EC-1"]);
        check("Est-ce que mon paiement est passé ?", "fr", &["449 EUR", "échoué"]);
        check("When is my appointment?", "en", &["B-77", "11:00", "confirmed"]);
        check("¿Cuándo es mi cita?", "es", &["B-77", "11:00", "confirmad"]);
        assert_eq!(told(&customer, "Which payments do you take?", &settings, &Phrases::new("en")), None);
        customer.events.clear();
        assert_eq!(told(&customer, "What's in my cart?", &settings, &Phrases::new("en")), None, "nothing was told of one");
    }
}
