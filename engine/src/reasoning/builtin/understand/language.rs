//! Which language a message is in, and which one its writer asks for.

use std::collections::HashSet;
use std::sync::LazyLock;

use domain::fact::Predicate;
use domain::signal::Language;
use serde_json::Value;

use super::lexicon::{cues, is_in, says, whole, words};
use super::numbers;
use super::stance::is_negated;
use super::text::folded;
use super::{Message, Understood};
use domain::lexicon;

/// Languages with word lists of their own.
const KNOWN: [&str; 5] = ["en", "fr", "de", "es", "pt"];
/// The function words of each.
static SMALL: LazyLock<[HashSet<&'static str>; 5]> =
    LazyLock::new(|| KNOWN.map(|code| words(&format!("stopword_{code}")).iter().copied().collect()));
/// Languages a customer can ask for.
const ASKED: [&str; 15] = ["en", "fr", "de", "es", "pt", "it", "nl", "pl", "ar", "zh", "ru", "tr", "uk", "ga", "cy"];

/// The language of a text: function words first, letter statistics for long ones, else `fallback` with little confidence.
pub fn language_of(text: &str, fallback: Option<&str>) -> Option<Language> {
    let text = &text[..text.floor_char_boundary(2_000)];
    let plain = folded(text);
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    let sayable = |code: &str, confidence: f32| Some(Language { code: code.to_owned(), confidence });
    let mut places = 0..KNOWN.len();
    let mut scores = KNOWN.map(|code| {
        let small = &SMALL[places.next().unwrap_or_default()];
        let hits: usize = words
            .iter()
            .map(|word| {
                let elided = code == "fr"
                    && word
                        .split_once('\'')
                        .is_some_and(|(article, _)| matches!(article, "l" | "d" | "j" | "n" | "m" | "s" | "qu" | "c" | "t"));
                let several = word.chars().count() > 1;
                if small.contains(word) || elided || several && lexicon::is_stop_word(word, code) {
                    2
                } else {
                    // A word of the dictionary tells a little.
                    usize::from(several && (lexicon::is_light_word(word, code) || lexicon::knows(word, code)))
                }
            })
            .sum();
        (code, hits + numbers::count_words(&words, code))
    });
    let accents = |letters: &str| text.chars().filter(|c| letters.contains(c.to_ascii_lowercase()) || letters.contains(*c)).count();
    for (code, letters) in [("fr", "éèêçàùâîôûëœ"), ("de", "äöüß"), ("es", "ñ¿¡áíóú"), ("pt", "ãõç")] {
        if let Some(score) = scores.iter_mut().find(|(known, _)| *known == code) {
            score.1 += accents(letters).min(3);
        }
    }
    scores.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
    let ((best, score), second) = (scores[0], scores[1].1);
    if score >= 2 && score > second {
        let share = (score - second) as f32 / score as f32;
        let evidence = (score as f32 / 6.0).min(1.0);
        return sayable(best, (0.5 + 0.49 * share * evidence).min(0.99));
    }
    let has_script = text.chars().any(|c| c.is_alphabetic() && c as u32 > 0x24f);
    if (words.len() >= 6 || has_script)
        && let Some(info) = whatlang::detect(text)
        && (info.is_reliable() || has_script)
        && let Some(code) = iso(info.lang())
    {
        return sayable(code, if info.is_reliable() { 0.8 } else { 0.55 });
    }
    fallback.and_then(|code| sayable(code.get(..2)?, 0.3))
}

fn iso(language: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match language {
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Tur => "tr",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Ell => "el",
        Lang::Ces => "cs",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Fin => "fi",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Bul => "bg",
        Lang::Hin => "hi",
        Lang::Vie => "vi",
        Lang::Tha => "th",
        _ => return None,
    })
}

/// Reads the language asked for.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for topic in ["language.only", "language.want"] {
        for cue in cues(topic, text) {
            for captures in cue.captures_iter() {
                let (Some(tongue), span) = (captures.name("lang"), whole(&captures)) else { continue };
                let asked = message.stances.clause(span.start).is_some_and(|clause| clause.is_asked);
                let request = says("language.ask", message.clause(span.start));
                let about_things = says("language.anti", message.clause(span.start)) && !says("language.talk", message.clause(span.start));
                if !message.stances.is_stated_or_asked(span.start)
                    || (asked && !request)
                    || is_negated(text, tongue.start())
                    || about_things
                {
                    continue;
                }
                let Some(code) = ASKED.into_iter().find(|code| is_in(&format!("language_{code}"), tongue.as_str())) else { continue };
                let mut fact = message.fact(Predicate::Language, code, Value::Null, span);
                fact.confidence = 0.9;
                out.learned.push(fact);
                return;
            }
        }
    }
}
