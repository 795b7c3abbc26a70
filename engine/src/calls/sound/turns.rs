//! When has the caller finished? The first that says so: the recogniser's own judgement, or a pause as long as what is
//! expected allows. Time is given.

use std::time::Duration;

use domain::MonotonicTime;
use domain::ports::Recognised;

use super::activity::Activity;
use super::expectation::Expectation;

/// What a recogniser still holds back is waited for so long.
const PATIENCE: Duration = Duration::from_secs(3);
/// Shorter than any word.
const NOISE: Duration = Duration::from_millis(100);
/// Nobody says so much in one breath.
const LONGEST: Duration = Duration::from_secs(60);
/// Frames that do not come for so long count as silence.
const STALLS: Duration = Duration::from_millis(100);
/// How often time alone may end something, while somebody speaks.
const LOOK: Duration = Duration::from_millis(50);

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnStep {
    /// Somebody has begun to speak.
    Begins,
    /// The recogniser should give what it holds back.
    Finish,
    /// They have said this.
    Takes(String),
    /// They said something that nobody recognised.
    Lost,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Quiet,
    Speaking,
    /// The recogniser was asked at this moment.
    Finishing(MonotonicTime),
    /// All of it is known, but it sounds as if more came.
    Holding,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Turns {
    activity: Activity,
    expectation: Expectation,
    state: State,
    words: String,
    partial: String,
    heard_at: Option<MonotonicTime>,
}

impl Turns {
    /// What our last words ask for.
    pub fn expect(&mut self, expectation: Expectation) {
        self.expectation = expectation;
    }

    /// What is expected.
    pub fn expectation(&self) -> Expectation {
        self.expectation
    }

    /// The caller's voice.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// What they have said so far, as far as it is known.
    pub fn so_far(&self) -> String {
        format!("{} {}", self.words, self.partial).trim().to_owned()
    }

    /// A frame of the caller's.
    pub fn hear(&mut self, frame: &[i16], now: MonotonicTime) -> Vec<TurnStep> {
        self.activity.hear(frame);
        self.heard_at = Some(now);
        self.decide(now)
    }

    /// What the recogniser says.
    pub fn recognised(&mut self, what: Recognised, now: MonotonicTime) -> Vec<TurnStep> {
        match what {
            Recognised::Partial(text) => self.partial = text,
            Recognised::Final { text, .. } => {
                self.partial.clear();
                self.add(&text);
                // Spoken so softly that only the recogniser heard it.
                if self.state == State::Quiet && !self.words.is_empty() {
                    self.state = State::Speaking;
                }
            }
            Recognised::TurnEnd => return self.end(),
            Recognised::Done => {
                if let State::Finishing(_) = self.state {
                    return self.complete(now);
                }
            }
            Recognised::Fault(_) => {}
        }
        self.decide(now)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: MonotonicTime) -> Vec<TurnStep> {
        self.decide(now)
    }

    /// When time alone may change something.
    pub fn wakes_in(&self) -> Option<Duration> {
        (self.state != State::Quiet).then_some(LOOK)
    }

    fn add(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() && !self.words.is_empty() {
            self.words.push(' ');
        }
        self.words.push_str(text);
    }

    fn silence(&self, now: MonotonicTime) -> Duration {
        let stall = self.heard_at.map_or(Duration::ZERO, |at| now.since(at));
        self.activity.silent() + if stall > STALLS { stall } else { Duration::ZERO }
    }

    fn decide(&mut self, now: MonotonicTime) -> Vec<TurnStep> {
        match self.state {
            State::Quiet if self.activity.speaks() => {
                self.state = State::Speaking;
                vec![TurnStep::Begins]
            }
            State::Quiet => Vec::new(),
            State::Speaking => {
                let silence = self.silence(now);
                if silence < self.expectation.pause(&self.so_far()) && self.activity.spoken() < LONGEST {
                    return Vec::new();
                }
                if self.activity.voiced() < NOISE && self.so_far().is_empty() {
                    self.forget();
                    return Vec::new();
                }
                self.state = State::Finishing(now);
                vec![TurnStep::Finish]
            }
            State::Finishing(since) if since.after(PATIENCE) <= now => self.end(),
            State::Finishing(_) => Vec::new(),
            State::Holding => {
                if self.activity.speaks() {
                    self.state = State::Speaking;
                    Vec::new()
                } else if self.silence(now) >= self.expectation.pause(&self.words) {
                    self.end()
                } else {
                    Vec::new()
                }
            }
        }
    }

    /// Everything that was said is known.
    fn complete(&mut self, now: MonotonicTime) -> Vec<TurnStep> {
        if self.words.is_empty() {
            let partial = std::mem::take(&mut self.partial);
            self.add(&partial);
        }
        let silence = self.silence(now);
        if silence < STALLS {
            // They went on while it was recognised.
            self.state = State::Speaking;
            return Vec::new();
        }
        if self.words.is_empty() {
            return self.end();
        }
        if silence < self.expectation.pause(&self.words) {
            self.activity.forget();
            self.state = State::Holding;
            return Vec::new();
        }
        self.end()
    }

    fn end(&mut self) -> Vec<TurnStep> {
        let partial = std::mem::take(&mut self.partial);
        if self.words.is_empty() {
            self.add(&partial);
        }
        let words = std::mem::take(&mut self.words);
        let was_asked = matches!(self.state, State::Finishing(_));
        self.forget();
        match (words.is_empty(), was_asked) {
            (false, _) => vec![TurnStep::Takes(words)],
            (true, true) => vec![TurnStep::Lost],
            (true, false) => Vec::new(),
        }
    }

    fn forget(&mut self) {
        self.activity.forget();
        self.state = State::Quiet;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ports::FRAME;

    /// A caller, frame by frame.
    struct Line {
        turns: Turns,
        now: u64,
        steps: Vec<(u64, TurnStep)>,
    }

    impl Line {
        fn new(expectation: Expectation) -> Self {
            let mut line = Self { turns: Turns::default(), now: 0, steps: Vec::new() };
            line.turns.expect(expectation);
            line.silence(200);
            line
        }

        fn time(&self) -> MonotonicTime {
            MonotonicTime::from_micros(1_000_000 + self.now * 1_000)
        }

        fn frames(&mut self, milliseconds: u64, loudness: i16) {
            for _ in 0..milliseconds / 20 {
                self.now += 20;
                let frame: Vec<i16> = (0..FRAME).map(|place| if place % 8 < 4 { loudness } else { -loudness }).collect();
                let steps = self.turns.hear(&frame, self.time());
                self.steps.extend(steps.into_iter().map(|step| (self.now, step)));
            }
        }

        fn speech(&mut self, milliseconds: u64) -> u64 {
            self.frames(milliseconds, 4_000);
            self.now
        }

        fn silence(&mut self, milliseconds: u64) {
            self.frames(milliseconds, 2);
        }

        fn recognises(&mut self, what: Recognised) {
            let steps = self.turns.recognised(what, self.time());
            self.steps.extend(steps.into_iter().map(|step| (self.now, step)));
        }

        fn is_final(&mut self, text: &str) {
            self.recognises(Recognised::Final { text: text.to_owned(), confidence: None });
            self.recognises(Recognised::Done);
        }

        fn at(&self, wanted: &TurnStep) -> Option<u64> {
            self.steps.iter().find(|(_, step)| step == wanted).map(|(at, _)| *at)
        }
    }

    fn takes(text: &str) -> TurnStep {
        TurnStep::Takes(text.to_owned())
    }

    #[test]
    fn a_pause_as_long_as_what_is_expected_ends_it() {
        for (expectation, pause) in [(Expectation::Open, 460), (Expectation::YesOrNo, 260), (Expectation::Dictation, 900)] {
            let mut line = Line::new(expectation);
            let end = line.speech(600);
            line.silence(2_000);
            let asked = line.at(&TurnStep::Finish).expect("it is finished");
            assert!(asked - end <= pause && asked - end + 40 >= pause, "{expectation:?}: {} ms", asked - end);
        }
    }

    #[test]
    fn what_is_recognised_is_taken_once() {
        let mut line = Line::new(Expectation::Open);
        line.speech(600);
        line.silence(500);
        line.is_final("how much is it");
        assert!(line.at(&takes("how much is it")).is_some(), "{:?}", line.steps);
        line.silence(3_000);
        assert_eq!(line.steps.len(), 3, "{:?}", line.steps);
    }

    #[test]
    fn whoever_sounds_as_if_they_went_on_is_waited_for() {
        let mut line = Line::new(Expectation::Open);
        line.speech(400);
        line.silence(500);
        line.is_final("my name is");
        line.silence(300);
        assert_eq!(line.at(&takes("my name is")), None);
        line.speech(400);
        line.silence(500);
        line.is_final("Maya");
        assert!(line.at(&takes("my name is Maya")).is_some(), "{:?}", line.steps);

        let mut line = Line::new(Expectation::Open);
        let end = line.speech(400);
        line.silence(500);
        line.is_final("my name is");
        line.silence(1_000);
        let taken = line.at(&takes("my name is")).expect("at last");
        assert!((1_200..=1_260).contains(&(taken - end)), "{}", taken - end);
    }

    #[test]
    fn words_that_come_while_it_was_recognised_belong_to_it() {
        let mut line = Line::new(Expectation::Open);
        line.speech(400);
        line.silence(460);
        line.speech(300);
        line.is_final("how much");
        line.silence(500);
        line.is_final("is it");
        assert!(line.at(&takes("how much is it")).is_some(), "{:?}", line.steps);
    }

    #[test]
    fn the_recogniser_may_know_better() {
        let mut line = Line::new(Expectation::Dictation);
        line.speech(400);
        line.recognises(Recognised::Partial("yes".to_owned()));
        line.recognises(Recognised::Final { text: "yes".to_owned(), confidence: Some(0.9) });
        line.recognises(Recognised::TurnEnd);
        assert!(line.at(&takes("yes")).is_some(), "{:?}", line.steps);
    }

    #[test]
    fn a_recogniser_that_says_nothing_is_not_waited_for_for_ever() {
        let mut line = Line::new(Expectation::Open);
        line.speech(400);
        line.silence(3_600);
        assert!(line.at(&TurnStep::Lost).is_some(), "{:?}", line.steps);
        let mut line = Line::new(Expectation::Open);
        line.speech(400);
        line.recognises(Recognised::Partial("hello".to_owned()));
        line.silence(3_600);
        assert!(line.at(&takes("hello")).is_some(), "{:?}", line.steps);
    }

    #[test]
    fn a_noise_is_no_turn() {
        let mut line = Line::new(Expectation::Open);
        line.speech(60);
        line.silence(1_000);
        assert_eq!(line.at(&TurnStep::Finish), None);
    }

    #[test]
    fn a_line_that_brings_no_frames_is_silent() {
        let mut line = Line::new(Expectation::Open);
        line.speech(400);
        line.now += 600;
        let steps = line.turns.tick(line.time());
        assert_eq!(steps, [TurnStep::Finish]);
    }
}
