//! The books compared: what was acknowledged, what the server says became of it, and what the vendors saw.
//!
//! The server is asked over its API only; the vendors' ledger is their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::letters::{Door, Writer};
use super::plan::Meaning;
use super::stream::Posted;
use super::vendors::{Attempt, SLOW_DOWN};
use crate::client::{ClientError, Target};

/// So many examples of each kind of mistake are shown.
const EXAMPLES: usize = 5;
/// So long after a kill a vendor may still read what was sent before it.
const POSTHUMOUS: Duration = Duration::from_millis(250);
/// What the server says when a vendor was not heard in time.
const TOO_LATE: &str = "no answer in time";
/// An example is cut after so many letters.
const LONGEST_EXAMPLE: usize = 160;
/// Entries asked for at once.
const PAGE: usize = 100;

/// An entry of a customer's timeline, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Grows over all customers.
    pub seq: i64,
    /// From the customer?
    pub inbound: bool,
    /// `whatsapp sms telegram`.
    pub channel: String,
    /// What was said.
    pub text: String,
    /// State of an inbound message.
    pub state: String,
    /// Its turn.
    pub turn: Option<String>,
    /// State of an outbound message.
    pub delivery: String,
    /// Why it is so.
    pub reason: String,
}

/// What the ledger of the server says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Messages taken.
    pub accepted: u64,
    /// The sum of all states.
    pub states: u64,
    /// Without a final state.
    pub open: u64,
    /// Replies that wait.
    pub queued: u64,
}

/// What is wrong, and how much of everything there was.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Messages that somebody wrote.
    pub tried: u64,
    /// Of them acknowledged.
    pub acknowledged: u64,
    /// Messages by their final state.
    pub states: BTreeMap<String, u64>,
    /// Replies by their final state.
    pub replies: BTreeMap<String, u64>,
    /// Attempts that vendors saw.
    pub attempts: u64,
    /// Acknowledged and not in the books, without a final state, without the turn, or without a reply that left.
    pub lost: u64,
    /// Twice in the books, or a reply that reached its customer twice or was sent again although it may have arrived.
    pub doubled: u64,
    /// Out of order.
    pub inverted: u64,
    /// A reply whose state is not what its vendor's answer means, or that left too early.
    pub misjudged: u64,
    /// Replies of unknown outcome because the machine was too busy to hear the vendor in time: honest, but no proof.
    pub unheard: u64,
    /// Sums that do not add up.
    pub unbalanced: u64,
    /// Some of the mistakes in words.
    pub examples: Vec<String>,
    shown: HashMap<&'static str, usize>,
}

impl Findings {
    /// Is everything as promised?
    pub fn is_clean(&self) -> bool {
        self.acknowledged > 0
            && self.tried == self.acknowledged
            && self.unheard * 2 <= self.attempts
            && (self.lost, self.doubled, self.inverted, self.misjudged, self.unbalanced) == (0, 0, 0, 0, 0)
    }

    fn note(&mut self, kind: &'static str, what: String) {
        match kind {
            "lost" => self.lost += 1,
            "doubled" => self.doubled += 1,
            "inverted" => self.inverted += 1,
            "misjudged" => self.misjudged += 1,
            _ => self.unbalanced += 1,
        }
        let shown = self.shown.entry(kind).or_default();
        *shown += 1;
        if *shown <= EXAMPLES {
            let short: String = what.chars().take(LONGEST_EXAMPLE).collect();
            self.examples.push(format!("{kind}: {short}"));
        }
    }
}

/// Everything that everybody in the campaign said and heard, by writer; the server's sums.
pub async fn fetch(target: &Target, writers: u64) -> Result<(BTreeMap<u64, Vec<Entry>>, Sums), ClientError> {
    let mut timelines = BTreeMap::new();
    for writer in 0..writers {
        timelines.insert(writer, timeline(target, &Writer::numbered(writer)).await?);
    }
    Ok((timelines, sums(target).await?))
}

/// The server's own sums.
pub async fn sums(target: &Target) -> Result<Sums, ClientError> {
    let ledger = target.read("/ledger?limit=1").await?;
    let states = ledger["counts"].as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum();
    let number = |value: &Value| value.as_u64().unwrap_or(u64::MAX);
    Ok(Sums { accepted: number(&ledger["accepted"]), states, open: number(&ledger["counts"]["open"]), queued: number(&ledger["queued"]) })
}

async fn timeline(target: &Target, writer: &Writer) -> Result<Vec<Entry>, ClientError> {
    let encoded: String = url::form_urlencoded::byte_serialize(writer.identifier().as_bytes()).collect();
    let found = target.read(&format!("/customers?identifier={encoded}")).await?;
    let mut entries = Vec::new();
    for customer in found["items"].as_array().into_iter().flatten() {
        let id = customer["id"].as_str().unwrap_or_default();
        let mut before: Option<String> = None;
        loop {
            let after = before.map(|cursor| format!("&before={cursor}")).unwrap_or_default();
            let page = target.read(&format!("/customers/{id}/timeline?limit={PAGE}{after}")).await?;
            entries.extend(page["items"].as_array().into_iter().flatten().filter(|item| item["kind"] == "message").map(entry));
            before = page["next"].as_str().map(str::to_owned);
            if before.is_none() {
                break;
            }
        }
    }
    entries.sort_by_key(|entry| entry.seq);
    Ok(entries)
}

fn entry(item: &Value) -> Entry {
    let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    Entry {
        id: text("id"),
        seq: item["seq"].as_i64().unwrap_or_default(),
        inbound: item["direction"] == "in",
        channel: text("channel"),
        text: text("text"),
        state: text("state"),
        turn: item["turn"].as_str().map(str::to_owned),
        delivery: text("delivery"),
        reason: text("delivery_reason"),
    }
}

/// Did others write as well, of whom these books know nothing?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Every message the server took is one of these books.
    None,
    /// The server took more than these.
    Some,
}

/// Compares the books. `killed` are the moments at which the server was killed.
pub fn compare(
    posted: &[Posted],
    timelines: &BTreeMap<u64, Vec<Entry>>,
    sums: Sums,
    others: Others,
    attempts: &[Attempt],
    killed: &[Instant],
) -> Findings {
    let mut findings = Findings {
        tried: posted.len() as u64,
        acknowledged: posted.iter().filter(|posted| posted.acknowledged).count() as u64,
        attempts: attempts.len() as u64,
        ..Findings::default()
    };
    let mut seen = 0;
    let mut matched = vec![false; attempts.len()];
    for (writer, entries) in timelines {
        let theirs: Vec<&Posted> = posted.iter().filter(|posted| posted.writer == *writer).collect();
        seen += inbound(&theirs, entries, &mut findings);
        outbound(*writer, entries, attempts, &mut matched, killed, &mut findings);
    }
    for (attempt, _) in attempts.iter().zip(&matched).filter(|(attempt, matched)| !**matched && attempt.fault.is_taken()) {
        findings.note("unbalanced", format!("{} told {:?}, which is on nobody's timeline", attempt.to, attempt.text));
    }
    let is_whole = match others {
        Others::None => sums.accepted == seen,
        Others::Some => sums.accepted >= seen,
    };
    if sums.accepted != sums.states || !is_whole || sums.open != 0 || sums.queued != 0 {
        findings.note("unbalanced", format!("the ledger says {sums:?}, the timelines hold {seen} messages"));
    }
    findings
}

/// Each message once, in a final state, with its turn, in the order in which it was written. How many there are.
fn inbound(posted: &[&Posted], entries: &[Entry], findings: &mut Findings) -> u64 {
    let incoming: Vec<&Entry> = entries.iter().filter(|entry| entry.inbound).collect();
    for entry in &incoming {
        *findings.states.entry(entry.state.clone()).or_default() += 1;
    }
    let mut last = i64::MIN;
    for letter in posted {
        let found: Vec<&&Entry> = incoming.iter().filter(|entry| entry.text.contains(&letter.token)).collect();
        let Some(first) = found.first() else {
            if letter.acknowledged {
                findings.note("lost", format!("{} was acknowledged and is on no timeline", letter.token));
            }
            continue;
        };
        if found.len() > 1 {
            findings.note("doubled", format!("{} is on the timeline {} times", letter.token, found.len()));
        }
        match (first.state.as_str(), &first.turn) {
            ("answered" | "handed_over", Some(_)) | ("ignored_by_rule" | "quarantined", _) => {}
            (state, turn) => findings.note("lost", format!("{} is {state:?} with turn {turn:?}", letter.token)),
        }
        if first.seq < last {
            findings.note("inverted", format!("{} stands before an earlier message", letter.token));
        }
        last = last.max(first.seq);
    }
    turns(&incoming, entries, findings);
    incoming.len() as u64
}

/// Turns take the messages of a door in order and without gaps, answer in the order of their first messages, and what
/// they answered has a reply. A turn takes all that waits on its door, so it may take a younger message of its own door
/// before an older one of another.
fn turns(incoming: &[&Entry], entries: &[Entry], findings: &mut Findings) {
    let mut order: Vec<&str> = Vec::new();
    let mut newest: HashMap<&str, &str> = HashMap::new();
    for entry in incoming {
        let Some(turn) = entry.turn.as_deref() else { continue };
        let before = newest.insert(entry.channel.as_str(), turn);
        if before == Some(turn) {
            continue;
        }
        if order.contains(&turn) {
            findings.note("inverted", format!("turn {turn} took {} after a later turn on its door", entry.id));
        } else {
            order.push(turn);
        }
    }
    let mut place = 0;
    for entry in entries.iter().filter(|entry| !entry.inbound) {
        let Some(at) = entry.turn.as_deref().and_then(|turn| order.iter().position(|known| *known == turn)) else { continue };
        if at < place {
            findings.note("inverted", format!("the reply {} stands after one of a later turn", entry.id));
        }
        place = place.max(at);
    }
    let replied: BTreeSet<&str> = entries.iter().filter(|entry| !entry.inbound).filter_map(|entry| entry.turn.as_deref()).collect();
    for entry in incoming.iter().filter(|entry| entry.state == "answered") {
        if !entry.turn.as_deref().is_some_and(|turn| replied.contains(turn)) {
            findings.note("lost", format!("{} counts as answered and has no reply", entry.id));
        }
    }
}

/// Each reply at most once at its customer, in order, and in the state that its vendor's answer means.
fn outbound(writer: u64, entries: &[Entry], attempts: &[Attempt], matched: &mut [bool], killed: &[Instant], findings: &mut Findings) {
    let person = Writer::numbered(writer);
    let replies: Vec<&Entry> = entries.iter().filter(|entry| !entry.inbound).collect();
    for reply in &replies {
        *findings.replies.entry(reply.delivery.clone()).or_default() += 1;
    }
    let mut of_reply: Vec<Vec<&Attempt>> = vec![Vec::new(); replies.len()];
    let mut newest = 0;
    for (at, attempt) in attempts.iter().enumerate() {
        if !person.doors.iter().any(|door| *door == attempt.door && person.address(*door) == attempt.to) {
            continue;
        }
        // The same words twice are two replies only when the timeline holds them twice: the first that is not over yet.
        let same = |place: &usize| is_same(replies[*place], attempt);
        let Some(place) =
            (0..replies.len()).filter(same).find(|place| !is_over(&of_reply[*place])).or_else(|| (0..replies.len()).find(same))
        else {
            continue;
        };
        matched[at] = true;
        of_reply[place].push(attempt);
        if place < newest {
            findings.note("inverted", format!("the reply {} was sent after a later one", replies[place].id));
        }
        newest = newest.max(place);
    }
    for (reply, attempts) in replies.iter().zip(&of_reply) {
        judge(reply, attempts, killed, findings);
    }
}

/// Nothing may follow such attempts.
fn is_over(attempts: &[&Attempt]) -> bool {
    attempts.iter().any(|attempt| attempt.fault.meaning() != Meaning::Again)
}

/// Is this attempt a copy of that reply? Doors write markup in their own way, and buttons below the text.
fn is_same(reply: &Entry, attempt: &Attempt) -> bool {
    reply.channel == attempt.door.channel() && letters(attempt).starts_with(&only_letters(&reply.text))
}

fn letters(attempt: &Attempt) -> String {
    if attempt.door != Door::Telegram {
        return only_letters(&attempt.text);
    }
    let mut bare = String::new();
    let mut is_tag = false;
    for letter in attempt.text.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => bare.push(letter),
            _ => {}
        }
    }
    only_letters(&bare.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").replace("&quot;", ""))
}

fn only_letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn judge(reply: &Entry, attempts: &[&Attempt], killed: &[Instant], findings: &mut Findings) {
    let taken = attempts.iter().filter(|attempt| attempt.fault.is_taken()).count();
    if taken > 1 {
        findings.note("doubled", format!("the reply {} reached {} {taken} times", reply.id, attempts[0].to));
    }
    for pair in attempts.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        match before.fault.meaning() {
            Meaning::Again => {
                let waited = after.at.saturating_duration_since(before.at);
                // A restart forgets the wait; the vendor says it once more.
                if before.fault == super::plan::Fault::SlowDown && waited < SLOW_DOWN && before.life == after.life {
                    findings.note("misjudged", format!("the reply {} was sent again after {waited:?}, too early", reply.id));
                }
            }
            Meaning::Sent | Meaning::Unknown | Meaning::Refused if taken <= 1 => {
                findings.note("doubled", format!("the reply {} was sent again after {:?}", reply.id, before.fault));
            }
            Meaning::Sent | Meaning::Unknown | Meaning::Refused => {}
        }
    }
    if ["unknown", "refused"].contains(&reply.delivery.as_str()) && reply.reason.is_empty() {
        findings.note("misjudged", format!("the reply {} is {} and nobody is told why", reply.id, reply.delivery));
    }
    let meaning = attempts.last().map(|last| last.fault.meaning());
    // Killed between the attempt and its entry in the books: nobody can know. A vendor may read what the dead have sent.
    let was_cut = |last: &Attempt| killed.iter().any(|kill| *kill + POSTHUMOUS >= last.at) && reply.delivery == "unknown";
    match (reply.delivery.as_str(), meaning) {
        ("sent", Some(Meaning::Sent)) | ("unknown", Some(Meaning::Unknown)) | ("refused", Some(Meaning::Refused)) => {}
        // Killed between the claim and the attempt.
        ("unknown", None) if !killed.is_empty() => {}
        (_, Some(_)) if attempts.last().is_some_and(|last| was_cut(last)) => {}
        ("unknown", Some(_)) if reply.reason == TOO_LATE => findings.unheard += 1,
        ("queued", _) => findings.note("lost", format!("the reply {} never left", reply.id)),
        ("sent", None) => findings.note("lost", format!("the reply {} counts as sent and no vendor saw it", reply.id)),
        (state, meaning) => findings.note("misjudged", format!("the reply {} is {state:?} ({}) after {meaning:?}", reply.id, reply.reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Fault;
    use super::*;

    fn letter(number: u64) -> Posted {
        Posted { number, writer: 0, token: format!("SO-{number:07}"), acknowledged: true }
    }

    fn said(seq: i64, number: u64, turn: &str) -> Entry {
        let text = format!("My order is SO-{number:07}");
        Entry {
            id: format!("in{seq}"),
            seq,
            inbound: true,
            channel: "whatsapp".to_owned(),
            text,
            state: "answered".to_owned(),
            turn: Some(turn.to_owned()),
            delivery: String::new(),
            reason: String::new(),
        }
    }

    fn reply(seq: i64, number: u64, turn: &str, delivery: &str) -> Entry {
        Entry {
            id: format!("out{seq}"),
            inbound: false,
            text: format!("It is SO-{number:07}."),
            state: String::new(),
            delivery: delivery.to_owned(),
            reason: if delivery == "sent" { String::new() } else { "why".to_owned() },
            ..said(seq, number, turn)
        }
    }

    fn attempt(number: u64, fault: Fault) -> Attempt {
        let to = Writer::numbered(0).address(Door::Whatsapp).to_owned();
        Attempt { life: 1, at: Instant::now(), door: Door::Whatsapp, to, text: format!("It is *SO-{number:07}*."), opaque: None, fault }
    }

    /// Lost, doubled, inverted, misjudged, unbalanced.
    fn check(posted: &[u64], entries: &[Entry], attempts: &[Attempt], expected: (u64, u64, u64, u64, u64)) {
        let posted: Vec<Posted> = posted.iter().map(|number| letter(*number)).collect();
        let accepted = entries.iter().filter(|entry| entry.inbound).count() as u64;
        let sums = Sums { accepted, states: accepted, open: 0, queued: 0 };
        let timelines = BTreeMap::from([(0, entries.to_vec())]);
        let found = compare(&posted, &timelines, sums, Others::None, attempts, &[]);
        let counts = (found.lost, found.doubled, found.inverted, found.misjudged, found.unbalanced);
        assert_eq!(counts, expected, "{:#?}", found.examples);
    }

    #[test]
    fn two_messages_with_their_replies_are_in_order() {
        let entries = [said(1, 1, "a"), reply(2, 1, "a", "sent"), said(3, 2, "b"), reply(4, 2, "b", "unknown")];
        check(&[1, 2], &entries, &[attempt(1, Fault::None), attempt(2, Fault::Silent { taken: true })], (0, 0, 0, 0, 0));
    }

    #[test]
    fn an_acknowledged_message_that_is_nowhere_is_lost() {
        check(&[1, 2], &[said(1, 1, "a"), reply(2, 1, "a", "sent")], &[attempt(1, Fault::None)], (1, 0, 0, 0, 0));
    }

    #[test]
    fn a_message_without_a_final_state_or_without_a_reply_is_lost() {
        let open = Entry { state: "open".to_owned(), turn: None, ..said(1, 1, "a") };
        check(&[1], &[open], &[], (1, 0, 0, 0, 0));
        check(&[1], &[said(1, 1, "a")], &[], (1, 0, 0, 0, 0));
        check(&[1], &[said(1, 1, "a"), reply(2, 1, "a", "queued")], &[], (1, 0, 0, 0, 0));
        check(&[1], &[said(1, 1, "a"), reply(2, 1, "a", "sent")], &[], (1, 0, 0, 0, 0));
    }

    #[test]
    fn a_reply_that_arrives_twice_or_is_sent_again_blindly_is_doubled() {
        let entries = [said(1, 1, "a"), reply(2, 1, "a", "sent")];
        check(&[1], &entries, &[attempt(1, Fault::None), attempt(1, Fault::None)], (0, 1, 0, 0, 0));
        check(&[1], &entries, &[attempt(1, Fault::Dropped { taken: false }), attempt(1, Fault::None)], (0, 1, 0, 0, 0));
        check(&[1], &[said(1, 1, "a"), said(2, 1, "a"), reply(3, 1, "a", "sent")], &[attempt(1, Fault::None)], (0, 1, 0, 0, 0));
    }

    #[test]
    fn a_reply_that_overtakes_another_is_inverted() {
        let entries = [said(1, 1, "a"), reply(2, 1, "a", "sent"), said(3, 2, "b"), reply(4, 2, "b", "sent")];
        check(&[1, 2], &entries, &[attempt(2, Fault::None), attempt(1, Fault::None)], (0, 0, 1, 0, 0));
        check(&[2, 1], &entries, &[attempt(1, Fault::None), attempt(2, Fault::None)], (0, 0, 1, 0, 0));
    }

    #[test]
    fn a_turn_takes_what_waits_on_its_own_door_only() {
        let on_sms = |entry: Entry| Entry { channel: "sms".to_owned(), ..entry };
        let entries = |third: &str| {
            [said(1, 1, "a"), on_sms(said(2, 2, "b")), said(3, 3, third), reply(4, 3, "a", "sent"), on_sms(reply(5, 2, "b", "unknown"))]
        };
        let sent = [attempt(3, Fault::None)];
        let killed = [Instant::now()];
        let check = |entries: &[Entry]| {
            let sums = Sums { accepted: 3, states: 3, open: 0, queued: 0 };
            let posted = [letter(1), letter(2), letter(3)];
            compare(&posted, &BTreeMap::from([(0, entries.to_vec())]), sums, Others::None, &sent, &killed)
        };
        assert!(check(&entries("a")).is_clean());
        let mut mixed = entries("b");
        mixed[2].turn = Some("a".to_owned());
        mixed[1].channel = "whatsapp".to_owned();
        assert_eq!(check(&mixed).inverted, 1, "on one door it would be an inversion");
    }

    #[test]
    fn a_state_that_the_vendor_did_not_mean_is_misjudged() {
        let entries = [said(1, 1, "a"), reply(2, 1, "a", "sent")];
        check(&[1], &entries, &[attempt(1, Fault::Refused)], (0, 0, 0, 1, 0));
        check(&[1], &entries, &[attempt(1, Fault::SlowDown), attempt(1, Fault::None)], (0, 0, 0, 1, 0));
        let silent = Entry { reason: String::new(), ..reply(2, 1, "a", "refused") };
        check(&[1], &[said(1, 1, "a"), silent], &[attempt(1, Fault::Refused)], (0, 0, 0, 1, 0));
    }

    #[test]
    fn words_that_stand_on_no_timeline_do_not_add_up() {
        check(&[1], &[said(1, 1, "a"), reply(2, 1, "a", "sent")], &[attempt(1, Fault::None), attempt(9, Fault::None)], (0, 0, 0, 0, 1));
    }
}
