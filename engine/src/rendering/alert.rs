//! What the team is told, in the business's language.

use domain::escalation::Brief;
use domain::ports::AlertKind;

use super::phrases::{Phrases, sentence};

/// Letters of the customer's last words in a letter.
const LONGEST_QUOTE: usize = 1_000;

/// What there is to tell.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// Why.
    pub kind: AlertKind,
    /// The customer's name, if known.
    pub customer: Option<&'a str>,
    /// The teammate whom it concerns.
    pub teammate: Option<&'a str>,
    /// The brief of an open escalation.
    pub brief: Option<&'a Brief>,
    /// Where it is opened.
    pub link: &'a str,
}

/// In one line and in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// One line.
    pub title: String,
    /// All of it, the title left out.
    pub rest: Vec<String>,
}

/// Words for an occasion.
pub fn words(language: &str, occasion: &Occasion<'_>) -> Told {
    let say = Phrases::new(language);
    let (somebody, customer) = (say.say("alert.somebody"), say.say("alert.customer"));
    let name = occasion.customer.filter(|name| !name.trim().is_empty()).unwrap_or(&customer);
    let teammate = occasion.teammate.unwrap_or(&somebody);
    let key = match (occasion.kind, occasion.teammate) {
        (AlertKind::Late, Some(_)) => "alert.late.lead".to_owned(),
        (kind, _) => format!("alert.{}", kind.as_str()),
    };
    let title = say.with(&key, &[("name", name), ("teammate", teammate)]);
    let mut rest = Vec::new();
    if let Some(brief) = occasion.brief {
        rest.push(sentence(&brief.why));
        rest.push(say.with("alert.need", &[("what", &brief.need)]));
        rest.push(say.with("alert.next", &[("what", &brief.next_step)]));
    }
    rest.push(say.with("alert.open", &[("link", occasion.link)]));
    Told { title, rest }
}

/// A letter with the link that sets a new password.
pub fn entry(language: &str, workspace: &str, link: &str) -> Told {
    let say = Phrases::new(language);
    let rest = vec![say.with("alert.entry.text", &[("link", link)]), say.say("alert.entry.foot")];
    Told { title: say.with("alert.entry", &[("workspace", workspace)]), rest }
}

/// What a test of a way says.
pub fn test(language: &str, workspace: &str) -> String {
    Phrases::new(language).with("alert.test", &[("workspace", workspace)])
}

/// What the customer said last, and what becomes of an answer, for a letter that can be answered.
pub fn answerable(language: &str, customer: Option<&str>, said: Option<&str>) -> Vec<String> {
    let say = Phrases::new(language);
    let somebody = say.say("alert.customer");
    let name = customer.filter(|name| !name.trim().is_empty()).unwrap_or(&somebody);
    let said = said.map(|said| shortened(said.trim())).filter(|said| !said.is_empty());
    let mut parts: Vec<String> = said.map(|said| say.with("alert.said", &[("name", name), ("what", &said)])).into_iter().collect();
    parts.push(say.with("alert.answer", &[("name", name)]));
    parts
}

/// What did not leave, in a letter to whoever wrote it.
pub fn unsent(language: &str, customer: Option<&str>, link: &str) -> Told {
    let say = Phrases::new(language);
    let somebody = say.say("alert.customer");
    let name = customer.filter(|name| !name.trim().is_empty()).unwrap_or(&somebody);
    Told { title: say.with("alert.unsent", &[("name", name)]), rest: vec![say.with("alert.unsent.text", &[("link", link)])] }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_names_the_person_why_and_where() {
        let brief = Brief {
            why: "They asked for a person".to_owned(),
            need: "a refund".to_owned(),
            next_step: "call".to_owned(),
            ..Brief::default()
        };
        let occasion = Occasion {
            kind: AlertKind::Escalated,
            customer: Some("Ada"),
            teammate: None,
            brief: Some(&brief),
            link: "https://x.example/1",
        };
        let told = words("en", &occasion);
        assert_eq!(told.title, "Ada needs a person");
        assert_eq!(told.rest, ["They asked for a person.", "Need: a refund", "Next: call", "Open it: https://x.example/1"]);
        let told = words("fr", &Occasion { kind: AlertKind::Mentioned, customer: None, teammate: Some("Ben"), brief: None, ..occasion });
        assert_eq!(told.title, "Ben est mentionné dans une note sur Un client");
    }
}
