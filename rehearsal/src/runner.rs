//! Plays journeys against the server, step by step, and checks what each step promises.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use domain::fact::Predicate;
use serde_json::{Value, json};

use crate::client::{ClientError, Target};
use crate::journey::{self, Journey, Step, Teammate, Token};
use crate::persona::Persona;
use crate::phone::Handset;
use crate::report::Outcome;
use crate::simulator::Simulators;
use crate::widget::Page;

/// A turn that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(5);
/// A widget frame that is due comes within this.
const FRAME: Duration = Duration::from_millis(400);

/// Everybody who takes part, with their open pages.
pub struct Stage<'a> {
    /// The server.
    pub target: &'a Target,
    /// The vendors.
    pub simulators: &'a Simulators,
    pages: HashMap<String, Page>,
    sessions: HashMap<String, (String, i64)>,
    handsets: HashMap<String, Handset>,
    read: HashSet<String>,
}

impl<'a> Stage<'a> {
    /// An empty stage.
    pub fn new(target: &'a Target, simulators: &'a Simulators) -> Self {
        Self { target, simulators, pages: HashMap::new(), sessions: HashMap::new(), handsets: HashMap::new(), read: HashSet::new() }
    }

    /// Says something on a door and waits for the turn; the replies as the person sees them.
    pub async fn say(&mut self, persona: &Persona, channel: &str, text: &str) -> Result<Vec<String>, ClientError> {
        let before = self.simulators.newest();
        match channel {
            "widget" => {
                self.page(persona, None).await?;
                if let Some(page) = self.pages.get_mut(&persona.id) {
                    page.say(self.target, text).await?;
                }
            }
            "whatsapp" => self.target.whatsapp(persona, text, None).await?,
            "telegram" => self.target.telegram(persona, text).await?,
            "sms" => self.target.sms(persona, text).await?,
            "rcs" => self.target.rcs(persona, text, None).await?,
            "messenger" => self.target.messenger(persona, text, None, None).await?,
            "instagram" => self.target.instagram(persona, text, None, None).await?,
            "discord" | "email" => self.fetched(persona, channel, text, true).await?,
            "voice" => {
                let greeting = self.call(persona, true).await?;
                let Some(handset) = self.handsets.get_mut(&persona.id) else { return Ok(Vec::new()) };
                let heard = handset.say(text).await?;
                self.settle().await?;
                return Ok(greeting.into_iter().chain([heard]).filter(|said| !said.is_empty()).collect());
            }
            "api" => {
                let accepted = self.target.api(persona, text, true).await?;
                self.settle().await?;
                return self.api_replies(persona, &accepted).await;
            }
            other => return Err(ClientError::Socket(format!("no such door in rehearsals: {other}"))),
        }
        self.replies(persona, channel, before).await
    }

    /// Something that the server fetches by itself: it is said when it has been accepted.
    pub async fn fetched(&self, persona: &Persona, channel: &str, text: &str, proven: bool) -> Result<(), ClientError> {
        let accepted = self.target.read("/ledger?limit=1").await?["accepted"].as_i64().unwrap_or(0);
        let (name, id) = (persona.profile_name.as_deref(), self.target.next());
        if channel == "discord" {
            self.simulators.discord_says(&persona.discord_id, name, id, text);
        } else {
            self.simulators.mail_arrives(&persona.email, name, id, text, proven);
        }
        let start = Instant::now();
        while self.target.read("/ledger?limit=1").await?["accepted"].as_i64().unwrap_or(0) <= accepted {
            if start.elapsed() > PATIENCE {
                return Err(ClientError::Socket(format!("what was said on {channel} has not been fetched in time")));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Rings, unless a call is open; the greeting of a new call. `vouched`: the carrier knows the number to be theirs.
    pub async fn call(&mut self, persona: &Persona, vouched: bool) -> Result<Option<String>, ClientError> {
        if self.handsets.contains_key(&persona.id) {
            return Ok(None);
        }
        let handset = Handset::ring(self.target, &persona.phone, vouched).await?;
        let greeting = handset.greeting.clone();
        self.handsets.insert(persona.id.clone(), handset);
        Ok(Some(greeting))
    }

    /// The phone of somebody who is on it.
    pub fn handset(&mut self, persona: &Persona) -> Option<&mut Handset> {
        self.handsets.get_mut(&persona.id)
    }

    /// Hangs up, where a call is open.
    pub async fn hang_up(&mut self, persona: &Persona) -> Result<(), ClientError> {
        match self.handsets.remove(&persona.id) {
            Some(handset) => handset.hang_up(self.target).await,
            None => Ok(()),
        }
    }

    /// Somebody writes a mail under this person's address, and our mail server finds that it is not from there.
    pub async fn spoof(&mut self, persona: &Persona, text: &str) -> Result<Vec<String>, ClientError> {
        let before = self.simulators.newest();
        self.fetched(persona, "email", text, false).await?;
        self.replies(persona, "email", before).await
    }

    /// The person links their Discord account with a code from the open page.
    pub async fn link_discord(&mut self, persona: &Persona) -> Result<Vec<String>, ClientError> {
        let code = self.code(persona, "discord").await?;
        let before = self.simulators.newest();
        self.target.discord_command(persona, "link", "code", &code).await?;
        self.replies(persona, "discord", before).await
    }

    /// The person shares their own contact on Telegram.
    pub async fn share_contact(&mut self, persona: &Persona) -> Result<Vec<String>, ClientError> {
        let before = self.simulators.newest();
        self.target.telegram_contact(persona).await?;
        self.replies(persona, "telegram", before).await
    }

    /// The person follows a link that carries a code unseen, on a door whose links do.
    pub async fn follow(&mut self, persona: &Persona, channel: &str, code: &str) -> Result<Vec<String>, ClientError> {
        let before = self.simulators.newest();
        match channel {
            "messenger" => self.target.messenger(persona, "", None, Some(code)).await?,
            "instagram" => self.target.instagram(persona, "Hello", None, Some(code)).await?,
            _ => self.target.telegram(persona, &format!("/start {code}")).await?,
        }
        self.replies(persona, channel, before).await
    }

    /// Opens the page for a person, or leaves the open one be.
    pub async fn page(&mut self, persona: &Persona, token: Option<&str>) -> Result<(), ClientError> {
        if token.is_some() {
            self.leave(persona).await;
        }
        if !self.pages.contains_key(&persona.id) {
            let kept = self.sessions.get(&persona.id).map(|(session, seq)| (session.as_str(), *seq));
            let page = Page::open(self.target, kept, token).await?;
            self.pages.insert(persona.id.clone(), page);
        }
        Ok(())
    }

    /// The greeting that the open page shows.
    pub fn greeting(&self, persona: &Persona) -> Option<String> {
        self.pages.get(&persona.id).and_then(|page| page.greeting.clone())
    }

    /// Closes the page, whose session the browser keeps, and hangs up.
    pub async fn leave(&mut self, persona: &Persona) {
        if let Err(error) = self.hang_up(persona).await {
            tracing::warn!(%error, "a call could not be hung up");
        }
        if let Some(page) = self.pages.remove(&persona.id) {
            self.sessions.insert(persona.id.clone(), (page.session.clone(), page.seq));
            page.close().await;
        }
    }

    /// A code for another door, made by the open page.
    pub async fn code(&mut self, persona: &Persona, channel: &str) -> Result<String, ClientError> {
        self.page(persona, None).await?;
        match self.pages.get_mut(&persona.id) {
            Some(page) => page.code(channel).await,
            None => Err(ClientError::Socket("no page is open".to_owned())),
        }
    }

    async fn replies(&mut self, persona: &Persona, channel: &str, before: u64) -> Result<Vec<String>, ClientError> {
        self.settle().await?;
        if channel == "widget" {
            let mut replies = Vec::new();
            if let Some(page) = self.pages.get_mut(&persona.id) {
                while let Ok(reply) = tokio::time::timeout(if replies.is_empty() { FRAME } else { FRAME / 8 }, page.reply()).await {
                    replies.push(reply?);
                }
            }
            return Ok(replies);
        }
        Ok(self.simulators.delivered(channel, address_on(persona, channel), before).into_iter().map(|bubble| bubble.text).collect())
    }

    /// Waits until every accepted message has its state and every reply has left.
    pub async fn settle(&self) -> Result<(), ClientError> {
        let start = Instant::now();
        loop {
            let ledger = self.target.read("/ledger?limit=1").await?;
            if ledger["counts"]["open"] == 0 && ledger["queued"].as_i64().unwrap_or(0) == 0 {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(ClientError::Socket("the server has not finished in time".to_owned()));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What waits for this person on the API channel and was not read before.
    async fn api_replies(&mut self, persona: &Persona, accepted: &Value) -> Result<Vec<String>, ClientError> {
        let mut conversation = accepted["conversation"].as_str().unwrap_or_default().to_owned();
        if let Some(record) = self.record(persona).await? {
            let listed: Vec<&str> = record["conversations"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if !listed.contains(&conversation.as_str()) {
                conversation = listed.last().copied().unwrap_or_default().to_owned();
            }
        }
        let found = self.target.read(&format!("/messages?conversation={conversation}")).await?;
        let mut replies = Vec::new();
        for item in found["items"].as_array().into_iter().flatten().filter(|item| item["channel"] == "api") {
            let id = item["id"].as_str().unwrap_or_default().to_owned();
            if self.read.insert(id) {
                replies.push(item["text"].as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(replies)
    }

    /// What the API tells about a person, found by the first identifier that leads to somebody.
    pub async fn record(&self, persona: &Persona) -> Result<Option<Value>, ClientError> {
        let phone = format!("phone:{}", persona.phone);
        let others = [
            ("telegram", &persona.telegram_id),
            ("external_id", &persona.external_id),
            ("messenger", &persona.messenger_id),
            ("instagram", &persona.instagram_id),
            ("discord", &persona.discord_id),
            ("email", &persona.email),
        ];
        for identifier in std::iter::once(phone).chain(others.map(|(kind, id)| format!("{kind}:{id}"))) {
            if let Some(found) = self.target.customer(&identifier).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// Plays one journey; what failed stands in the outcome.
pub async fn play(journey: &Journey, target: &Target, simulators: &Simulators) -> Outcome {
    let mut outcome = Outcome::new(&journey.id, &journey.title);
    let people = people(journey, target);
    let mut stage = Stage::new(target, simulators);
    for (number, step) in journey.steps.iter().enumerate() {
        let who = step.who.clone().or_else(|| journey.people.keys().next().cloned()).unwrap_or_else(|| "anna".to_owned());
        let Some(persona) = people.get(&who) else {
            outcome.failures.push(format!("step {}: nobody is called {who}", number + 1));
            break;
        };
        match perform(&mut stage, persona, step).await {
            Ok(replies) => check(&stage, persona, step, number + 1, &replies, &mut outcome).await,
            Err(error) => {
                outcome.failures.push(format!("step {}: {error}", number + 1));
                break;
            }
        }
    }
    outcome
}

fn people(journey: &Journey, target: &Target) -> BTreeMap<String, Persona> {
    let mut people: BTreeMap<String, Persona> = BTreeMap::new();
    if journey.people.is_empty() {
        people.insert("anna".to_owned(), Persona::numbered(target.next()));
    }
    for (key, person) in &journey.people {
        let mut persona = Persona::numbered(target.next());
        persona.profile_name.clone_from(&person.profile_name);
        people.insert(key.clone(), persona);
    }
    for (key, person) in &journey.people {
        let phone = person.shares_phone_of.as_ref().and_then(|other| people.get(other)).map(|other| other.phone.clone());
        if let (Some(phone), Some(persona)) = (phone, people.get_mut(key)) {
            persona.phone = phone;
        }
    }
    people
}

async fn perform(stage: &mut Stage<'_>, persona: &Persona, step: &Step) -> Result<Vec<String>, ClientError> {
    if let Some(time) = &step.advance {
        let time = journey::duration(time).ok_or_else(|| ClientError::Socket(format!("{time} is no duration")))?;
        let before = stage.simulators.newest();
        stage.target.advance(time).await?;
        stage.settle().await?;
        return match &step.on {
            Some(on) => stage.replies(persona, on, before).await,
            None => Ok(Vec::new()),
        };
    }
    if let Some(token) = step.token {
        let token = stage.target.widget_token(persona, token == Token::Phone);
        stage.page(persona, Some(&token)).await?;
        return Ok(stage.greeting(persona).into_iter().collect());
    }
    if step.leave {
        stage.leave(persona).await;
        return Ok(Vec::new());
    }
    if step.share_contact {
        return stage.share_contact(persona).await;
    }
    if let Some(act) = &step.teammate {
        return teammate(stage, persona, act).await.map(|()| Vec::new());
    }
    if let Some(event) = &step.event {
        let body = json!({"type": event.kind, "customer": {"phone": persona.phone}, "data": event.data});
        stage.target.write("/events", &body).await?;
        return Ok(Vec::new());
    }
    let text = with_code(stage, persona, &step.say.clone().unwrap_or_default())?;
    if let Some(to) = &step.link {
        let code = stage.code(persona, to).await?;
        if matches!(to.as_str(), "telegram" | "messenger" | "instagram") {
            return stage.follow(persona, to, &code).await;
        }
        let text = format!("{text} {code}");
        return stage.say(persona, to, text.trim()).await;
    }
    match &step.on {
        Some(on) => stage.say(persona, on, &text).await,
        None => Ok(Vec::new()),
    }
}

/// `{code email}` in what is said stands for the newest one-time code that arrived on that door.
fn with_code(stage: &Stage<'_>, persona: &Persona, text: &str) -> Result<String, ClientError> {
    let text = &text.replace("{email}", &persona.email).replace("{phone}", &persona.phone);
    let Some((before, rest)) = text.split_once("{code ") else { return Ok(text.to_owned()) };
    let Some((channel, after)) = rest.split_once('}') else { return Ok(text.to_owned()) };
    let arrived = stage.simulators.delivered(channel, address_on(persona, channel), 0);
    let code = arrived.iter().rev().find_map(|bubble| six_digits(&bubble.text));
    match code {
        Some(code) => Ok(format!("{before}{code}{after}")),
        None => Err(ClientError::Socket(format!("no one-time code has arrived on {channel}"))),
    }
}

fn six_digits(text: &str) -> Option<&str> {
    text.split(|letter: char| !letter.is_ascii_digit()).find(|run| run.len() == 6)
}

fn address_on<'p>(persona: &'p Persona, channel: &str) -> &'p str {
    match channel {
        "whatsapp" => persona.wa_id(),
        "telegram" => &persona.telegram_id,
        "messenger" => &persona.messenger_id,
        "instagram" => &persona.instagram_id,
        "discord" => &persona.discord_id,
        "email" => &persona.email,
        _ => &persona.phone,
    }
}

async fn teammate(stage: &Stage<'_>, persona: &Persona, act: &Teammate) -> Result<(), ClientError> {
    let record = stage.record(persona).await?.ok_or_else(|| ClientError::Socket("the person is not known".to_owned()))?;
    let conversations = record["conversations"].as_array().cloned().unwrap_or_default();
    let conversation = conversations.last().and_then(Value::as_str).unwrap_or_default().to_owned();
    let (verb, body) = match act {
        Teammate::Take => ("take", json!({})),
        Teammate::Return => ("return", json!({})),
        Teammate::Resolve => ("resolve", json!({})),
        Teammate::Reply(text) => ("reply", json!({"text": text})),
        Teammate::Approve | Teammate::Decline => {
            let verb = if matches!(act, Teammate::Approve) { "approve" } else { "decline" };
            let waiting = record["actions"].as_array().into_iter().flatten().find(|action| action["status"] == "waiting");
            let id = waiting.and_then(|action| action["id"].as_str()).unwrap_or("nothing waits");
            stage.target.write(&format!("/actions/{id}/{verb}"), &json!({})).await?;
            return stage.settle().await;
        }
    };
    stage.target.write(&format!("/conversations/{conversation}/{verb}"), &body).await?;
    stage.settle().await
}

async fn check(stage: &Stage<'_>, persona: &Persona, step: &Step, number: usize, replies: &[String], outcome: &mut Outcome) {
    let reply = replies.join("\n");
    let said = step.say.as_deref().unwrap_or_default();
    if !said.is_empty() || !reply.is_empty() {
        let rules = open_rules(stage, persona).await.unwrap_or_default();
        let rules = if rules.is_empty() { String::new() } else { format!("   [{}]", rules.join(", ")) };
        outcome.transcript.push(format!("{number}. {said} → {}{rules}", reply.replace('\n', " / ")));
        if reply.is_empty() && !step.expect.silent {
            outcome.transcript.extend(newest(stage, persona).await);
        }
    }
    let mut fail = |why: String| outcome.failures.push(format!("step {number}: {why}"));
    for group in &step.expect.contains {
        if !group.all().iter().any(|wanted| contains(&reply, wanted)) {
            fail(format!("the reply lacks {}", group.all().join(" | ")));
        }
    }
    for unwanted in &step.expect.lacks {
        if contains(&reply, unwanted) {
            fail(format!("the reply says {unwanted}"));
        }
    }
    if step.expect.silent && !replies.is_empty() {
        fail("something was said where silence was due".to_owned());
    }
    let asked = asked_slots(&reply);
    for slot in &step.expect.not_asked {
        if slot.parse::<Predicate>().is_ok_and(|slot| asked.contains(&slot)) {
            fail(format!("{slot} was asked for"));
        }
    }
    if step.expect.document
        && let Err(why) = opens_document(stage, &reply).await
    {
        fail(why);
    }
    let needs_record = !step.known.is_empty()
        || !step.unknown.is_empty()
        || !step.expect.fired.is_empty()
        || !step.expect.done.is_empty()
        || step.expect.quiet;
    if needs_record {
        match stage.record(persona).await {
            Ok(Some(record)) => facts(&record, step, &mut fail),
            Ok(None) => fail("nobody is found by this person's identifiers".to_owned()),
            Err(error) => fail(error.to_string()),
        }
    }
    if !step.expect.fired.is_empty() || step.expect.quiet {
        match open_rules(stage, persona).await {
            Ok(rules) => {
                for rule in &step.expect.fired {
                    if rules.iter().filter(|fired| *fired == rule).count() != 1 {
                        fail(format!("{rule} has not fired once: {rules:?}"));
                    }
                }
                if step.expect.quiet && !rules.is_empty() {
                    fail(format!("{rules:?} fired"));
                }
            }
            Err(error) => fail(error.to_string()),
        }
    }
}

fn facts(record: &Value, step: &Step, fail: &mut impl FnMut(String)) {
    let active: Vec<(String, String)> = record["facts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|fact| fact["status"] == "active")
        .map(|fact| (fact["predicate"].as_str().unwrap_or_default().to_owned(), fact["value"].as_str().unwrap_or_default().to_owned()))
        .collect();
    for (predicate, value) in &step.known {
        if !active.iter().any(|(known, found)| known == predicate && contains(found, value)) {
            let found: Vec<&String> = active.iter().filter(|(known, _)| known == predicate).map(|(_, value)| value).collect();
            fail(format!("{predicate} should be {value}, is {found:?}"));
        }
    }
    for tool in &step.expect.done {
        let done = record["actions"].as_array().into_iter().flatten();
        let times = done.filter(|action| action["status"] == "done" && action["tool"] == tool.as_str()).count();
        if times != 1 {
            fail(format!("{tool} should have been done once, was {times} times"));
        }
    }
    for predicate in &step.unknown {
        if active.iter().any(|(known, _)| known == predicate) {
            fail(format!("{predicate} should not be known"));
        }
    }
}

/// Does the link in the reply open a document?
async fn opens_document(stage: &Stage<'_>, reply: &str) -> Result<(), String> {
    let opener = reply
        .split("/documents/")
        .nth(1)
        .map(|rest| rest.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter)).next());
    let opener = opener.flatten().ok_or("the reply holds no link to a document")?;
    let document = stage.target.fetch(&format!("/documents/{opener}")).await.map_err(|error| error.to_string())?;
    let is_document = document.starts_with(b"%PDF-") || document.starts_with(b"BEGIN:VCALENDAR");
    if is_document { Ok(()) } else { Err("the link opens neither a PDF nor a calendar's entry".to_owned()) }
}

/// The newest lines of a person's timeline, to read why nothing was said.
async fn newest(stage: &Stage<'_>, persona: &Persona) -> Vec<String> {
    let Ok(Some(record)) = stage.record(persona).await else { return vec!["   (nobody is found)".to_owned()] };
    let id = record["id"].as_str().unwrap_or_default().to_owned();
    let Ok(timeline) = stage.target.read(&format!("/customers/{id}/timeline?limit=4")).await else { return Vec::new() };
    let items = timeline["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| {
            format!("   {} {} {} {} {}", item["channel"], item["direction"], item["state"], item["delivery"], item["delivery_reason"])
        })
        .collect()
}

/// Rules on the escalations of a person that are not ended.
pub async fn open_rules(stage: &Stage<'_>, persona: &Persona) -> Result<Vec<String>, ClientError> {
    let Some(record) = stage.record(persona).await? else { return Ok(Vec::new()) };
    let open = stage.target.read("/escalations?status=open").await?;
    let mut rules = Vec::new();
    for escalation in open["items"].as_array().into_iter().flatten().filter(|escalation| escalation["customer"]["id"] == record["id"]) {
        rules.extend(escalation["rule"].as_str().map(str::to_owned));
        rules.extend(escalation["also"].as_array().into_iter().flatten().filter_map(|rule| rule.as_str().map(str::to_owned)));
    }
    Ok(rules)
}

/// Is a text in another, whatever its case, accents in figures and spaces?
pub fn contains(text: &str, wanted: &str) -> bool {
    let normal = |text: &str| {
        let lower = text.to_lowercase().replace(['\u{a0}', '\u{202f}'], " ").replace(['–', '—'], "-");
        let mut out = String::with_capacity(lower.len());
        let letters: Vec<char> = lower.chars().collect();
        for (at, letter) in letters.iter().enumerate() {
            let between_digits = at > 0 && letters[at - 1].is_ascii_digit() && letters.get(at + 1).is_some_and(char::is_ascii_digit);
            if !(between_digits && matches!(letter, ',' | ' ')) {
                out.push(*letter);
            }
        }
        out
    };
    normal(text).contains(&normal(wanted))
}

/// Which facts a reply asks for: the rehearsal's own reading, apart from the server's guard.
pub fn asked_slots(reply: &str) -> Vec<Predicate> {
    const ASKS: [(&str, Predicate); 14] = [
        ("your name", Predicate::Name),
        ("who am i speaking", Predicate::Name),
        ("budget", Predicate::Budget),
        ("how much would you", Predicate::Budget),
        ("by when", Predicate::Timeline),
        ("when do you need", Predicate::Timeline),
        ("when would you need", Predicate::Timeline),
        ("what are you looking for", Predicate::Need),
        ("what do you need", Predicate::Need),
        ("order number", Predicate::Order),
        ("how many", Predicate::Quantity),
        ("who decides", Predicate::Authority),
        ("your email", Predicate::Email),
        ("your phone", Predicate::Phone),
    ];
    let lower = reply.to_lowercase();
    let mut asked = Vec::new();
    for sentence in lower.split_inclusive(['.', '!', '?', '\n']).filter(|sentence| sentence.trim_end().ends_with('?')) {
        asked.extend(ASKS.iter().filter(|(words, _)| sentence.contains(words)).map(|(_, slot)| *slot));
    }
    asked
}
