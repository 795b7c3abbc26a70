//! "Make that 3", "the date is wrong, it's the 19th": a value taken back by what was said before it.

use std::sync::LazyLock;

use domain::customer::Context;
use domain::fact::{Fact, FactStatus, Learned, Predicate};
use domain::message::Author;
use domain::money::MoneyRange;
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
    if exchanged(said, context, reading, read) {
        return;
    }
    count(said, context, read);
    day(said, context, reading, read);
    only_me(context, reading.pending, read);
}

static OF_THEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:of (?:them|those|these|it)|d'entre eux|davon|de ellos|deles)\b").expect("a constant pattern"));

/// What was so and what is so instead, as people put the two side by side.
static CONTRASTS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    // The comma of "3,500" belongs to its word.
    let word = r"(?:[^\s,;:!?]|[,:]\d)+";
    let some = |name: &str| format!(r"(?P<{name}>{word}(?: {word}){{0,3}}?)");
    let few = |name: &str| format!(r"(?P<{name}>{word}(?: {word}){{0,3}})");
    let small = r"(?:(?:bei|de|zu|at|for|by|mit|auf|en|em|[àa]|am|den|der|die|das|the|el|le|o|rund|um) )*";
    [
        format!(r"(?i)\b(?:not|pas|nicht|no|n[ãa]o) {small}{},? (?:but|mais|sondern|sino|mas(?: sim)?) {small}{}", some("old"), few("new")),
        format!(
            r"(?i)\b(?:was|were|used to be|[ée]tait|[ée]taient|war|waren|era|eran|eram) {small}{},? (?:(?:but|and|et|mais|und|aber|y|pero|e|mas) )?(?:now|maintenant|jetzt|nun|ahora|agora) (?:(?:it'?s|it is|they are|we have|c'est|ce sera|sind es|ist es|es|son|e|é|s[ãa]o|est) )?{small}{}",
            some("old"),
            few("new")
        ),
        format!(r"(?i){},? (?:(?:and|und|et|y|e) )?(?:not|pas|non|nicht|no|n[ãa]o) {small}{}[.! ]*$", few("new"), some("old")),
    ]
    .map(|pattern| Regex::new(&pattern).expect("a constant pattern"))
});

/// "Not 500 but 700" where one of the two is known: the other takes its place, whatever it is a measure of.
fn exchanged(said: &str, context: &Context, reading: &understand::Reading<'_>, read: &mut Understood) -> bool {
    if said.trim_end().ends_with('?') {
        return false;
    }
    for found in CONTRASTS.iter().flat_map(|pattern| pattern.captures_iter(said)) {
        for predicate in [Predicate::Budget, Predicate::Timeline, Predicate::Quantity, Predicate::CompanySize] {
            let Some(known) = newest(context, &[predicate]) else { continue };
            let (Some(was), Some(is)) = (alone(&found["old"], predicate, reading), alone(&found["new"], predicate, reading)) else {
                continue;
            };
            if !is_of(known, &was) || is_of(known, &is) {
                continue;
            }
            let figures = [Predicate::Budget, Predicate::Timeline, Predicate::Quantity, Predicate::CompanySize];
            read.learned.retain(|fact| !figures.contains(&fact.predicate) || !found[0].contains(&fact.quote));
            read.withdrawn.retain(|item| item.predicate != predicate);
            read.learned.push(Learned { quote: found[0].trim().to_owned(), ..bounded_like(known, is) });
            return true;
        }
    }
    false
}

/// A stretch read as the answer to the question for it.
fn alone(stretch: &str, predicate: Predicate, reading: &understand::Reading<'_>) -> Option<Learned> {
    if matches!(predicate, Predicate::Quantity | Predicate::CompanySize) {
        let number = stretch.split_whitespace().next().and_then(figure)?;
        return Some(Learned {
            predicate,
            value: number.to_string(),
            data: json!({ "count": number }),
            holds: true,
            quote: stretch.to_owned(),
            confidence: 0.9,
        });
    }
    let asked = understand::Reading { pending: Some(predicate), ..*reading };
    understand::understand(stretch, &asked).learned.into_iter().find(|fact| fact.predicate == predicate)
}

/// Is this the figure that is known?
fn is_of(known: &Fact, said: &Learned) -> bool {
    let keys = match known.predicate {
        Predicate::Budget => ["min", "max"],
        Predicate::Timeline => ["from", "to"],
        _ => return known.value == said.value,
    };
    keys.iter().any(|key| {
        known.data.get(key).is_some_and(|value| !value.is_null() && keys.iter().any(|other| said.data.get(other) == Some(value)))
    })
}

/// A limit stays a limit: "up to 500" corrected to 700 is "up to 700".
fn bounded_like(known: &Fact, mut said: Learned) -> Learned {
    if known.predicate != Predicate::Budget {
        return said;
    }
    let Ok(mut range) = serde_json::from_value::<MoneyRange>(said.data.clone()) else { return said };
    let open = |key: &str| known.data.get(key).is_none_or(serde_json::Value::is_null);
    if range.min == range.max && open("min") != open("max") {
        if open("min") {
            range.min = None;
        } else {
            range.max = None;
        }
        said.value = range.display();
        said.data["min"] = json!(range.min);
        said.data["max"] = json!(range.max);
    }
    said
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_and_what_is_are_told_apart_in_five_languages() {
        let check = |said: &str, old: &str, new: &str| {
            let found = CONTRASTS.iter().find_map(|pattern| pattern.captures(said)).unwrap_or_else(|| panic!("{said}"));
            assert!(found["old"].starts_with(old) && found["new"].starts_with(new), "{said}: {:?} {:?}", &found["old"], &found["new"]);
        };
        check("Sorry, not 3,500 but 4,000", "3,500", "4,000");
        check("It's 700, not 500", "500", "It's 700");
        check("it was 300 and now it's 450", "300", "450");
        check("nicht bei 500, sondern bei 700 Euro", "500", "700 Euro");
        check("es waren 300, jetzt sind es 450", "300", "450");
        check("pas 500 mais 700 euros", "500", "700 euros");
        check("no 500 sino 700", "500", "700");
        check("eran 300, ahora son 450", "300", "450");
        check("não 500 mas sim 700", "500", "700");
        check("eram 300, agora são 450", "300", "450");
        assert!(CONTRASTS.iter().all(|pattern| !pattern.is_match("I need it by 500")));
    }
}
