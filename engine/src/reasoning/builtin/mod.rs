//! The built-in engine: does the team's job with no model at all, and is the last fallback when every model is down.

pub mod answer;
pub mod sense;
pub mod understand;

use domain::Timestamp;

/// One message a language, so that its readers meet its word lists.
const SAMPLES: [(&str, &str); 5] = [
    ("en", "Hi, this is Ada Lind: we need two desks by Friday for up to 900 pounds, which is too dear."),
    ("fr", "Bonjour, je cherche un bureau avant vendredi pour 900 euros maximum."),
    ("de", "Ich suche einen Tisch bis Freitag für höchstens 900 Euro."),
    ("es", "Busco una mesa antes del viernes por 900 euros como mucho."),
    ("pt", "Preciso de uma mesa até sexta-feira por 900 euros no máximo."),
];

/// Reads the word lists of these languages and learns the intents now: work that the first customer's turn would else wait for.
///
/// May be called at any time, from any thread, more than once; a turn that comes meanwhile waits for what it needs and no longer.
/// What no customer of these languages says is read when one says it.
pub fn warm(languages: &[String]) {
    // Learning takes most memory for a moment: first, so that what stays is put where that was.
    sense::intents::built_in();
    for (locale, text) in SAMPLES.iter().filter(|(language, _)| languages.iter().any(|wanted| wanted.starts_with(language))) {
        understand::understand(
            text,
            &understand::Reading {
                now: Timestamp::from_micros(0),
                timezone: "UTC",
                currency: "EUR",
                region: "GB",
                locale,
                competitors: &[],
                catalogue: &[],
                own_names: &[],
                own_contacts: &[],
                pending: None,
                offer: None,
                last_ours: None,
            },
        );
        sense::sense(text, &sense::Sensing::alone(locale));
    }
}
