//! Puts what was sent beside what arrived: nothing may be lost, doubled or told to somebody else.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::histogram::Histogram;
use super::provider::Arrival;
use super::sender::Sent;
use super::webhooks::Prepared;

/// Counts and latencies of one run.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Messages, repetitions not counted.
    pub messages: u64,
    /// Webhooks sent.
    pub sent: u64,
    /// Webhooks answered 200.
    pub acked: u64,
    /// Never left: no connection was free.
    pub shed: u64,
    /// Acknowledged messages that got a reply.
    pub replied: u64,
    /// Acknowledged, and no reply.
    pub lost: u64,
    /// More than one reply to one message.
    pub duplicate: u64,
    /// A reply that names what somebody else wrote.
    pub wrong: u64,
    /// A reply that does not name what it must.
    pub tokenless: u64,
    /// Webhook due → 200.
    pub ack: Histogram,
    /// Webhook due → the provider has the reply.
    pub overhead: Histogram,
}

/// Whether nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Correctness {
    /// Webhooks not answered 200.
    pub refused: u64,
    /// No reply.
    pub lost: u64,
    /// Two replies.
    pub duplicate: u64,
    /// Somebody else's.
    pub wrong: u64,
    /// Without what it must hold.
    pub tokenless: u64,
}

impl Figures {
    /// The counts that must all be zero.
    pub fn correctness(&self) -> Correctness {
        Correctness {
            refused: self.sent + self.shed - self.acked,
            lost: self.lost,
            duplicate: self.duplicate,
            wrong: self.wrong,
            tokenless: self.tokenless,
        }
    }

    /// Is everything in order?
    pub fn is_correct(&self) -> bool {
        self.correctness() == Correctness { refused: 0, lost: 0, duplicate: 0, wrong: 0, tokenless: 0 }
    }

    /// Adds another run.
    pub fn merge(&mut self, other: &Self) {
        self.messages += other.messages;
        self.sent += other.sent;
        self.acked += other.acked;
        self.shed += other.shed;
        self.replied += other.replied;
        self.lost += other.lost;
        self.duplicate += other.duplicate;
        self.wrong += other.wrong;
        self.tokenless += other.tokenless;
        self.ack.merge(&other.ack);
        self.overhead.merge(&other.overhead);
    }
}

/// Judges a run. Without `replies` only the acknowledgements count; `elsewhere` is the time of each reply that is not the server's.
pub fn judge(prepared: &[Prepared], sent: &[Sent], arrivals: &[Arrival], replies: bool, elsewhere: Duration) -> Figures {
    let mut figures = Figures::default();
    // First due and whether any copy was acknowledged, by message.
    let mut messages: HashMap<usize, (Instant, bool)> = HashMap::new();
    for one in sent {
        if one.shed {
            figures.shed += 1;
        } else {
            figures.sent += 1;
        }
        if one.is_acknowledged() {
            figures.acked += 1;
        }
        if let Some(answered) = one.answered {
            figures.ack.add(answered.saturating_duration_since(one.due));
        }
        let message = messages.entry(one.place).or_insert((one.due, false));
        message.0 = message.0.min(one.due);
        message.1 |= one.is_acknowledged();
    }
    figures.messages = messages.len() as u64;
    if !replies {
        return figures;
    }
    let owner: HashMap<&str, &str> =
        messages.keys().map(|place| (prepared[*place].token.as_str(), prepared[*place].person.as_str())).collect();
    let mut by_person: HashMap<&str, Vec<&Arrival>> = HashMap::new();
    for arrival in arrivals {
        by_person.entry(arrival.to.as_str()).or_default().push(arrival);
        let named = tokens(&arrival.text);
        if named.iter().any(|token| owner.get(token).is_some_and(|person| *person != arrival.to)) {
            figures.wrong += 1;
        }
    }
    let mut written: HashMap<&str, usize> = HashMap::new();
    for place in messages.keys() {
        *written.entry(prepared[*place].person.as_str()).or_default() += 1;
    }
    for (place, (due, acked)) in messages.iter().filter(|(_, (_, acked))| *acked) {
        debug_assert!(*acked);
        let Prepared { person, token, .. } = &prepared[*place];
        let theirs = by_person.get(person.as_str()).map_or(&[] as &[&Arrival], Vec::as_slice);
        let naming: Vec<&&Arrival> = theirs.iter().filter(|arrival| arrival.text.contains(token.as_str())).collect();
        let wrote_once = written.get(person.as_str()) == Some(&1);
        let first = naming.first().copied().or_else(|| theirs.first().filter(|_| wrote_once));
        let Some(first) = first else {
            figures.lost += 1;
            continue;
        };
        figures.replied += 1;
        figures.overhead.add(first.at.saturating_duration_since(*due).saturating_sub(elsewhere));
        if naming.is_empty() {
            figures.tokenless += 1;
        }
        // Somebody who wrote once gets one reply; others may be told their number again later.
        if wrote_once && theirs.len() > 1 {
            figures.duplicate += 1;
        }
    }
    figures
}

/// The tokens that a text names.
fn tokens(text: &str) -> Vec<&str> {
    text.match_indices("SO-")
        .filter_map(|(at, _)| {
            let digits = text[at + 3..].bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0).then(|| &text[at..at + 3 + digits])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(person: &str, token: &str) -> Prepared {
        Prepared { bytes: Vec::new(), person: person.to_owned(), token: token.to_owned() }
    }

    fn check(arrivals: &[(&str, &str)], expected: (u64, u64, u64, u64)) {
        let start = Instant::now();
        let messages = [prepared("331", "SO-0000001"), prepared("332", "SO-0000002")];
        let sent: Vec<Sent> = (0..2)
            .map(|place| Sent { place, due: start, answered: Some(start + Duration::from_millis(2)), status: 200, shed: false })
            .collect();
        let arrivals: Vec<Arrival> = arrivals
            .iter()
            .map(|(to, text)| Arrival { at: start + Duration::from_millis(5), to: (*to).to_owned(), text: (*text).to_owned() })
            .collect();
        let figures = judge(&messages, &sent, &arrivals, true, Duration::ZERO);
        assert_eq!((figures.lost, figures.duplicate, figures.wrong, figures.tokenless), expected);
    }

    #[test]
    fn each_gets_one_reply_with_their_own_number() {
        check(&[("331", "it is SO-0000001"), ("332", "it is SO-0000002")], (0, 0, 0, 0));
        check(&[("331", "it is SO-0000001")], (1, 0, 0, 0));
        check(&[("331", "SO-0000001"), ("331", "SO-0000001"), ("332", "SO-0000002")], (0, 1, 0, 0));
        check(&[("331", "SO-0000002"), ("332", "SO-0000002")], (0, 0, 1, 1));
    }
}
