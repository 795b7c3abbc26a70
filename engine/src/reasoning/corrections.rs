//! "Make that 3", "the date is wrong, it's the 19th": a value taken back by what was said before it.

use std::sync::LazyLock;

use domain::customer::Context;
use domain::fact::{Fact, FactStatus, Learned, Predicate};
use domain::message::Author;
use regex::Regex;
use serde_json::json;

use super::builtin::understand::{self, Understood};
use super::requirements::counting_word;

static CORRECTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:make (?:that|it)|sorry|actually|i meant|i mean|correction|wrong|mistake|instead|rather|not \d|oups|pardon|plut[ôo]t|finalement|en fait|je voulais dire|erreur|pas le|doch|eher|ich meinte|falsch|korrektur|perd[óo]n|mejor|quise decir|me equivoqu[ée]|ali[áa]s|queria dizer|enganei)\b",
    )
    .expect("a constant pattern")
});
static MAKE_THAT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:[a-zà-ÿ']+[ ,]+){0,3}?(?:make (?:that|it)|i (?:meant|mean)|rather|better|plut[ôo]t|finalement|mettez-en|je voulais dire|eher|doch|ich meinte|machen sie|mejor|quise decir|que sean|ali[áa]s|queria dizer)[ ,:]+(?P<n>\d{1,4}|[a-zà-ÿ]+)(?:[ ,.!].{0,24})?$",
    )
    .expect("a constant pattern")
});

/// Puts what a correction means in place of what its bare figures seem to say.
pub fn apply(said: &str, context: &Context, reading: &understand::Reading<'_>, read: &mut Understood) {
    // "Two of them" counts something named before; "of them" is no need.
    read.learned.retain(|fact| fact.predicate != Predicate::Need || !OF_THEM.is_match(&fact.value));
    count(said, context, read);
    day(said, context, reading, read);
    only_me(context, reading.pending, read);
}

static OF_THEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:of (?:them|those|these|it)|d'entre eux|davon|de ellos|deles)\b").expect("a constant pattern"));

/// "Make that 3" after "two of them": the count changes, whatever it counts; no sum is meant.
fn count(said: &str, context: &Context, read: &mut Understood) {
    let Some(number) = MAKE_THAT.captures(said.trim()).and_then(|found| figure(&found["n"])) else { return };
    let numbers = [Predicate::Quantity, Predicate::CompanySize, Predicate::Budget];
    let Some(last) = newest(context, &numbers) else { return };
    if last.predicate == Predicate::Budget || read.learned.iter().any(|fact| fact.predicate == last.predicate) {
        return;
    }
    // A sum with a currency is a sum.
    let names_currency = read.learned.iter().any(|fact| {
        fact.predicate == Predicate::Budget && fact.quote.chars().any(|letter| matches!(letter, '€' | '$' | '£')) || has_currency(said)
    });
    if names_currency {
        return;
    }
    read.learned.retain(|fact| fact.predicate != Predicate::Budget);
    read.learned.push(Learned {
        predicate: last.predicate,
        value: number.to_string(),
        data: json!({ "count": number }),
        holds: true,
        quote: said.trim().to_owned(),
        confidence: 0.9,
    });
}

fn has_currency(said: &str) -> bool {
    static CURRENCY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[€$£]|\b(?:eur|euros?|usd|dollars?|gbp|pounds?|quid|chf|francs?|k)\b").expect("a constant pattern")
    });
    CURRENCY.is_match(said)
}

/// "Sorry, it's 19 Sept not 12" where a day is known: the first day stands.
fn day(said: &str, context: &Context, reading: &understand::Reading<'_>, read: &mut Understood) {
    let knows = newest(context, &[Predicate::Timeline]).is_some();
    if !knows
        || !CORRECTS.is_match(said)
        || said.trim_end().ends_with('?')
        || read.learned.iter().any(|fact| fact.predicate == Predicate::Timeline)
    {
        return;
    }
    let stretches = said.split([',', ';', '.', '!', '\n']).map(str::trim).filter(|stretch| !stretch.is_empty());
    for stretch in stretches {
        let stretch = NOT.split(stretch).next().unwrap_or(stretch).trim();
        let alone = LEAD.replace(stretch, "");
        let asked = understand::Reading { pending: Some(Predicate::Timeline), ..*reading };
        let found = understand::understand(&alone, &asked).learned.into_iter().find(|fact| fact.predicate == Predicate::Timeline);
        if let Some(fact) = found.filter(|fact| said.contains(&fact.quote)) {
            read.learned.push(fact);
            return;
        }
    }
}

static NOT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s+(?:not|and not|instead of|et non|pas|nicht|statt|no el|e n[ãa]o|n[ãa]o)\b").expect("a constant pattern")
});
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:sorry|actually|no|the|date|is|it'?s|it|i|meant|mean|for|on|so|make|that|should|be|c'est|le|la|plut[ôo]t|pour|en|fait|finalement|es|ist|der|am|f[üu]r|doch|eher|el|es|para|mejor)\s+)+")
        .expect("a constant pattern")
});

/// "Only me" answers what was asked: who decides. It makes no firm of twelve a firm of one.
fn only_me(context: &Context, pending: Option<Predicate>, read: &mut Understood) {
    let Some(place) = read
        .learned
        .iter()
        .position(|fact| fact.predicate == Predicate::CompanySize && fact.value == "1" && !fact.quote.chars().any(char::is_numeric))
    else {
        return;
    };
    let asked_for_size = pending == Some(Predicate::CompanySize);
    let known = newest(context, &[Predicate::CompanySize]).is_some();
    if asked_for_size || (pending != Some(Predicate::Authority) && !known && is_about_work(context)) {
        return;
    }
    let fact = read.learned.remove(place);
    let decides = pending == Some(Predicate::Authority) && read.learned.iter().all(|fact| fact.predicate != Predicate::Authority);
    if decides {
        read.learned.push(Learned { predicate: Predicate::Authority, value: "self".to_owned(), data: json!({ "who": "self" }), ..fact });
    }
}

/// Has a firm, a role or users been spoken of, or nothing yet?
fn is_about_work(context: &Context) -> bool {
    let said_before = context.history.iter().any(|message| message.author == Author::Customer);
    !said_before || newest(context, &[Predicate::Company, Predicate::Role, Predicate::Plan]).is_some()
}

fn newest<'a>(context: &'a Context, predicates: &[Predicate]) -> Option<&'a Fact> {
    context
        .customer
        .facts
        .iter()
        .filter(|fact| predicates.contains(&fact.predicate) && fact.status == FactStatus::Active && fact.holds)
        // Of what was told at once, the first that is asked for: a count before a sum.
        .max_by_key(|fact| (fact.recorded_at, std::cmp::Reverse(predicates.iter().position(|known| *known == fact.predicate))))
}

fn figure(word: &str) -> Option<u64> {
    word.parse().ok().or_else(|| counting_word(word).map(u64::from))
}
