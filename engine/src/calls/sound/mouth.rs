//! What of our words has been given to the line, and how much of them was heard: counted in samples that the line says
//! it has played, never in what was sent.

use std::collections::VecDeque;
use std::time::Duration;

use domain::MonotonicTime;
use domain::ports::{FRAME, SAMPLES_A_SECOND};

/// A mark goes with so many frames: a fifth of a second, less than a word.
const FRAMES_A_MARK: usize = 10;
/// How long a letter takes to say, where nothing better is known.
const SAMPLES_A_LETTER: usize = 528;

/// Sound and marks for the line, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Sound of one frame.
    Frame(Vec<i16>),
    /// To be given back when everything before it was played.
    Mark(u64),
}

/// Words that are spoken in one piece.
#[derive(Debug)]
struct Piece {
    id: u64,
    text: String,
    ends_talk: bool,
    may_be_cut: bool,
    /// Samples given to the line, and those that do not fill a frame yet.
    given: usize,
    left_over: Vec<i16>,
    unmarked: usize,
    is_whole: bool,
    said: Vec<(usize, usize)>,
    /// Samples that were played for certain, and since when.
    played: usize,
    played_at: Option<MonotonicTime>,
}

#[derive(Debug)]
struct Mark {
    number: u64,
    piece: u64,
    /// So many samples of the piece have been played when it comes back.
    samples: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Mouth {
    /// Pieces of this talk, and those of the next.
    pieces: VecDeque<Piece>,
    marks: VecDeque<Mark>,
    next_piece: u64,
    next_mark: u64,
    /// Everything that was said before, up to the end of a talk.
    before: String,
    /// The talk under way, as far as it was heard whole.
    heard: String,
    /// The last mark that came back, and when: what follows it is being played since then.
    turned_at: Option<MonotonicTime>,
}

fn samples_of(time: Duration) -> usize {
    usize::try_from(time.as_micros() * SAMPLES_A_SECOND as u128 / 1_000_000).unwrap_or(usize::MAX)
}

impl Piece {
    /// How many of its letters were said after so many samples.
    fn letters_after(&self, samples: usize) -> usize {
        let all = self.text.chars().count();
        if self.is_whole && samples >= self.given {
            return all;
        }
        if let Some(next) = self.said.iter().position(|(_, at)| *at > samples) {
            return next.checked_sub(1).map_or(0, |last| self.said[last].0).min(all);
        }
        if let Some((letters, _)) = self.said.last() {
            return (*letters).min(all);
        }
        let whole = if self.is_whole { self.given } else { self.given.max(all * SAMPLES_A_LETTER) };
        if whole == 0 { 0 } else { all * samples / whole }
    }

    /// Its words up to there; a word that was not said to its end does not count.
    fn words_after(&self, samples: usize) -> &str {
        let letters = self.letters_after(samples);
        let end = self.text.char_indices().nth(letters).map_or(self.text.len(), |(at, _)| at);
        if end == self.text.len() || self.text[end..].starts_with(|letter: char| !letter.is_alphanumeric()) {
            return self.text[..end].trim_end();
        }
        let whole = self.text[..end].rfind(char::is_whitespace).unwrap_or(0);
        self.text[..whole].trim_end()
    }
}

impl Mouth {
    /// Words to speak. `ends_talk`: nothing follows that belongs to them. Answers their number.
    pub fn add(&mut self, text: &str, ends_talk: bool, may_be_cut: bool) -> u64 {
        self.next_piece += 1;
        self.pieces.push_back(Piece {
            id: self.next_piece,
            text: text.to_owned(),
            ends_talk,
            may_be_cut,
            given: 0,
            left_over: Vec::new(),
            unmarked: 0,
            is_whole: false,
            said: Vec::new(),
            played: 0,
            played_at: None,
        });
        self.next_piece
    }

    /// The talk ends with what was added last.
    pub fn ends_talk(&mut self) {
        match self.pieces.back_mut() {
            Some(piece) => piece.ends_talk = true,
            None => self.turn_over(),
        }
    }

    fn turn_over(&mut self) {
        if !self.heard.is_empty() {
            self.before = std::mem::take(&mut self.heard);
        }
    }

    fn piece(&mut self, id: u64) -> Option<&mut Piece> {
        self.pieces.iter_mut().find(|piece| piece.id == id)
    }

    /// Sound of a piece; what the line gets. Sound of a piece that was cut is dropped.
    pub fn sound(&mut self, id: u64, samples: &[i16]) -> Vec<Given> {
        let next_mark = self.next_mark;
        let Some(piece) = self.piece(id) else { return Vec::new() };
        piece.left_over.extend_from_slice(samples);
        let mut given = Vec::new();
        let mut marks = Vec::new();
        let whole = piece.left_over.len() / FRAME * FRAME;
        for frame in piece.left_over[..whole].chunks(FRAME) {
            given.push(Given::Frame(frame.to_vec()));
            piece.given += FRAME;
            piece.unmarked += 1;
            if piece.unmarked == FRAMES_A_MARK {
                piece.unmarked = 0;
                let number = next_mark + 1 + marks.len() as u64;
                marks.push(Mark { number, piece: id, samples: piece.given });
                given.push(Given::Mark(number));
            }
        }
        piece.left_over.drain(..whole);
        self.next_mark += marks.len() as u64;
        self.marks.extend(marks);
        given
    }

    /// When so many letters of a piece have been said.
    pub fn said(&mut self, id: u64, letters: usize, at: Duration) {
        if let Some(piece) = self.piece(id)
            && piece.said.last().is_none_or(|(_, last)| *last <= samples_of(at))
        {
            piece.said.push((letters, samples_of(at)));
        }
    }

    /// All sound of a piece has come.
    pub fn whole(&mut self, id: u64, now: MonotonicTime) -> Vec<Given> {
        let mut given = Vec::new();
        let next_mark = self.next_mark + 1;
        let Some(piece) = self.piece(id) else { return given };
        if !piece.left_over.is_empty() {
            piece.left_over.resize(FRAME, 0);
            given.push(Given::Frame(std::mem::take(&mut piece.left_over)));
            piece.given += FRAME;
        }
        piece.is_whole = true;
        let (samples, is_silent) = (piece.given, piece.given == 0);
        if is_silent {
            // A voice without a sound: nothing will come back for it.
            self.settle(now);
            return given;
        }
        self.next_mark = next_mark;
        self.marks.push_back(Mark { number: next_mark, piece: id, samples });
        given.push(Given::Mark(next_mark));
        given
    }

    /// A voice failed in the middle of a piece: what it gave stays, the rest is never heard.
    pub fn fails(&mut self, id: u64) {
        self.pieces.retain(|piece| piece.id != id || piece.given > 0);
        if let Some(piece) = self.piece(id) {
            let part = piece.words_after(piece.given).to_owned();
            piece.text = part;
        }
    }

    /// The line has played everything before this mark. Marks that nobody waits for, because their sound was cleared,
    /// change nothing.
    pub fn played(&mut self, number: u64, now: MonotonicTime) {
        let Some(place) = self.marks.iter().position(|mark| mark.number == number) else { return };
        let passed: Vec<Mark> = self.marks.drain(..=place).collect();
        for mark in passed {
            if let Some(piece) = self.piece(mark.piece) {
                piece.played = mark.samples;
                piece.played_at = Some(now);
            }
        }
        self.turned_at = Some(now);
        self.settle(now);
    }

    /// Pieces that were heard whole are told apart from those that are still being said.
    fn settle(&mut self, now: MonotonicTime) {
        while self.pieces.front().is_some_and(|piece| piece.is_whole && piece.played >= piece.given) {
            let Some(piece) = self.pieces.pop_front() else { break };
            self.heard.push_str(&piece.text);
            if piece.ends_talk {
                self.turn_over();
            }
            self.turned_at = Some(now);
        }
    }

    /// Is something being played, or about to be?
    pub fn is_speaking(&self) -> bool {
        !self.marks.is_empty() || self.pieces.iter().any(|piece| piece.given > piece.played)
    }

    /// Is there anything left, spoken or not?
    pub fn is_done(&self) -> bool {
        self.pieces.is_empty()
    }

    /// May what is being said be cut?
    pub fn may_be_cut(&self) -> bool {
        self.pieces.front().is_none_or(|piece| piece.may_be_cut)
    }

    /// How long it goes on, as far as it is known.
    pub fn left(&self) -> Duration {
        let samples: usize = self
            .pieces
            .iter()
            .map(|piece| {
                let whole = if piece.is_whole { piece.given } else { piece.given.max(piece.text.chars().count() * SAMPLES_A_LETTER) };
                whole.saturating_sub(piece.played)
            })
            .sum();
        Duration::from_micros((samples * 1_000_000 / SAMPLES_A_SECOND) as u64)
    }

    /// They spoke into our words: what they had heard of this talk, or of the one before when this one had hardly begun.
    /// Nothing that was on its way is said any more.
    pub fn cut(&mut self, now: MonotonicTime) -> String {
        let mut heard = std::mem::take(&mut self.heard);
        if let Some(piece) = self.pieces.front() {
            // The line goes on playing after a mark; it has not come to the next one.
            let next = self.marks.iter().find(|mark| mark.piece == piece.id).map_or(piece.given, |mark| mark.samples);
            let since = piece.played_at.or(self.turned_at).map_or(0, |at| samples_of(now.since(at)));
            heard.push_str(piece.words_after(next.min(piece.played + since)));
        }
        self.pieces.clear();
        self.marks.clear();
        if heard.trim().is_empty() { self.before.clone() } else { heard.trim().to_owned() }
    }

    /// The caller's turn: what was said before needs no telling any more.
    pub fn forget(&mut self) {
        self.before.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> MonotonicTime {
        MonotonicTime::from_micros(1_000_000 + milliseconds * 1_000)
    }

    fn marks(given: &[Given]) -> Vec<u64> {
        given.iter().filter_map(|given| if let Given::Mark(number) = given { Some(*number) } else { None }).collect()
    }

    /// A piece of this text and so many milliseconds of sound; its marks.
    fn spoken(mouth: &mut Mouth, text: &str, milliseconds: usize, ends_talk: bool) -> Vec<u64> {
        let id = mouth.add(text, ends_talk, true);
        let mut given = mouth.sound(id, &vec![1; milliseconds * 8]);
        given.extend(mouth.whole(id, at(0)));
        marks(&given)
    }

    #[test]
    fn sound_is_given_in_frames_with_a_mark_for_each_word_or_so() {
        let mut mouth = Mouth::default();
        let id = mouth.add("Hello there.", true, true);
        let mut given = mouth.sound(id, &[1; 50]);
        assert!(given.is_empty(), "not yet a frame");
        given.extend(mouth.sound(id, &vec![1; 4_000]));
        given.extend(mouth.whole(id, at(0)));
        let frames = given.iter().filter(|given| matches!(given, Given::Frame(frame) if frame.len() == FRAME)).count();
        assert_eq!((frames, marks(&given).len()), (26, 3));
        assert!(mouth.is_speaking());
        mouth.played(3, at(500));
        assert!(!mouth.is_speaking() && mouth.is_done());
    }

    #[test]
    fn what_was_heard_ends_with_the_last_whole_word() {
        let mut mouth = Mouth::default();
        let marks = spoken(&mut mouth, "Sure, I can look up the order for you.", 3_800, true);
        mouth.played(marks[9], at(2_000));
        // Two seconds of 3.8: twenty letters of 38.
        assert_eq!(mouth.cut(at(2_000)), "Sure, I can look up");
        assert!(mouth.is_done() && !mouth.is_speaking());
        mouth.played(marks[18], at(2_010));
        assert_eq!(mouth.cut(at(2_020)), "", "what comes back after a clear was not heard");
    }

    #[test]
    fn between_two_marks_time_tells() {
        let mut mouth = Mouth::default();
        let marks = spoken(&mut mouth, "one two three four five six", 2_700, true);
        mouth.played(marks[0], at(200));
        assert_eq!(mouth.cut(at(390)), "one");
        let marks = spoken(&mut mouth, "one two three four five six", 2_700, true);
        mouth.played(marks[0], at(200));
        assert_eq!(mouth.cut(at(5_000)), "one", "never past the next mark");
    }

    #[test]
    fn alignment_is_believed_where_there_is_one() {
        let mut mouth = Mouth::default();
        let id = mouth.add("No, seven hundred.", true, true);
        for (letters, milliseconds) in [(3, 400), (9, 1_000), (18, 1_400)] {
            mouth.said(id, letters, Duration::from_millis(milliseconds));
        }
        let mut given = mouth.sound(id, &vec![1; 1_500 * 8]);
        given.extend(mouth.whole(id, at(0)));
        mouth.played(marks(&given)[4], at(1_000));
        assert_eq!(mouth.cut(at(1_000)), "No, seven");
    }

    #[test]
    fn pieces_of_one_talk_are_one_and_a_talk_that_hardly_began_tells_the_one_before() {
        let mut mouth = Mouth::default();
        let first = spoken(&mut mouth, "It costs ten euros.", 1_000, false);
        let second = spoken(&mut mouth, " Delivery is free.", 1_000, true);
        mouth.played(first[5], at(1_000));
        mouth.played(second[2], at(1_600));
        assert_eq!(mouth.cut(at(1_600)), "It costs ten euros. Delivery");
        let first = spoken(&mut mouth, "It costs ten euros.", 1_000, true);
        let _second = spoken(&mut mouth, "Anything else?", 1_000, true);
        mouth.played(first[5], at(1_000));
        assert_eq!(mouth.cut(at(1_020)), "It costs ten euros.");
    }

    #[test]
    fn nothing_was_heard_of_what_was_never_played() {
        let mut mouth = Mouth::default();
        mouth.add("It costs ten euros.", true, true);
        assert_eq!(mouth.cut(at(9_000)), "");
        let id = mouth.add("It costs ten euros.", true, true);
        mouth.sound(id, &[1; 1_600]);
        mouth.fails(id);
        assert!(mouth.cut(at(9_000)).len() < 12);
    }

    #[test]
    fn a_voice_without_a_sound_holds_nothing_up() {
        let mut mouth = Mouth::default();
        let id = mouth.add("…", true, true);
        assert_eq!(mouth.whole(id, at(0)), []);
        assert!(mouth.is_done());
    }
}
