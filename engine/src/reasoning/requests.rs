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

/// The day by which it is asked for: "a quote by Friday".
pub fn date_in(what: &str, now: Timestamp, settings: &WorkspaceSettings) -> Option<jiff::civil::Date> {
    let when = WHEN.find(what)?.as_str();
    let read = understand::understand(
        when,
        &understand::Reading {
            now,
            timezone: &settings.timezone,
            currency: &settings.currency,
            region: &settings.region,
            locale: &settings.locale,
            competitors: &[],
            catalogue: &[],
            own_names: &[],
            own_contacts: &[],
            pending: Some(Predicate::Timeline),
            offer: None,
            last_ours: None,
        },
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
    fn a_request_is_told_from_a_question() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(requested(text).as_deref(), expected, "{text}");
        check("Could you send me a written quote by Friday?", Some("send you a written quote by Friday"));
        check("please email us the assembly manual", Some("email you the assembly manual"));
        check("Can you deliver to Lyon?", None);
        check("can you tell me the price?", None);
        check("Can you send it to Germany?", None);
    }
}
