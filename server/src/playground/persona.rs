//! A made-up person and what their phones show.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::message::Button;
use domain::ports::{Random, Stored};
use domain::{ChannelKind, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::phones::{Addresses, Shown, What};
use crate::app::Shared;

/// Names a persona may use for itself; the page only hints at them.
const NAMES: &[&str] = &[
    "Camille Laurent",
    "Jonas Becker",
    "Priya Nair",
    "Marta Silva",
    "Owen Hughes",
    "Aiko Tanaka",
    "Lucas Moreau",
    "Elena Rossi",
    "Noah Jansen",
    "Sofia Lind",
    "Amira Haddad",
    "Tomas Novak",
];
/// Bubbles kept per persona.
const MOST_BUBBLES: usize = 1_000;

/// A made-up person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Persona {
    /// Its id, in the page's address.
    pub id: String,
    /// A name to play under.
    pub name_hint: String,
    /// Its number.
    pub phone_e164: String,
    /// Its Telegram account.
    pub telegram_id: i64,
    /// Its browser, once the widget has opened.
    pub visitor: Option<String>,
    /// Ids of what it has filled into the contact form.
    #[serde(default)]
    pub forms: Vec<String>,
}

impl Persona {
    /// Makes one up; numbers are of the range that is kept for stories.
    pub fn invent(app: &Shared) -> Self {
        let bits = app.random.bits();
        let name = NAMES[usize::try_from(bits % NAMES.len() as u128).unwrap_or(0)];
        Self {
            id: format!("per_{:020x}", bits >> 48),
            name_hint: name.to_owned(),
            phone_e164: format!("+3363998{:04}", (bits >> 16) % 10_000),
            telegram_id: 7_000_000_000 + i64::try_from((bits >> 32) % 900_000_000).unwrap_or(0),
            visitor: None,
            forms: Vec::new(),
        }
    }

    fn note(id: &str) -> String {
        format!("playground.persona.{id}")
    }

    /// Keeps it over restarts.
    pub async fn keep(&self, app: &Shared) -> Stored<()> {
        let text = serde_json::to_string(self).unwrap_or_default();
        app.store().put_note(&Self::note(&self.id), Some(&text)).await
    }

    /// One that was kept.
    pub async fn find(app: &Shared, id: &str) -> Stored<Option<Self>> {
        if !id.starts_with("per_") || id.len() > 40 {
            return Ok(None);
        }
        Ok(app.store().note(&Self::note(id)).await?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// As the vendors know it.
    pub fn addresses(&self) -> Addresses {
        Addresses {
            name: self.name_hint.clone(),
            phone_e164: self.phone_e164.clone(),
            telegram_id: self.telegram_id,
            discord_id: self.discord_id(),
            email: self.email(),
        }
    }

    /// Its Discord account: no other persona has its number.
    pub fn discord_id(&self) -> String {
        format!("1033{:014}", self.telegram_id)
    }

    /// Its mailbox, at a name that nobody can own.
    pub fn email(&self) -> String {
        let name: String =
            self.name_hint.chars().map(|letter| if letter.is_ascii_alphabetic() { letter.to_ascii_lowercase() } else { '.' }).collect();
        format!("{name}.{}@people.example", self.telegram_id % 1_000_000)
    }
}

/// Something a phone shows.
#[derive(Debug, Clone, Serialize)]
pub struct Bubble {
    /// Its number on this board.
    pub seq: u64,
    /// On which phone.
    pub channel: ChannelKind,
    /// `in` from the persona, `out` from the business.
    pub direction: &'static str,
    /// The text.
    pub text: String,
    /// Buttons under it.
    pub buttons: Vec<Button>,
    /// Names of the files with it.
    pub files: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// How far it got.
    pub status: String,
    /// The vendor's id, for statuses.
    #[serde(skip)]
    pub vendor_id: Option<String>,
}

impl Bubble {
    /// One without buttons that has just been sent.
    pub fn new(channel: ChannelKind, direction: &'static str, text: &str, at: Timestamp) -> Self {
        Self {
            seq: 0,
            channel,
            direction,
            text: text.to_owned(),
            buttons: Vec::new(),
            files: Vec::new(),
            at,
            status: "sent".to_owned(),
            vendor_id: None,
        }
    }
}

/// A point of the score's history.
#[derive(Debug, Clone, Serialize)]
pub struct ScorePoint {
    /// When.
    pub at: Timestamp,
    /// The score.
    pub value: i32,
    /// The door of the last message.
    pub channel: Option<ChannelKind>,
}

/// What happened on a board, for its stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beat {
    /// Grows with everything that happens.
    pub count: u64,
    /// The last phone on which somebody of the business typed, with its own count.
    pub typing: Option<(ChannelKind, u64)>,
}

/// A persona's phones.
pub struct Board {
    inner: Mutex<Inner>,
    beat: watch::Sender<Beat>,
}

struct Inner {
    persona: Persona,
    bubbles: Vec<Bubble>,
    seq: u64,
    changed: Vec<u64>,
    scores: Vec<ScorePoint>,
}

impl Board {
    /// An empty one.
    pub fn new(persona: Persona) -> Self {
        let inner = Inner { persona, bubbles: Vec::new(), seq: 0, changed: Vec::new(), scores: Vec::new() };
        Self { inner: Mutex::new(inner), beat: watch::Sender::new(Beat::default()) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The persona's id.
    pub fn id(&self) -> String {
        self.inner().persona.id.clone()
    }

    /// The persona.
    pub fn persona(&self) -> Persona {
        self.inner().persona.clone()
    }

    /// Its browser became known.
    pub fn tie(&self, visitor: &str) -> Persona {
        let mut inner = self.inner();
        inner.persona.visitor = Some(visitor.to_owned());
        inner.persona.clone()
    }

    /// It filled in the contact form.
    pub fn fill_in(&self, form: &str) -> Persona {
        let mut inner = self.inner();
        inner.persona.forms.push(form.to_owned());
        inner.persona.clone()
    }

    /// Is this one of its addresses?
    pub fn has(&self, channel: ChannelKind, address: &str) -> bool {
        let inner = self.inner();
        match channel {
            ChannelKind::Telegram => inner.persona.telegram_id.to_string() == address,
            ChannelKind::Messenger | ChannelKind::Instagram => address.get(1..) == Some(&format!("{:015}", inner.persona.telegram_id)),
            ChannelKind::Discord => inner.persona.discord_id() == address,
            ChannelKind::Email => inner.persona.email().eq_ignore_ascii_case(address),
            _ => inner.persona.phone_e164.trim_start_matches('+') == address.trim_start_matches('+'),
        }
    }

    /// Adds a bubble; it gets the next number.
    pub fn add(&self, mut bubble: Bubble) {
        {
            let mut inner = self.inner();
            inner.seq += 1;
            bubble.seq = inner.seq;
            if inner.bubbles.len() == MOST_BUBBLES {
                inner.bubbles.remove(0);
            }
            inner.bubbles.push(bubble);
        }
        self.ring();
    }

    /// What a vendor shows.
    pub fn show(&self, shown: &Shown, now: Timestamp) {
        match &shown.what {
            What::Bubble { id, text, buttons, files } => {
                let mut bubble = Bubble::new(shown.channel, "out", text, now);
                bubble.buttons.clone_from(buttons);
                bubble.files.clone_from(files);
                bubble.vendor_id = Some(id.clone());
                self.add(bubble);
            }
            What::Status { id, status } => {
                {
                    let mut inner = self.inner();
                    let found = inner.bubbles.iter_mut().find(|bubble| bubble.vendor_id.as_deref() == Some(id));
                    let Some(bubble) = found else { return };
                    bubble.status.clone_from(status);
                    let seq = bubble.seq;
                    inner.changed.push(seq);
                }
                self.ring();
            }
            What::Typing => self.beat.send_modify(|beat| {
                beat.count += 1;
                beat.typing = Some((shown.channel, beat.count));
            }),
        }
    }

    /// Wakes the streams.
    pub fn ring(&self) {
        self.beat.send_modify(|beat| beat.count += 1);
    }

    /// For a stream.
    pub fn beat(&self) -> watch::Receiver<Beat> {
        self.beat.subscribe()
    }

    /// Bubbles after a number, and those whose status changed since `changes` changes.
    pub fn after(&self, last: u64, changes: usize) -> (Vec<Bubble>, usize) {
        let inner = self.inner();
        let changed = inner.changed.get(changes..).unwrap_or_default();
        let bubbles = inner.bubbles.iter().filter(|bubble| bubble.seq > last || changed.contains(&bubble.seq)).cloned().collect();
        (bubbles, inner.changed.len())
    }

    /// Takes note of the score; the history and the last change.
    pub fn score(&self, value: i32, at: Timestamp, channel: Option<ChannelKind>) -> (Vec<ScorePoint>, i32) {
        let mut inner = self.inner();
        if inner.scores.last().map_or(value != 0, |last| last.value != value) {
            inner.scores.push(ScorePoint { at, value, channel });
        }
        let before = inner.scores.len().checked_sub(2).and_then(|place| inner.scores.get(place)).map_or(0, |point| point.value);
        let delta = inner.scores.last().map_or(0, |point| point.value - before);
        (inner.scores.clone(), delta)
    }
}
