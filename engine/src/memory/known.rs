//! "Do you remember what I'm allergic to?": questions whose answer is what this person told us.

use std::sync::LazyLock;

use domain::customer::Customer;
use domain::fact::{OfferOutcome, Predicate, PromiseStatus, Promiser};
use domain::settings::WorkspaceSettings;
use regex::Regex;

use crate::rendering::phrases::{Phrases, phrase};

/// What a person asks us to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One of these predicates.
    Facts(Vec<Predicate>),
    /// What we promised.
    Promise,
    /// What they declined.
    Declined,
}

static RECALLS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(remember|recall|remind\ me|what\ (did|have)\ i\ (say|said|tell|told|give|order|mention)|(did|have)\ i\ (say|tell|mention)|i\ (told|gave|mentioned\ to)\ you
        |(you\ )?have\ (me|us|it)\ (down|on\ file|noted)|you\ (noted|have\ noted|know|have\ for\ me|have\ on\ me)|what\ (was|is|were|are)\ (my|our)
        |you\ (promised|said\ you|were\ going\ to|owe)|(any\ )?news\ (on|about)\ what|what\ you\ promised|which\ .*\bdid\ i
        |rappelez|souvenez|vous\ m['’]avez\ promis|vous\ aviez\ promis|vous\ avez\ not[ée]|je\ vous\ ai\ (dit|donn[ée])|(quel|quelle)\ (est|[ée]tait)\ (mon|ma)|c['’][ée]tait\ quoi\ (mon|ma)
        |erinnern\ sie|was\ habe\ ich|versprochen|mein(e|en)?\b.*\?|recuerda|mi\ (presupuesto|pedido)|lembra|prometeu)\b",
    )
    .expect("a constant pattern")
});

static WORDS: LazyLock<Vec<(Predicate, Regex)>> = LazyLock::new(|| {
    [
        (Predicate::Budget, r"budget|spend|presupuesto|or[çc]amento"),
        (Predicate::Timeline, r"deadline|\bdate\b|by when|when (did i|do i) (need|want)|d[ée]lai|pour quand|bis wann"),
        (Predicate::Constraint, r"allerg|can'?t have|constraint|restriction|intol[ée]r"),
        (Predicate::PreferredHours, r"\b(call|ring|phone|reach|hours|appels?|appeler|rappeler|anrufen)\b"),
        (Predicate::PreferredChannel, r"\b(channel|contact me|how do you contact)\b"),
        (Predicate::Order, r"\b(order|booking|reservation|tracking|commande|bestellung|pedido)\b"),
        (Predicate::ProductInterest, r"\b(product|model|chair|desk|plan|looking at|interested|produit|mod[èe]le|produkt)\b"),
        (Predicate::Need, r"\b(need|looking for|after|besoin|cherche|suche)\b"),
        (Predicate::Objection, r"\b(objection|concern|worr|minded)\b"),
        (Predicate::Competitor, r"\b(competitor|other (firm|company|supplier|offer)|concurrent)\b"),
        (Predicate::Quantity, r"\b(how many|combien|wie viele|cu[áa]nt|quant)"),
        (Predicate::CompanySize, r"\b(how many (people|users)|team size|company size)\b"),
        (Predicate::Name, r"\b(my name|who i am|mon (nom|pr[ée]nom)|mein name|mi nombre|meu nome)\b"),
        (Predicate::Company, r"\b(my|our) (company|firm|business)\b|(mon|notre) entreprise"),
        (Predicate::Address, r"\baddress\b|adresse|direcci[óo]n|endere[çc]o"),
        (Predicate::Issue, r"\b(problem|issue|fault|probl[èe]me)\b"),
        (Predicate::Language, r"\b(language|langue|sprache|idioma)\b"),
    ]
    .into_iter()
    .map(|(predicate, pattern)| (predicate, Regex::new(&format!("(?i){pattern}")).expect("a constant pattern")))
    .collect()
});

static PROMISE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)promis|you (said|told me) you('d| would)|owe me|versprochen|prometi").expect("a constant pattern"));
static DECLINED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)what did i (decline|turn down|refuse)|i (declined|turned down)").expect("a constant pattern"));

/// What the text asks us to remember, when it does.
pub fn asked_about(text: &str) -> Option<About> {
    if !RECALLS.is_match(text) {
        return None;
    }
    if PROMISE.is_match(text) {
        return Some(About::Promise);
    }
    if DECLINED.is_match(text) {
        return Some(About::Declined);
    }
    let about: Vec<Predicate> = WORDS.iter().filter(|(_, pattern)| pattern.is_match(text)).map(|(predicate, _)| *predicate).collect();
    (!about.is_empty()).then_some(About::Facts(about))
}

/// The answer from memory; `None` when nothing of it is known.
pub fn remembered(about: &About, customer: &Customer, settings: &WorkspaceSettings, words: &Phrases) -> Option<String> {
    match about {
        About::Facts(predicates) => {
            let lines: Vec<String> = predicates
                .iter()
                .filter_map(|predicate| {
                    let values: Vec<&str> = customer.facts_of(*predicate).map(|fact| fact.value.as_str()).collect();
                    (!values.is_empty())
                        .then(|| format!("{}: {}", phrase(words.language(), &format!("label.{predicate}")), values.join(", ")))
                })
                .collect();
            (!lines.is_empty()).then(|| words.with("known.one", &[("what", &lines.join("; "))]))
        }
        About::Promise => {
            let lines: Vec<String> = customer
                .promises
                .iter()
                .filter(|promise| promise.by == Promiser::Us && promise.status == PromiseStatus::Open)
                .map(|promise| match promise.due_at {
                    Some(due) => words.with(
                        "known.promise.due",
                        &[("what", &promise.what), ("when", &due.in_zone(&settings.timezone).strftime("%-d %B").to_string())],
                    ),
                    None => words.with("known.promise", &[("what", &promise.what)]),
                })
                .collect();
            (!lines.is_empty()).then(|| format!("{} {}", lines.join(" "), words.say("promise.reminded")))
        }
        About::Declined => {
            let declined: Vec<&str> = customer
                .offers
                .iter()
                .filter(|offer| offer.outcome == OfferOutcome::Declined)
                .map(|offer| offer.product.as_str())
                .collect();
            (!declined.is_empty()).then(|| words.with("known.declined", &[("what", &declined.join(", "))]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_about_memory_are_told_from_questions_about_the_business() {
        let check = |text: &str, expected: Option<About>| assert_eq!(asked_about(text), expected, "{text}");
        check("do you still remember my budget?", Some(About::Facts(vec![Predicate::Budget])));
        check("any news on what you promised me?", Some(About::Promise));
        check("you do remember what I'm allergic to?", Some(About::Facts(vec![Predicate::Constraint])));
        check("how much is delivery to Lyon?", None);
        check("what does the desk cost?", None);
    }
}
