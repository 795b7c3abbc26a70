//! What kind of answer our last words ask for: it decides how long a pause may be before it is the end.

use std::time::Duration;

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expectation {
    /// Anything.
    #[default]
    Open,
    /// Yes or no.
    YesOrNo,
    /// A number, an address or a name, which people dictate in parts.
    Dictation,
}

/// A pause after which somebody has finished.
const OPEN: Duration = Duration::from_millis(450);
const SHORT: Duration = Duration::from_millis(250);
const DICTATED: Duration = Duration::from_millis(900);
/// After "and", "my number is" or "um" more comes.
const UNFINISHED: Duration = Duration::from_millis(1_200);

/// What people dictate, in the languages that are spoken here.
const DICTATIONS: &[&str] = &[
    "order number",
    "phone number",
    "number",
    "email",
    "e-mail",
    "address",
    "postcode",
    "spell",
    "code",
    "numéro",
    "adresse",
    "épel",
    "courriel",
    "nummer",
    "adresse",
    "buchstab",
    "número",
    "dirección",
    "deletre",
    "correo",
    "morada",
    "endereço",
    "soletr",
];

/// How questions begin that are answered with yes or no.
const YES_OR_NO: &[&str] = &[
    "shall ",
    "do you ",
    "would you ",
    "are you ",
    "is it ",
    "is that ",
    "may i ",
    "can i ",
    "could i ",
    "should ",
    "did ",
    "have you ",
    "were you ",
    "dois-je",
    "voulez-vous",
    "souhaitez-vous",
    "est-ce ",
    "êtes-vous",
    "puis-je",
    "avez-vous",
    "soll ",
    "möchten sie",
    "sind sie",
    "darf ich",
    "haben sie",
    "ist das",
    "¿sigo",
    "¿quiere",
    "¿es ",
    "¿está",
    "¿puedo",
    "¿desea",
    "continuo",
    "quer ",
    "posso",
    "deseja",
];

/// Words with which nobody ends.
const UNENDING: &[&str] = &[
    "and", "or", "but", "um", "uh", "er", "erm", "the", "a", "is", "my", "to", "for", "because", "so", "with", "et", "ou", "mais", "euh",
    "le", "la", "les", "est", "mon", "ma", "pour", "avec", "und", "oder", "aber", "äh", "ähm", "der", "die", "das", "ist", "mein", "y",
    "o", "pero", "eh", "el", "es", "mi", "para", "e", "mas", "é", "meu", "minha",
];

/// Words that are a whole answer.
const WHOLE: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "no",
    "nope",
    "ok",
    "okay",
    "sure",
    "please",
    "thanks",
    "yes please",
    "no thanks",
    "no thank you",
    "thank you",
    "oui",
    "non",
    "d'accord",
    "merci",
    "oui merci",
    "non merci",
    "ja",
    "nein",
    "danke",
    "sí",
    "si",
    "vale",
    "gracias",
    "sim",
    "não",
    "obrigado",
    "obrigada",
];

fn plain(text: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() || letter == '\'' { letter } else { ' ' };
    text.to_lowercase().chars().map(letter).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Expectation {
    /// What these words of ours ask for; only the last question counts.
    pub fn after(said: &str) -> Self {
        let said = said.trim();
        let Some(question) = said.strip_suffix('?') else { return Self::Open };
        let question = question.rsplit(['.', '!', '?', '\n']).next().unwrap_or_default().trim().to_lowercase();
        // "Shall I look up your order number?" is answered with yes or no.
        let last_clause = question.rsplit([',', ';']).next().unwrap_or_default().trim();
        if YES_OR_NO.iter().any(|begin| question.starts_with(begin) || last_clause.starts_with(begin)) {
            Self::YesOrNo
        } else if DICTATIONS.iter().any(|word| question.contains(word)) {
            Self::Dictation
        } else {
            Self::Open
        }
    }

    /// How long a pause may be after these words, as far as they are known.
    pub fn pause(self, heard: &str) -> Duration {
        let plain = plain(heard);
        if WHOLE.contains(&plain.as_str()) {
            return if self == Self::Open { OPEN } else { SHORT };
        }
        if plain.split(' ').next_back().is_some_and(|last| UNENDING.contains(&last)) || heard.trim_end().ends_with(',') {
            return UNFINISHED;
        }
        match self {
            Self::Open => OPEN,
            // Without a word of it we cannot know yet that it is short.
            Self::YesOrNo if plain.is_empty() || plain.split(' ').count() <= 2 => SHORT,
            Self::YesOrNo => OPEN,
            Self::Dictation => DICTATED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_question_says_what_is_expected() {
        let check = |said: &str, expected: Expectation| assert_eq!(Expectation::after(said), expected, "{said}");
        check("It costs 349 euros. Shall I go on?", Expectation::YesOrNo);
        check("Dois-je continuer ?", Expectation::YesOrNo);
        check("What is your order number?", Expectation::Dictation);
        check("Could you spell your name?", Expectation::Dictation);
        check("Quel est votre numéro de commande ?", Expectation::Dictation);
        check("How can I help?", Expectation::Open);
        check("What is your order number? I will look.", Expectation::Open);
        check("If you like, shall I note your email?", Expectation::YesOrNo);
        check("", Expectation::Open);
    }

    #[test]
    fn a_pause_is_as_long_as_what_is_expected_and_what_was_said() {
        let check = |expected: Expectation, heard: &str, milliseconds: u64| {
            assert_eq!(expected.pause(heard), Duration::from_millis(milliseconds), "{expected:?} {heard}");
        };
        check(Expectation::Open, "How much is delivery", 450);
        check(Expectation::Open, "yeah", 450);
        check(Expectation::YesOrNo, "", 250);
        check(Expectation::YesOrNo, "Yes, please.", 250);
        check(Expectation::YesOrNo, "I would rather have the other one", 450);
        check(Expectation::Dictation, "four seven one", 900);
        check(Expectation::Dictation, "No thanks", 250);
        check(Expectation::Open, "My name is", 1_200);
        check(Expectation::Open, "I would like a chair and", 1_200);
        check(Expectation::Open, "four seven one,", 1_200);
        check(Expectation::YesOrNo, "um", 1_200);
    }
}
