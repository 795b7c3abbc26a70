//! A mail's subject, where the body alone does not say what it is about.

use domain::channel::ChannelKind;
use domain::event::InboundMessage;

/// A body of no more words is looked at together with its subject.
const FEW_WORDS: usize = 6;
/// So is one of no more words than this, when a number stands in the subject only.
const SOME_WORDS: usize = 25;
/// What answers and passes on begin with: their subject is an older one.
const OLDER: &str =
    "re:|aw:|sv:|vs:|antw:|rif:|r:|res:|odp:|ynt:|απ:|回复:|答复:|回覆:|fwd:|fw:|wg:|tr:|rv:|enc:|doorst:|vb:|vl:|pd:|ilt:|i:";
/// How a body points to its subject.
const POINTS: &str = "see subject|see the subject|see title|as in subject|as per subject|subject says|subject line|in the subject|siehe betreff|\
     s. betreff|wie im betreff|im betreff|voir objet|voir l'objet|cf. objet|cf objet|en objet|ver asunto|véase asunto|en el asunto|vedi oggetto|\
     come da oggetto|in oggetto|ver assunto|no assunto|zie onderwerp|zie titel|se ämne|se emne|ks. aihe|patrz temat|jak w temacie|viz předmět|\
     lásd tárgy|vezi subiect|см. тему|тема письма|konuya bakın|βλέπε θέμα|件名の通り|件名の件|见主题|如题|如題";

/// Puts the subject above a body that points to it or says little by itself.
pub fn add(inbound: &mut InboundMessage, channel: ChannelKind) {
    if channel != ChannelKind::Email || inbound.forwarded {
        return;
    }
    let Some(subject) = inbound.more.get("subject").and_then(serde_json::Value::as_str).map(str::trim) else { return };
    let Some(body) = inbound.text.as_deref() else { return };
    if is_wanted(subject, body) {
        inbound.text = Some(format!("{subject}\n\n{body}"));
    }
}

fn is_wanted(subject: &str, body: &str) -> bool {
    let (title, said) = (subject.to_lowercase(), body.to_lowercase());
    let is_older = OLDER.split('|').any(|prefix| title.starts_with(prefix) || title.replace(" :", ":").starts_with(prefix));
    if title.is_empty() || is_older || said.contains(&title) {
        return false;
    }
    let words = said.split_whitespace().count();
    let has_number = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    words <= FEW_WORDS
        || words <= SOME_WORDS && (POINTS.split('|').any(|words| said.contains(words)) || has_number(&title) && !has_number(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_where_the_body_alone_is_unclear() {
        let check = |subject: &str, body: &str, expected: &str| {
            let mut inbound = InboundMessage { text: Some(body.to_owned()), ..InboundMessage::default() };
            inbound.more.insert("subject".to_owned(), subject.into());
            add(&mut inbound, ChannelKind::Email);
            assert_eq!(inbound.text.as_deref(), Some(expected), "{subject}");
        };
        check("Do you deliver to Norway?", "see subject", "Do you deliver to Norway?\n\nsee subject");
        check(
            "Rückgabe von A-1001",
            "Guten Tag,\nsiehe Betreff.\nDanke, Ana Ruiz",
            "Rückgabe von A-1001\n\nGuten Tag,\nsiehe Betreff.\nDanke, Ana Ruiz",
        );
        check(
            "Order A-1001",
            "Where is it? I have been waiting for two weeks.",
            "Order A-1001\n\nWhere is it? I have been waiting for two weeks.",
        );
        check("Order", "Where is it? I have been waiting for two weeks now.", "Where is it? I have been waiting for two weeks now.");
        check("Re: Order A-1001", "Yes please", "Yes please");
        check("RE : Commande A-1001", "Oui", "Oui");
        check("Hello", "Hello", "Hello");
    }

    #[test]
    fn other_doors_and_mails_that_are_passed_on_are_left_alone() {
        let mut inbound = InboundMessage { text: Some("help".to_owned()), ..InboundMessage::default() };
        inbound.more.insert("subject".to_owned(), "Order A-1".into());
        add(&mut inbound, ChannelKind::Api);
        assert_eq!(inbound.text.as_deref(), Some("help"));
        inbound.forwarded = true;
        add(&mut inbound, ChannelKind::Email);
        assert_eq!(inbound.text.as_deref(), Some("help"));
    }
}
