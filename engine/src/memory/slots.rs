//! Never ask twice: which question asks for what, and whether that is known, refused or already put.

use std::sync::LazyLock;

use domain::customer::Customer;
use domain::fact::{AskOutcome, FactStatus, Predicate};
use regex::Regex;

/// Patterns of questions, per slot, over English, French, German, Spanish and Portuguese.
static QUESTIONS: LazyLock<Vec<(Predicate, Regex)>> = LazyLock::new(|| {
    include_str!("slots.tsv")
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (slot, pattern) = line.split_once('\t').expect("a slot, a tab and a pattern");
            (slot.parse().expect("a predicate"), Regex::new(&format!("(?i){pattern}")).expect("a pattern"))
        })
        .collect()
});

/// Which slots a draft asks for. Only sentences that end in a question mark, or that tell the reader to say something, ask.
pub fn asked_in(draft: &str) -> Vec<Predicate> {
    let mut slots = Vec::new();
    for sentence in sentences(draft) {
        if !asks(sentence) {
            continue;
        }
        for (slot, pattern) in QUESTIONS.iter() {
            if pattern.is_match(sentence) && !slots.contains(slot) {
                slots.push(*slot);
            }
        }
    }
    slots
}

/// A draft without the questions whose answer is known or was refused, and which were taken out.
pub fn guard(draft: &str, customer: &Customer) -> (String, Vec<Predicate>) {
    let mut kept = String::with_capacity(draft.len());
    let mut dropped = Vec::new();
    for sentence in sentences(draft) {
        let slots: Vec<Predicate> = asked_in(sentence).into_iter().filter(|slot| is_closed(customer, *slot)).collect();
        if slots.is_empty() {
            kept.push_str(sentence);
        } else {
            dropped.extend(slots);
        }
    }
    (kept.trim().to_owned(), dropped)
}

/// Known, refused, or put as often as it may be: not to be asked.
pub fn is_closed(customer: &Customer, slot: Predicate) -> bool {
    if is_known(customer, slot) {
        return true;
    }
    customer.asked.iter().any(|asked| {
        asked.slot == slot
            && match asked.outcome {
                AskOutcome::Refused | AskOutcome::Answered => true,
                AskOutcome::Open | AskOutcome::Unanswered => asked.times >= 2,
            }
    })
}

/// Is there a value in force, also one that says "none"?
pub fn is_known(customer: &Customer, slot: Predicate) -> bool {
    let has = |slot: Predicate| customer.facts.iter().any(|fact| fact.predicate == slot && fact.status == FactStatus::Active);
    has(slot)
        || match slot {
            Predicate::Need => has(Predicate::ProductInterest) || has(Predicate::Issue),
            Predicate::Name => has(Predicate::PreferredName),
            Predicate::ProductInterest => has(Predicate::OwnsProduct),
            Predicate::CompanySize => has(Predicate::Quantity),
            _ => false,
        }
}

fn asks(sentence: &str) -> bool {
    static TELLS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(tell me|let me know|may i have|give me|share your|send me your|dites[- ]moi|indiquez|donnez[- ]moi|sagen sie|nennen sie|dígame|indíqueme|diga-me)\b")
            .expect("a constant pattern")
    });
    sentence.trim_end().ends_with('?') || TELLS.is_match(sentence)
}

/// Sentences with their trailing blanks, so that they can be put together again.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = matches!(letter, '.' | '!' | '?' | '\n');
        let next_blank = letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends && next_blank {
            let mut end = at + letter.len_utf8();
            while let Some((blank, next)) = letters.peek() {
                if !next.is_whitespace() {
                    break;
                }
                end = *blank + next.len_utf8();
                letters.next();
            }
            out.push(&text[from..end]);
            from = end;
        }
    }
    if from < text.len() {
        out.push(&text[from..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_recognised_by_what_it_asks_for() {
        let check = |draft: &str, slot: Predicate| assert!(asked_in(draft).contains(&slot), "{draft}");
        check("What budget do you have in mind?", Predicate::Budget);
        check("By when do you need it?", Predicate::Timeline);
        check("May I have your name?", Predicate::Name);
        check("Quel est votre budget ?", Predicate::Budget);
        check("Pour quand vous les faut-il ?", Predicate::Timeline);
        check("Could you give me your order number?", Predicate::Order);
        check("Who decides about this besides you?", Predicate::Authority);
    }

    #[test]
    fn a_statement_asks_nothing() {
        assert!(asked_in("Noted: a budget of 500 EUR by Friday.").is_empty());
        assert!(asked_in("Delivery takes 3 to 5 days. Anything else?").is_empty());
    }

    #[test]
    fn sentences_put_together_are_the_text() {
        let text = "Yes. It is 4.5 kg!  Shall I?\nGood";
        assert_eq!(sentences(text).concat(), text);
    }
}
