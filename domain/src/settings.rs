//! What the owner configures, parsed and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::fact::Predicate;
use crate::id::{ConnectionId, TeamId, WorkspaceId};
use crate::identifier::IdentifierKind;
use crate::secret::Secret;

/// One business.
#[derive(Debug, Clone)]
pub struct WorkspaceSettings {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// IANA zone.
    pub timezone: String,
    /// Two-letter default language.
    pub locale: String,
    /// Languages it answers in.
    pub languages: Vec<String>,
    /// ISO 4217.
    pub currency: String,
    /// Region for phone numbers without a country code, ISO 3166-1 alpha-2.
    pub region: String,
    /// Which identifier wins.
    pub primary_identifier: IdentifierKind,
    /// Rivals.
    pub competitors: Vec<String>,
    /// Refunds above it go to a person, in major units of `currency`.
    pub refund_limit: Option<i64>,
    /// Names of people a customer may ask for.
    pub teammates: Vec<String>,
    /// How the assistant speaks, in the business's own words; for models.
    pub persona: Option<String>,
    /// Its name, its tone, and first and last words, on each door.
    pub manner: Manner,
    /// What is asked of whoever wants something, in this order; empty: the built-in questions.
    pub questions: Vec<QuestionSettings>,
    /// When people are there.
    pub business_hours: BusinessHours,
    /// What may be said to whom.
    pub disclosure: Disclosure,
    /// Burst window per channel.
    pub join_window: BTreeMap<ChannelKind, Duration>,
    /// How long until the customer is told once more.
    pub escalation_wait: Duration,
    /// How long until the AI may answer again.
    pub escalation_release: Duration,
    /// What the assistant may do by itself.
    pub actions: ActionSettings,
    /// What customers can book times of.
    pub calendars: Vec<CalendarSettings>,
    /// What becomes of a mail of ours that asks something and stays unanswered; `None`: nothing.
    pub unanswered_mail: Option<UnansweredMail>,
    /// The workspace's own rules.
    pub rules: Vec<RuleSettings>,
    /// Rules that are switched off, also built-in ones.
    pub rules_off: BTreeSet<String>,
    /// Where a rule's conversations go, by its name.
    pub routes: BTreeMap<String, Route>,
    /// The teams that there are.
    pub teams: Vec<TeamSettings>,
    /// By when people of the team answer; the first that fits counts.
    pub sla: Vec<SlaSettings>,
    /// How the team is told what it should know.
    pub alerts: AlertSettings,
    /// Escalated conversations go by themselves to teammates who are here and have fewer than so many; `None`: somebody takes them.
    pub capacity: Option<u32>,
}

/// How the team is told what it should know, besides the console.
#[derive(Debug, Clone, Default)]
pub struct AlertSettings {
    /// The connection whose mailbox writes to teammates; the first one of email by default.
    pub email: Option<ConnectionId>,
    /// Addresses that are told.
    pub webhooks: Vec<AlertWebhook>,
}

/// An address that is told.
#[derive(Debug, Clone)]
pub struct AlertWebhook {
    /// Its name.
    pub id: String,
    /// Where.
    pub url: Secret<String>,
    /// What it is signed with, current first.
    pub secrets: Vec<Secret<String>>,
    /// Of what: `escalated`, `assigned`, `mentioned`, `late`, `due`.
    pub on: Vec<String>,
}

/// A mail that stays unanswered is asked about where the customer reads sooner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnansweredMail {
    /// How long it waits.
    pub after: Duration,
    /// The template that says it where a door's window has closed; its gap, if it has one, takes the question.
    pub template: Option<String>,
}

/// Something whose times customers can book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarSettings {
    /// Its id.
    pub id: String,
    /// What is booked, as customers call it: "Consultation".
    pub name: String,
    /// How long one takes.
    pub duration: Duration,
    /// When; in the workspace's zone.
    pub hours: BusinessHours,
    /// How long before it begins it can be booked at the latest.
    pub notice: Duration,
    /// How far ahead it can be booked.
    pub horizon: Duration,
    /// How many at the same time.
    pub places: u32,
    /// What whoever books should know.
    pub instructions: Option<String>,
    /// How long before it begins they are reminded; `None`: not at all.
    pub remind: Option<Duration>,
}

/// How far the assistant goes with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Autonomy {
    /// It does not do it.
    Off,
    /// A teammate approves each one.
    Ask,
    /// It does it within the limits of the business, and asks beyond them.
    Do,
}

/// What the assistant may do by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionSettings {
    /// Registering returns and their labels.
    pub returns: Autonomy,
    /// Swapping an order for something else.
    pub exchanges: Autonomy,
    /// Days in which things may be sent back; `None`: as the sources say.
    pub return_days: Option<u32>,
    /// Where things are sent back to, line by line; on the label.
    pub return_address: Option<String>,
}

impl Default for ActionSettings {
    fn default() -> Self {
        Self { returns: Autonomy::Do, exchanges: Autonomy::Do, return_days: None, return_address: None }
    }
}

impl WorkspaceSettings {
    /// A business of which nothing but its name is configured.
    pub fn named(id: WorkspaceId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            timezone: "UTC".to_owned(),
            locale: "en".to_owned(),
            languages: Vec::new(),
            currency: "EUR".to_owned(),
            region: "FR".to_owned(),
            primary_identifier: IdentifierKind::Phone,
            competitors: Vec::new(),
            refund_limit: None,
            teammates: Vec::new(),
            persona: None,
            manner: Manner::default(),
            questions: Vec::new(),
            business_hours: BusinessHours::default(),
            disclosure: Disclosure::Standard,
            join_window: BTreeMap::new(),
            escalation_wait: Duration::from_mins(30),
            escalation_release: Duration::from_hours(24),
            actions: ActionSettings::default(),
            calendars: Vec::new(),
            unanswered_mail: None,
            rules: Vec::new(),
            rules_off: BTreeSet::new(),
            routes: BTreeMap::new(),
            teams: Vec::new(),
            sla: Vec::new(),
            alerts: AlertSettings::default(),
            capacity: None,
        }
    }

    /// The team of this id or, whatever the case, of this name.
    pub fn team(&self, written: &str) -> Option<&TeamSettings> {
        let name = written.trim().to_lowercase();
        self.teams.iter().find(|team| team.id.to_string() == written || team.name.to_lowercase() == name)
    }

    /// When the people of a team are there; without a team, or without hours of its own: when the business is open.
    pub fn hours_of(&self, team: Option<TeamId>) -> &BusinessHours {
        let own = self.teams.iter().find(|known| Some(known.id) == team).and_then(|known| known.hours.as_ref());
        own.unwrap_or(&self.business_hours)
    }

    /// The burst window of a door.
    pub fn join_window(&self, channel: ChannelKind) -> Duration {
        self.join_window.get(&channel).copied().unwrap_or(match channel {
            ChannelKind::Widget => Duration::from_millis(700),
            ChannelKind::Email | ChannelKind::Api | ChannelKind::Voice => Duration::ZERO,
            ChannelKind::Whatsapp
            | ChannelKind::Telegram
            | ChannelKind::Discord
            | ChannelKind::Sms
            | ChannelKind::Rcs
            | ChannelKind::Instagram
            | ChannelKind::Messenger => Duration::from_millis(1_500),
        })
    }
}

/// Presets of the disclosure table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// Continuity is open from channel-asserted on.
    Standard,
    /// Personal data only after verification.
    Strict,
}

/// Opening hours in the workspace's zone; empty: always open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessHours {
    /// Per weekday (Monday = 0): opening and closing minute of the day.
    pub days: BTreeMap<u8, Vec<(u16, u16)>>,
    /// ISO dates on which nobody is there.
    pub holidays: Vec<String>,
}

/// A rule as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSettings {
    /// Its name; one of a built-in replaces it.
    pub name: String,
    /// CEL over `message signals customer conversation facts order lead now`.
    pub when: String,
    /// `urgent`, `same_channel`, `email`, or the name of a team.
    #[serde(default)]
    pub route: Option<String>,
    /// What the rule says, for people.
    #[serde(default)]
    pub sentence: Option<String>,
}

/// In which tone the assistant speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Without exclamations.
    Formal,
    /// As to somebody one likes.
    Warm,
    /// As few words as it takes.
    Short,
}

/// How the assistant speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manner {
    /// What it is called; that it is an AI it says all the same.
    pub name: Option<String>,
    /// On doors without a tone of their own.
    pub tone: Option<Tone>,
    /// In the business's own words; for models. In the place of what the configuration says.
    pub persona: Option<String>,
    /// What differs on some doors.
    pub doors: BTreeMap<ChannelKind, DoorManner>,
}

/// What differs on a door. Own words are in the business's language, for those who speak it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DoorManner {
    /// Its tone.
    pub tone: Option<Tone>,
    /// First words to somebody new.
    pub greeting: Option<String>,
    /// Last words of each reply.
    pub sign_off: Option<String>,
}

/// How the assistant speaks on one door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaking<'a> {
    /// What it is called.
    pub name: Option<&'a str>,
    /// Its tone.
    pub tone: Option<Tone>,
    /// First words to somebody new.
    pub greeting: Option<&'a str>,
    /// Last words of each reply.
    pub sign_off: Option<&'a str>,
}

impl Manner {
    /// On a door.
    pub fn on(&self, channel: ChannelKind) -> Speaking<'_> {
        let door = self.doors.get(&channel);
        Speaking {
            name: self.name.as_deref(),
            tone: door.and_then(|door| door.tone).or(self.tone),
            greeting: door.and_then(|door| door.greeting.as_deref()),
            sign_off: door.and_then(|door| door.sign_off.as_deref()),
        }
    }

    /// The settings speak in this manner from now on.
    pub fn lay_over(self, settings: &mut WorkspaceSettings) {
        if self.persona.is_some() {
            settings.persona.clone_from(&self.persona);
        }
        settings.manner = self;
    }
}

/// Something asked of whoever wants something of us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionSettings {
    /// What the answer says.
    pub slot: Predicate,
    /// What a matter of the business's own is called.
    #[serde(default)]
    pub label: Option<String>,
    /// How it is put, by two-letter language; where there is none, as the built-in engine puts it.
    #[serde(default)]
    pub wording: BTreeMap<String, String>,
}

/// How a conversation that a rule hands over is best answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Now, and by voice where there is a number.
    Urgent,
    /// Where the customer wrote.
    SameChannel,
    /// By email, with papers.
    Email,
}

impl Way {
    /// The word in the API and in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::SameChannel => "same_channel",
            Self::Email => "email",
        }
    }

    /// The way of this word; any other word is the name of a team.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Urgent, Self::SameChannel, Self::Email].into_iter().find(|way| way.as_str() == word)
    }
}

/// Where the conversations of a rule go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Route {
    /// To the people of this team; `None`: to everybody.
    pub team: Option<TeamId>,
    /// How they are best answered; `None`: whoever answers decides.
    pub way: Option<Way>,
}

/// A team as decisions need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamSettings {
    /// Its id.
    pub id: TeamId,
    /// What people call it.
    pub name: String,
    /// When its people are there; `None`: as the business is.
    pub hours: Option<BusinessHours>,
    /// Is anybody in it? To a team of nobody nothing goes.
    pub is_manned: bool,
}

/// A target for what people of the team answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaSettings {
    /// Its name.
    pub name: String,
    /// For conversations on this kind of door only.
    pub channel: Option<ChannelKind>,
    /// For these only.
    pub priority: Option<Priority>,
    /// For conversations that this team has only; its id or its name.
    pub team: Option<String>,
    /// For conversations that this rule handed over only.
    pub rule: Option<String>,
    /// A person's words to whoever waits for them.
    pub first_reply: Option<Duration>,
    /// The end of the matter, from when it went to a person.
    pub resolution: Option<Duration>,
    /// Counts day and night instead of in business hours.
    pub is_always_on: bool,
}

/// How much a conversation presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// A rule asks for a person.
    Urgent,
    /// None does.
    Normal,
}

/// The trust dial of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The AI says nothing.
    Off,
    /// A teammate approves.
    Draft,
    /// Answers outside business hours only.
    OutOfHours,
    /// Answers all.
    Answer,
}

/// One configured door. What only one vendor has is read by that door from `values` and `secrets`.
#[derive(Debug, Clone)]
pub struct ConnectionSettings {
    /// Its id.
    pub id: ConnectionId,
    /// Whose.
    pub workspace: WorkspaceId,
    /// Its kind.
    pub channel: ChannelKind,
    /// Trust dial.
    pub mode: Mode,
    /// The vendor's base URL, without a slash at the end; the door has a default.
    pub api_base: Option<String>,
    /// Plain settings by key (`phone_number_id`, `from`, `account_sid`, `allowed_origins` as JSON …).
    pub values: BTreeMap<String, serde_json::Value>,
    /// Secrets by key (`access_token`, `app_secret`, `auth_token`, `bot_token`, `jwt.secret`…), current first, then previous ones while rotating.
    pub secrets: BTreeMap<String, Vec<Secret<String>>>,
    /// Public base URL of this server, without a slash at the end, for signatures and callbacks.
    pub public_url: String,
}

impl ConnectionSettings {
    /// A plain setting as text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(serde_json::Value::as_str)
    }

    /// The texts under a key.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        self.values.get(key).and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(serde_json::Value::as_str)
    }

    /// The current secret of a key.
    pub fn secret(&self, key: &str) -> Option<&str> {
        self.secrets.get(key).and_then(|all| all.first()).map(|secret| secret.expose().as_str())
    }

    /// All accepted secrets of a key, current first.
    pub fn secrets_of(&self, key: &str) -> impl Iterator<Item = &str> {
        self.secrets.get(key).into_iter().flatten().map(|secret| secret.expose().as_str())
    }
}
