//! One call, whatever carries it: who may speak, what was heard, when silence has lasted too long. Pure: time is given.

use std::time::Duration;

use domain::call::{CallIn, CallOut};
use domain::{MessageId, MonotonicTime};

use super::ledger::{HeardPart, Ledger};
use super::listening::{is_murmur, written};
use crate::reasoning::private::masked;
use crate::rendering::phrases::Phrases;

/// Without an answer so long, one short word says that we are still there.
const FILLER_AFTER: Duration = Duration::from_millis(900);
/// Without an answer for so long they hear again that we are looking.
const STILL_AFTER: Duration = Duration::from_secs(8);
/// An answer that has not come by then does not come: nobody waits on a dead line.
const STUCK_AFTER: Duration = Duration::from_secs(25);
/// A person who answers in writing may take so long.
const PERSON_STUCK_AFTER: Duration = Duration::from_mins(3);
/// So many zeros in a row are no number: somebody wants a person, now.
const ZEROS: &str = "000";
/// Zeros that come so soon after that are more of the same.
const SAME_ZEROS: Duration = Duration::from_secs(3);
/// A silence that is asked about.
const SILENCE: Duration = Duration::from_secs(8);
/// Keys are one number until nothing comes for so long.
const KEYS_END_AFTER: Duration = Duration::from_millis(1_800);
/// Somebody who spoke into our words and then says nothing did not mean it.
const RESUME_AFTER: Duration = Duration::from_millis(1_500);
/// Keys of one number.
const MOST_KEYS: usize = 24;
/// How fast a voice reads.
const PER_LETTER: Duration = Duration::from_millis(66);
/// No call lasts longer.
const LONGEST: Duration = Duration::from_mins(60);

/// What happens on a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The line says.
    Line(CallIn),
    /// So much of a reply of ours is decided.
    Decided {
        /// Which.
        message: MessageId,
        /// Everything of it so far, as it is said.
        text: String,
        /// Nothing follows.
        is_whole: bool,
    },
    /// Time has passed.
    Tick,
}

/// What has to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send it to the line.
    Send(CallOut),
    /// A message of the caller's.
    Take {
        /// In writing.
        text: String,
        /// As it was heard, where that differs.
        raw: Option<String>,
        /// Keyed, not said.
        by_keys: bool,
        /// Its number on this line.
        number: u64,
    },
    /// The caller wants a person.
    Person {
        /// Its number on this line.
        number: u64,
    },
    /// Only so much was heard of messages of ours.
    Heard(Vec<HeardPart>),
    /// We hang up.
    Finish(Why),
}

/// Why we hang up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody said anything for long.
    Silent,
    /// It went on for too long.
    TooLong,
    /// We understand nothing on this line, and no key came.
    Deaf,
    /// What they said is not answered, and will not be.
    Stuck,
}

/// See the module.
#[derive(Debug)]
pub struct Session {
    words: Phrases,
    began: MonotonicTime,
    ledger: Ledger,
    keys: String,
    keyed_at: MonotonicTime,
    /// They spoke into our words: what they had heard, and when.
    broke_in: Option<(String, MonotonicTime)>,
    /// A message of theirs is being answered since then.
    waiting_since: Option<MonotonicTime>,
    has_filled: bool,
    /// What they said waits for its answer since then, whatever else they say meanwhile.
    unanswered_since: Option<MonotonicTime>,
    /// When they last heard that we are looking.
    assured_at: MonotonicTime,
    /// A person answers them.
    is_with_person: bool,
    /// When keys last asked for a person.
    zeros_at: Option<MonotonicTime>,
    speaking_until: MonotonicTime,
    last_heard: MonotonicTime,
    checks: u32,
    /// How often in a row nothing was understood.
    unclear: u32,
    /// Only keys are understood.
    is_deaf: bool,
    number: u64,
    is_over: bool,
}

impl Session {
    /// A call that begins now, in this language; `greeting` is being said already.
    pub fn new(language: &str, now: MonotonicTime) -> Self {
        Self {
            words: Phrases::new(language.get(..2).unwrap_or("en")),
            began: now,
            ledger: Ledger::default(),
            keys: String::new(),
            keyed_at: now,
            broke_in: None,
            waiting_since: None,
            has_filled: false,
            unanswered_since: None,
            assured_at: now,
            is_with_person: false,
            zeros_at: None,
            speaking_until: now,
            last_heard: now,
            checks: 0,
            unclear: 0,
            is_deaf: false,
            number: 0,
            is_over: false,
        }
    }

    /// The greeting is being said by the vendor already.
    pub fn greeted(&mut self, message: Option<MessageId>, text: &str, now: MonotonicTime) {
        match message {
            Some(message) => drop(self.ledger.grow(message, text, true)),
            None => self.ledger.aside(text),
        }
        self.speaks(text, now);
    }

    /// Words that are said to their end, whatever the other side does.
    pub fn notice(&mut self, text: &str, now: MonotonicTime) -> Step {
        self.ledger.aside(text);
        self.speaks(text, now);
        Step::Send(CallOut::Say { text: text.to_owned(), last: true, interruptible: false, language: None })
    }

    /// What was said needs no answer of a turn.
    pub fn is_answered(&mut self) {
        self.waiting_since = None;
        self.unanswered_since = None;
    }

    /// Whether a person answers them, who writes more slowly.
    pub fn is_with_person(&mut self, is_so: bool) {
        self.is_with_person = is_so;
    }

    /// Until when an answer is waited for, and when they hear next that we are looking.
    fn patience(&self) -> Option<(MonotonicTime, MonotonicTime)> {
        let since = self.unanswered_since?;
        let longest = if self.is_with_person { PERSON_STUCK_AFTER } else { STUCK_AFTER };
        Some((since.after(longest), self.assured_at.max(self.speaking_until).after(STILL_AFTER)))
    }

    /// Words that are no message of a turn, said now.
    pub fn announce(&mut self, text: &str, now: MonotonicTime) -> Step {
        self.ledger.aside(text);
        self.speaks(text, now);
        Step::Send(self.words_of(text.to_owned(), true))
    }

    /// What follows from what happened.
    pub fn on(&mut self, input: Input, now: MonotonicTime) -> Vec<Step> {
        if self.is_over {
            return Vec::new();
        }
        match input {
            Input::Line(heard) => self.hear(heard, now),
            Input::Decided { message, text, is_whole } => self.say(message, &text, is_whole, now),
            Input::Tick => self.tick(now),
        }
    }

    /// When time alone will change something.
    pub fn wakes_at(&self) -> MonotonicTime {
        let mut next = self.began.after(LONGEST);
        if !self.keys.is_empty() {
            next = next.min(self.keyed_at.after(KEYS_END_AFTER));
        }
        if let Some((_, at)) = &self.broke_in {
            next = next.min(at.after(RESUME_AFTER));
        }
        match self.waiting_since {
            Some(since) => {
                let Some((stuck, still)) = self.patience() else { return next };
                let next = next.min(stuck);
                match (&self.broke_in, self.has_filled) {
                    // First it is seen whether they meant to speak.
                    (Some(_), _) => next,
                    (None, true) => next.min(still),
                    (None, false) => next.min(since.after(FILLER_AFTER)),
                }
            }
            None => next.min(self.quiet_since().after(SILENCE)),
        }
    }

    fn quiet_since(&self) -> MonotonicTime {
        self.last_heard.max(self.speaking_until)
    }

    fn speaks(&mut self, text: &str, now: MonotonicTime) {
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.speaking_until = self.speaking_until.max(now).after(PER_LETTER.saturating_mul(letters));
    }

    fn hear(&mut self, heard: CallIn, now: MonotonicTime) -> Vec<Step> {
        match heard {
            CallIn::Prompt { text, is_final, .. } => {
                self.last_heard = now;
                self.checks = 0;
                if !is_final {
                    // More is to come: nothing is decided yet.
                    if let Some((_, at)) = &mut self.broke_in {
                        *at = now;
                    }
                    return Vec::new();
                }
                self.prompt(&text, now)
            }
            CallIn::Interrupt { heard, .. } => {
                self.last_heard = now;
                self.broke_in = Some((heard, now));
                self.speaking_until = now;
                Vec::new()
            }
            CallIn::Key(key) => {
                self.last_heard = now;
                self.checks = 0;
                self.key(key, now)
            }
            CallIn::Silent => {
                self.speaking_until = now;
                Vec::new()
            }
            CallIn::Unclear => self.unclear(now),
            CallIn::Deaf => {
                self.last_heard = now;
                self.is_deaf = true;
                vec![self.aside("call.keys", now)]
            }
            CallIn::Setup { .. } | CallIn::Fault(_) | CallIn::Unknown => Vec::new(),
        }
    }

    fn prompt(&mut self, text: &str, now: MonotonicTime) -> Vec<Step> {
        let mut steps = Vec::new();
        let spoke_into_us = self.broke_in.is_some() || now < self.speaking_until;
        if text.trim().is_empty() || (spoke_into_us && is_murmur(text)) {
            return self.resume(now);
        }
        self.cut(&mut steps);
        self.unclear = 0;
        self.ledger.all_heard();
        steps.extend(self.flush_keys(now));
        let plain = masked(&written(text));
        let raw = (plain != text).then(|| masked(text)).filter(|raw| *raw != plain);
        self.number += 1;
        self.wait(now);
        steps.push(Step::Take { text: plain, raw, by_keys: false, number: self.number });
        steps
    }

    /// Once they are asked again, then keys are offered; whatever makes the noise is not answered for ever.
    fn unclear(&mut self, now: MonotonicTime) -> Vec<Step> {
        self.last_heard = now;
        if self.broke_in.is_some() || self.waiting_since.is_some() || now < self.speaking_until {
            return Vec::new();
        }
        self.unclear += 1;
        match self.unclear {
            1 => vec![self.aside("call.unclear", now)],
            2 => vec![self.aside("call.keys", now)],
            _ => Vec::new(),
        }
    }

    fn wait(&mut self, now: MonotonicTime) {
        if self.waiting_since.is_none() || self.unanswered_since.is_none() {
            (self.unanswered_since, self.assured_at) = (Some(now), now);
        }
        self.waiting_since = Some(now);
        self.has_filled = false;
    }

    /// What they had heard when they spoke into our words is what was said.
    fn cut(&mut self, steps: &mut Vec<Step>) {
        if let Some((heard, _)) = self.broke_in.take() {
            let parts = self.ledger.interrupted(&heard);
            if !parts.is_empty() {
                steps.push(Step::Heard(parts));
            }
        }
    }

    /// A murmur, or nothing at all: what was cut off is said after all.
    fn resume(&mut self, now: MonotonicTime) -> Vec<Step> {
        let Some((heard, _)) = self.broke_in.take() else { return Vec::new() };
        let rest = self.ledger.rest_after(&heard);
        if rest.is_empty() {
            return Vec::new();
        }
        self.speaks(&rest, now);
        vec![Step::Send(self.words_of(rest, true))]
    }

    fn key(&mut self, key: char, now: MonotonicTime) -> Vec<Step> {
        let mut steps = Vec::new();
        self.cut(&mut steps);
        self.keyed_at = now;
        if key == '0' && self.keys.is_empty() && self.zeros_at.is_some_and(|at| now < at.after(SAME_ZEROS)) {
            self.zeros_at = Some(now);
            return steps;
        }
        match key {
            '#' => steps.extend(self.flush_keys(now)),
            '*' => self.keys.clear(),
            key if self.keys.len() < MOST_KEYS => self.keys.push(key),
            _ => {}
        }
        if self.keys == ZEROS {
            steps.extend(self.flush_keys(now));
        }
        steps
    }

    /// Keys are one number once nothing more comes; zero alone wants a person, however often it is pressed.
    fn flush_keys(&mut self, now: MonotonicTime) -> Option<Step> {
        let keys = std::mem::take(&mut self.keys);
        if keys.is_empty() {
            return None;
        }
        self.number += 1;
        self.wait(now);
        if keys.bytes().all(|key| key == b'0') {
            self.zeros_at = Some(now);
            return Some(Step::Person { number: self.number });
        }
        Some(Step::Take { text: masked(&keys), raw: None, by_keys: true, number: self.number })
    }

    fn say(&mut self, message: MessageId, text: &str, is_whole: bool, now: MonotonicTime) -> Vec<Step> {
        if let Some(part) = self.ledger.cut_part(message) {
            // What was cut stays cut, however the turn went on.
            return if is_whole { vec![Step::Heard(vec![part.clone()])] } else { Vec::new() };
        }
        let new = self.ledger.grow(message, text, is_whole);
        if is_whole {
            self.is_answered();
        } else if self.waiting_since.is_some() {
            // It comes, word by word.
            self.unanswered_since = Some(now);
        }
        // Something is being said: no filler any more.
        self.has_filled = true;
        if new.is_empty() && !is_whole {
            return Vec::new();
        }
        self.speaks(&new, now);
        vec![Step::Send(self.words_of(new, is_whole))]
    }

    fn words_of(&self, text: String, last: bool) -> CallOut {
        CallOut::Say { text, last, interruptible: true, language: None }
    }

    fn aside(&mut self, key: &str, now: MonotonicTime) -> Step {
        let text = self.words.say(key);
        self.announce(&text, now)
    }

    fn tick(&mut self, now: MonotonicTime) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.began.after(LONGEST) <= now {
            steps.push(self.aside("call.too_long", now));
            steps.push(Step::Finish(Why::TooLong));
            self.is_over = true;
            return steps;
        }
        if !self.keys.is_empty() && self.keyed_at.after(KEYS_END_AFTER) <= now {
            steps.extend(self.flush_keys(now));
        }
        if self.broke_in.as_ref().is_some_and(|(_, at)| at.after(RESUME_AFTER) <= now) {
            steps.extend(self.resume(now));
        }
        match self.waiting_since {
            Some(_) if self.patience().is_some_and(|(stuck, _)| stuck <= now) => {
                steps.push(Step::Finish(Why::Stuck));
                self.is_over = true;
            }
            Some(since) => {
                if self.patience().is_some_and(|(_, still)| still <= now) && self.has_filled && self.broke_in.is_none() {
                    self.assured_at = now;
                    steps.push(self.aside("call.still", now));
                }
                if !self.has_filled && since.after(FILLER_AFTER) <= now && self.broke_in.is_none() {
                    self.has_filled = true;
                    self.assured_at = now;
                    steps.push(self.aside("call.filler", now));
                }
            }
            None if self.quiet_since().after(SILENCE) <= now => {
                self.checks += 1;
                self.last_heard = now;
                match self.checks {
                    _ if self.is_deaf => {
                        steps.push(self.aside("call.deaf", now));
                        steps.push(Step::Finish(Why::Deaf));
                        self.is_over = true;
                    }
                    1 => steps.push(self.aside("call.there", now)),
                    2 => steps.push(self.aside("call.offer", now)),
                    _ => {
                        steps.push(self.aside("call.silent", now));
                        steps.push(Step::Finish(Why::Silent));
                        self.is_over = true;
                    }
                }
            }
            None => {}
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    const START: u64 = 1_000_000_000;

    fn at(milliseconds: u64) -> MonotonicTime {
        MonotonicTime::from_micros(START + milliseconds * 1_000)
    }

    fn message(number: u128) -> MessageId {
        MessageId::new(Timestamp::from_secs(1), number)
    }

    fn session() -> Session {
        Session::new("en", at(0))
    }

    fn prompt(text: &str) -> Input {
        Input::Line(CallIn::Prompt { text: text.to_owned(), language: None, is_final: true })
    }

    fn interrupt(heard: &str) -> Input {
        Input::Line(CallIn::Interrupt { heard: heard.to_owned(), heard_ms: None })
    }

    fn decided(number: u128, text: &str, is_whole: bool) -> Input {
        Input::Decided { message: message(number), text: text.to_owned(), is_whole }
    }

    fn said(steps: &[Step]) -> Vec<&str> {
        steps.iter().filter_map(|step| if let Step::Send(CallOut::Say { text, .. }) = step { Some(text.as_str()) } else { None }).collect()
    }

    #[test]
    fn what_is_said_is_taken_once_it_is_whole() {
        let mut session = session();
        let partial = CallIn::Prompt { text: "I would".to_owned(), language: None, is_final: false };
        assert_eq!(session.on(Input::Line(partial), at(100)), []);
        let steps = session.on(prompt("My order is four seven one oh nine two"), at(900));
        let expected = Step::Take {
            text: "My order is 471092".to_owned(),
            raw: Some("My order is four seven one oh nine two".to_owned()),
            by_keys: false,
            number: 1,
        };
        assert_eq!(steps, [expected]);
    }

    #[test]
    fn sentences_are_said_as_they_are_decided_and_the_last_one_ends_it() {
        let mut session = session();
        session.on(prompt("What does it cost?"), at(0));
        let first = session.on(decided(1, "It costs 349 euros.", false), at(100));
        assert_eq!(
            first,
            [Step::Send(CallOut::Say { text: "It costs 349 euros.".to_owned(), last: false, interruptible: true, language: None })]
        );
        let second = session.on(decided(1, "It costs 349 euros. Delivery is free.", true), at(200));
        assert_eq!(
            second,
            [Step::Send(CallOut::Say { text: " Delivery is free.".to_owned(), last: true, interruptible: true, language: None })]
        );
    }

    #[test]
    fn only_what_was_heard_before_an_interruption_is_kept() {
        let mut session = session();
        session.on(decided(1, "Sure, I can look up the order for you right away.", true), at(0));
        assert_eq!(session.on(interrupt("Sure, I can look up the"), at(1_800)), []);
        let steps = session.on(prompt("No, wait"), at(2_500));
        assert_eq!(steps[0], Step::Heard(vec![HeardPart { message: message(1), heard: "Sure, I can look up the".to_owned() }]));
        assert!(matches!(steps[1], Step::Take { .. }));
        // The turn that was being said goes on and ends: nothing of it is said any more.
        let late = session.on(decided(1, "Sure, I can look up the order for you right away. Anything else?", true), at(2_600));
        assert_eq!(late, [Step::Heard(vec![HeardPart { message: message(1), heard: "Sure, I can look up the".to_owned() }])]);
    }

    #[test]
    fn a_murmur_does_not_cut_us_off() {
        let mut session = session();
        session.on(decided(1, "Sure, I can look up the order for you.", true), at(0));
        session.on(interrupt("Sure, I can"), at(700));
        assert_eq!(said(&session.on(prompt("uh huh"), at(1_000))), ["look up the order for you."]);
        assert_eq!(session.on(prompt("yeah"), at(1_100)), [], "while we speak");
        let steps = session.on(prompt("yeah"), at(20_000));
        assert!(matches!(&steps[..], [Step::Take { .. }]), "once we are silent it is an answer");
    }

    #[test]
    fn a_noise_without_words_does_not_cut_us_off() {
        let mut session = session();
        session.on(decided(1, "Sure, I can look up the order for you.", true), at(0));
        session.on(interrupt("Sure, I can"), at(700));
        assert_eq!(session.wakes_at(), at(2_200));
        assert_eq!(said(&session.on(Input::Tick, at(2_200))), ["look up the order for you."]);
    }

    #[test]
    fn a_slow_answer_gets_one_filler_and_never_two() {
        let mut session = session();
        session.on(prompt("What does it cost?"), at(0));
        assert_eq!(session.wakes_at(), at(900));
        assert_eq!(said(&session.on(Input::Tick, at(900))).len(), 1);
        assert_eq!(session.on(Input::Tick, at(5_000)), []);
        session.on(decided(1, "It costs 349 euros.", true), at(6_000));
        session.on(prompt("And the other?"), at(12_000));
        session.on(decided(2, "The same.", true), at(12_500));
        assert_eq!(session.on(Input::Tick, at(13_000)), [], "a quick answer gets none");
    }

    #[test]
    fn whoever_waits_for_an_answer_that_does_not_come_hears_so_and_is_not_left_on_a_dead_line() {
        let mut session = session();
        session.on(prompt("What does it cost?"), at(0));
        let (mut now, mut assured) = (0, 0);
        let mut asked_again = false;
        loop {
            let wakes = session.wakes_at().as_micros().saturating_sub(START) / 1_000;
            assert!(wakes > now || now == 0, "it does not sleep: {now}");
            now = wakes;
            assert!(now <= 25_000, "it is silent for ever");
            let steps = session.on(Input::Tick, at(now));
            assured += said(&steps).len();
            if steps.contains(&Step::Finish(Why::Stuck)) {
                break;
            }
            // Whoever asks again meanwhile does not wait longer for it.
            if now > 10_000 && !asked_again {
                asked_again = true;
                session.on(prompt("Hello? Is somebody there?"), at(now + 500));
            }
        }
        assert!(now == 25_000 && (3..=5).contains(&assured), "{now} {assured}");
        let mut session = Session::new("en", at(0));
        session.is_with_person(true);
        session.on(prompt("What does it cost?"), at(0));
        session.on(Input::Tick, at(900));
        assert!(!session.on(Input::Tick, at(60_000)).contains(&Step::Finish(Why::Stuck)), "a person writes");
        assert!(session.on(Input::Tick, at(180_000)).contains(&Step::Finish(Why::Stuck)), "but not for ever");
    }

    #[test]
    fn zeros_reach_a_person_however_many_and_once() {
        for zeros in [1_usize, 2, 3, 5] {
            let mut session = session();
            let mut steps = Vec::new();
            for place in 0..zeros as u64 {
                steps.extend(session.on(Input::Line(CallIn::Key('0')), at(place * 300)));
            }
            steps.extend(session.on(Input::Tick, at(4_000)));
            assert_eq!(steps.iter().filter(|step| matches!(step, Step::Person { .. })).count(), 1, "{zeros}: {steps:?}");
            assert!(!steps.iter().any(|step| matches!(step, Step::Take { .. })), "{zeros}: {steps:?}");
        }
        let mut session = session();
        for (place, key) in "00417#".chars().enumerate() {
            for step in session.on(Input::Line(CallIn::Key(key)), at(place as u64 * 300)) {
                assert_eq!(step, Step::Take { text: "00417".to_owned(), raw: None, by_keys: true, number: 1 });
            }
        }
    }

    #[test]
    fn silence_is_asked_about_twice_and_then_ends_the_call() {
        let mut session = session();
        let mut now = 0;
        let mut said_in_all = 0;
        for _ in 0..3 {
            let wakes = session.wakes_at().as_micros().saturating_sub(START) / 1_000;
            assert!(wakes >= now);
            now = wakes;
            let steps = session.on(Input::Tick, at(now));
            said_in_all += said(&steps).len();
            if steps.contains(&Step::Finish(Why::Silent)) {
                assert_eq!(said_in_all, 3);
                assert_eq!(session.on(prompt("hello?"), at(now + 10)), [], "it is over");
                return;
            }
        }
        panic!("the call does not end");
    }

    #[test]
    fn keys_are_one_number_and_zero_is_a_person() {
        let mut session = session();
        for (place, key) in "20417".chars().enumerate() {
            assert_eq!(session.on(Input::Line(CallIn::Key(key)), at(place as u64 * 300)), []);
        }
        let steps = session.on(Input::Tick, at(4_000));
        assert_eq!(steps, [Step::Take { text: "20417".to_owned(), raw: None, by_keys: true, number: 1 }]);
        session.on(Input::Line(CallIn::Key('0')), at(5_000));
        assert_eq!(session.on(Input::Line(CallIn::Key('#')), at(5_100)), [Step::Person { number: 2 }]);
        for key in "4111111111111111#".chars() {
            for step in session.on(Input::Line(CallIn::Key(key)), at(9_000)) {
                assert_eq!(step, Step::Take { text: "[card number]".to_owned(), raw: None, by_keys: true, number: 3 });
            }
        }
    }

    #[test]
    fn who_is_not_understood_is_asked_again_once_and_then_offered_keys() {
        let mut session = session();
        assert_eq!(said(&session.on(Input::Line(CallIn::Unclear), at(0))).len(), 1);
        session.on(Input::Line(CallIn::Silent), at(3_000));
        assert!(said(&session.on(Input::Line(CallIn::Unclear), at(4_000)))[0].contains("zero"));
        session.on(Input::Line(CallIn::Silent), at(9_000));
        assert_eq!(session.on(Input::Line(CallIn::Unclear), at(10_000)), [], "a noisy street is not talked to for ever");
        assert!(matches!(&session.on(prompt("hello"), at(11_000))[..], [Step::Take { .. }]));
    }

    #[test]
    fn on_a_line_where_nothing_is_understood_keys_lead_on_and_silence_ends_in_a_promise() {
        let mut session = session();
        assert!(said(&session.on(Input::Line(CallIn::Deaf), at(0)))[0].contains("zero"));
        session.on(Input::Line(CallIn::Key('0')), at(3_000));
        assert_eq!(session.on(Input::Line(CallIn::Key('#')), at(3_100)), [Step::Person { number: 1 }]);
        let mut session = Session::new("en", at(0));
        session.on(Input::Line(CallIn::Deaf), at(0));
        session.on(Input::Line(CallIn::Silent), at(5_000));
        let steps = session.on(Input::Tick, at(13_000));
        assert!(steps.contains(&Step::Finish(Why::Deaf)), "{steps:?}");
    }

    #[test]
    fn a_line_that_knows_what_was_played_says_when_we_are_silent() {
        let mut session = session();
        session.on(decided(1, &"word ".repeat(100), true), at(0));
        session.on(Input::Line(CallIn::Silent), at(2_000));
        assert_eq!(session.wakes_at(), at(10_000));
        assert!(matches!(&session.on(prompt("yes"), at(2_500))[..], [Step::Take { .. }]), "an answer, not a murmur");
    }

    #[test]
    fn keys_cut_us_off_at_once() {
        let mut session = session();
        session.on(decided(1, "For sales press one, for support press two.", true), at(0));
        session.on(interrupt("For sales press one"), at(900));
        let steps = session.on(Input::Line(CallIn::Key('1')), at(950));
        assert_eq!(steps, [Step::Heard(vec![HeardPart { message: message(1), heard: "For sales press one".to_owned() }])]);
    }
}
