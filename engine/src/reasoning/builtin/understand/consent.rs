//! Consents in so many words; a word to stop always wins.

use domain::channel::ChannelKind;
use domain::fact::ConsentState;
use domain::signal::SaidConsent;

use super::lexicon::{cues, is_in, says};
use super::{Message, Understood};

const DOORS: [(&str, ChannelKind); 7] = [
    ("email", ChannelKind::Email),
    ("voice", ChannelKind::Voice),
    ("sms", ChannelKind::Sms),
    ("whatsapp", ChannelKind::Whatsapp),
    ("telegram", ChannelKind::Telegram),
    ("messenger", ChannelKind::Messenger),
    ("instagram", ChannelKind::Instagram),
];

/// Reads consents given and withdrawn, erasures asked for.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    let mut found: Vec<(SaidConsent, bool)> = Vec::new();
    let keeps = says("consent.keep", text);
    for cue in cues("consent", text) {
        let Some((purpose, state)) = cue.label().split_once(':') else { continue };
        let state = match state {
            "given" => ConsentState::Given,
            "withdrawn" => ConsentState::Withdrawn,
            _ => ConsentState::Requested,
        };
        let Some(hit) = cue.find() else { continue };
        let clause = message.stances.clause(hit.start());
        let is_asked = clause.is_some_and(|clause| clause.is_asked) && !says("consent.please", message.clause(hit.start()));
        let is_supposed = clause.is_some_and(|clause| clause.is_supposed || clause.is_theirs) || message.stances.is_quoted(hit.start());
        if is_asked || is_supposed {
            continue;
        }
        if (keeps && state == ConsentState::Withdrawn && purpose == "marketing")
            || (state == ConsentState::Requested && super::stance::is_negated(text, hit.start()))
        {
            continue;
        }
        if state == ConsentState::Given && (super::stance::is_negated(text, hit.start()) || says("consent.no", hit.as_str())) && !keeps {
            continue;
        }
        let channel = DOORS
            .into_iter()
            .find(|(list, _)| purpose == "marketing" && names_door(message.clause(hit.start()), list))
            .map(|(_, kind)| kind);
        let channel = channel.or_else(|| {
            let named = cues("consent.channel", hit.as_str()).find(|cue| cue.is_match())?;
            DOORS.into_iter().find(|(list, _)| *list == named.label()).map(|(_, kind)| kind)
        });
        let quote = message.text.quote(hit.range()).to_owned();
        if !quote.is_empty() && found.iter().all(|(known, _)| known.purpose != purpose || known.state != state) {
            found.push((SaidConsent { purpose: purpose.to_owned(), channel, state, quote }, state == ConsentState::Withdrawn));
        }
    }
    // Somebody who says stop and yes in one breath has said stop.
    let stopped: Vec<String> = found.iter().filter(|(_, withdrawn)| *withdrawn).map(|(consent, _)| consent.purpose.clone()).collect();
    out.consents.extend(
        found
            .into_iter()
            .map(|(consent, _)| consent)
            .filter(|consent| consent.state != ConsentState::Given || !stopped.contains(&consent.purpose)),
    );
}

fn names_door(text: &str, list: &str) -> bool {
    let is_mail_of_ads = list == "email" && says("consent.admail", text);
    !is_mail_of_ads
        && text.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| {
            is_in(list, word)
                || is_in(list, &format!("{word}s?"))
                || word.strip_suffix('s').is_some_and(|stem| is_in(list, &format!("{stem}s?")))
        })
        && says("consent.door", text)
}
