//! What every line of a call has in common: what is said on it, what is decided for it, and what a teammate wants of it.

use std::time::Duration;

use domain::MonotonicTime;
use domain::call::{Call, CallAbout, CallDirection, CallIn, CallOut, CallState, CallTurn, RecordMode};
use domain::ports::Stored;
use engine::calls::{HeardPart, Input, Session, Step, Why, is_machine};
use engine::rendering::spoken::SpokenText;
use engine::{Engine, Utterance};

use super::switchboard::{Decided, Order, Ordered, Pass, Replies, Told};
use super::webhooks::Place;
use super::wire::{Ended, Wire};
use crate::app::App;
use crate::metrics::Metrics;

mod message;
mod recording;

/// How long a call that was picked up without its record is waited for.
const PLACING: Duration = Duration::from_secs(20);
/// Between two looks for it.
const LOOK: Duration = Duration::from_millis(50);
/// A message that cannot be stored is tried again so often before the line is given up.
const TRIES: u32 = 5;
/// Whether a machine has picked up a call of ours is looked for in so many of its first sentences.
const FIRST_WORDS: u32 = 3;

fn whole_ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// How far a call is with being recorded.
enum Record {
    /// It is not, or it is already.
    Settled,
    /// The caller is told so; it begins once that was heard.
    Told,
    /// The caller was asked; what they say next decides.
    Asked,
}

/// One stretch of a call, from its first frame to its end.
struct Talk<'a> {
    place: &'a Place,
    call: Call,
    /// Tells this stretch from others of the same call.
    stretch: String,
    /// What a teammate wants weighed in the next answer.
    whispered: Vec<String>,
    /// How far we are with recording it.
    record: Record,
    /// Sentences in which a machine would still give itself away.
    first_words: u32,
    /// The turn under way: what is measured of it, and when it began.
    turn: Option<(CallTurn, MonotonicTime)>,
}

/// Talks on a line that stands, until it ends.
pub(super) async fn talk(place: &Place, pass: &Pass, wire: &mut dyn Wire) -> Ended {
    let app = &place.app;
    let Some(replies) = app.switchboard.expect(&place.connection, &pass.vendor_id) else { return Ended::Close(1013, "too many calls") };
    wire.may_be_overheard(app.switchboard.sounding(&place.connection, &pass.vendor_id));
    app.switchboard.connect(&place.connection, &pass.vendor_id, true);
    let call = match placed(place, pass).await {
        Ok(call) => call,
        Err(ended) => return ended,
    };
    if pass.takes_message {
        return message::take(place, pass, &call, wire).await;
    }
    if let (Some(file), Some(from)) = (call.about.recording, call.about.recorded_from) {
        wire.record_further(&place.workspace, file, from);
    }
    let mut session = Session::new(&pass.language, app.steady());
    session.is_with_person(call.about.taken_by.is_some());
    let mode = place.recording(&call);
    let words = place.words(&pass.language);
    if mode == RecordMode::Announce
        && let Step::Send(out) = session.notice(&words.say("call.recorded"), app.steady())
        && let Err(ended) = wire.send(&out).await
    {
        return ended;
    }
    if let Some(greeting) = &pass.greeting {
        session.greeted(greeting.message, &greeting.text, app.steady());
        if let Err(ended) = wire.greet(&greeting.text).await {
            return ended;
        }
    }
    let record = match mode {
        RecordMode::Off => Record::Settled,
        RecordMode::Announce => Record::Told,
        RecordMode::Ask => Record::Asked,
    };
    if mode == RecordMode::Ask
        && let Step::Send(out) = session.announce(&words.say("call.record_ask"), app.steady())
        && let Err(ended) = wire.send(&out).await
    {
        return ended;
    }
    let first_words = if call.direction == CallDirection::Outbound { FIRST_WORDS } else { 0 };
    let mut talk = Talk { place, call, stretch: app.unguessable(), whispered: Vec::new(), record, first_words, turn: None };
    let ended = talk.go_on(&mut session, &replies, wire).await;
    talk.turn_is_over(wire);
    match ended {
        Ok(()) => Ended::Over,
        Err(ended) => {
            if let Ended::Mute = ended {
                app.switchboard.note(&place.connection, &pass.vendor_id, "mute");
            }
            ended
        }
    }
}

/// The record of the call, which may still be on its way when it was picked up without it.
async fn placed(place: &Place, pass: &Pass) -> Result<Call, Ended> {
    let app = &place.app;
    let looking = async {
        loop {
            if let Some(call) = app.store().call(&place.workspace, &place.connection, &pass.vendor_id).await? {
                return Stored::Ok(call);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let call = tokio::time::timeout(PLACING, looking).await.map_err(|_| Ended::Close(1013, "try again later"))??;
    let from = [CallState::Ringing, CallState::Cut, CallState::Live];
    if app.store().move_call(&place.workspace, call.id, &from, CallState::Live, None).await? {
        Ok(call)
    } else {
        Err(Ended::Close(1008, "the call is over"))
    }
}

impl Talk<'_> {
    fn app(&self) -> &App {
        &self.place.app
    }

    fn engine(&self) -> std::sync::Arc<Engine> {
        self.app().engine()
    }

    async fn go_on(&mut self, session: &mut Session, replies: &Replies, wire: &mut dyn Wire) -> Result<(), Ended> {
        loop {
            let wakes_in = session.wakes_at().since(self.app().steady());
            let input = tokio::select! {
                () = self.app().stopped() => return Err(Ended::Close(1001, "restarting")),
                heard = wire.next() => match heard? {
                    Some(heard) => {
                        self.hangs_up_on_a_machine(&heard)?;
                        self.may_record(&heard, wire).await?;
                        if let CallIn::Fault(_) = &heard {
                            tracing::warn!(call = %self.call.id, "the vendor reports a fault on a call");
                        }
                        Input::Line(heard)
                    }
                    None => continue,
                },
                told = replies.told() => {
                    let decided = match told {
                        Told::Decided(decided) => decided,
                        Told::Ordered(ordered) => {
                            if self.obey(ordered, session, wire).await? {
                                return Ok(());
                            }
                            continue;
                        }
                    };
                    self.is_decided();
                    if self.transfers(&decided).await? {
                        wire.send(&CallOut::End { note: "transfer".to_owned() }).await?;
                        return Ok(());
                    }
                    if decided.is_whole {
                        self.still_agrees(session, wire).await?;
                    }
                    Input::Decided { message: decided.message, text: decided.text, is_whole: decided.is_whole }
                }
                () = tokio::time::sleep(wakes_in) => Input::Tick,
            };
            for step in session.on(input, self.app().steady()) {
                if self.carry_out(step, session, wire).await? {
                    return Ok(());
                }
            }
        }
    }

    /// `true`: our part is over.
    async fn carry_out(&mut self, step: Step, session: &mut Session, wire: &mut dyn Wire) -> Result<bool, Ended> {
        match step {
            Step::Send(out) => wire.send(&out).await?,
            Step::Take { text, raw, by_keys, number } => {
                if self.is_about_recording(&text, by_keys, session, wire).await? {
                    return Ok(false);
                }
                let said = Utterance { text, raw, by_keys, ..self.utterance(number) };
                self.take(said, wire).await?;
            }
            Step::Person { number } => {
                let said = Utterance { by_keys: true, wants_person: true, ..self.utterance(number) };
                self.take(said, wire).await?;
            }
            Step::Heard(parts) => self.heard(parts).await?,
            Step::Finish(why) => {
                let note = match why {
                    Why::Silent => "silent",
                    Why::TooLong => "too_long",
                    Why::Deaf => "deaf",
                    Why::Stuck => self.is_stuck(session, wire).await?,
                };
                self.app().switchboard.note(&self.place.connection, &self.call.about.vendor_id, note);
                wire.send(&CallOut::End { note: note.to_owned() }).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A machine has nothing to say to us, nor we to it: its words are nobody's, and the line is closed in the middle of ours.
    fn hangs_up_on_a_machine(&mut self, heard: &CallIn) -> Result<(), Ended> {
        let CallIn::Prompt { text, is_final, .. } = heard else { return Ok(()) };
        if self.first_words == 0 {
            return Ok(());
        }
        self.first_words -= u32::from(*is_final);
        if !is_machine(text) {
            return Ok(());
        }
        self.app().switchboard.note(&self.place.connection, &self.call.about.vendor_id, "machine");
        Err(Ended::Close(1000, "a machine"))
    }

    fn utterance(&self, number: u64) -> Utterance {
        let whispered = Some(self.whispered.join(" ")).filter(|whispered| !whispered.is_empty());
        let to_teammate = self.call.about.taken_by.is_some();
        Utterance { key: format!("{}:{number}", self.stretch), to_teammate, whispered, ..Utterance::default() }
    }

    /// Something was said: durable, or the line is given up so that nothing said is lost unnoticed.
    async fn take(&mut self, said: Utterance, wire: &mut dyn Wire) -> Result<(), Ended> {
        self.turn_is_over(wire);
        // What was said before, such as the greeting, is no turn's.
        let _ = wire.voice_took();
        let ears_ms = wire.ears_took().map(whole_ms);
        let began = self.app().steady();
        let mut tries = 0;
        loop {
            match self.engine().said_on_call(&self.call, said.clone()).await {
                Ok(taken) => {
                    if let Some(taken) = taken {
                        Metrics::add(&self.app().metrics.accepted);
                        self.app().storage.work.notify_one();
                        let turn = CallTurn { message: Some(taken.message), ears_ms, ..CallTurn::default() };
                        self.turn = Some((turn, began));
                    }
                    // It goes with what was said now.
                    self.whispered.clear();
                    return Ok(());
                }
                Err(error) if tries + 1 >= TRIES => return Err(error.into()),
                Err(error) => {
                    tries += 1;
                    tracing::warn!(?error, tries, "what was said could not be stored, trying again");
                    tokio::time::sleep(LOOK * tries).await;
                }
            }
        }
    }

    /// The first words of an answer are there.
    fn is_decided(&mut self) {
        let now = self.app().steady();
        if let Some((turn, began)) = &mut self.turn
            && turn.thinking_ms.is_none()
        {
            turn.thinking_ms = Some(whole_ms(now.since(*began)));
            let turn = *turn;
            self.app().switchboard.timed(&self.place.connection, &self.call.about.vendor_id, turn);
        }
    }

    /// What the voice took is known once the next turn begins.
    fn turn_is_over(&mut self, wire: &mut dyn Wire) {
        let Some((turn, _)) = self.turn.take() else { return };
        let voice_ms = wire.voice_took().map(whole_ms);
        self.app().switchboard.timed(&self.place.connection, &self.call.about.vendor_id, CallTurn { voice_ms, ..turn });
    }

    async fn heard(&self, parts: Vec<HeardPart>) -> Stored<()> {
        for part in parts {
            self.engine().heard_on_call(&self.place.workspace, part.message, &part.heard).await?;
        }
        Ok(())
    }

    /// A rule handed this call over and a person can be rung: the words that say so are the vendor's to say, because our
    /// part ends with them.
    async fn transfers(&mut self, decided: &Decided) -> Result<bool, Ended> {
        // Nobody was free a moment ago: the caller is not sent there again.
        let was_tried = self.call.about.farewell.is_some();
        if self.place.line.transfer_to().is_none() || !decided.is_whole || was_tried || self.call.about.taken_by.is_some() {
            return Ok(false);
        }
        let Some(handover) = self.engine().handover(&self.place.workspace, &self.call).await? else { return Ok(false) };
        let (farewell, whisper) = (Some(decided.text.clone()), Some(handover.whisper));
        Ok(self.moves(CallState::Transferring, CallAbout { farewell, whisper, ..self.call.about.clone() }).await?)
    }

    /// No answer comes: a person is rung where one can be, else a call back is promised. The note under which our part ends.
    async fn is_stuck(&mut self, session: &mut Session, wire: &mut dyn Wire) -> Result<&'static str, Ended> {
        tracing::error!(call = %self.call.id, "what was said on a call was not answered, it is not waited for any longer");
        let about = self.call.about.clone();
        let words = self.place.words(&about.language);
        let may_ring = self.place.line.transfer_to().is_some() && self.place.is_open() && about.farewell.is_none();
        if may_ring {
            let farewell = Some(self.place.aside(&words, &words.say("call.through")).text);
            let whisper = self.engine().whisper(&self.place.workspace, &self.call).await?.map(|handover| handover.whisper);
            if self.moves(CallState::Transferring, CallAbout { farewell, whisper, taken_by: None, ..about }).await? {
                return Ok("transfer");
            }
            return Ok("stuck");
        }
        let when = self.place.due(&words, self.app().now());
        self.announce(&words.with("call.stuck", &[("when", &when)]), session, wire).await?;
        Ok("stuck")
    }

    /// The record says from now on what is so. `false`: the call is not live any more.
    async fn moves(&mut self, to: CallState, about: CallAbout) -> Stored<bool> {
        let store = self.app().store();
        let moved = store.move_call(&self.place.workspace, self.call.id, &[CallState::Live], to, Some(about.clone())).await?;
        if moved {
            self.call.about = about;
        }
        Ok(moved)
    }

    /// A teammate at the console wants something. `true`: our part is over.
    async fn obey(&mut self, ordered: Ordered, session: &mut Session, wire: &mut dyn Wire) -> Result<bool, Ended> {
        let Ordered { order, done } = ordered;
        let about = self.call.about.clone();
        let words = self.place.words(&about.language);
        let mut is_over = false;
        match order {
            Order::Take(name) => {
                let text = words.with("call.taken", &[("name", &name)]);
                if !self.moves(CallState::Live, CallAbout { taken_by: Some(name), ..about }).await? {
                    return Ok(false);
                }
                self.whispered.clear();
                session.is_with_person(true);
                self.announce(&text, session, wire).await?;
            }
            Order::Return => {
                if about.taken_by.is_some() {
                    self.moves(CallState::Live, CallAbout { taken_by: None, ..about }).await?;
                    session.is_with_person(false);
                    self.announce(&words.say("call.returned"), session, wire).await?;
                }
            }
            Order::Whisper(what) => self.whispered.push(what),
            Order::PutThrough(to) => {
                let farewell = Some(self.place.aside(&words, &words.say("call.through")).text);
                let whisper = self.engine().whisper(&self.place.workspace, &self.call).await?.map(|handover| handover.whisper);
                if !self.moves(CallState::Transferring, CallAbout { farewell, whisper, through_to: to, taken_by: None, ..about }).await? {
                    return Ok(false);
                }
                wire.send(&CallOut::End { note: "transfer".to_owned() }).await?;
                is_over = true;
            }
            Order::HangUp => {
                self.app().switchboard.note(&self.place.connection, &about.vendor_id, "hung_up");
                wire.send(&CallOut::End { note: "hung_up".to_owned() }).await?;
                is_over = true;
            }
        }
        // Whoever asked may have gone.
        let _ = done.send(());
        Ok(is_over)
    }

    async fn announce(&self, text: &str, session: &mut Session, wire: &mut dyn Wire) -> Result<(), Ended> {
        let spoken = SpokenText::of(text, &self.call.about.language).text();
        match session.announce(&spoken, self.app().steady()) {
            Step::Send(out) => wire.send(&out).await,
            Step::Take { .. } | Step::Person { .. } | Step::Heard(_) | Step::Finish(_) => Ok(()),
        }
    }
}
