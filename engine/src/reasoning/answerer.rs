//! The answerer: grounded in what the person told us, in business events, in the sources, or honest about not knowing.

use std::sync::LazyLock;

use domain::customer::{Context, Customer};
use domain::fact::{OfferOutcome, Predicate};
use domain::id::WorkspaceId;
use domain::knowledge::{Answer, Passage, Question};
use domain::message::Author;
use domain::ports::Knowledge;
use domain::settings::WorkspaceSettings;
use domain::signal::Act;
use regex::Regex;

use super::analyst::Reading;
use super::builtin::answer;
use super::{differing, happenings, orders, recommend, requests};
use crate::memory::slots::sentences;
use crate::memory::{known, quotes, recap};
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
    /// No source answers; this is what they say on the matter.
    Near(Answer),
    /// Two sources contradict each other; this is what both say.
    Differ(Answer),
    /// It is not said of what; we ask back.
    Unclear(String),
    /// Nothing says it.
    Unknown,
    /// Too vague to answer alone: the story so far is the answer.
    Vague,
}

impl ReplyKind {
    /// Was the question left open, so that somebody has to answer it?
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::Near(_) | Self::Differ(_) | Self::Unknown)
    }
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
        // "How are you?" is answered in kind, not from the sources.
        if reading.signals.acts.contains(&Act::SmallTalk) && is_vague(question) {
            continue;
        }
        replies.extend(one(desk, reading, question));
    }
    if requests::requested(&reading.text).is_some() {
        replies.retain(|reply| !reply.kind.is_unanswered());
    }
    if let Some(priced) = price_of_quote(desk, reading)
        && replies.is_empty()
    {
        replies.push(priced);
    }
    if replies.is_empty()
        && !asks_the_assistant(reading)
        && let Some(reply) = service_matter(desk, reading)
    {
        replies.push(reply);
    }
    let tells_what_is_wanted = reading.signals.learned.iter().any(|fact| {
        fact.holds
            && matches!(
                fact.predicate,
                Predicate::Need
                    | Predicate::Budget
                    | Predicate::Constraint
                    | Predicate::Quantity
                    | Predicate::CompanySize
                    | Predicate::ProductInterest
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

static QUOTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:quote|quotation|estimate|devis|angebot|presupuesto|or[çc]amento)\b.*?\b(?:for|on|pour|sur|f[üu]r|[üu]ber|para|sobre)\s+(?P<what>[^?.!]{3,80})")
        .expect("a constant pattern")
});

/// Who asks for a quote for something that has a price hears the price at once; the team writes the quote.
fn price_of_quote(desk: &Desk<'_>, reading: &Reading) -> Option<Reply> {
    let requested = requests::requested(&reading.text)?;
    let what = QUOTE.captures(&requested)?.name("what")?.as_str().to_owned();
    desk.catalogue.iter().find(|name| what.to_lowercase().contains(&name.to_lowercase()))?;
    let search = |question: &Question, limit: usize| -> Vec<Passage> { desk.knowledge.search(desk.workspace, question, limit) };
    let text = desk.words.with("question.price", &[("what", &what)]);
    let question = Question { text: text.clone(), language: desk.words.language().to_owned(), ..Question::default() };
    let found = answer::answer(&question, &search, desk.catalogue);
    found.text.is_some().then_some(Reply { question: text, kind: ReplyKind::Sources(found) })
}

/// The same thing is suggested once.
fn is_offered(desk: &Desk<'_>, fitting: &Answer) -> bool {
    fitting.topic.as_ref().is_some_and(|name| desk.after.offers.iter().any(|offer| offer.product.eq_ignore_ascii_case(name)))
}

fn asks_the_assistant(reading: &Reading) -> bool {
    reading.signals.acts.iter().any(|act| matches!(act, Act::AsksWhatIsKnown | Act::AsksIfAi | Act::AsksErasure | Act::AsksAboutAssistant))
}

/// One question; one that asks two things may come back as two.
fn one(desk: &Desk<'_>, reading: &Reading, question: &str) -> Vec<Reply> {
    match told(desk, reading, question) {
        Some(kind) => vec![Reply { question: question.to_owned(), kind }],
        None => from_sources(desk, reading, question),
    }
}

/// The answer that what we know of this person gives.
fn told(desk: &Desk<'_>, reading: &Reading, question: &str) -> Option<ReplyKind> {
    let about = known::asked_about(question);
    let is_fact = matches!(about, Some(known::About::Facts(_) | known::About::Before(_) | known::About::Promise | known::About::Declined));
    if !is_fact && let Some(text) = quotes::said_again(desk.context, question, desk.settings, desk.words) {
        return Some(ReplyKind::Memory(text));
    }
    if about == Some(known::About::Story) && (recap::has_story(desk.after) || recap::last_answer(desk.context).is_some()) {
        return Some(ReplyKind::Vague);
    }
    if let Some(text) = about.as_ref().and_then(|about| known::remembered(about, desk.after, desk.settings, desk.words)) {
        return Some(ReplyKind::Memory(text));
    }
    if is_fact && let Some(text) = quotes::said_again(desk.context, question, desk.settings, desk.words) {
        return Some(ReplyKind::Memory(text));
    }
    if let Some(text) = happenings::told(desk.after, question, desk.settings, desk.words) {
        return Some(ReplyKind::Event(text));
    }
    if reading.signals.acts.contains(&Act::AboutOwnOrder)
        && let Some(text) = orders::status(desk.after, question, desk.settings, desk.words)
    {
        return Some(ReplyKind::Event(text));
    }
    if let Some(text) = recommend::still_fits(desk, question) {
        return Some(text);
    }
    if recommend::asks_for_a_choice(question)
        && let Some(fitting) = recommend::choose(desk, &reading.text)
    {
        return Some(ReplyKind::Fitting(fitting));
    }
    None
}

fn from_sources(desk: &Desk<'_>, reading: &Reading, question: &str) -> Vec<Reply> {
    let about = known::asked_about(question);
    let search = |question: &Question, limit: usize| -> Vec<Passage> { desk.knowledge.search(desk.workspace, question, limit) };
    let asked = Question {
        text: without_names(desk, reading, &filled_in(desk.after, question)),
        before: before(desk, reading, question),
        language: desk.words.language().to_owned(),
        topics: topics(desk),
    };
    let found = answer::find_all(&asked, &search, desk.catalogue);
    let only = |kind: ReplyKind| vec![Reply { question: question.to_owned(), kind }];
    if !found.iter().any(|(_, found)| matches!(found, answer::Found::Answer(_))) {
        if is_vague(question) && recap::has_story(desk.after) {
            return only(ReplyKind::Vague);
        }
        if about.is_some() && known::asks_what_was_told(question) {
            return only(ReplyKind::Memory(desk.words.say("known.none")));
        }
    }
    let several = found.len() > 1;
    found
        .into_iter()
        .map(|(part, found)| {
            let kind = match found {
                answer::Found::Answer(found) => {
                    let conflicts = desk.knowledge.differing(desk.workspace, &found.citations);
                    match differing::found(&found, &conflicts) {
                        Some(both) => ReplyKind::Differ(both),
                        None => ReplyKind::Sources(without_declined(found, question, desk.after)),
                    }
                }
                answer::Found::Nearest(near) => ReplyKind::Near(without_declined(near, question, desk.after)),
                answer::Found::Unclear => ReplyKind::Unclear(which(desk)),
                answer::Found::Nothing => ReplyKind::Unknown,
            };
            Reply { question: if several { part } else { question.to_owned() }, kind }
        })
        .collect()
}

/// Asks back of what, with a few things it may be.
fn which(desk: &Desk<'_>) -> String {
    let names: Vec<&str> = desk.catalogue.iter().take(3).map(String::as_str).collect();
    if names.len() < 2 { desk.words.say("answer.which") } else { desk.words.with("answer.which.named", &[("names", &names.join(", "))]) }
}

static THAT_MANY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:that|this|the same) (?:quantity|number|amount|many)|that many|so many|cette quantit[ée]|ce nombre|(?:diese|die) (?:menge|anzahl)|so viele|esa cantidad|essa quantidade)\b")
        .expect("a constant pattern")
});
static ALL_OF_US: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:all (?:of )?(?:our|my|the) (?:users|people|staff|employees|team|colleagues)|all of us|the whole (?:team|company|office)|everyone (?:here|on the team)|(?:toute l'[ée]quipe|nous tous|tous nos (?:utilisateurs|employ[ée]s))|(?:unser )?ganzes team|alle (?:unsere )?(?:mitarbeiter|nutzer)|todo el equipo|toda a equipa)\b")
        .expect("a constant pattern")
});

/// "On that quantity", "with all our users": what was told before stands in for it when the sources are asked.
fn filled_in(customer: &Customer, question: &str) -> String {
    let mut text = question.to_owned();
    if let Some(quantity) = customer.fact(Predicate::Quantity) {
        let what = customer.fact(Predicate::Need).map(|need| need.value.as_str()).unwrap_or_default();
        let many = if what.contains(&quantity.value) { what.to_owned() } else { format!("{} {what}", quantity.value).trim().to_owned() };
        text = THAT_MANY.replace(&text, many.as_str()).into_owned();
    }
    if let Some(size) = customer.fact(Predicate::CompanySize) {
        text = ALL_OF_US.replace(&text, format!("{} users", size.value)).into_owned();
    }
    text
}

/// What was declined is not brought up again, unless they ask about it.
fn without_declined(mut answer: Answer, question: &str, customer: &Customer) -> Answer {
    let asked = question.to_lowercase();
    let declined: Vec<String> = customer
        .offers
        .iter()
        .filter(|offer| offer.outcome == OfferOutcome::Declined)
        .map(|offer| offer.product.to_lowercase())
        .filter(|product| !asked.contains(product))
        .collect();
    let Some(text) = answer.text.as_ref().filter(|text| declined.iter().any(|product| text.to_lowercase().contains(product))) else {
        return answer;
    };
    let kept: Vec<&str> =
        sentences(text).into_iter().filter(|sentence| declined.iter().all(|product| !sentence.to_lowercase().contains(product))).collect();
    let kept = kept.concat().trim().to_owned();
    if !kept.is_empty() {
        answer.text = Some(kept);
    }
    answer
}

/// Earlier sentences of the same conversation and of the same message, newest last, for ellipses.
fn before(desk: &Desk<'_>, reading: &Reading, question: &str) -> Vec<String> {
    let mut lines: Vec<String> = desk
        .context
        .history
        .iter()
        .rev()
        .filter(|message| message.event.is_none() && message.author == Author::Customer)
        .take(3)
        .map(|message| message.text.clone())
        .collect();
    lines.reverse();
    let said = reading.text.find(question).map(|at| reading.text[..at].trim()).unwrap_or_default();
    if said.split_whitespace().count() >= 3 {
        lines.push(without_names(desk, reading, said));
    }
    lines
}

/// "John Hayes here, can I …": who speaks is no part of what is asked.
fn without_names(desk: &Desk<'_>, reading: &Reading, text: &str) -> String {
    let named = [Predicate::Name, Predicate::PreferredName].into_iter().filter_map(|predicate| desk.after.fact(predicate));
    let own: Vec<String> = named.map(|fact| fact.value.clone()).chain(reading.signals.introduced_as.clone()).collect();
    let is_own = |word: &str| {
        let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        word.chars().next().is_some_and(char::is_uppercase)
            && own.iter().any(|name| name.split_whitespace().any(|part| part == word))
            && !desk.catalogue.iter().any(|name| name.split_whitespace().any(|part| part.eq_ignore_ascii_case(word)))
    };
    if own.is_empty() || !text.split_whitespace().any(is_own) {
        return text.to_owned();
    }
    let kept = text.split_inclusive(char::is_whitespace).filter(|word| !is_own(word.trim())).collect::<String>();
    if kept.trim().is_empty() { text.to_owned() } else { kept.trim().to_owned() }
}

static WANTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:want|would like|i'd like|we'd like|i'd rather|would rather|need to|have to|wish to|hoping to|can't|cannot|je (?:veux|voudrais|souhaite|dois)|j'aimerais|nous (?:voulons|voudrions|souhaitons|devons)|ich (?:will|m[öo]chte|muss|w[üu]rde)|wir (?:wollen|m[öo]chten|m[üu]ssen)|quiero|quisiera|queremos|necesito|me gustar[íi]a|quero|queria|gostaria|preciso)\b")
        .expect("a constant pattern")
});

/// What a service is about, in the order said: sending back, swapping, cancelling, moving, mending.
fn service_ideas(text: &str, language: &str) -> Vec<domain::lexicon::Concept> {
    const MATTERS: [&str; 6] = ["return", "exchange", "cancel", "change", "refund", "repair"];
    let ideas: Vec<_> = MATTERS.into_iter().filter_map(domain::lexicon::concept).collect();
    let told = domain::lexicon::terms(text, language);
    let mut found = Vec::new();
    for idea in told.iter().flat_map(|term| &term.concepts).filter(|idea| ideas.contains(idea)) {
        if !found.contains(idea) {
            found.push(*idea);
        }
    }
    found
}

/// Is the message about something to be undone, changed or mended?
pub fn is_about_service(text: &str, language: &str) -> bool {
    !service_ideas(text, language).is_empty()
}

/// Who wants to send something back, swap, cancel, move or mend it hears what applies, asked or not.
fn service_matter(desk: &Desk<'_>, reading: &Reading) -> Option<Reply> {
    let language = desk.words.language();
    if !WANTS.is_match(&reading.text) {
        return None;
    }
    let search = |question: &Question, limit: usize| -> Vec<Passage> { desk.knowledge.search(desk.workspace, question, limit) };
    // What is said last is what is wanted: "it's about my return, I'd rather swap it".
    let found = service_ideas(&reading.text, language).into_iter().rev().find_map(|idea| answer::on_matter(idea, language, &search))?;
    Some(Reply { question: reading.text.clone(), kind: ReplyKind::Sources(without_declined(found, &reading.text, desk.after)) })
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
