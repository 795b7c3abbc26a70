//! What a customer asks us to do for them: it becomes a promise with a date and a task, never a silent yes.

use std::sync::LazyLock;

use domain::Timestamp;
use domain::fact::Predicate;
use domain::settings::WorkspaceSettings;
use regex::Regex;

use super::builtin::understand;

static WHEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:by|before|until|on|this|next|tomorrow|today|d'ici|avant|demain|bis|morgen)\b.*$").expect("a constant pattern")
});

static REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        \b(?:can|could|would|will)\ (?:you|someone|somebody|anyone)\ (?:please\ |possibly\ |kindly\ )?(?:have\ \w+\ )?
          (?P<what1>(?:send|email|e-mail|mail|forward|prepare|draw\ up|write\ up|put\ together|make|reserve|hold|set\ aside|check\ with|find\ out)\ (?:(?:me|us|it|one|that)\b\ ?)?[^?.!\n]{3,100})
        |\bplease\ (?P<what2>(?:send|email|e-mail|mail|forward|prepare|draw\ up|reserve|hold|set\ aside)\ (?:(?:me|us)\b\ ?)?[^?.!\n]{3,100})
        |\b(?:pouvez|pourriez)-vous\ (?:s'il\ vous\ pla[iî]t\ )?(?P<what3>(?:m'|nous\ |me\ )?(?:envoyer|transmettre|pr[ée]parer|faire\ parvenir|r[ée]server|v[ée]rifier)\ [^?.!\n]{3,100})
        |\bk[öo]nn(?:en|ten)\ sie\ (?:mir|uns)\ (?:bitte\ )?(?P<what4>[^?.!\n]{3,80}(?:schicken|senden|erstellen|zusenden))",
    )
    .expect("a constant pattern")
});

/// What is asked for, in a few words: "send you the quote by Friday". `None`: nothing is.
pub fn requested(text: &str) -> Option<String> {
    let found = REQUEST.captures(text)?;
    let what = ["what1", "what2", "what3", "what4"].iter().find_map(|name| found.name(name))?.as_str();
    let first = what.split_whitespace().next().unwrap_or_default().to_lowercase();
    let for_them = [" me ", " us ", " me", " us"].iter().any(|word| format!("{what} ").contains(word))
        || first != "send" && first != "make" && first != "hold";
    for_them.then(|| seen_from_us(what.trim()))
}

/// What is asked for, without the courtesy and the day at its end, which stand elsewhere: "send you a quote".
pub fn plainly(what: &str, now: Timestamp, settings: &WorkspaceSettings) -> String {
    let mut text = COURTESY.replace(what, "").trim().to_owned();
    let starts: Vec<usize> = STARTS.find_iter(&text).map(|found| found.start()).collect();
    for start in starts.into_iter().rev() {
        let tail = &text[start..];
        if start > 0 && tail.split_whitespace().count() <= 6 && date_in(tail, now, settings).is_some() {
            text.truncate(start);
            break;
        }
    }
    let text = PASSING.replace_all(&text, "");
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches([',', ' ', '-']).to_owned()
}

/// "I'll call you tomorrow about the floor" is, on the ledger, "call you about the floor".
pub fn as_promised(what: &str, now: Timestamp, settings: &WorkspaceSettings) -> String {
    plainly(&WE_WILL.replace(what.trim(), ""), now, settings)
}

static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:[ ,]+(?:please|pls|plz|thanks|thank you|thx|cheers|svp|stp|s'il vous pla[iî]t|s'il te pla[iî]t|merci|bitte|danke|por favor|gracias|obrigad[oa]))+[ .!]*$")
        .expect("a constant pattern")
});
static STARTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:by|before|until|on|this|next|for|d'ici|avant|pour|le|bis|am|n[äa]chste[nr]?|antes|para|el|at[ée])\b")
        .expect("a constant pattern")
});
static PASSING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:tomorrow(?: morning| afternoon| evening)?|today|tonight|this (?:morning|afternoon|evening)|demain(?: matin| soir)?|aujourd'hui|ce soir|morgen(?: fr[üu]h| abend)?|heute(?: abend)?|ma[ñn]ana|hoy|amanh[ãa]|hoje)\b")
        .expect("a constant pattern")
});
static WE_WILL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:i|we)(?:'ll|'m going to|'re going to| will| shall| am going to| are going to| promise to| can)\s+|(?:je|nous|on) (?:vais|allons|va|vous promets de)\s+|(?:ich|wir) (?:werde|werden)\s+|(?:voy a|vamos a|vou|vamos)\s+)(?:also |just |then |definitely |certainly |gladly )?")
        .expect("a constant pattern")
});

/// The day by which it is asked for: "a quote by Friday".
pub fn date_in(what: &str, now: Timestamp, settings: &WorkspaceSettings) -> Option<jiff::civil::Date> {
    let when = WHEN.find(what)?.as_str();
    let read = understand::understand(
        when,
        &understand::Reading { pending: Some(Predicate::Timeline), ..understand::Reading::alone(settings, now) },
    );
    let timeline = read.learned.into_iter().find(|fact| fact.predicate == Predicate::Timeline)?;
    timeline.data.get("to")?.as_str()?.parse().ok()
}

/// "send me my quote" is, from our side, "send you your quote".
fn seen_from_us(what: &str) -> String {
    what.split_whitespace()
        .map(|word| match word.to_lowercase().as_str() {
            "me" | "us" => "you",
            "my" | "our" => "your",
            _ => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
        .replace("nous envoyer", "vous envoyer")
        .replace("m'envoyer", "vous envoyer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_kept_without_the_words_around_it() {
        let settings = WorkspaceSettings { timezone: "Europe/Paris".to_owned(), ..WorkspaceSettings::named("shop".into(), "Shop") };
        let now = Timestamp::parse_rfc3339("2026-05-04T09:00:00Z").expect("a time");
        let check = |what: &str, expected: &str| assert_eq!(as_promised(what, now, &settings), expected, "{what}");
        check("send you a quote for it by friday pls", "send you a quote for it");
        check("I'll call you tomorrow about the flooring", "call you about the flooring");
        check("I will send you the written quote by Thursday", "send you the written quote");
        check("send you information on the Curlew, please", "send you information on the Curlew");
        check("vous envoyer un devis d'ici vendredi", "vous envoyer un devis");
    }

    #[test]
    fn a_request_is_told_from_a_question() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(requested(text).as_deref(), expected, "{text}");
        check("Could you send me a written quote by Friday?", Some("send you a written quote by Friday"));
        check("please email us the assembly manual", Some("email you the assembly manual"));
        check("Can you deliver to Lyon?", None);
        check("can you tell me the price?", None);
        check("Can you send it to Germany?", None);
    }
}
