//! Answering machines: what picks up a call of ours and has no ears.

/// How machines speak of themselves and of what is wanted from whoever calls, in plain letters.
const PHRASES: &[&str] = &[
    "after the tone",
    "after the beep",
    "at the tone",
    "at the beep",
    "leave a message",
    "leave me a message",
    "leave us a message",
    "leave your message",
    "leave your name and",
    "record your message",
    "forwarded to voicemail",
    "forwarded to an automated voice",
    "voice mailbox",
    "voicemail box",
    "mailbox is full",
    "you have reached the voicemail",
    "you've reached the voicemail",
    "is not available to take your call",
    "can't take your call",
    "cannot take your call",
    "can't come to the phone",
    "cannot come to the phone",
    "the person you are calling is not available",
    "the person you are trying to reach",
    "the number you have dialed",
    "the number you have dialled",
    "après le bip",
    "après le signal",
    "laisser un message",
    "laissez un message",
    "laissez-moi un message",
    "laissez votre message",
    "sur le répondeur",
    "messagerie vocale",
    "votre correspondant n'est pas disponible",
    "n'est pas joignable",
    "nach dem ton",
    "nach dem signalton",
    "nach dem piep",
    "hinterlassen sie eine nachricht",
    "hinterlassen sie uns eine nachricht",
    "anrufbeantworter",
    "der gewünschte gesprächspartner",
    "ist zurzeit nicht erreichbar",
    "ist derzeit nicht erreichbar",
    "después de la señal",
    "después del tono",
    "deje un mensaje",
    "deje su mensaje",
    "buzón de voz",
    "dopo il segnale",
    "lasciate un messaggio",
    "lasci un messaggio",
    "segreteria telefonica",
    "na de toon",
    "na de piep",
    "spreek een bericht in",
    "laat een bericht achter",
    "após o sinal",
    "deixe a sua mensagem",
    "deixe sua mensagem",
    "caixa postal",
    "correio de voz",
];

/// Is this said by a machine? Meant for the first words after a call of ours was picked up.
pub fn is_machine(text: &str) -> bool {
    let plain = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> = plain.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '.' | ';' | '!' | ':')).collect();
    let plain = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    PHRASES.iter().any(|phrase| plain.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::is_machine;

    #[test]
    fn a_machine_is_told_from_a_person_by_what_it_says() {
        let check = |text: &str, expected: bool| assert_eq!(is_machine(text), expected, "{text}");
        check("Hi, you've reached Maya. Please leave a message after the tone.", true);
        check("I can’t come to the phone right now", true);
        check("Your call has been forwarded to voicemail.", true);
        check("Bonjour, vous êtes bien sur le répondeur de Maya.", true);
        check("Votre correspondant n’est pas disponible, laissez un message après le bip", true);
        check("Bitte hinterlassen Sie eine Nachricht nach dem Signalton.", true);
        check("Deje su mensaje después de la señal", true);
        check("Lasciate un messaggio dopo il segnale acustico", true);
        check("Spreek een bericht in na de piep", true);
        check("Deixe a sua mensagem após o sinal", true);
        for person in
            ["Hello?", "Maya Lindqvist speaking", "Yes, who is this?", "Oui allô", "Did you get my message?", "Ja bitte?", "Dígame"]
        {
            check(person, false);
        }
    }
}
