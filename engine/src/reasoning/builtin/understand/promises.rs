//! What the customer promises to do, and by when.

use domain::fact::Promiser;
use domain::signal::SaidPromise;

use super::lexicon::{cues, says, whole};
use super::text::Mark;
use super::timeline::end_of;
use super::{Message, Understood};

/// Reads promises; wishes, conditions and "might" make none.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("promise", text) {
        for captures in cue.captures_iter() {
            let Some(what) = captures.name("what") else { continue };
            let span = whole(&captures);
            let clause = message.stances.clause(span.start);
            let unsure = clause.is_some_and(|clause| clause.is_supposed || clause.is_hedged || clause.is_asked);
            if unsure
                || !message.stances.is_stated(span.start)
                || says("promise.anti", message.clause(span.start))
                || says("promise.idle", what.as_str())
            {
                continue;
            }
            let mark = |name: &str| name.parse::<usize>().ok().and_then(|number| message.marks.get(number));
            let day = cues("day", what.as_str()).find_map(|cue| cue.captures()).and_then(|found| match mark(&found["d"]) {
                Some((_, Mark::Day(when))) => Some(when.to),
                _ => None,
            });
            let quote = message.text.quote(what.range()).trim().to_owned();
            let due = day.and_then(|day| end_of(day, message.reading.timezone));
            if out.promises.iter().all(|known| !known.quote.contains(&quote) && !quote.contains(&known.quote)) {
                out.promises.push(SaidPromise { by: Promiser::Customer, what: quote.clone(), due, quote });
            }
        }
    }
}
