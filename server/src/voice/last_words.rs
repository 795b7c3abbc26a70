//! A call over SIP on which no voice of ours speaks. Over other lines the vendor's voice steps in; here a person is rung, and
//! where nobody is there a plain machine's voice says so, or a tone that every caller knows: never silence.

use std::f64::consts::TAU;
use std::time::Duration;

use channels::voice::sip::{Happened, Transferred};
use domain::call::{CallAbout, CallState};
use domain::ports::{FRAME, SAMPLES_A_SECOND};
use engine::Outcome;

use super::sip::Telephone;
use super::sound::Sound;
use super::webhooks::Place;
use super::wire::Wire;

/// The special information tone of "it does not work". <https://www.itu.int/rec/T-REC-E.180>
const TONES: [f64; 3] = [950.0, 1_400.0, 1_800.0];
/// Each of them lasts so long, and the pause behind them.
const TONE: Duration = Duration::from_millis(330);
const PAUSE: Duration = Duration::from_millis(1_000);
/// How often it is played.
const TIMES: usize = 2;
/// It is not waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(8);
/// Its mark, which no piece of speech has.
const PLAYED: u64 = u64::MAX;

/// Nobody here can speak: the caller is put through where somebody can be rung, else told by whatever sounds; how it came out.
pub(super) async fn mute(place: &Place, vendor_id: &str, language: &str, sound: &mut Sound<Telephone>) -> Outcome {
    tracing::error!(connection = %place.connection, "no voice speaks on a call over SIP");
    let words = place.words(language);
    if let Some(to) = place.line.transfer_to().filter(|_| place.is_open())
        && is_transferring(place, vendor_id, &words.say("call.through")).await
    {
        match sound.line().0.transfer(to).await {
            Transferred::Answered => return Outcome::Transferred,
            Transferred::Over => return Outcome::NobodyFree,
            Transferred::Unanswered => {}
        }
    }
    let when = place.due(&words, place.app.now());
    let text = place.aside(&words, &words.with("call.closed", &[("workspace", &place.settings.name), ("when", &when)])).text;
    say_somehow(sound, &text, language).await;
    Outcome::NobodyFree
}

/// The record says that a person is rung. `false`: the call is over, or one was rung before and was not there.
async fn is_transferring(place: &Place, vendor_id: &str, farewell: &str) -> bool {
    let moved = async {
        let Some(call) = place.app.store().call(&place.workspace, &place.connection, vendor_id).await? else { return Ok(true) };
        if call.about.farewell.is_some() {
            return Ok(false);
        }
        let about = CallAbout { taken_by: None, farewell: Some(farewell.to_owned()), ..call.about.clone() };
        let from = [CallState::Live, CallState::Ringing];
        place.app.store().move_call(&place.workspace, call.id, &from, CallState::Transferring, Some(about)).await
    };
    moved.await.unwrap_or_else(|error: domain::ports::StoreError| {
        tracing::error!(?error, "the record of a call cannot say that a person is rung, one is rung all the same");
        true
    })
}

/// Says it in a voice of ours, else in that of a machine, else by a tone. Whoever hangs up meanwhile is called back all the same.
pub(super) async fn say_somehow(sound: &mut Sound<Telephone>, text: &str, language: &str) {
    let machine = providers::speech::last_resort();
    for voices in [None, Some(vec![machine])] {
        match voices {
            Some(voices) => sound.speaks_by(voices, language),
            None if sound.is_mute() => continue,
            None => {}
        }
        if sound.greet(text).await.is_err() || sound.settle().await.is_err() {
            return;
        }
        if !sound.is_mute() {
            return;
        }
    }
    let played = tokio::time::timeout(PATIENCE, tone(&mut sound.line().0)).await;
    if played.is_err() {
        tracing::debug!("the last tone of a call was not heard to its end");
    }
}

/// Plays the tone to its end, or until the line is gone.
async fn tone(call: &mut channels::voice::sip::Call) {
    let samples: Vec<i16> = (0..TIMES).flat_map(|_| once()).collect();
    for frame in samples.chunks(FRAME) {
        let mut frame = frame.to_vec();
        frame.resize(FRAME, 0);
        if call.play(frame).is_err() {
            return;
        }
    }
    if call.mark(PLAYED).is_err() {
        return;
    }
    while !matches!(call.next().await, Happened::Played(PLAYED) | Happened::Over) {}
}

fn once() -> Vec<i16> {
    let samples = |time: Duration| usize::try_from(time.as_millis()).unwrap_or_default() * SAMPLES_A_SECOND / 1_000;
    let mut all = Vec::new();
    for pitch in TONES {
        all.extend((0..samples(TONE)).map(|at| ((at as f64 * pitch * TAU / SAMPLES_A_SECOND as f64).sin() * 8_000.0) as i16));
    }
    all.resize(all.len() + samples(PAUSE), 0);
    all
}
