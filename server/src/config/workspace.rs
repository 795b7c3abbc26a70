//! `[workspace]` and what belongs to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::identifier::IdentifierKind;
use domain::settings::{
    ActionSettings, AlertSettings, Autonomy, BusinessHours, CalendarSettings, ConnectionSettings, Disclosure, Manner, Priority,
    RuleSettings, SlaSettings, UnansweredMail, WorkspaceSettings,
};
use domain::{ChannelKind, WorkspaceId};
use engine::decision::expression::Expression;
use providers::speech::SpeechSettings;
use providers::tools::Tool;

use super::alerts;
use super::connections::{self, Doors, is_slug};
use super::document::{Entry, Value};
use super::hours;
use super::keys::{ACTIONS, AUTONOMY, CALENDAR, CHANNELS, PRIMARY, RULE, SLA, UNANSWERED_MAIL, WORKSPACE};
use super::problems::Problems;
use super::reader::{Reader, unknown_key};
use super::region::region_of;
use super::secrets::Surroundings;
use super::sources::{self, Agents, KnowledgeSettings, ModelSettings};
use super::{speech, tools};

/// A burst is never waited for longer than this.
const LONGEST_JOIN_WINDOW: i64 = 5_000;

/// A workspace with all that was configured for it.
#[derive(Debug, Clone)]
pub struct WorkspaceConfiguration {
    /// Its settings.
    pub settings: WorkspaceSettings,
    /// Its doors.
    pub connections: Vec<ConnectionSettings>,
    /// Its models.
    pub models: Vec<ModelSettings>,
    /// Which model does what.
    pub agents: Agents,
    /// Who listens and speaks.
    pub speech: Vec<SpeechSettings>,
    /// Its sources.
    pub knowledge: Vec<KnowledgeSettings>,
    /// Its tools.
    pub tools: Vec<Tool>,
}

/// Reads the workspace tables of a file.
pub fn read(
    root: &Reader<'_>,
    around: &Surroundings<'_>,
    available: &[ChannelKind],
    public_url: &str,
    taken: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> WorkspaceConfiguration {
    let nothing: Vec<Entry> = Vec::new();
    let (origin, entries) = match root.table("workspace", problems) {
        Some((node, entries)) => (node.origin.clone(), entries),
        None => (root.origin().clone(), nothing.as_slice()),
    };
    let reader = Reader::open("[workspace]", &origin, entries, &[WORKSPACE], problems);
    let rules = rules(root, problems);
    let mut settings = settings(&reader, rules, problems);
    settings.calendars = calendars(root, &settings.business_hours, problems);
    settings.sla = sla(root, problems);
    settings.alerts = alerts::read(&reader, around, problems);
    let doors = Doors { workspace: &settings.id, public_url, around, available };
    let tables = root.tables("connections", problems);
    let connections = connections::read(&tables, &doors, taken, problems);
    alerts::check(&reader, &settings.alerts, &connections, problems);
    connections::check_answers(&tables, &connections, problems);
    let speech = speech::read(root, around, problems);
    speech::check(&tables, &connections, &speech, problems);
    let models = sources::models(root, around, problems);
    let agents = sources::agents(root, &models, problems);
    let knowledge = sources::knowledge(root, around, problems);
    let tools = tools::read(root, around, problems);
    WorkspaceConfiguration { settings, connections, models, agents, speech, knowledge, tools }
}

fn settings(reader: &Reader<'_>, rules: Vec<RuleSettings>, problems: &mut Problems) -> WorkspaceSettings {
    let name = reader.text("name", problems).unwrap_or_else(|| "My business".to_owned());
    let id = reader.text("id", problems).unwrap_or_else(|| slug(&name));
    if let (false, Some(node)) = (is_slug(&id), reader.node("id")) {
        reader.refuse("id", node, &format!("is {id:?}"), "use letters, digits, - and _ only, at most 64", problems);
    }
    let timezone = timezone(reader, problems);
    let locale = language(reader, problems);
    let currency = currency(reader, problems);
    let languages = reader.texts("languages", problems).unwrap_or_else(|| every_language(&locale));
    for language in &languages {
        if let (false, Some(node)) = (is_language(language), reader.node("languages")) {
            reader.refuse("languages", node, &format!("holds {language:?}"), "write two-letter codes: [\"en\", \"fr\"]", problems);
        }
    }
    let region = region(reader, &timezone, &locale, &currency, problems);
    WorkspaceSettings {
        id: WorkspaceId(id),
        name,
        primary_identifier: match reader.word("primary_identifier", PRIMARY, problems).as_deref() {
            Some("email") => IdentifierKind::Email,
            Some("external_id") => IdentifierKind::ExternalId,
            _ => IdentifierKind::Phone,
        },
        competitors: reader.texts("competitors", problems).unwrap_or_default(),
        refund_limit: reader.integer("refund_limit", 0, 1_000_000_000_000, problems),
        teammates: reader.texts("teammates", problems).unwrap_or_default(),
        persona: persona(reader, problems),
        manner: Manner::default(),
        questions: Vec::new(),
        business_hours: reader.table("business_hours", problems).map(|(_, entries)| hours::read(entries, problems)).unwrap_or_default(),
        disclosure: match reader.word("disclosure", &["standard", "strict"], problems).as_deref() {
            Some("strict") => Disclosure::Strict,
            _ => Disclosure::Standard,
        },
        join_window: join_window(reader, problems),
        escalation_wait: reader.span("escalation_wait", problems).unwrap_or(Duration::from_mins(30)),
        escalation_release: reader.span("escalation_release", problems).unwrap_or(Duration::from_hours(24)),
        actions: actions(reader, problems),
        unanswered_mail: unanswered_mail(reader, problems),
        calendars: Vec::new(),
        rules,
        rules_off: BTreeSet::new(),
        routes: BTreeMap::new(),
        teams: Vec::new(),
        sla: Vec::new(),
        alerts: AlertSettings::default(),
        capacity: reader.integer("capacity", 1, 1_000, problems).and_then(|most| u32::try_from(most).ok()),
        timezone,
        locale,
        languages,
        currency,
        region,
    }
}

fn unanswered_mail(reader: &Reader<'_>, problems: &mut Problems) -> Option<UnansweredMail> {
    let (node, entries) = reader.table("unanswered_mail", problems)?;
    let inner = Reader::open("[workspace.unanswered_mail]", &node.origin, entries, &[UNANSWERED_MAIL], problems);
    let after = inner.span("after", problems).unwrap_or(Duration::from_hours(24));
    if let (true, Some(node)) = (after < Duration::from_hours(1), inner.node("after")) {
        inner.refuse("after", node, "is less than an hour", "write a span such as \"24h\"", problems);
    }
    Some(UnansweredMail { after, template: inner.text("template", problems) })
}

fn actions(reader: &Reader<'_>, problems: &mut Problems) -> ActionSettings {
    let mut actions = ActionSettings::default();
    let Some((node, entries)) = reader.table("actions", problems) else { return actions };
    let inner = Reader::open("[workspace.actions]", &node.origin, entries, &[ACTIONS], problems);
    let autonomy = |key: &str, problems: &mut Problems| match inner.word(key, AUTONOMY, problems).as_deref() {
        Some("off") => Autonomy::Off,
        Some("ask") => Autonomy::Ask,
        _ => Autonomy::Do,
    };
    actions.returns = autonomy("returns", problems);
    actions.exchanges = autonomy("exchanges", problems);
    actions.return_address = inner.text("return_address", problems);
    if let Some(window) = inner.span("return_window", problems) {
        let days = window.as_secs() / (24 * 3_600);
        match u32::try_from(days) {
            Ok(days) if days >= 1 => actions.return_days = Some(days),
            Ok(_) | Err(_) => {
                if let Some(node) = inner.node("return_window") {
                    inner.refuse("return_window", node, "is less than a day", "write days, such as \"30d\"", problems);
                }
            }
        }
    }
    actions
}

/// Calendars that customers can book times of.
fn calendars(root: &Reader<'_>, open: &BusinessHours, problems: &mut Problems) -> Vec<CalendarSettings> {
    let mut calendars: Vec<CalendarSettings> = Vec::new();
    for (node, entries) in root.tables("calendars", problems) {
        let reader = Reader::open("[[calendars]]", &node.origin, entries, &[CALENDAR], problems);
        let name = reader.text("name", problems);
        if reader.node("name").is_none() {
            reader.missing("name", "say what is booked, as customers call it: name = \"Consultation\"", problems);
        }
        let hours = match reader.table("hours", problems) {
            Some((_, entries)) => hours::read(entries, problems),
            None if open.days.is_empty() => {
                reader.missing("hours", "say when: hours = { mon-fri = \"09:00-17:00\" }, or set business_hours", problems);
                continue;
            }
            None => open.clone(),
        };
        let Some(name) = name else { continue };
        let id = reader.text("id", problems).unwrap_or_else(|| slug(&name));
        if let (true, Some(at)) = (calendars.iter().any(|other| other.id == id), reader.node("id").or(reader.node("name"))) {
            reader.refuse("id", at, &format!("is {id:?}, which another calendar has already"), "choose another id", problems);
        }
        let duration = reader.span("duration", problems).unwrap_or(Duration::from_mins(30));
        if let (true, Some(at)) = (duration < Duration::from_mins(5) || duration > Duration::from_hours(24), reader.node("duration")) {
            reader.refuse("duration", at, "is not between five minutes and a day", "write a span such as \"30m\"", problems);
        }
        calendars.push(CalendarSettings {
            id,
            name,
            duration: duration.max(Duration::from_mins(5)),
            hours,
            notice: reader.span("notice", problems).unwrap_or(Duration::from_hours(2)),
            horizon: reader.span("horizon", problems).unwrap_or(Duration::from_hours(60 * 24)),
            places: reader.integer("places", 1, 1_000, problems).and_then(|places| u32::try_from(places).ok()).unwrap_or(1),
            instructions: reader.text("instructions", problems),
            remind: Some(reader.span("remind", problems).unwrap_or(Duration::from_hours(24))).filter(|before| !before.is_zero()),
        });
    }
    calendars
}

/// Longest description of how the assistant speaks, in characters.
const LONGEST_PERSONA: usize = 1_000;

fn persona(reader: &Reader<'_>, problems: &mut Problems) -> Option<String> {
    let persona = reader.text("persona", problems)?;
    let length = persona.chars().count();
    if let (true, Some(node)) = (length > LONGEST_PERSONA, reader.node("persona")) {
        let why = format!("has {length} characters, at most {LONGEST_PERSONA} are read");
        reader.refuse("persona", node, &why, "describe it in a few sentences", problems);
        return None;
    }
    Some(persona.trim().to_owned())
}

fn timezone(reader: &Reader<'_>, problems: &mut Problems) -> String {
    let zone = reader.text("timezone", problems).unwrap_or_else(|| "UTC".to_owned());
    if let (true, Some(node)) = (jiff::tz::TimeZone::get(&zone).is_err(), reader.node("timezone")) {
        reader.refuse(
            "timezone",
            node,
            &format!("is {zone:?}, which is no time zone"),
            "write an IANA name such as \"Europe/Paris\"",
            problems,
        );
    }
    zone
}

fn language(reader: &Reader<'_>, problems: &mut Problems) -> String {
    let locale = reader.text("locale", problems).unwrap_or_else(|| "en".to_owned());
    if let (false, Some(node)) = (is_language(&locale), reader.node("locale")) {
        reader.refuse("locale", node, &format!("is {locale:?}"), "write a two-letter code such as \"en\"", problems);
    }
    locale.get(..2).unwrap_or("en").to_lowercase()
}

fn is_language(text: &str) -> bool {
    let (language, rest) = text.split_once(['-', '_']).unwrap_or((text, ""));
    language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_alphabetic()) && rest.len() <= 8
}

fn currency(reader: &Reader<'_>, problems: &mut Problems) -> String {
    let currency = reader.text("currency", problems).unwrap_or_else(|| "EUR".to_owned());
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if let (false, Some(node)) = (is_code, reader.node("currency")) {
        reader.refuse("currency", node, &format!("is {currency:?}"), "write three capital letters such as \"EUR\"", problems);
    }
    currency
}

fn region(reader: &Reader<'_>, timezone: &str, locale: &str, currency: &str, problems: &mut Problems) -> String {
    let Some(region) = reader.text("region", problems) else {
        return region_of(timezone, locale, currency).to_owned();
    };
    let is_code = region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase());
    if let (false, Some(node)) = (is_code, reader.node("region")) {
        reader.refuse("region", node, &format!("is {region:?}"), "write two capital letters such as \"FR\"", problems);
    }
    region
}

fn join_window(reader: &Reader<'_>, problems: &mut Problems) -> BTreeMap<ChannelKind, Duration> {
    const KEY: &str = "join_window_ms";
    let mut windows = BTreeMap::new();
    let Some(node) = reader.node(KEY) else { return windows };
    let mut window = |channel: &[ChannelKind], number: i64, problems: &mut Problems| match u64::try_from(number) {
        Ok(milliseconds) if number <= LONGEST_JOIN_WINDOW => {
            for channel in channel {
                windows.insert(*channel, Duration::from_millis(milliseconds));
            }
        }
        Ok(_) | Err(_) => {
            let why = format!("is {number}, but must be from 0 to {LONGEST_JOIN_WINDOW}");
            reader.refuse(KEY, node, &why, "choose a number in that range", problems);
        }
    };
    match &node.value {
        // Mail, API and calls do not come in bursts: one number speaks for the others only.
        Value::Integer(number) => {
            let bursting: Vec<ChannelKind> = ChannelKind::ALL
                .into_iter()
                .filter(|kind| !matches!(kind, ChannelKind::Email | ChannelKind::Api | ChannelKind::Voice))
                .collect();
            window(&bursting, *number, problems);
        }
        Value::Table(entries) => {
            for entry in entries {
                match (entry.key.parse::<ChannelKind>(), &entry.node.value) {
                    (Ok(channel), Value::Integer(number)) => window(&[channel], *number, problems),
                    (Ok(_), other) => reader.wrong_form(KEY, &entry.node, "a number of milliseconds per channel", other, problems),
                    (Err(_), _) => {
                        let known: Vec<&str> = ChannelKind::ALL.into_iter().map(ChannelKind::as_str).collect();
                        problems.add(unknown_key(KEY, &entry.key, &entry.origin, &known));
                    }
                }
            }
        }
        other => reader.wrong_form(KEY, node, "a number of milliseconds, or a table of them per channel", other, problems),
    }
    windows
}

fn rules(root: &Reader<'_>, problems: &mut Problems) -> Vec<RuleSettings> {
    let mut rules: Vec<RuleSettings> = Vec::new();
    for (node, entries) in root.tables("rules", problems) {
        let reader = Reader::open("[[rules]]", &node.origin, entries, &[RULE], problems);
        let name = reader.text("name", problems);
        let when = reader.text("when", problems);
        let route = reader.text("route", problems);
        let sentence = reader.text("sentence", problems);
        if reader.node("name").is_none() {
            reader.missing("name", "name the rule", problems);
        }
        if reader.node("when").is_none() {
            reader.missing("when", "write the expression under which it fires", problems);
        }
        let (Some(name), Some(when)) = (name, when) else { continue };
        if let (true, Some(at)) = (rules.iter().any(|rule| rule.name == name), reader.node("name")) {
            reader.refuse("name", at, &format!("is {name:?}, which another rule has already"), "choose another name", problems);
        }
        if let (Err(error), Some(at)) = (Expression::parse(&when), reader.node("when")) {
            reader.refuse("when", at, &error.to_string(), "write a CEL condition, see docs/rules.md", problems);
        }
        rules.push(RuleSettings { name, when, route, sentence });
    }
    rules
}

/// By when people of the team answer.
fn sla(root: &Reader<'_>, problems: &mut Problems) -> Vec<SlaSettings> {
    let mut policies: Vec<SlaSettings> = Vec::new();
    for (node, entries) in root.tables("sla", problems) {
        let reader = Reader::open("[[sla]]", &node.origin, entries, &[SLA], problems);
        let name = reader.text("name", problems);
        if reader.node("name").is_none() {
            reader.missing("name", "name the target: name = \"gold\"", problems);
        }
        let channel = reader.word("channel", CHANNELS, problems).and_then(|word| word.parse().ok());
        let priority = match reader.word("priority", &["urgent", "normal"], problems).as_deref() {
            Some("urgent") => Some(Priority::Urgent),
            Some("normal") => Some(Priority::Normal),
            _ => None,
        };
        let (team, rule) = (reader.text("team", problems), reader.text("rule", problems));
        let (first_reply, resolution) = (reader.span("first_reply", problems), reader.span("resolution", problems));
        if reader.node("first_reply").is_none() && reader.node("resolution").is_none() {
            reader.missing("first_reply", "say by when: first_reply = \"1h\", resolution = \"2d\", or both", problems);
        }
        for (key, span) in [("first_reply", first_reply), ("resolution", resolution)] {
            if let (Some(true), Some(at)) = (span.map(|span| span < Duration::from_mins(1)), reader.node(key)) {
                reader.refuse(key, at, "is less than a minute", "write a span such as \"30m\"", problems);
            }
        }
        let is_always_on = reader.word("hours", &["business", "always"], problems).as_deref() == Some("always");
        let Some(name) = name else { continue };
        if let (true, Some(at)) = (policies.iter().any(|other| other.name == name), reader.node("name")) {
            reader.refuse("name", at, &format!("is {name:?}, which another target has already"), "choose another name", problems);
        }
        policies.push(SlaSettings { name, channel, priority, team, rule, first_reply, resolution, is_always_on });
    }
    policies
}

fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "main".to_owned() } else { slug.chars().take(64).collect() }
}

/// Without a choice of the owner's, customers are answered in every language that the built-in engine speaks.
fn every_language(locale: &str) -> Vec<String> {
    let mut languages = vec![locale.to_owned()];
    languages.extend(["en", "fr", "de", "es", "pt"].into_iter().filter(|language| *language != locale).map(str::to_owned));
    languages
}
