//! Stop, start and help words: only as the whole message, because "please stop calling me X" is a message.

/// What a whole message asks of the subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// What is this?
    Help,
}

/// The carriers' words. `YES` is left out: as a whole message it nearly always answers a question of ours.
/// <https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>
pub(crate) fn carrier_keyword(text: &str) -> Option<Keyword> {
    match folded(text).as_str() {
        "stop" | "stopall" | "stop all" | "unsubscribe" | "cancel" | "end" | "quit" | "revoke" | "optout" | "opt out" | "opt-out" => {
            Some(Keyword::Stop)
        }
        "start" | "unstop" => Some(Keyword::Start),
        "help" | "info" => Some(Keyword::Help),
        _ => None,
    }
}

/// Is this whole message a stop word on a messenger, where `cancel` and `end` are ordinary answers?
pub(crate) fn is_stop_on_a_messenger(text: &str) -> bool {
    matches!(folded(text).as_str(), "stop" | "/stop" | "stopall" | "stop all" | "unsubscribe" | "optout" | "opt out" | "opt-out")
}

fn folded(text: &str) -> String {
    text.trim().trim_end_matches(['.', '!', '?', '…', ' ']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_counts_only_when_it_is_the_whole_message() {
        let check = |text: &str, keyword: Option<Keyword>| assert_eq!(carrier_keyword(text), keyword, "{text:?}");
        check("Stop ", Some(Keyword::Stop));
        check("STOP!", Some(Keyword::Stop));
        check("UNSUBSCRIBE", Some(Keyword::Stop));
        check("revoke.", Some(Keyword::Stop));
        check("start", Some(Keyword::Start));
        check("UNSTOP", Some(Keyword::Start));
        check("help?", Some(Keyword::Help));
        check("please stop calling me Bob", None);
        check("stop it", None);
        check("yes", None);
        check("", None);
    }

    #[test]
    fn cancel_is_an_answer_on_a_messenger() {
        assert!(is_stop_on_a_messenger("/stop"));
        assert!(is_stop_on_a_messenger("Stop."));
        assert!(!is_stop_on_a_messenger("cancel"));
        assert!(!is_stop_on_a_messenger("the end"));
    }
}
