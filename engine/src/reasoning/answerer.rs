//! The answerer: grounded in what the person told us, in business events, in the sources, or honest about not knowing.

use domain::customer::{Context, Customer};
use domain::fact::Predicate;
use domain::id::WorkspaceId;
use domain::knowledge::{Answer, Passage, Question};
use domain::message::Author;
use domain::ports::Knowledge;
use domain::settings::WorkspaceSettings;
use domain::signal::Act;

use super::analyst::Reading;
use super::builtin::answer;
use super::{orders, recommend, requests};
use crate::memory::{known, recap};
use crate::rendering::phrases::Phrases;

/// One matter of the turn and what we say to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The question, in the customer's words.
    pub question: String,
    /// What we say.
    pub kind: ReplyKind,
}

/// Where an answer came from.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyKind {
    /// From the business's sources.
    Sources(Answer),
    /// From what this person told us.
    Memory(String),
    /// From a business event.
    Event(String),
    /// A choice for what they told us.
    Fitting(Answer),
    /// Nothing says it.
    Unknown,
    /// Too vague to answer alone: the story so far is the answer.
    Vague,
}

/// What the answerer works with.
pub struct Desk<'a> {
    /// The workspace.
    pub workspace: &'a WorkspaceId,
    /// Its settings.
    pub settings: &'a WorkspaceSettings,
    /// The sources.
    pub knowledge: &'a dyn Knowledge,
    /// Names of products and plans.
    pub catalogue: &'a [String],
    /// What this conversation may know.
    pub context: &'a Context,
    /// The record as it is after this turn's facts.
    pub after: &'a Customer,
    /// Phrases in the customer's language.
    pub words: &'a Phrases,
}

/// Answers what the turn asks.
pub fn answer(desk: &Desk<'_>, reading: &Reading) -> Vec<Reply> {
    let mut replies = Vec::new();
    for question in &reading.signals.questions {
        if asks_the_assistant(reading) {
            continue;
        }
        replies.push(Reply { question: question.clone(), kind: one(desk, reading, question) });
    }
    if requests::requested(&reading.text).is_some() {
        replies.retain(|reply| reply.kind != ReplyKind::Unknown);
    }
    let tells_what_is_wanted = reading.signals.learned.iter().any(|fact| {
        fact.holds
            && matches!(
                fact.predicate,
                Predicate::Need | Predicate::Budget | Predicate::Constraint | Predicate::Quantity | Predicate::ProductInterest
            )
    });
    if replies.is_empty()
        && tells_what_is_wanted
        && let Some(fitting) = recommend::choose(desk, &reading.text)
        && !is_offered(desk, &fitting)
    {
        replies.push(Reply { question: reading.text.clone(), kind: ReplyKind::Fitting(fitting) });
    }
    replies
}

/// The same thing is suggested once.
fn is_offered(desk: &Desk<'_>, fitting: &Answer) -> bool {
    fitting.topic.as_ref().is_some_and(|name| desk.after.offers.iter().any(|offer| offer.product.eq_ignore_ascii_case(name)))
}

fn asks_the_assistant(reading: &Reading) -> bool {
    reading.signals.acts.iter().any(|act| matches!(act, Act::AsksWhatIsKnown | Act::AsksIfAi | Act::AsksErasure | Act::AsksAboutAssistant))
}

fn one(desk: &Desk<'_>, reading: &Reading, question: &str) -> ReplyKind {
    if let Some(about) = known::asked_about(question)
        && let Some(text) = known::remembered(&about, desk.after, desk.settings, desk.words)
    {
        return ReplyKind::Memory(text);
    }
    if reading.signals.acts.contains(&Act::AboutOwnOrder)
        && let Some(text) = orders::status(desk.after, question, desk.settings, desk.words)
    {
        return ReplyKind::Event(text);
    }
    if recommend::asks_for_a_choice(question)
        && let Some(fitting) = recommend::choose(desk, question)
    {
        return ReplyKind::Fitting(fitting);
    }
    let search = |question: &Question, limit: usize| -> Vec<Passage> { desk.knowledge.search(desk.workspace, question, limit) };
    let asked = Question {
        text: question.to_owned(),
        before: before(desk.context),
        language: desk.words.language().to_owned(),
        topics: topics(desk),
    };
    let found = answer::answer(&asked, &search, desk.catalogue);
    if found.text.is_some() {
        return ReplyKind::Sources(found);
    }
    if is_vague(question) && !recap::story(desk.after, desk.words).is_empty() {
        return ReplyKind::Vague;
    }
    ReplyKind::Unknown
}

/// Earlier sentences of the same conversation, newest last, for ellipses.
fn before(context: &Context) -> Vec<String> {
    let mut lines: Vec<String> = context
        .history
        .iter()
        .rev()
        .filter(|message| message.event.is_none() && message.author == Author::Customer)
        .take(3)
        .map(|message| message.text.clone())
        .collect();
    lines.reverse();
    lines
}

/// What the talk is about: products weighed and owned, and topics of this conversation.
fn topics(desk: &Desk<'_>) -> Vec<String> {
    let mut topics: Vec<String> = desk.after.facts_of(Predicate::OwnsProduct).map(|fact| fact.value.clone()).collect();
    topics.extend(desk.after.facts_of(Predicate::ProductInterest).map(|fact| fact.value.clone()));
    for topic in &desk.context.conversation.memo.topics {
        topics.retain(|known| known != topic);
        topics.push(topic.clone());
    }
    topics
}

/// Nothing in it that sources could be searched for: "so, did you think about it?".
fn is_vague(question: &str) -> bool {
    const EMPTY: [&str; 62] = [
        "about",
        "that",
        "this",
        "those",
        "these",
        "there",
        "what",
        "when",
        "where",
        "which",
        "would",
        "could",
        "should",
        "have",
        "with",
        "your",
        "yours",
        "from",
        "think",
        "thought",
        "know",
        "news",
        "update",
        "thing",
        "things",
        "still",
        "going",
        "any",
        "anything",
        "something",
        "hello",
        "here",
        "back",
        "again",
        "talked",
        "told",
        "said",
        "does",
        "were",
        "will",
        "well",
        "please",
        "possible",
        "doable",
        "okay",
        "quoi",
        "cela",
        "avez",
        "vous",
        "nous",
        "pour",
        "dans",
        "nouvelles",
        "alors",
        "bonjour",
        "sujet",
        "propos",
        "pensé",
        "réfléchi",
        "then",
        "them",
        "they",
    ];
    question
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 3 || word.chars().any(char::is_numeric))
        .filter(|word| !EMPTY.contains(&word.to_lowercase().as_str()))
        .count()
        <= 1
}
