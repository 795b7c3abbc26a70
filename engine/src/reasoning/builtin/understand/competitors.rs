//! Rival firms, named as firms.

use domain::fact::Predicate;
use serde_json::Value;

use super::lexicon::says;
use super::products;
use super::{Message, Understood};

/// Reads which rivals are named, whatever for.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for hit in products::find(&products::words(message), message.reading.competitors) {
        let at = hit.span.start;
        if hit.is_part {
            continue;
        }
        let name = &message.reading.competitors[hit.name];
        let opens = text[..at].trim_end().is_empty() || text[..at].trim_end().ends_with(['.', '!', '?', '\n']);
        let several = name.contains(' ');
        let is_camel = name.chars().skip(1).any(char::is_uppercase) && !several;
        let clause = message.clause(at);
        let shown = hit.is_capital && (!opens || several || is_camel);
        let cued = says("competitor.cue", clause);
        let is_word = !hit.is_capital && says("article.before", &text[..at]);
        if is_word || !(shown || cued || (is_camel && hit.errors == 0)) {
            continue;
        }
        let fact = message.fact(Predicate::Competitor, name.clone(), Value::Null, hit.span);
        out.learned.push(fact);
    }
}
