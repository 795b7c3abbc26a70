//! Likeness of meaning, where there are vectors: what is embedded, and how near two vectors are.

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

/// The cosine of two vectors; 0 where one of them says nothing or they are not comparable.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return 0.0;
    }
    let dot: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let length = |vector: &[f32]| vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    let both = length(a) * length(b);
    if both > 0.0 { dot / both } else { 0.0 }
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

    #[test]
    fn only_vectors_of_one_length_are_alike() {
        assert!((cosine(&[1.0, 1.0], &[2.0, 2.0]) - 1.0).abs() < 1e-6);
        assert!(cosine(&[1.0, 0.0], &[0.0, 1.0]).abs() < 1e-6);
        assert!(cosine(&[1.0], &[1.0, 0.0]).abs() < 1e-6);
        assert!(cosine(&[0.0], &[1.0]).abs() < 1e-6);
    }
}
