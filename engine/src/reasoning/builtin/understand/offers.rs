//! Answers to offers: taken or declined.

use domain::signal::SaidOffer;

use super::lexicon::{cues, says, whole};
use super::needs;
use super::text::plain;
use super::{Message, Understood};

/// Reads which offers are taken and which are not.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    if says("offer.anti", text) || !out.consents.is_empty() {
        return;
    }
    for cue in cues("offer.bare", text.trim()) {
        // After a question of ours, "yes" and "no" answer that question; "no thanks" still declines.
        let answers_us = message.reading.pending.is_some() && (cue.label() == "yes" || text.split_whitespace().count() == 1);
        if message.reading.offer.is_some() && !answers_us && cue.is_match() {
            let quote = message.text.original.trim().to_owned();
            out.offers.push(SaidOffer {
                product: message.reading.offer.map(str::to_owned),
                accepted: cue.label() == "yes",
                reason: None,
                quote,
            });
            return;
        }
    }
    for (topic, accepted) in [("offer.no", false), ("offer.yes", true)] {
        for cue in cues(topic, text) {
            for captures in cue.captures_iter() {
                let all = whole(&captures);
                if !message.stances.is_stated(all.start) || is_sure_no(message, &all, accepted) {
                    continue;
                }
                let named = captures.name("x").map(|x| x.range()).filter(|x| !x.is_empty());
                let stretch = named.map(|range| skip_verb(text, range));
                let thing = stretch
                    .and_then(|stretch| needs::named(message, stretch, needs::Wish::Offered))
                    .filter(|thing| !says("offer.idle", &text[thing.span.clone()]));
                let open = message.reading.offer;
                let product = match (&thing, open) {
                    (Some(thing), _) if !says("channel.word", &text[thing.span.clone()]) => {
                        Some(named_as(message, message.text.quote(thing.span.clone())))
                    }
                    (None, Some(open)) if !accepted => Some(open.to_owned()),
                    _ => None,
                };
                // "I'll take the Heron" takes an offer only where one is open.
                let Some(product) = product.filter(|product| {
                    !accepted || open.is_some_and(|open| plain(open).contains(&plain(product)) || plain(product).contains(&plain(open)))
                }) else {
                    continue;
                };
                let reason = (!accepted).then(|| reason(message, all.end)).flatten();
                if out.offers.iter().all(|known| known.product.as_deref() != Some(product.as_str())) {
                    out.offers.push(SaidOffer { product: Some(product), accepted, reason, quote: message.text.quote(all).to_owned() });
                }
            }
        }
    }
    open_declined(message, out);
}

/// "Not the Willow Bed", "I don't want it": words that decline nothing but the offer that is open.
fn open_declined(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let Some(open) = message.reading.offer.filter(|_| out.offers.is_empty()) else { return };
    for cue in cues("offer.no.open", text) {
        for captures in cue.captures_iter() {
            let all = whole(&captures);
            let named = captures.name("x").map_or("", |x| message.text.quote(x.range()));
            let (named, offered) = (plain(named), plain(open));
            let is_it = named.is_empty()
                || says("objection.pronoun", &named)
                || named.contains(&offered)
                || offered.contains(&named) && named.len() >= 4;
            if message.stances.is_stated(all.start) && is_it {
                let quote = message.text.quote(all.clone()).to_owned();
                out.offers.push(SaidOffer { product: Some(open.to_owned()), accepted: false, reason: reason(message, all.end), quote });
                return;
            }
        }
    }
}

/// "I'm not saying no to it" was ruled out before; "not only", "no interest rate" are no refusals either.
fn is_sure_no(message: &Message<'_>, span: &super::text::Span, accepted: bool) -> bool {
    accepted && super::stance::is_negated(&message.text.text, span.start)
}

/// "I don't want the extended warranty": the thing comes after the verb.
fn skip_verb(text: &str, mut range: super::text::Span) -> super::text::Span {
    if let Some(found) = cues("offer.verb", &text[range.clone()]).find_map(|cue| cue.find()) {
        range.start += found.end();
    }
    range
}

/// The catalogue's or the offer's own spelling where the words are part of it.
fn named_as(message: &Message<'_>, words: &str) -> String {
    let bare = plain(words);
    let known = message.reading.offer.into_iter().chain(message.reading.catalogue.iter().map(String::as_str));
    known.map(str::to_owned).find(|name| plain(name) == bare).unwrap_or_else(|| words.to_owned())
}

/// "…, we can import ourselves": the clause after a refusal.
fn reason(message: &Message<'_>, at: usize) -> Option<String> {
    let clause = message.stances.clauses.iter().find(|clause| clause.span.start >= at)?;
    let words = message.text.quote(clause.span.clone()).trim_end_matches(['.', '!']);
    (words.split(' ').count() >= 3 && !clause.is_asked).then(|| words.to_owned())
}
