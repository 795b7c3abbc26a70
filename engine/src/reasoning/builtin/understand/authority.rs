//! Who decides: the customer, or somebody they name.

use domain::fact::Predicate;
use serde_json::json;

use super::lexicon::{cues, says, whole};
use super::stance::is_negated;
use super::{Message, Understood};

/// Reads who decides.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("authority.they", text) {
        for captures in cue.captures_iter() {
            let (Some(who), span) = (captures.name("who"), whole(&captures)) else { continue };
            let clause = message.stances.clause(span.start);
            let meant = !message.stances.is_quoted(span.start)
                && clause.is_none_or(|clause| !clause.is_asked && !clause.is_supposed && !clause.is_past);
            if !meant || is_negated(text, span.start) || says("authority.past", &text[span.clone()]) {
                continue;
            }
            let who = message.text.quote(who.range()).to_owned();
            let mut fact = message.fact(Predicate::Authority, who.clone(), json!({ "who": who }), span);
            fact.confidence = 0.9;
            out.learned.push(fact);
            return;
        }
    }
    for cue in cues("authority.self", text) {
        let Some(hit) = cue.find() else { continue };
        let unsure = says("authority.no", message.clause(hit.start())) || is_negated(text, hit.start());
        let joined = says("authority.with", &text[hit.end()..]);
        if message.stances.is_stated(hit.start()) && !unsure && !joined {
            out.learned.push(message.fact(Predicate::Authority, "self", json!({ "who": "self" }), hit.range()));
            return;
        }
    }
}
