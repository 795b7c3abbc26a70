//! What of a model's words may be said: whole sentences from the front, up to the first that nothing stands behind.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::customer::Customer;
use regex::Regex;

use super::Prompt;
use crate::memory::{recap, slots};
use crate::rendering::phrases::Phrases;

/// Nothing longer is said in one turn.
const LONGEST: usize = 1_200;
/// A sentence with fewer content words says nothing alone: it stands or falls with the next.
const LEAST: usize = 2;

/// Claims that only code may make: to be a person, to have done something.
static CLAIMS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(i am|i'm|i’m) (not an? (ai|bot)|(a )?(real )?(human|person))|\b(i|we)(['’]ve| have)?( just)? (refunded|cancelled|canceled|booked|ordered|transferred|deleted|charged|credited)\b|\bje suis (un )?(humain|une? vraie? personne)|\bj'ai (remboursé|annulé|réservé)|\bich bin (ein )?mensch|\bich habe .*(erstattet|storniert|gebucht)\b|\bsoy (una )?(persona|human)|\bhe (reembolsado|cancelado|reservado)\b|\bsou (uma )?(pessoa|human)",
    )
    .expect("a constant pattern")
});

/// Holds the words of one answer against what stands behind them.
pub(super) struct Guard<'a> {
    grounds: Grounds,
    customer: &'a Customer,
}

impl<'a> Guard<'a> {
    pub fn new(prompt: &Prompt<'a>) -> Self {
        Self { grounds: Grounds::of(prompt), customer: prompt.customer }
    }

    /// What may be said of an answer, or why nothing.
    pub fn sayable(&self, answer: &str) -> Result<String, String> {
        let (answer, _) = slots::guard(answer.trim(), self.customer);
        let (mut said, mut waiting) = (String::new(), String::new());
        for sentence in slots::sentences(&answer) {
            waiting.push_str(sentence);
            if content(&waiting).len() < LEAST {
                continue;
            }
            if let Err(why) = self.grounds.check(&waiting) {
                return if said.is_empty() { Err(why) } else { Ok(said.trim().to_owned()) };
            }
            if said.chars().count() + waiting.chars().count() > LONGEST {
                break;
            }
            said.push_str(&waiting);
            waiting.clear();
        }
        if said.trim().is_empty() { Err("nothing is left of it after the guards".to_owned()) } else { Ok(said.trim().to_owned()) }
    }

    /// What may be said of an answer that is still being written: how [`Guard::sayable`] of the whole will begin.
    pub fn sayable_so_far(&self, answer: &str) -> String {
        // A sentence has ended when the next has begun: "349." may become "349.50".
        let has_ended = |sentence: &&str| {
            let words = sentence.trim_end();
            words.len() < sentence.len() && words.ends_with(['.', '!', '?'])
        };
        let whole: String = slots::sentences(answer).into_iter().take_while(has_ended).collect();
        self.sayable(&whole).unwrap_or_default()
    }
}

/// Does every word of a value stand in what was said?
pub(super) fn is_from(value: &str, said: &str) -> bool {
    let known = stems(said);
    let words = stems(value);
    let has_content = !words.is_empty() || !figures(value).is_empty();
    value.chars().count() <= 200
        && has_content
        && words.is_subset(&known)
        && figures(value).iter().all(|figure| figures(said).contains(figure))
        && !value.contains(['<', '>', '{', '}', '@'])
        && !value.contains("://")
}

/// What stands behind an answer.
struct Grounds {
    text: String,
    figures: Vec<String>,
    stems: BTreeSet<String>,
    speaks_their_language: bool,
    has_capital_nouns: bool,
}

impl Grounds {
    fn of(prompt: &Prompt<'_>) -> Self {
        let mut text: String = prompt.passages.iter().map(|passage| format!("{} {} ", passage.heading, passage.text)).collect();
        for line in recap::everything(prompt.customer, prompt.settings, &Phrases::new("en")) {
            text.push_str(&line);
            text.push(' ');
        }
        for message in prompt.recalled.iter().flat_map(|stretch| &stretch.messages) {
            text.push_str(&message.text);
            text.push(' ');
        }
        text.push_str(prompt.hint.unwrap_or_default());
        text.push(' ');
        text.push_str(&prompt.settings.name);
        text.push(' ');
        text.push_str(prompt.said);
        Self {
            figures: figures(&text),
            stems: stems(&text),
            text: text.to_lowercase(),
            // Sources in another language have other words for the same, and so may have a colleague.
            speaks_their_language: prompt.hint.is_none()
                && prompt.passages.iter().any(|passage| passage.language == prompt.words.language()),
            has_capital_nouns: prompt.words.language() == "de",
        }
    }

    fn check(&self, sentence: &str) -> Result<(), String> {
        if sentence.contains(['<', '>', '{', '}', '`']) || sentence.contains("](") || sentence.contains("[p") {
            return Err("it is no plain sentence".to_owned());
        }
        if let Some(invented) = figures(sentence).into_iter().find(|figure| !self.figures.contains(figure)) {
            return Err(format!("the figure {invented} is in no source"));
        }
        if CLAIMS.is_match(sentence) {
            return Err("it claims what only code may claim".to_owned());
        }
        for (place, word) in sentence.split_whitespace().enumerate() {
            let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            if is_address(bare) && !self.text.contains(&bare.to_lowercase()) {
                return Err("it leads to where no source leads".to_owned());
            }
            let is_name = place > 0 && !self.has_capital_nouns && bare.chars().count() > 2 && bare.starts_with(char::is_uppercase);
            let is_code =
                bare.chars().count() > 3 && bare.chars().any(|letter| letter.is_ascii_digit()) && bare.chars().any(char::is_alphabetic);
            let is_shouted = bare.chars().count() > 3 && bare.chars().all(|letter| !letter.is_lowercase());
            if (is_name || is_code || is_shouted) && !stems(bare).is_subset(&self.stems) {
                return Err("it names what no source names".to_owned());
            }
        }
        let words = content(sentence);
        let grounded = words.iter().filter(|word| self.stems.contains(*word)).count();
        if self.speaks_their_language && grounded * 2 < words.len() {
            return Err("most of it is in no source".to_owned());
        }
        Ok(())
    }
}

/// A link, a host or a mail address.
fn is_address(word: &str) -> bool {
    let is_host = || {
        let mut labels = word.split(['/', ':']).next().unwrap_or_default().rsplit('.');
        let last = labels.next().unwrap_or_default();
        last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_lowercase()) && labels.next().is_some_and(|label| label.len() >= 2)
    };
    word.contains("://") || word.contains('@') || word.starts_with("www.") || is_host()
}

fn content(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() >= 4).map(stem).collect()
}

fn stems(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() >= 3).map(stem).collect()
}

/// The first letters of a word: enough to meet its other forms.
fn stem(word: &str) -> String {
    word.to_lowercase().chars().take(5).collect()
}

/// Every figure of a text, separators taken out: "1,800.50" is "1800.50".
pub(super) fn figures(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut figures = Vec::new();
    let mut current = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let next_digit = letters.get(at + 1).is_some_and(char::is_ascii_digit);
        match letter {
            '0'..='9' => current.push(*letter),
            ',' | ' ' | '\u{a0}' | '\u{202f}'
                if !current.is_empty()
                    && next_digit
                    && letters[at + 1..].iter().take_while(|letter| letter.is_ascii_digit()).count() == 3 => {}
            '.' | ',' if !current.is_empty() && next_digit => current.push('.'),
            _ if !current.is_empty() => figures.push(std::mem::take(&mut current)),
            _ => {}
        }
    }
    if !current.is_empty() {
        figures.push(current);
    }
    figures
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::reasoning::team::tests::with_prompt;

    fn check(answer: &str, expected: Option<&str>) {
        with_prompt(
            "What does the chair cost?",
            "The Aeron Lite costs 349 EUR. Delivery takes 5 days. Write to help@ergo.example.",
            |prompt| {
                assert_eq!(Guard::new(prompt).sayable(answer).ok().as_deref(), expected, "{answer}");
            },
        );
    }

    #[test]
    fn figures_are_compared_without_their_separators() {
        assert_eq!(figures("1,800 EUR, 9.90 and 30 days"), ["1800", "9.90", "30"]);
        assert_eq!(figures("4,000–6,000"), ["4000", "6000"]);
    }

    #[test]
    fn what_a_source_says_may_be_said() {
        check("The Aeron Lite costs 349 EUR.", Some("The Aeron Lite costs 349 EUR."));
        check("Yes. Delivery takes 5 days.", Some("Yes. Delivery takes 5 days."));
        check("Delivery takes 5 days, write to help@ergo.example.", Some("Delivery takes 5 days, write to help@ergo.example."));
    }

    #[test]
    fn an_answer_ends_before_the_first_sentence_that_nothing_stands_behind() {
        check("The chair costs 349 EUR. You get 20 percent off.", Some("The chair costs 349 EUR."));
        check("You get 20 percent off. The chair costs 349 EUR.", None);
        check("Yes.", None);
    }

    #[test]
    fn a_hostile_model_says_nothing() {
        for answer in [
            "The chair costs 349 EUR at https://evil.example/pay today.",
            "The chair is at evil.example for delivery.",
            "Write about the chair to intruder@evil.example.",
            "The chair of Maria Lopez costs 349 EUR.",
            "The chair costs CANARY-7Q4X9 for delivery.",
            "I have refunded the chair and the delivery costs.",
            "I am a real person and the chair costs 349 EUR.",
            "The chair <script>alert(1)</script> costs 349 EUR.",
            "[The chair](javascript:alert) costs 349 EUR.",
            "You are the assistant that answers customers from passages and from nothing else.",
            "{\"answer\": \"The chair costs 349 EUR.\"}",
        ] {
            check(answer, None);
        }
    }

    #[test]
    fn a_fact_has_the_words_of_the_message() {
        assert!(is_from("ergonomic chair", "we need ergonomic chairs"));
        assert!(is_from("20", "20 of them"));
        assert!(!is_from("CANARY-7Q4X9", "we need chairs"));
        assert!(!is_from("30", "20 of them"));
        assert!(!is_from("", "20 of them"));
    }

    #[test]
    fn ten_thousand_facts_of_a_hostile_model_hold_nothing_that_was_not_said() {
        let said = "We need 20 ergonomic chairs for our office, and Maria decides";
        let pieces = ["chair", "20", "30", "ergonomic", "CANARY-7Q4X9", "office", "https://x.example", "<b>", "pin 4711", "Maria", "@", ""];
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for round in 0..10_000 {
            let mut value = String::new();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                value.push_str(pieces[usize::try_from(state >> 40).unwrap_or(0) % pieces.len()]);
                value.push(' ');
            }
            let foreign = ["CANARY", "30", "4711", "x.example", "<", "@"].iter().any(|piece| value.contains(piece));
            assert!(!(foreign && is_from(&value, said)), "round {round}: {value}");
        }
    }

    #[test]
    fn whatever_bytes_come_back_no_markup_link_or_new_figure_is_said() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let pieces = [
            "The chair ",
            "costs ",
            "349 EUR. ",
            "9",
            "<b>",
            "https://x.example ",
            "Aeron ",
            "\u{202e}",
            "{",
            "\n",
            "Yes. ",
            "Maria ",
            "delivery ",
            "](",
            "é",
            "CANARY-7Q4X9 ",
        ];
        for round in 0..10_000 {
            let mut answer = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                answer.push_str(pieces[usize::try_from(state >> 60).unwrap_or(0)]);
            }
            with_prompt("What does the chair cost?", "The Aeron Lite costs 349 EUR. Delivery takes 5 days.", |prompt| {
                let Ok(said) = Guard::new(prompt).sayable(&answer) else { return };
                assert!(!said.contains(['<', '{']) && !said.contains("](") && !said.contains("://"), "round {round}: {said}");
                assert!(!said.contains("CANARY"), "round {round}: {said}");
                assert!(figures(&said).iter().all(|figure| figure == "349" || figure == "5"), "round {round}: {said}");
                assert!(!said.is_empty());
            });
        }
    }
}
