//! The words that stop, start or explain messages, in local words too. They act at once; other wordings are only suspected.

use super::sentences::fold;

/// What a one-word message orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopWord {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Who writes here and how to stop.
    Help,
}

const STOP: &[&str] = &[
    "stop",
    "stopall",
    "stop all",
    "quit",
    "end",
    "revoke",
    "opt out",
    "optout",
    "opt-out",
    "cancel",
    "unsubscribe",
    "stop it",
    "stop messages",
    "stop sms",
    "stop please",
    "please stop",
    "stop texting",
    "stop texting me",
    "remove me",
    "arret",
    "arreter",
    "arretez",
    "desabonner",
    "desabonnement",
    "desinscription",
    "me desabonner",
    "stop pub",
    "stop svp",
    "stopp",
    "abmelden",
    "abbestellen",
    "aufhoren",
    "austragen",
    "kundigen",
    "parar",
    "alto",
    "baja",
    "cancelar",
    "darse de baja",
    "darme de baja",
    "detener",
    "pare",
    "sair",
    "remover",
    "cancelar inscricao",
    "basta",
];
const START: &[&str] = &[
    "start",
    "unstop",
    "resume",
    "subscribe",
    "opt in",
    "optin",
    "reprendre",
    "reprise",
    "abonner",
    "anmelden",
    "starten",
    "alta",
    "iniciar",
    "comecar",
    "retomar",
];
const HELP: &[&str] = &["help", "info", "aide", "hilfe", "ayuda", "ajuda"];

const WISHES: &[&str] = &[
    " stop ",
    " no more ",
    " do not ",
    " don t ",
    " dont ",
    " quit ",
    " take me off ",
    " remove me ",
    " unsubscribe ",
    " opt out ",
    " cease ",
    " leave me ",
    " plus de ",
    " arretez ",
    " ne m ",
    " desabonne",
    " desinscri",
    " retirez moi ",
    " plus recevoir ",
    " keine ",
    " nicht mehr ",
    " abmelden ",
    " abbestellen ",
    " no quiero ",
    " deje de ",
    " dejen de ",
    " no me ",
    " darme de baja ",
    " nao quero ",
    " parem de ",
    " pare de ",
];
const MESSAGES: &[&str] = &[
    " messages ",
    " message ",
    " texts ",
    " texting ",
    " text me ",
    " emails ",
    " emailing ",
    " email me ",
    " newsletter",
    " list ",
    " ads ",
    " promo",
    " marketing ",
    " contacting ",
    " contact me ",
    " spam",
    " messaging ",
    " message me ",
    " writing me ",
    " writing to me ",
    " alone ",
    " offers ",
    " sms ",
    " mails ",
    " publicite",
    " pub ",
    " contacter ",
    " ecrire ",
    " contactez ",
    " ecrivez ",
    " offres ",
    " liste ",
    " nachrichten ",
    " werbung ",
    " mensajes ",
    " correos ",
    " publicidad ",
    " escribir",
    " mensagens ",
    " unsubscribe ",
    " desabonne",
    " desinscri",
    " abmelden ",
    " abbestellen ",
    " baja ",
];

/// The order, when the whole message is one.
pub fn stop_word(text: &str) -> Option<StopWord> {
    let bare = bare(text);
    let among = |words: &[&str]| words.contains(&bare.as_str());
    if among(STOP) {
        Some(StopWord::Stop)
    } else if among(START) {
        Some(StopWord::Start)
    } else if among(HELP) {
        Some(StopWord::Help)
    } else {
        None
    }
}

/// Does a longer message ask that messages stop ("take me off your list")?
pub fn may_want_stop(text: &str) -> bool {
    if stop_word(text).is_some() {
        return false;
    }
    let bare = format!(" {} ", bare(text));
    let has = |choices: &[&str]| choices.iter().any(|choice| bare.contains(choice));
    bare.len() < 160 && has(WISHES) && has(MESSAGES)
}

fn bare(text: &str) -> String {
    let folded = fold(text);
    let spaced: String = folded.chars().map(|sign| if sign.is_alphanumeric() { sign } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_acts_in_any_case_punctuation_and_tongue() {
        for text in ["STOP", "stop.", " Unsubscribe!", "Opt-out", "ARRÊT", "Stopp", "BAJA", "end", "revoke", "Quit…"] {
            assert_eq!(stop_word(text), Some(StopWord::Stop), "{text}");
        }
        for text in ["Where is the bus stop?", "stop by on Monday", "cancel my order 12"] {
            assert_eq!(stop_word(text), None, "{text}");
        }
    }

    #[test]
    fn other_wordings_are_suspected_only() {
        for text in [
            "Please take me off your list",
            "Don't text me any more messages",
            "Merci de ne plus m'envoyer de publicité, je ne veux plus recevoir d'offres",
            "Bitte keine Werbung mehr",
        ] {
            assert!(may_want_stop(text), "{text}");
        }
        for text in ["Can I stop the subscription in May?", "Do you have emails in German?", "The message did not arrive"] {
            assert!(!may_want_stop(text), "{text}");
        }
    }
}
