//! "Forget the date", "there is no budget limit any more": a value taken back with nothing in its place.

use domain::fact::Predicate;
use domain::signal::Withdrawn;

use super::lexicon::cues;
use super::{Message, Understood};

/// Reads what no longer counts.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    for (topic, predicate) in [("drop.budget", Predicate::Budget), ("drop.timeline", Predicate::Timeline)] {
        let hit = cues(topic, &message.text.text).find_map(|cue| cue.find_iter().find(|hit| message.stances.is_stated(hit.start())));
        if let Some(hit) = hit {
            out.withdrawn.push(Withdrawn { predicate, value: None, quote: message.text.quote(hit.range()).to_owned() });
        }
    }
}
