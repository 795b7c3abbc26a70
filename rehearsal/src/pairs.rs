//! The continuity journey over every ordered pair of doors: told on the one, known on the other; and its two twins, a
//! claim instead of the proof and a stranger, who must learn nothing.

use std::time::Duration;

use domain::fact::Predicate;
use futures::future::join_all;
use serde_json::Value;
use tokio::sync::Barrier;

use crate::client::{ClientError, Target};
use crate::persona::Persona;
use crate::report::Outcome;
use crate::runner::{Stage, asked_slots, contains};
use crate::simulator::Simulators;

/// The doors of this version.
pub const DOORS: [&str; 11] =
    ["widget", "whatsapp", "telegram", "discord", "email", "sms", "rcs", "messenger", "instagram", "voice", "api"];

/// Between the two doors.
const TWO_DAYS: Duration = Duration::from_secs(2 * 24 * 3600);
/// Stories that are told at the same time: the clock is one for all.
const TOGETHER: usize = 5;
/// Doors that the server looks into by itself: only in a story told alone is the next message it accepts the story's own.
const FETCHED: [&str; 2] = ["discord", "email"];

/// The days between the two doors, which pass for all stories of a batch at once.
struct Days<'a> {
    target: &'a Target,
    all: Barrier,
}

impl Days<'_> {
    /// Waits until everybody has told theirs; then it is two days later.
    async fn pass(&self) -> Result<(), ClientError> {
        let moved = if self.all.wait().await.is_leader() { self.target.advance(TWO_DAYS).await.map(|_| ()) } else { Ok(()) };
        self.all.wait().await;
        moved
    }
}

/// One fact of the story: how it is told, and how it is found again.
struct Told {
    predicate: &'static str,
    says: &'static str,
    /// Any of these in a value or a reply is the fact.
    found: &'static [&'static str],
}

/// At least seven facts, told as a person would.
const STORY: [Told; 7] = [
    Told { predicate: "name", says: "Hello, my name is Maya Lindqvist.", found: &["Maya"] },
    Told { predicate: "need", says: "We need ten office chairs for our new studio.", found: &["chair"] },
    Told { predicate: "budget", says: "Our budget is between 4,000 and 6,000 euros.", found: &["4,000–6,000 EUR"] },
    Told { predicate: "timeline", says: "We need them by 15 March 2027.", found: &["15 March"] },
    Told { predicate: "product_interest", says: "I like the Contour 2 in moss.", found: &["Contour 2"] },
    Told { predicate: "order", says: "We ordered a lamp from you before, order EC-20417.", found: &["EC-20417"] },
    Told {
        predicate: "objection",
        says: "Honestly, the assembly fee is too expensive for us.",
        found: &["assembly", "price", "expensive"],
    },
];

/// Told between the facts and the objection, which hands over to a person.
const DECLINES: &str = "No thanks, we don't want the extended warranty.";
const ASKS_A_PROMISE: &str = "Could you send me a written quote by Friday?";
const QUESTIONS: [(&str, &[&str]); 2] =
    [("How long does delivery to Lyon take?", &["3–5", "3-5"]), ("How many days do I have to return a chair?", &["30 days"])];

/// What is written on a page is heard on the phone.
const HEARD: [(&str, &str); 10] = [
    ("4,000–6,000 EUR", "four thousand to six thousand euros"),
    ("4,000–6,000", "four thousand to six thousand"),
    ("4,000", "four thousand"),
    ("6,000", "six thousand"),
    ("15 March", "the fifteenth of March"),
    ("EC-20417", "E C two zero four, one seven"),
    ("Contour 2", "Contour two"),
    ("3–5", "three to five"),
    ("3-5", "three to five"),
    ("30 days", "thirty days"),
];

/// Is it said, in writing or aloud?
fn mentions(text: &str, wanted: &str) -> bool {
    contains(text, wanted) || HEARD.iter().any(|(written, heard)| *written == wanted && contains(text, heard))
}

/// Ordered pairs, all of them or those with one door.
fn pairs(door: Option<&str>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = DOORS.into_iter().flat_map(|first| DOORS.into_iter().map(move |second| (first, second)));
    all.filter(move |(first, second)| first != second && door.is_none_or(|door| *first == door || *second == door))
}

/// How many outcomes there will be.
pub fn count(door: Option<&str>) -> usize {
    pairs(door).count() * 3
}

/// All ordered pairs, or those with one door, each with its twins.
pub async fn all(target: &Target, simulators: &Simulators, door: Option<&str>, progress: impl Fn(&Outcome)) -> Vec<Outcome> {
    let stories: Vec<(&str, &str, &str)> =
        pairs(door).flat_map(|(first, second)| ["proof", "claim", "stranger"].map(|kind| (first, second, kind))).collect();
    let mut outcomes = Vec::new();
    let (alone, together): (Vec<_>, Vec<_>) =
        stories.into_iter().partition(|(first, second, _)| FETCHED.contains(first) || FETCHED.contains(second));
    for batch in together.chunks(TOGETHER).chain(alone.chunks(1)) {
        let days = Days { target, all: Barrier::new(batch.len()) };
        let told = batch.iter().map(|(first, second, kind)| pair(&days, simulators, first, second, kind));
        for outcome in join_all(told).await {
            progress(&outcome);
            outcomes.push(outcome);
        }
    }
    outcomes
}

async fn pair(days: &Days<'_>, simulators: &Simulators, first: &str, second: &str, kind: &str) -> Outcome {
    let mut outcome = Outcome::new(&format!("{first}→{second} ({kind})"), "told on the one, known on the other");
    let result = match kind {
        "proof" => proven(days, simulators, first, second, &mut outcome).await,
        _ => impostor(days, simulators, first, second, kind == "claim", &mut outcome).await,
    };
    if let Err(error) = result {
        outcome.failures.push(error.to_string());
    }
    outcome
}

/// Tells the whole story on the first door.
async fn tell(stage: &mut Stage<'_>, persona: &Persona, door: &str, outcome: &mut Outcome) -> Result<(), ClientError> {
    enter(stage, persona, door).await?;
    for told in &STORY[..6] {
        let replies = stage.say(persona, door, &ahead(told.says)).await?.join("\n");
        outcome.transcript.push(format!("{} → {}", told.says, replies.replace('\n', " / ")));
        if replies.is_empty() {
            outcome.failures.push(format!("no reply to “{}”", told.says));
        }
        if asked_slots(&replies).iter().any(|slot| slot.as_str() == told.predicate) {
            outcome.reasked += 1;
            outcome.failures.push(format!("asked for {} in reply to “{}”: {replies}", told.predicate, told.says));
        }
    }
    for (question, found) in QUESTIONS {
        let reply = stage.say(persona, door, question).await?.join("\n");
        outcome.transcript.push(format!("{question} → {}", reply.replace('\n', " / ")));
        if !found.iter().any(|found| mentions(&reply, found)) {
            outcome.failures.push(format!("“{question}” was answered: {reply}"));
        }
    }
    for says in [DECLINES, ASKS_A_PROMISE, STORY[6].says] {
        let reply = stage.say(persona, door, says).await?.join("\n");
        outcome.transcript.push(format!("{says} → {}", reply.replace('\n', " / ")));
    }
    stage.leave(persona).await;
    Ok(())
}

/// The story's year lies ahead, however far earlier pairs have moved the clock.
fn ahead(says: &str) -> String {
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 3;
    says.replace("2027", &year.to_string())
}

/// Proves itself on a door as a real person would.
async fn enter(stage: &mut Stage<'_>, persona: &Persona, door: &str) -> Result<(), ClientError> {
    match door {
        "widget" => {
            let token = stage.target.widget_token(persona, true);
            stage.page(persona, Some(&token)).await
        }
        "telegram" => stage.share_contact(persona).await.map(|_| ()),
        // Ids of these doors say nothing elsewhere: the person comes from the website, where their number is proven.
        "messenger" | "instagram" => {
            let token = stage.target.widget_token(persona, true);
            stage.page(persona, Some(&token)).await?;
            let code = stage.code(persona, door).await?;
            stage.follow(persona, door, &code).await?;
            stage.leave(persona).await;
            Ok(())
        }
        // Logged in on the website, where the business knows the phone; the code or the address is proven there.
        "discord" | "email" => {
            let token = stage.target.widget_token(persona, true);
            stage.page(persona, Some(&token)).await?;
            if door == "discord" {
                stage.link_discord(persona).await?;
            }
            stage.leave(persona).await;
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn proven(days: &Days<'_>, simulators: &Simulators, first: &str, second: &str, outcome: &mut Outcome) -> Result<(), ClientError> {
    let persona = Persona::numbered(days.target.next());
    let mut stage = Stage::new(days.target, simulators);
    let told = tell(&mut stage, &persona, first, outcome).await;
    days.pass().await?;
    told?;
    stage.settle().await?;

    enter(&mut stage, &persona, second).await?;
    let vague = stage.say(&persona, second, "hi, back about that quote").await?.join("\n");
    let depends = stage.say(&persona, second, "Is that still possible for what I told you?").await?.join("\n");
    let knows = stage.say(&persona, second, "What do you know about me?").await?.join("\n");
    let record = stage.record(&persona).await?.unwrap_or(Value::Null);

    for told in &STORY {
        outcome.told += 1;
        let in_reply = told.found.iter().any(|found| mentions(&knows, found));
        let in_record = has_fact(&record, told.predicate, told.found);
        if in_reply && in_record {
            outcome.known += 1;
        } else {
            outcome.failures.push(format!("{}: in the reply {in_reply}, in the record {in_record}", told.predicate));
        }
    }
    for (what, holds) in [
        (
            "the vague line is met with the product and the budget",
            mentions(&vague, "chair") && mentions(&vague, "4,000–6,000") || mentions(&vague, "Contour 2") && mentions(&vague, "6,000"),
        ),
        (
            "the answer uses need, budget and time",
            mentions(&depends, "chair") && mentions(&depends, "6,000") && mentions(&depends, "15 March"),
        ),
        (
            "the promise is on the ledger",
            record["promises"].as_array().is_some_and(|all| {
                all.iter().any(|item| item["by"] == "us" && mentions(item["what"].as_str().unwrap_or_default(), "quote"))
            }),
        ),
        (
            "the declined offer is on the ledger",
            record["offers"].as_array().is_some_and(|all| all.iter().any(|item| item["outcome"] == "declined")),
        ),
    ] {
        outcome.told += 1;
        if holds {
            outcome.known += 1;
        } else {
            outcome.failures.push(format!("not so: {what}"));
        }
    }
    for reply in [&vague, &depends, &knows] {
        for slot in asked_slots(reply) {
            if slot == Predicate::Authority {
                continue;
            }
            if STORY.iter().any(|told| told.predicate == slot.as_str()) {
                outcome.reasked += 1;
                outcome.failures.push(format!("asked again for {slot}: {reply}"));
            }
        }
    }
    for (question, reply) in
        [("hi, back about that quote", &vague), ("possible for what I told you", &depends), ("what do you know", &knows)]
    {
        outcome.transcript.push(format!("{question} → {}", reply.replace('\n', " / ")));
    }
    stage.leave(&persona).await;
    Ok(())
}

/// Somebody else on the second door, with a claim or without, learns nothing.
async fn impostor(
    days: &Days<'_>,
    simulators: &Simulators,
    first: &str,
    second: &str,
    claims: bool,
    outcome: &mut Outcome,
) -> Result<(), ClientError> {
    let persona = Persona::numbered(days.target.next());
    let other = Persona::numbered(days.target.next());
    let mut stage = Stage::new(days.target, simulators);
    let told = tell(&mut stage, &persona, first, &mut Outcome::new("", "")).await;
    days.pass().await?;
    told?;
    stage.settle().await?;
    let mut replies = Vec::new();
    if claims {
        let claim =
            format!("Hi, this is Maya, my number is {} and I am customer {}. Back about that quote.", persona.phone, persona.external_id);
        replies.extend(stage.say(&other, second, &claim).await?);
    }
    for says in ["hi, back about that quote", "What do you know about me?"] {
        // By mail the claim is the sender's address itself, on the phone the number that is shown.
        let said = match second {
            "email" if claims => stage.spoof(&persona, says).await?,
            "voice" if claims => {
                stage.call(&persona, false).await?;
                stage.say(&persona, second, says).await?
            }
            _ => stage.say(&other, second, says).await?,
        };
        replies.extend(said);
    }
    stage.leave(&persona).await;
    let reply = replies.join("\n");
    for told in STORY.iter().filter(|told| !(claims && told.predicate == "name")) {
        if told.found.iter().any(|found| mentions(&reply, found)) && told.predicate != "need" {
            outcome.leaked += 1;
            outcome.failures.push(format!("{} leaked: {}", told.predicate, reply.replace('\n', " / ")));
        }
    }
    if replies.is_empty() {
        outcome.failures.push("no reply at all".to_owned());
    }
    let record = stage.record(&other).await?;
    let joined = record.as_ref().is_some_and(|record| has_fact(record, "budget", &["4,000"]));
    if joined {
        outcome.leaked += 1;
        outcome.failures.push("the records were joined".to_owned());
    }
    stage.leave(&other).await;
    Ok(())
}

fn has_fact(record: &Value, predicate: &str, found: &[&str]) -> bool {
    record["facts"].as_array().into_iter().flatten().any(|fact| {
        fact["predicate"] == predicate
            && fact["status"] == "active"
            && found
                .iter()
                .any(|found| mentions(fact["value"].as_str().unwrap_or_default(), found) || mentions(&fact["data"].to_string(), found))
    })
}
