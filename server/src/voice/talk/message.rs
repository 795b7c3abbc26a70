//! A message that a caller leaves where nobody speaks and nobody can be rung: what they say is kept like every word of a call,
//! nobody answers it, and a person calls back.

use std::time::Duration;

use domain::call::{Call, CallIn, CallOut};
use engine::Utterance;
use engine::calls::{Input, Session, Step};

use super::super::switchboard::Pass;
use super::super::webhooks::Place;
use super::super::wire::{Ended, Wire};
use crate::metrics::Metrics;

/// Whoever says nothing for so long has finished.
const SILENCE: Duration = Duration::from_secs(6);
/// Nobody talks to a machine for longer.
const LONGEST: Duration = Duration::from_mins(2);
/// How fast a voice reads.
const PER_LETTER: Duration = Duration::from_millis(66);
/// Our note at the end of it.
const NOTE: &str = "message";

/// Takes it, from the question for it to the thanks.
pub(super) async fn take(place: &Place, pass: &Pass, call: &Call, wire: &mut dyn Wire) -> Ended {
    let letters = pass.greeting.as_ref().map_or(0, |greeting| greeting.text.chars().count());
    if let Some(greeting) = &pass.greeting
        && let Err(ended) = wire.greet(&greeting.text).await
    {
        return ended;
    }
    let asked = PER_LETTER.saturating_mul(u32::try_from(letters).unwrap_or(u32::MAX));
    match listen(place, pass, call, asked, wire).await {
        Ok(()) => Ended::Over,
        Err(ended) => ended,
    }
}

async fn listen(place: &Place, pass: &Pass, call: &Call, asked: Duration, wire: &mut dyn Wire) -> Result<(), Ended> {
    let app = &place.app;
    let stretch = app.unguessable();
    let mut session = Session::new(&pass.language, app.steady());
    let ends = app.steady().after(asked).after(LONGEST);
    let mut quiet_since = app.steady().after(asked);
    let mut said = 0_u32;
    loop {
        let wait = quiet_since.after(SILENCE).min(ends).since(app.steady());
        let heard = tokio::select! {
            () = app.stopped() => return Err(Ended::Close(1001, "restarting")),
            heard = wire.next() => heard?,
            () = tokio::time::sleep(wait) => break,
        };
        let Some(heard) = heard else { continue };
        let is_end = matches!(heard, CallIn::Key('#') | CallIn::Deaf);
        if matches!(heard, CallIn::Prompt { .. } | CallIn::Interrupt { .. } | CallIn::Silent | CallIn::Key(_)) {
            quiet_since = app.steady();
        }
        for step in session.on(Input::Line(heard), app.steady()) {
            // What the session would say itself is not said here.
            let Step::Take { text, raw, by_keys, number } = step else { continue };
            let kept = Utterance { key: format!("{stretch}:{number}"), text, raw, by_keys, to_teammate: true, ..Utterance::default() };
            if app.engine().said_on_call(call, kept).await?.is_some() {
                Metrics::add(&app.metrics.accepted);
                app.storage.work.notify_one();
                said += 1;
            }
        }
        if is_end || app.steady() >= ends {
            break;
        }
    }
    let words = place.words(&call.about.language);
    let when = place.due(&words, app.now());
    let text = match said {
        0 => words.with("call.closed", &[("workspace", &place.settings.name), ("when", &when)]),
        _ => words.with("call.message_taken", &[("when", &when)]),
    };
    app.switchboard.note(&place.connection, &pass.vendor_id, NOTE);
    let text = place.aside(&words, &text).text;
    wire.send(&CallOut::Say { text, last: true, interruptible: false, language: None }).await?;
    wire.send(&CallOut::End { note: NOTE.to_owned() }).await
}
