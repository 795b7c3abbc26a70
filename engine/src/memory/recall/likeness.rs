//! Likeness of meaning, where there are vectors: what of a question is embedded.

use super::words;
use domain::lexicon::tokens;

/// A question about these people without their names: inside one history a name says nothing, and greetings, which are
/// full of names, would come out nearest.
pub fn without_names(question: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().flat_map(|name| words::name_parts(name)).collect();
    let mut text = String::with_capacity(question.len());
    let mut from = 0;
    let found = tokens(question);
    let mut at = 0;
    while at < found.len() {
        let token = &found[at];
        at += 1;
        if !names.contains(&token.folded) {
            continue;
        }
        text.push_str(&question[from..token.start]);
        from = token.end;
        // Of "Ada Quill" one word is left.
        while at < found.len() && names.contains(&found[at].folded) && question[from..found[at].start].trim().is_empty() {
            from = found[at].end;
            at += 1;
        }
        let rest = &question[from..];
        let is_owner = ["'s", "’s"].iter().find(|mark| rest.starts_with(**mark));
        from += is_owner.map_or(0, |mark| mark.len());
        text.push_str(if is_owner.is_some() { "their" } else { "they" });
    }
    text.push_str(&question[from..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_nothing_inside_one_history() {
        let check = |question: &str, expected: &str| assert_eq!(without_names(question, &["Ada Quill", "Zoë"]), expected);
        check("When did Ada Quill paint Zoe's house?", "When did they paint their house?");
        check("What is Ada’s budget?", "What is their budget?");
        check("What does a chair cost?", "What does a chair cost?");
        check("", "");
    }
}
