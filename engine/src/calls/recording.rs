//! The recording of a call: whether its caller agrees, what of its sound is left out, and its file. Pure.

use std::collections::VecDeque;

use domain::ports::{FRAME, SAMPLES_A_SECOND};

use super::listening::written;
use crate::reasoning::private::masked;

/// Nothing leaves earlier than this many frames after it was heard: a key may still take it back.
const LAG: usize = 50;
/// What a recogniser has written so far may be so many frames old.
const LAG_OF_WORDS: usize = 100;
/// So much around a key is left out, in frames: some carriers let it be heard.
const AROUND_A_KEY: usize = 25;
/// Words that nobody has understood after so many frames are left out.
const LONGEST_WAIT: usize = 60 * SAMPLES_A_SECOND / FRAME;
/// From so many digits on it may be a card's number.
const MANY_DIGITS: usize = 8;
/// So many with nothing beside them may be a part of one.
const FEW_DIGITS: usize = 4;

/// Bytes of the file's head.
pub const HEAD: usize = 58;

/// The head of a WAV file with two channels of µ-law, the caller on the left; `frames`: how much sound follows, once that
/// is known. <https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html>
pub fn head(frames: Option<u64>) -> Vec<u8> {
    let bytes = frames.and_then(|frames| u32::try_from(frames * 2 * FRAME as u64).ok());
    let mut head = Vec::with_capacity(HEAD);
    head.extend_from_slice(b"RIFF");
    head.extend_from_slice(&bytes.map_or(u32::MAX, |bytes| bytes + HEAD as u32 - 8).to_le_bytes());
    head.extend_from_slice(b"WAVEfmt ");
    head.extend_from_slice(&18_u32.to_le_bytes());
    let rate = SAMPLES_A_SECOND as u32;
    for half in [7_u16, 2] {
        head.extend_from_slice(&half.to_le_bytes());
    }
    for whole in [rate, 2 * rate] {
        head.extend_from_slice(&whole.to_le_bytes());
    }
    for half in [2_u16, 8, 0] {
        head.extend_from_slice(&half.to_le_bytes());
    }
    head.extend_from_slice(b"fact");
    head.extend_from_slice(&4_u32.to_le_bytes());
    head.extend_from_slice(&bytes.map_or(u32::MAX, |bytes| bytes / 2).to_le_bytes());
    head.extend_from_slice(b"data");
    head.extend_from_slice(&bytes.unwrap_or(u32::MAX).to_le_bytes());
    head
}

/// What a caller answers who is asked whether they may be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// They may.
    Yes,
    /// They do not want it.
    No,
    /// They speak of something else: that is no yes.
    Else,
}

const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "sure",
    "ok",
    "okay",
    "of course",
    "fine",
    "go ahead",
    "you may",
    "i agree",
    "i do",
    "that's fine",
    "no problem",
    "oui",
    "ouais",
    "bien sûr",
    "d'accord",
    "je suis d'accord",
    "allez-y",
    "pas de problème",
    "ja",
    "klar",
    "gerne",
    "in ordnung",
    "einverstanden",
    "sí",
    "si",
    "claro",
    "vale",
    "de acuerdo",
    "sim",
    "pode",
    "pode ser",
    "está bem",
];
const NO: &[&str] = &["no", "nope", "not", "don't", "rather", "non", "pas", "nein", "nicht", "lieber", "não"];
/// Words around an answer that change nothing about it.
const AROUND: &[&str] =
    &["please", "thanks", "thank", "you", "well", "uh", "um", "oh", "merci", "danke", "bitte", "gracias", "obrigado", "obrigada"];

/// Reads the answer. `by_keys`: 1 is yes, 2 is no. Only a plain yes is one.
pub fn agreed(text: &str, by_keys: bool) -> Agreed {
    if by_keys {
        return match text {
            "1" => Agreed::Yes,
            "2" => Agreed::No,
            _ => Agreed::Else,
        };
    }
    let plain: String = text
        .to_lowercase()
        .replace('’', "'")
        .chars()
        .map(|letter| if letter.is_alphanumeric() || matches!(letter, '\'' | '-') { letter } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().filter(|word| !AROUND.contains(word)).collect();
    let whole = words.join(" ");
    let is_yes = YES.contains(&whole.as_str())
        || words.first().zip(words.get(1)).is_some_and(|(first, _)| YES.contains(first) && YES.contains(&words[1..].join(" ").as_str()));
    if is_yes {
        Agreed::Yes
    } else if words.first().is_some_and(|first| NO.contains(first)) && words.len() <= 6 {
        Agreed::No
    } else {
        Agreed::Else
    }
}

/// Should these words of the caller's not be heard again? A card's number, or digits that may be a part of one.
pub fn is_secret(text: &str) -> bool {
    let plain = written(text);
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    let letters = plain.chars().filter(|letter| letter.is_alphabetic()).count();
    masked(&plain) != plain || digits >= MANY_DIGITS || (digits >= FEW_DIGITS && letters == 0)
}

/// May what is being said turn out to be a secret, by what of it is known?
pub fn may_become_secret(so_far: &str) -> bool {
    let plain = written(so_far);
    masked(&plain) != plain || plain.chars().filter(char::is_ascii_digit).count() >= FEW_DIGITS
}

/// Both directions of a call, a frame of each at a time.
///
/// The caller's frames come as fast as time goes and are the clock; ours are given ahead of time and are played one by one.
/// What the caller says is held back until it was understood, so that what should not be kept never leaves.
#[derive(Debug, Default)]
pub struct Recorder {
    ours: VecDeque<Vec<i16>>,
    held: VecDeque<[Vec<i16>; 2]>,
    /// The caller has begun to speak, and it is not known yet what.
    is_open: bool,
    /// So many frames of theirs that come next are left out.
    mutes: usize,
}

fn silence() -> Vec<i16> {
    vec![0; FRAME]
}

impl Recorder {
    /// A frame of the caller's voice; what may be written by now.
    pub fn heard(&mut self, frame: &[i16]) -> Vec<[Vec<i16>; 2]> {
        let theirs = if self.mutes > 0 { silence() } else { frame.to_vec() };
        self.mutes = self.mutes.saturating_sub(1);
        self.held.push_back([theirs, self.ours.pop_front().unwrap_or_else(silence)]);
        if self.held.len() > LONGEST_WAIT {
            self.mute(usize::MAX);
            self.is_open = false;
        }
        self.ripe(LAG)
    }

    /// A frame of ours, to be played after those before it.
    pub fn given(&mut self, frame: &[i16]) {
        self.ours.push_back(frame.to_vec());
    }

    /// What has not been played is not played any more.
    pub fn cleared(&mut self) {
        self.ours.clear();
    }

    /// A key: nothing around it is kept.
    pub fn key(&mut self) {
        self.mute(AROUND_A_KEY);
        self.mutes = AROUND_A_KEY;
    }

    /// The caller has begun to speak.
    pub fn begins(&mut self) {
        self.is_open = true;
    }

    /// The caller goes on speaking, and this is known of it: what is older than that may go to whoever listens in meanwhile,
    /// unless it begins to look like a card's number.
    pub fn so_far(&mut self, text: &str) -> Vec<[Vec<i16>; 2]> {
        if !self.is_open || may_become_secret(text) {
            return Vec::new();
        }
        let known = self.held.len().saturating_sub(LAG_OF_WORDS);
        self.held.drain(..known).collect()
    }

    /// What the caller said is known: it may be kept, or not.
    pub fn understood(&mut self, is_secret: bool) -> Vec<[Vec<i16>; 2]> {
        if is_secret {
            self.mute(usize::MAX);
        }
        self.is_open = false;
        self.ripe(LAG)
    }

    /// The call is over; what nobody has understood is not kept.
    pub fn end(&mut self) -> Vec<[Vec<i16>; 2]> {
        if self.is_open {
            self.mute(usize::MAX);
        }
        self.is_open = false;
        self.ripe(0)
    }

    /// Leaves out the last of theirs.
    fn mute(&mut self, frames: usize) {
        for pair in self.held.iter_mut().rev().take(frames) {
            pair[0].fill(0);
        }
    }

    fn ripe(&mut self, lag: usize) -> Vec<[Vec<i16>; 2]> {
        if self.is_open {
            return Vec::new();
        }
        let ripe = self.held.len().saturating_sub(lag);
        self.held.drain(..ripe).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(loudness: i16) -> Vec<i16> {
        vec![loudness; FRAME]
    }

    #[test]
    fn only_a_plain_yes_is_one() {
        let check = |expected: Agreed, texts: &[&str]| {
            for text in texts {
                assert_eq!(agreed(text, false), expected, "{text:?}");
            }
        };
        check(
            Agreed::Yes,
            &["Yes.", "yes please", "Yeah, sure", "OK", "Oui, d'accord.", "Bien sûr !", "Ja, gerne", "Sí", "that's fine, thank you"],
        );
        check(Agreed::No, &["No", "No, thank you", "no I'd rather not", "Non merci", "Nein, lieber nicht", "Don't"]);
        check(
            Agreed::Else,
            &[
                "Where is my order?",
                "yes but where is my order",
                "",
                "no I have a question about an order that I made last week",
                "what for?",
            ],
        );
        assert_eq!([agreed("1", true), agreed("2", true), agreed("0", true)], [Agreed::Yes, Agreed::No, Agreed::Else]);
    }

    #[test]
    fn what_may_be_a_card_is_secret_and_other_talk_is_not() {
        for text in [
            "four one one one one one one one one one one one one one one one",
            "4111 1111 1111 1111",
            "my card is 4111 1111",
            "4111",
            "four one one one",
        ] {
            assert!(is_secret(text), "{text}");
        }
        for text in ["yes", "we need 12 chairs", "order four seven one oh nine two please", "three hundred euros"] {
            assert!(!is_secret(text), "{text}");
        }
    }

    #[test]
    fn both_sides_stand_beside_each_other_and_leave_a_second_late() {
        let mut recorder = Recorder::default();
        for _ in 0..3 {
            recorder.given(&frame(7));
        }
        let mut all = Vec::new();
        for number in 0..60 {
            all.extend(recorder.heard(&frame(number)));
        }
        assert_eq!(all.len(), 10);
        all.extend(recorder.end());
        assert_eq!(all.len(), 60);
        assert_eq!(all.iter().map(|pair| pair[1][0]).take(4).collect::<Vec<_>>(), [7, 7, 7, 0]);
        assert_eq!(all[59][0], frame(59));
    }

    #[test]
    fn what_we_did_not_get_to_say_is_not_in_it() {
        let mut recorder = Recorder::default();
        for _ in 0..100 {
            recorder.given(&frame(7));
        }
        recorder.heard(&frame(0));
        recorder.cleared();
        recorder.heard(&frame(0));
        assert_eq!(recorder.end().iter().map(|pair| pair[1][0]).collect::<Vec<_>>(), [7, 0]);
    }

    #[test]
    fn a_number_that_is_said_never_leaves_and_what_is_around_it_does() {
        let mut recorder = Recorder::default();
        let mut all = Vec::new();
        for _ in 0..60 {
            all.extend(recorder.heard(&frame(1)));
        }
        recorder.begins();
        for _ in 0..200 {
            all.extend(recorder.heard(&frame(2)));
        }
        assert_eq!(all.len(), 10, "held until it is known");
        all.extend(recorder.understood(true));
        recorder.begins();
        for _ in 0..100 {
            all.extend(recorder.heard(&frame(3)));
        }
        all.extend(recorder.understood(false));
        all.extend(recorder.end());
        assert!(all.iter().all(|pair| pair[0][0] != 2));
        assert_eq!(all.iter().filter(|pair| pair[0][0] == 3).count(), 100);
        assert_eq!(all.len(), 360, "time is kept");
    }

    #[test]
    fn nothing_around_a_key_is_kept() {
        let mut recorder = Recorder::default();
        let mut all = Vec::new();
        for number in 0..80 {
            if number == 40 {
                recorder.key();
            }
            all.extend(recorder.heard(&frame(1)));
        }
        all.extend(recorder.end());
        let kept: String = all.iter().map(|pair| if pair[0][0] == 1 { 'x' } else { '.' }).collect();
        assert_eq!(kept, format!("{}{}{}", "x".repeat(15), ".".repeat(50), "x".repeat(15)));
    }

    #[test]
    fn words_that_nobody_understands_are_not_kept_for_ever() {
        let mut recorder = Recorder::default();
        recorder.begins();
        let all: usize = (0..LONGEST_WAIT + 10).map(|_| recorder.heard(&frame(1)).iter().filter(|pair| pair[0][0] == 1).count()).sum();
        assert_eq!(all, 0);
        recorder.begins();
        recorder.heard(&frame(2));
        assert!(recorder.end().iter().all(|pair| pair[0][0] != 2), "nor what was said last and not understood");
    }

    #[test]
    fn the_head_says_how_much_sound_follows() {
        assert_eq!(head(None).len(), HEAD);
        let whole = head(Some(50));
        assert_eq!(u32::from_le_bytes([whole[54], whole[55], whole[56], whole[57]]), 16_000);
        assert_eq!(domain::attachment::seen_as(&whole), Some("audio/wav"));
    }

    #[test]
    fn whoever_listens_in_hears_words_while_they_are_said_and_no_digits_that_may_be_a_cards() {
        let mut recorder = Recorder::default();
        let mut heard: Vec<i16> = Vec::new();
        let mut says = |recorder: &mut Recorder, loudness: i16, frames: usize, so_far: &str| {
            for _ in 0..frames {
                heard.extend(recorder.heard(&frame(loudness)).iter().map(|pair| pair[0][0]));
            }
            heard.extend(recorder.so_far(so_far).iter().map(|pair| pair[0][0]));
            heard.clone()
        };
        recorder.begins();
        says(&mut recorder, 1, 150, "My card");
        let now = says(&mut recorder, 2, 100, "My card is four one");
        assert!(now.iter().filter(|loudness| **loudness == 1).count() == 150 && !now.contains(&2), "words come two seconds later: {now:?}");
        let now = says(&mut recorder, 3, 400, "My card is four one one one");
        assert!(!now.contains(&2) && !now.contains(&3), "it begins to look like a card's number");
        let last: Vec<i16> = recorder.understood(is_secret("My card is 4111 1111 1111 1111")).iter().map(|pair| pair[0][0]).collect();
        assert!(!last.is_empty() && last.iter().all(|loudness| *loudness == 0), "it was one: {last:?}");
    }

    #[test]
    fn digits_that_turn_out_to_be_an_order_are_heard_once_that_is_known() {
        let mut recorder = Recorder::default();
        recorder.begins();
        for _ in 0..200 {
            recorder.heard(&frame(1));
        }
        assert_eq!(recorder.so_far("My order is one zero zero one"), Vec::<[Vec<i16>; 2]>::new());
        let known = recorder.understood(is_secret("My order is 1001"));
        assert!(known.len() == 150 && known.iter().all(|pair| pair[0][0] == 1));
    }
}
