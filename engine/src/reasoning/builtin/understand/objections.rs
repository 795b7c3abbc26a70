//! What stands in the way: the price, or something else about the offer.

use std::sync::LazyLock;

use domain::fact::Predicate;
use serde_json::json;

use super::lexicon::{compile, cues, says, whole};
use super::pattern::Pattern;
use super::stance::is_negated;
use super::{Message, Understood};

/// Words that are the price itself and nothing more.
const PLAIN_PRICE: [&str; 14] =
    ["price", "prices", "cost", "costs", "pricing", "prix", "tarif", "tarifs", "preis", "preise", "precio", "precios", "preço", "preços"];

/// What is too dear: "the assembly is …".
static SUBJECT: LazyLock<Pattern> = LazyLock::new(|| {
    compile(
        r"(?:\bthe|\byour|\ble|\bla|\bl'|\bdie|\bder|\bdas|\bel)\s*([^ ,.;:!?()0-9]{3,}(?: [^ ,.;:!?()0-9]{3,})?) (?:is|are|seems?|looks?|sounds?|est|sont|ist|sind|es|son)(?: [^ ,.;:!?()0-9]+){0,3} ?$",
    )
});

/// Reads objections; "price is no obstacle" is none.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let mut named = false;
    for cue in cues("objection.what", text) {
        for captures in cue.captures_iter() {
            let span = whole(&captures);
            let Some(what) = captures.name("x").or_else(|| captures.name("x3")) else { continue };
            let words = trimmed(what.as_str());
            let own = says("objection.own", words);
            if !message.stances.is_stated(span.start)
                || is_negated(text, span.start)
                || says("objection.not", &text[span.clone()])
                || own
                || words.len() < 3
            {
                continue;
            }
            let offset = what.start() + what.as_str().find(words).unwrap_or(0);
            let subject = message.text.quote(offset..offset + words.len());
            let is_price = says("objection.pricey", words)
                || (says("objection.pronoun", words) && captures.name("how").is_some_and(|how| says("objection.dear", how.as_str())));
            if says("objection.pronoun", words) && !is_price {
                continue;
            }
            let value = match captures.name("how") {
                _ if is_price && (says("objection.pronoun", words) || PLAIN_PRICE.contains(&words)) => "price".to_owned(),
                _ if is_price => format!("{subject} (price)"),
                Some(how) => format!("{subject}: too {}", message.text.quote(how.range())),
                None => subject.to_owned(),
            };
            let value = if captures.name("how").is_some_and(|how| !how.as_str().is_ascii()) { subject.to_owned() } else { value };
            named = true;
            out.learned.push(message.fact(Predicate::Objection, value, json!({ "about": if is_price { "price" } else { subject } }), span));
        }
    }
    if named {
        return;
    }
    for cue in cues("objection.price", text) {
        let Some(hit) = cue.find() else { continue };
        let negated = is_negated(text, hit.start()) || (says("objection.not", hit.as_str()) && says("objection.fine", hit.as_str()));
        if message.stances.is_stated(hit.start()) && !negated && !says("objection.over", message.sentence(hit.start())) {
            let before = &text[..hit.start()];
            let subject = SUBJECT.captures(before).and_then(|found| found.get(1)).filter(|subject| {
                let words = subject.as_str();
                !says("objection.pronoun", words) && !says("objection.own", words) && !PLAIN_PRICE.contains(&words)
            });
            let value = subject.map_or_else(|| "price".to_owned(), |subject| format!("{} (price)", message.text.quote(subject.range())));
            out.learned.push(message.fact(Predicate::Objection, value, json!({ "about": "price" }), hit.range()));
            return;
        }
    }
}

/// Without the article.
fn trimmed(words: &str) -> &str {
    let words = words.trim();
    [
        "the ",
        "your ",
        "that ",
        "this ",
        "those ",
        "its ",
        "le ",
        "la ",
        "les ",
        "l'",
        "votre ",
        "vos ",
        "ce ",
        "cette ",
        "der ",
        "die ",
        "das ",
        "el ",
        "los ",
        "las ",
        "su ",
        "sus ",
        "i think the ",
        "but the ",
        "about the ",
        "how ",
    ]
    .iter()
    .find_map(|article| words.strip_prefix(article))
    .unwrap_or(words)
    .trim()
}
