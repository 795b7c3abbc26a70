//! Taking turns over sound: who speaks, who is cut, what was heard.

use std::time::Duration;

use domain::MonotonicTime;
use domain::call::{CallIn, CallOut};
use domain::ports::{Recognised, Voiced};

use super::super::listening::is_murmur;
use super::chunks::Chunker;
use super::expectation::Expectation;
use super::mouth::{Given, Mouth};
use super::turns::{TurnStep, Turns};

/// Somebody speaks into our words: after this we speak softly, where the line can do that.
const DUCKS_AFTER: Duration = Duration::from_millis(80);
/// So much voice into our words means it.
const CUTS_AFTER: Duration = Duration::from_millis(250);
/// Who murmurs for so long has something to say.
const MURMURS_AT_MOST: Duration = Duration::from_millis(900);
/// After such a silence a voice was none.
const DUCKED_FOR: Duration = Duration::from_millis(200);
/// "Yes" into the last words of a question that asks for it is the answer.
const EARLY: Duration = Duration::from_millis(1_200);
/// Words that are not followed by the end of their sentence are spoken after this.
const FLUSH: Duration = Duration::from_millis(250);
/// Whoever waits for a long sentence hears that it goes on.
const TELLS_EVERY: Duration = Duration::from_secs(2);
/// What is being said last is waited for, but not longer.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// Words that end ours at once, in the languages that are spoken here.
const STOPS: &[&str] = &[
    "stop",
    "wait",
    "hold on",
    "no no",
    "excuse me",
    "arrête",
    "arrêtez",
    "attends",
    "attendez",
    "pardon",
    "halt",
    "warte",
    "warten sie",
    "moment",
    "espera",
    "espere",
    "perdón",
    "para",
    "pare",
    "espere aí",
    "desculpe",
];

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Sensed {
    /// A frame of the caller's voice.
    Frame(Vec<i16>),
    /// A key.
    Key(char),
    /// What the recogniser says.
    Recognised(Recognised),
    /// Nobody recognises anything any more.
    Deaf,
    /// A piece of speech has come.
    Voiced {
        /// Of which piece.
        piece: u64,
        /// What.
        what: Voiced,
    },
    /// All sound of a piece has come.
    VoiceDone(u64),
    /// No voice speaks this piece.
    VoiceFailed(u64),
    /// The line has played everything before this mark.
    Played(u64),
    /// The call should say or do something.
    Out(CallOut),
    /// Time has passed.
    Tick,
}

/// What has to be done, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// The call as text hears this.
    Tell(CallIn),
    /// The recogniser gets this.
    Listen(Vec<i16>),
    /// Somebody has begun to speak a moment ago.
    Begin,
    /// The recogniser should give what it holds back.
    Finish,
    /// A voice should speak this, after what it was given before.
    Speak {
        /// Its number.
        piece: u64,
        /// In words.
        text: String,
    },
    /// No voice should speak any more.
    Hush,
    /// The line gets this.
    Give(Given),
    /// The line should drop what it has not played.
    Clear,
    /// We speak softly, or no longer.
    Duck(bool),
    /// Another language is spoken from now on.
    Language(String),
    /// There is no voice: somebody else must speak.
    Mute,
    /// Everything is said; our part is over, with this note.
    Over(String),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Pipeline {
    turns: Turns,
    mouth: Mouth,
    chunker: Chunker,
    /// What we say in one go, so far.
    talk: String,
    may_be_cut: bool,
    words_at: MonotonicTime,
    told_at: MonotonicTime,
    is_ducked: bool,
    was_busy: bool,
    ending: Option<(String, MonotonicTime)>,
    acts: Vec<Act>,
}

impl Pipeline {
    /// What follows from what happened.
    pub fn on(&mut self, sensed: Sensed, now: MonotonicTime) -> Vec<Act> {
        match sensed {
            Sensed::Frame(frame) => {
                let steps = self.turns.hear(&frame, now);
                self.acts.push(Act::Listen(frame));
                self.barge_in(now);
                self.follow(steps, now);
                self.goes_on(now);
            }
            Sensed::Key(key) => {
                if !self.mouth.is_done() && self.mouth.may_be_cut() {
                    self.cut(now);
                }
                self.acts.push(Act::Tell(CallIn::Key(key)));
            }
            Sensed::Recognised(what) => {
                let steps = self.turns.recognised(what, now);
                self.barge_in(now);
                self.follow(steps, now);
            }
            Sensed::Deaf => self.acts.push(Act::Tell(CallIn::Deaf)),
            Sensed::Voiced { piece, what: Voiced::Sound(sound) } => {
                let given = self.mouth.sound(piece, &sound);
                self.acts.extend(given.into_iter().map(Act::Give));
            }
            Sensed::Voiced { piece, what: Voiced::Said { letters, at } } => self.mouth.said(piece, letters, at),
            Sensed::VoiceDone(piece) => {
                let given = self.mouth.whole(piece, now);
                self.acts.extend(given.into_iter().map(Act::Give));
            }
            Sensed::VoiceFailed(piece) => {
                self.mouth.fails(piece);
                self.acts.push(Act::Mute);
            }
            Sensed::Played(mark) => self.mouth.played(mark, now),
            Sensed::Out(out) => self.out(out, now),
            Sensed::Tick => self.tick(now),
        }
        self.settle(now);
        std::mem::take(&mut self.acts)
    }

    /// When time alone may change something.
    pub fn wakes_in(&self, now: MonotonicTime) -> Option<Duration> {
        let flush = self.chunker.waits().then(|| self.words_at.after(FLUSH).since(now));
        let ending = self.ending.as_ref().map(|(_, at)| at.after(LAST_WORDS).since(now));
        [flush, ending, self.turns.wakes_in()].into_iter().flatten().min()
    }

    /// How long the other side has been silent.
    pub fn silence(&self) -> Duration {
        self.turns.activity().silent()
    }

    /// Are words of ours on their way to the caller's ear?
    pub fn is_speaking(&self) -> bool {
        !self.mouth.is_done()
    }

    fn out(&mut self, out: CallOut, now: MonotonicTime) {
        match out {
            CallOut::Say { text, last, interruptible, .. } => {
                self.may_be_cut = interruptible;
                self.words_at = now;
                self.talk.push_str(&text);
                let pieces = self.chunker.take(&text, last);
                self.speak(pieces, last);
                if last {
                    self.turns.expect(Expectation::after(&std::mem::take(&mut self.talk)));
                }
            }
            CallOut::Language(language) => self.acts.push(Act::Language(language)),
            CallOut::End { note } => self.ending = Some((note, now)),
            // Nothing on a line of sound takes keys from us.
            CallOut::Digits(_) => {}
        }
    }

    fn speak(&mut self, pieces: Vec<String>, last: bool) {
        if last && pieces.is_empty() {
            self.mouth.ends_talk();
        }
        let count = pieces.len();
        for (place, text) in pieces.into_iter().enumerate() {
            let piece = self.mouth.add(&text, last && place + 1 == count, self.may_be_cut);
            self.acts.push(Act::Speak { piece, text });
        }
    }

    fn follow(&mut self, steps: Vec<TurnStep>, now: MonotonicTime) {
        for step in steps {
            match step {
                TurnStep::Begins => {
                    self.acts.push(Act::Begin);
                    self.tell_partial(now);
                }
                TurnStep::Finish => self.acts.push(Act::Finish),
                TurnStep::Takes(text) => self.takes(text, now),
                TurnStep::Lost => self.acts.push(Act::Tell(CallIn::Unclear)),
            }
        }
    }

    fn takes(&mut self, text: String, now: MonotonicTime) {
        if !self.mouth.is_done() && is_murmur(&text) {
            let is_answer = self.turns.expectation() == Expectation::YesOrNo && self.mouth.left() < EARLY;
            if !is_answer {
                // "Uh huh": they listen.
                self.duck(false);
                return;
            }
            self.drop_words();
            self.mouth.cut(now);
            self.was_busy = false;
            self.acts.push(Act::Tell(CallIn::Silent));
        } else if !self.mouth.is_done() && self.mouth.may_be_cut() {
            self.cut(now);
        }
        self.mouth.forget();
        self.acts.push(Act::Tell(CallIn::Prompt { text, language: None, is_final: true }));
    }

    /// In two steps: softer at once, silent when it is meant.
    fn barge_in(&mut self, now: MonotonicTime) {
        if self.mouth.is_done() || !self.mouth.may_be_cut() {
            return;
        }
        let words = self.turns.so_far();
        let (spoken, voiced, silent) = (self.turns.activity().spoken(), self.turns.activity().voiced(), self.turns.activity().silent());
        let has_words = words.chars().any(char::is_alphanumeric);
        let murmurs = has_words && is_murmur(&words);
        if has_words && !murmurs || is_stop(&words) {
            return self.cut(now);
        }
        if self.turns.activity().speaks() && silent < DUCKED_FOR {
            if voiced >= CUTS_AFTER && (!murmurs || spoken >= MURMURS_AT_MOST) {
                self.cut(now);
            } else if voiced >= DUCKS_AFTER {
                self.duck(true);
            }
        } else {
            self.duck(false);
        }
    }

    fn duck(&mut self, is_wanted: bool) {
        if self.is_ducked != is_wanted {
            self.is_ducked = is_wanted;
            self.acts.push(Act::Duck(is_wanted));
        }
    }

    fn drop_words(&mut self) {
        self.acts.extend([Act::Clear, Act::Hush]);
        self.chunker.forget();
        self.talk.clear();
        self.duck(false);
    }

    /// All of it is cut: what is being made, what waits here, and what the carrier has in store.
    fn cut(&mut self, now: MonotonicTime) {
        let heard = self.mouth.cut(now);
        self.drop_words();
        self.was_busy = false;
        self.acts.push(Act::Tell(CallIn::Interrupt { heard, heard_ms: None }));
        // Whoever breaks in has something to say, whatever we had asked.
        self.turns.expect(Expectation::Open);
    }

    fn tell_partial(&mut self, now: MonotonicTime) {
        self.told_at = now;
        self.acts.push(Act::Tell(CallIn::Prompt { text: self.turns.so_far(), language: None, is_final: false }));
    }

    /// A long sentence is no silence.
    fn goes_on(&mut self, now: MonotonicTime) {
        if self.turns.wakes_in().is_some() && self.told_at.after(TELLS_EVERY) <= now {
            self.tell_partial(now);
        }
    }

    fn tick(&mut self, now: MonotonicTime) {
        let steps = self.turns.tick(now);
        self.follow(steps, now);
        self.goes_on(now);
        if self.chunker.waits() && self.words_at.after(FLUSH) <= now {
            let pieces: Vec<String> = self.chunker.flush().into_iter().collect();
            self.speak(pieces, false);
        }
    }

    fn settle(&mut self, now: MonotonicTime) {
        let is_busy = !self.mouth.is_done();
        if self.was_busy && !is_busy {
            self.duck(false);
            self.acts.push(Act::Tell(CallIn::Silent));
        }
        self.was_busy = is_busy;
        if let Some((note, since)) = self.ending.take_if(|(_, since)| !is_busy || since.after(LAST_WORDS) <= now) {
            let _ = since;
            self.acts.push(Act::Over(note));
        }
    }
}

fn is_stop(words: &str) -> bool {
    let plain = words.to_lowercase();
    let plain = plain.trim_matches(|letter: char| !letter.is_alphanumeric());
    STOPS.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ports::FRAME;

    /// A call with a scripted voice: 66 milliseconds a letter, and a carrier that plays in real time.
    struct Call {
        pipeline: Pipeline,
        now: u64,
        told: Vec<(u64, CallIn)>,
        acts: Vec<(u64, Act)>,
        /// What the carrier has in store, and until when it plays.
        store: std::collections::VecDeque<(u64, Option<u64>)>,
        playing_until: u64,
    }

    fn say(text: &str, last: bool) -> CallOut {
        CallOut::Say { text: text.to_owned(), last, interruptible: true, language: None }
    }

    impl Call {
        fn new() -> Self {
            let pipeline = Pipeline::default();
            let mut call =
                Self { pipeline, now: 0, told: Vec::new(), acts: Vec::new(), store: std::collections::VecDeque::new(), playing_until: 0 };
            call.silence(200);
            call
        }

        fn time(&self) -> MonotonicTime {
            MonotonicTime::from_micros(10_000_000 + self.now * 1_000)
        }

        fn sense(&mut self, sensed: Sensed) {
            let acts = self.pipeline.on(sensed, self.time());
            for act in acts {
                self.acts.push((self.now, act.clone()));
                match act {
                    Act::Tell(told) => self.told.push((self.now, told)),
                    Act::Speak { piece, text } => {
                        let sound = vec![900; text.chars().count() * 528];
                        self.sense(Sensed::Voiced { piece, what: Voiced::Sound(sound) });
                        self.sense(Sensed::VoiceDone(piece));
                    }
                    Act::Give(Given::Frame(_)) => {
                        self.playing_until = self.playing_until.max(self.now) + 20;
                        self.store.push_back((self.playing_until, None));
                    }
                    Act::Give(Given::Mark(mark)) => self.store.push_back((self.playing_until, Some(mark))),
                    Act::Clear => {
                        self.playing_until = self.now;
                        // Marks of what was dropped come back at once.
                        let marks: Vec<u64> = self.store.drain(..).filter_map(|(_, mark)| mark).collect();
                        for mark in marks {
                            self.sense(Sensed::Played(mark));
                        }
                    }
                    _ => {}
                }
            }
        }

        fn frames(&mut self, milliseconds: u64, loudness: i16) {
            for _ in 0..milliseconds / 20 {
                self.now += 20;
                while let Some((at, mark)) = self.store.front().copied().filter(|(at, _)| *at <= self.now) {
                    let _ = at;
                    self.store.pop_front();
                    if let Some(mark) = mark {
                        self.sense(Sensed::Played(mark));
                    }
                }
                let frame = (0..FRAME).map(|place| if place % 8 < 4 { loudness } else { -loudness }).collect();
                self.sense(Sensed::Frame(frame));
                self.sense(Sensed::Tick);
            }
        }

        fn speech(&mut self, milliseconds: u64) {
            self.frames(milliseconds, 4_000);
        }

        fn silence(&mut self, milliseconds: u64) {
            self.frames(milliseconds, 2);
        }

        fn partial(&mut self, text: &str) {
            self.sense(Sensed::Recognised(Recognised::Partial(text.to_owned())));
        }

        fn is_final(&mut self, text: &str) {
            self.sense(Sensed::Recognised(Recognised::Final { text: text.to_owned(), confidence: None }));
            self.sense(Sensed::Recognised(Recognised::Done));
        }

        fn interrupted(&self) -> Option<(u64, String)> {
            self.told.iter().find_map(|(at, told)| match told {
                CallIn::Interrupt { heard, .. } => Some((*at, heard.clone())),
                _ => None,
            })
        }

        fn prompts(&self) -> Vec<&str> {
            let whole = |told: &'_ CallIn| matches!(told, CallIn::Prompt { is_final: true, .. });
            self.told
                .iter()
                .filter(|(_, told)| whole(told))
                .filter_map(|(_, told)| if let CallIn::Prompt { text, .. } = told { Some(text.as_str()) } else { None })
                .collect()
        }

        fn when(&self, wanted: &Act) -> Option<u64> {
            self.acts.iter().find(|(_, act)| act == wanted).map(|(at, _)| *at)
        }
    }

    #[test]
    fn what_is_said_is_spoken_and_its_end_is_told() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("It costs ten euros.", false)));
        call.sense(Sensed::Out(say(" Delivery is free.", true)));
        call.silence(2_000);
        assert!(!call.told.iter().any(|(_, told)| *told == CallIn::Silent));
        call.silence(1_000);
        let silent = call.told.iter().find(|(_, told)| *told == CallIn::Silent).expect("it ends").0;
        assert!((2_560..=2_680).contains(&silent), "{silent}");
    }

    #[test]
    fn whoever_speaks_into_our_words_is_listened_to_within_a_third_of_a_second() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("Sure, I can look up the order for you right away.", true)));
        call.silence(1_400);
        let began = call.now;
        call.speech(600);
        let (at, heard) = call.interrupted().expect("it is cut");
        assert!(at - began <= 300, "{} ms", at - began);
        assert!(heard.starts_with("Sure, I can look up"), "{heard}");
        assert!("Sure, I can look up the order".starts_with(&heard), "{heard}");
        assert_eq!(call.when(&Act::Clear), Some(at), "the carrier is told to drop the rest");
        assert_eq!(call.when(&Act::Hush), Some(at));
        assert!(call.when(&Act::Duck(true)).is_some_and(|ducked| ducked < at && ducked - began <= 120));
        call.silence(460);
        call.is_final("no, the other one");
        assert_eq!(call.prompts(), ["no, the other one"]);
    }

    #[test]
    fn a_stop_word_or_a_key_cuts_at_once() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("Sure, I can look up the order for you right away.", true)));
        call.silence(1_000);
        call.speech(100);
        call.partial("stop");
        let (at, _) = call.interrupted().expect("it is cut");
        assert_eq!(at, call.now);
        let mut call = Call::new();
        call.sense(Sensed::Out(say("For sales press one, for support press two.", true)));
        call.silence(1_000);
        call.sense(Sensed::Key('1'));
        assert!(matches!(&call.told[call.told.len() - 2..], [(_, CallIn::Interrupt { .. }), (_, CallIn::Key('1'))]), "{:?}", call.told);
    }

    #[test]
    fn a_murmur_is_no_interruption() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("Sure, I can look up the order for you right away.", true)));
        call.silence(1_000);
        call.speech(160);
        call.partial("uh huh");
        call.speech(160);
        call.silence(500);
        call.is_final("uh huh");
        assert_eq!((call.interrupted(), call.prompts().len()), (None, 0));
        assert!(call.when(&Act::Duck(true)).is_some() && call.when(&Act::Duck(false)).is_some(), "softer, then as before");
    }

    #[test]
    fn yes_into_the_last_words_of_a_question_is_the_answer() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("Shall I go on?", true)));
        call.silence(400);
        call.speech(200);
        call.partial("yes");
        call.silence(280);
        call.is_final("yes");
        assert_eq!(call.prompts(), ["yes"]);
        assert_eq!(call.told[call.told.len() - 2].1, CallIn::Silent);
    }

    #[test]
    fn a_noise_into_our_words_changes_nothing() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("Sure, I can look up the order for you right away.", true)));
        call.silence(1_000);
        call.speech(60);
        call.silence(2_600);
        assert_eq!(call.interrupted(), None);
        assert!(call.told.iter().any(|(_, told)| *told == CallIn::Silent));
    }

    #[test]
    fn what_must_be_heard_is_not_cut() {
        let mut call = Call::new();
        let notice =
            CallOut::Say { text: "This call is recorded for you and us.".to_owned(), last: true, interruptible: false, language: None };
        call.sense(Sensed::Out(notice));
        call.silence(500);
        call.speech(900);
        call.sense(Sensed::Key('1'));
        assert_eq!((call.interrupted(), call.when(&Act::Clear)), (None, None));
    }

    #[test]
    fn words_that_nobody_has_heard_yet_are_taken_back_when_the_caller_goes_on() {
        let mut pipeline = Pipeline::default();
        let at = |milliseconds: u64| MonotonicTime::from_micros(10_000_000 + milliseconds * 1_000);
        pipeline.on(Sensed::Out(say("It costs ten euros.", true)), at(0));
        let loud: Vec<i16> = (0..FRAME).map(|place| if place % 8 < 4 { 4_000 } else { -4_000 }).collect();
        pipeline.on(Sensed::Frame(vec![1; FRAME]), at(0));
        let acts: Vec<Act> = (1..20).flat_map(|frame| pipeline.on(Sensed::Frame(loud.clone()), at(frame * 20))).collect();
        assert!(acts.contains(&Act::Tell(CallIn::Interrupt { heard: String::new(), heard_ms: None })), "{acts:?}");
        let late = pipeline.on(Sensed::Voiced { piece: 1, what: Voiced::Sound(vec![1; 1_600]) }, at(500));
        assert_eq!(late, [], "a voice that comes too late is not played");
    }

    #[test]
    fn the_last_words_are_said_before_we_hang_up() {
        let mut call = Call::new();
        call.sense(Sensed::Out(say("Goodbye.", true)));
        call.sense(Sensed::Out(CallOut::End { note: "silent".to_owned() }));
        call.silence(300);
        assert_eq!(call.when(&Act::Over("silent".to_owned())), None);
        call.silence(400);
        assert!(call.when(&Act::Over("silent".to_owned())).is_some());
    }

    #[test]
    fn whoever_speaks_for_long_is_not_taken_for_silent() {
        let mut call = Call::new();
        call.speech(9_000);
        let partials = call.told.iter().filter(|(_, told)| matches!(told, CallIn::Prompt { is_final: false, .. })).count();
        assert!(partials >= 4, "{partials}");
    }

    #[test]
    fn what_nobody_understands_and_what_nobody_can_say_is_told() {
        let mut call = Call::new();
        call.speech(600);
        call.silence(500);
        call.is_final("");
        assert!(call.told.iter().any(|(_, told)| *told == CallIn::Unclear), "{:?}", call.told);
        let mut pipeline = Pipeline::default();
        let now = call.time();
        pipeline.on(Sensed::Out(say("Hello there.", true)), now);
        let acts = pipeline.on(Sensed::VoiceFailed(1), now);
        assert!(acts.contains(&Act::Mute) && !pipeline.is_speaking(), "{acts:?}");
    }
}
