//! Who is writing: names people give for themselves, their company, their role.

use domain::fact::Predicate;
use serde_json::{Value, json};

use super::lexicon::{cues, is_in, says, whole};
use super::persons::{NameMatch, is_given_name, same_person};
use super::stance::is_negated;
use super::text::{Span, plain};
use super::{Message, Understood};

/// Reads names, nicknames, company and role.
pub(super) fn read(message: &Message<'_>, out: &mut Understood) {
    let name = introduced(message);
    if let Some((value, span)) = &name {
        let whole_name = extended(message, value).unwrap_or_else(|| (value.clone(), span.clone()));
        out.introduced_as = Some(whole_name.0.clone());
        out.learned.push(message.fact(Predicate::Name, whole_name.0, Value::Null, whole_name.1));
        employer_after(message, span.end, out);
    }
    if let Some((value, span)) = called(message) {
        out.learned.push(message.fact(Predicate::PreferredName, value, Value::Null, span));
    }
    company(message, out);
    role(message, name.as_ref().map(|(_, span)| span.end), out);
}

/// The name the writer gives for themselves, with where it stands.
fn introduced(message: &Message<'_>) -> Option<(String, Span)> {
    let text = &message.text.text;
    let mut found: Vec<(u8, String, Span)> = Vec::new();
    for (topic, weight) in [("name.strong", 3), ("name.weak", 2), ("name.here", 2)] {
        for cue in cues(topic, text) {
            for captures in cue.captures_iter() {
                let Some(who) = captures.name("who") else { continue };
                let start = whole(&captures).start;
                let is_preposition = message.spoken == "de" && text[start..].starts_with("im ");
                if !message.stances.is_stated_or_asked(start) || is_negated(text, start) || is_preposition {
                    continue;
                }
                let span =
                    if topic == "name.here" { last_words(message, who.range()) } else { first_words(message, who.range(), weight == 3) };
                let Some(span) = span else { continue };
                // "It's Anna" answers a question or opens a message; "it's Monday" never gets here.
                if text[who.end()..].starts_with("'s ") || (topic == "name.here" && possessive(&text[span.clone()])) {
                    continue;
                }
                if accept(message, &span, weight == 3) {
                    found.push((weight, message.text.quote(span.clone()).to_owned(), span));
                }
            }
        }
    }
    if found.is_empty() {
        found.extend(greeting(message).into_iter().chain(signature(message)).map(|(name, span)| (1, name, span)));
    }
    if found.is_empty() && message.reading.pending == Some(Predicate::Name) {
        let span = first_words(message, 0..text.len(), true).filter(|span| text.len() - span.len() <= 4 && accept(message, span, true));
        found.extend(span.map(|span| (1, message.text.quote(span.clone()).to_owned(), span)));
    }
    found.into_iter().max_by_key(|(weight, _, span)| (*weight, span.len().min(30))).map(|(_, name, span)| (tidy(&name), span))
}

fn possessive(words: &str) -> bool {
    words.contains("'s ") || words.ends_with("'s")
}

fn tidy(name: &str) -> String {
    if name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    name.split(' ')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect::<Vec<String>>()
        .join(" ")
}

/// The words of a stretch with their places.
fn words_of(message: &Message<'_>, span: Span) -> Vec<Span> {
    let text = &message.text.text;
    let mut words = Vec::new();
    let mut start = None;
    for (offset, letter) in text[span.clone()].char_indices().chain([(span.len(), ' ')]) {
        let at = span.start + offset;
        if letter.is_alphabetic() || matches!(letter, '\'' | '-') {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            words.push(from..at);
            // A point after a title or an initial belongs to the name, any other ends it.
            if letter != ' ' && !(letter == '.' && words.last().is_some_and(|word: &Span| word.len() <= 2)) {
                break;
            }
        } else if letter != ' ' {
            break;
        }
    }
    words
}

const PARTICLES: [&str; 14] = ["de", "da", "di", "van", "von", "der", "den", "la", "le", "du", "del", "dos", "el", "bin"];
const TITLES: [&str; 14] = ["mr", "mrs", "ms", "dr", "mme", "mlle", "monsieur", "madame", "herr", "frau", "senor", "senora", "sr", "sra"];

/// The name at the start of a stretch.
fn first_words(message: &Message<'_>, span: Span, is_sure: bool) -> Option<Span> {
    let text = &message.text.text;
    let mut taken: Option<Span> = None;
    let mut count = 0;
    for word in words_of(message, span) {
        let letters = &text[word.clone()];
        if count == 0 && TITLES.contains(&letters) {
            continue;
        }
        let capital = message.text.is_capital(word.start);
        // "Holger von der Tischlerei": after a given name alone, that is where they work.
        if count == 1 && letters == "von" && text[word.end..].starts_with(" der ") {
            break;
        }
        let particle = count > 0 && PARTICLES.contains(&letters);
        let lower_name = is_sure && !capital && count < 2 && !is_in("notname", letters) && letters.len() > 1 && !stops(letters);
        let given = count == 0 && is_given_name(letters);
        if capital || particle || lower_name || given {
            if count > 0 && !capital && !particle && taken.as_ref().is_some_and(|first| message.text.is_capital(first.start)) {
                break;
            }
            taken = Some(taken.map_or(word.start, |span| span.start)..word.end);
            count += 1;
            if count == 4 {
                break;
            }
        } else {
            break;
        }
    }
    let mut span = taken?;
    // A particle at the end belongs to what follows: "Anna von der Bäckerei".
    loop {
        let words: Vec<&str> = text[span.clone()].split(' ').collect();
        let Some(last) = words.last().filter(|last| words.len() > 1 && PARTICLES.contains(last)) else { break };
        span.end -= last.len() + 1;
    }
    Some(span)
}

fn stops(word: &str) -> bool {
    matches!(
        word,
        "from"
            | "at"
            | "and"
            | "but"
            | "with"
            | "of"
            | "by"
            | "et"
            | "de"
            | "chez"
            | "mais"
            | "von"
            | "und"
            | "bei"
            | "aber"
            | "y"
            | "e"
            | "da"
            | "speaking"
            | "here"
            | "calling"
            | "again"
    )
}

/// The name at the end of a stretch: "Hi, Tom Baxter here".
fn last_words(message: &Message<'_>, span: Span) -> Option<Span> {
    let text = &message.text.text;
    let words = words_of(message, span.clone());
    let mut taken: Option<Span> = None;
    for word in words.into_iter().rev() {
        let letters = &text[word.clone()];
        let capital = message.text.is_capital(word.start)
            && !is_in("notname", letters)
            && !matches!(letters, "hi" | "hello" | "hey" | "bonjour" | "salut" | "hallo" | "hola");
        let named = is_given_name(letters);
        if capital || (named && taken.is_none()) || (taken.is_some() && PARTICLES.contains(&letters)) {
            taken = Some(word.start..taken.map_or(word.end, |span| span.end));
        } else {
            break;
        }
    }
    taken.filter(|taken| taken.end + 1 >= span.end.min(text[..span.end].trim_end().len()))
}

/// Can these words be the writer's name?
fn accept(message: &Message<'_>, span: &Span, is_sure: bool) -> bool {
    let text = &message.text.text;
    let folded = &text[span.clone()];
    let first = folded.split([' ', '-']).next().unwrap_or("");
    let value = message.text.quote(span.clone());
    let listed = is_in("notname", first) || is_in("tongue", first) || is_in("rolehead", first) || is_in("place", folded);
    let is_ours = message
        .reading
        .own_names
        .iter()
        .any(|own| plain(own) == plain(value) || (value.split(' ').count() == 1 && plain(own).split(' ').any(|word| word == folded)))
        || message.reading.competitors.iter().chain(message.reading.catalogue).any(|name| plain(name) == plain(value));
    let capital = message.text.is_capital(span.start);
    let shouted = value.len() > 3
        && value.chars().all(|c| !c.is_lowercase())
        && message.text.original.chars().filter(|c| c.is_lowercase()).count() > 5;
    (!listed || (is_sure && capital && !is_in("place", folded) && !is_in("notname", first)))
        && !is_ours
        && value.chars().count() >= 2
        && (!shouted || is_sure)
        && (is_sure || capital || is_given_name(first))
        && !calendar(first)
}

fn calendar(word: &str) -> bool {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].iter().any(|list| is_in(list, word))
}

/// "Anna. Anna Thorsby.": the same name in full, on its own.
fn extended(message: &Message<'_>, name: &str) -> Option<(String, Span)> {
    let first = plain(name);
    if let Some(whole_name) = surname_first(message, &first) {
        return Some(whole_name);
    }
    message.stances.clauses.iter().find_map(|clause| {
        let span = first_words(message, clause.span.clone(), false)?;
        let rest = message.text.text[clause.span.clone()].trim().trim_end_matches(['.', '!']).len();
        let value = message.text.quote(span.clone());
        (span.len() == rest && value.contains(' ') && plain(value).starts_with(&format!("{first} "))).then(|| (value.to_owned(), span))
    })
}

/// "Bond, James Bond": the surname, then both.
fn surname_first(message: &Message<'_>, surname: &str) -> Option<(String, Span)> {
    let text = &message.text.text;
    let place = text.find(&format!("{surname}, "))? + surname.len() + 2;
    let span = first_words(message, place..text.len(), false)?;
    let value = message.text.quote(span.clone()).to_owned();
    plain(&value).ends_with(&format!(" {surname}")).then_some((value, span))
}

/// "Hi, Orla Walsh. I'm …": two capitals after a greeting that are nobody of ours.
fn greeting(message: &Message<'_>) -> Option<(String, Span)> {
    let text = &message.text.text;
    let start = cues("greeting", text).find_map(|cue| cue.find()).map(|hit| hit.end())?;
    let span = first_words(message, start..text.len(), false)?;
    let value = message.text.quote(span.clone()).to_owned();
    let follows = text[span.end..].trim_start();
    let ends = follows.starts_with(['.', ',', '-']) || ["from ", "de chez ", "von ", "de la "].iter().any(|word| follows.starts_with(word));
    (value.contains(' ') && ends && accept(message, &span, false)).then_some((value, span))
}

/// The name under a closing line, or after "Thanks," at the very end.
fn signature(message: &Message<'_>) -> Option<(String, Span)> {
    let text = &message.text.text;
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    for (index, line) in lines.iter().enumerate() {
        let start = at;
        at += line.len() + 1;
        let trimmed = line.trim().trim_end_matches([',', '.', '!', '-']);
        if is_in("closing", trimmed)
            && let Some(next) = lines[index + 1..].iter().position(|line| !line.trim().is_empty())
        {
            let skipped: usize = lines[index + 1..index + 1 + next].iter().map(|line| line.len() + 1).sum();
            let from = at + skipped;
            let below = lines[index + 1 + next];
            let span = first_words(message, from..(from + below.len()).min(text.len()), false)?;
            // A message that opens with "Thanks" goes on below it; a name there stands alone.
            if index == 0 && below.trim().trim_end_matches('.').len() != span.len() {
                return None;
            }
            return accept(message, &span, false).then(|| (message.text.quote(span.clone()).to_owned(), span));
        }
        let is_last = lines[index + 1..].iter().all(|line| line.trim().is_empty());
        if is_last && let Some((before, name)) = line.rsplit_once(", ") {
            let closing = before.rsplit(['.', '!', '?', ',']).next().unwrap_or("").trim();
            let from = start + before.len() + 2;
            let span = first_words(message, from..start + line.len(), false);
            let fits = span.as_ref().is_some_and(|span| name.trim_end_matches(['.', '!']).trim().len() == span.len());
            if let Some(span) = span.filter(|span| fits && is_in("closing", closing) && accept(message, span, false)) {
                return Some((message.text.quote(span.clone()).to_owned(), span));
            }
        }
    }
    None
}

/// "everybody calls me JL".
fn called(message: &Message<'_>) -> Option<(String, Span)> {
    let text = &message.text.text;
    for cue in cues("name.call", text) {
        for captures in cue.captures_iter() {
            let (Some(who), start) = (captures.name("who"), whole(&captures).start) else { continue };
            let span = first_words(message, who.range(), false);
            if let Some(span) =
                span.filter(|span| message.stances.is_stated_or_asked(start) && !is_negated(text, start) && accept(message, span, true))
            {
                return Some((message.text.quote(span.clone()).to_owned(), span));
            }
        }
    }
    None
}

/// "… from Lumen Bakery", right after the name.
fn employer_after(message: &Message<'_>, at: usize, out: &mut Understood) {
    let text = &message.text.text;
    let at = at + [" here", " speaking", " hier"].iter().find(|word| text[at..].starts_with(**word)).map_or(0, |word| word.len());
    for cue in cues("from", &text[at..]) {
        let Some(captures) = cue.captures().filter(|captures| whole(captures).start <= 2) else { continue };
        let Some(place) = captures.name("where") else { continue };
        if let Some(span) = firm(message, at + place.start()..at + place.end()) {
            push_company(message, span, out);
            return;
        }
    }
}

/// A firm's name at the start of a stretch: capitals, "&", figures; no town.
fn firm(message: &Message<'_>, span: Span) -> Option<Span> {
    let text = &message.text.text;
    let mut end = span.start;
    let mut capitals = 0;
    for (index, word) in text[span.clone()].split(' ').enumerate() {
        let start = if index == 0 { span.start } else { end + 1 };
        let bare = word.trim_matches(['"', '\'']);
        let joins = index > 0 && matches!(bare, "&" | "and" | "und" | "et" | "y" | "of" | "de" | "des" | "du" | "+" | "the" | "la");
        let article = index == 0 && matches!(bare, "der" | "die" | "the" | "la" | "le" | "el" | "firma");
        if word.is_empty() || word.contains('\u{1}') {
            break;
        }
        let capital = message.text.is_capital(start) || (capitals > 0 && bare.starts_with(|c: char| c.is_ascii_digit()));
        if !(capital || joins || article) {
            break;
        }
        capitals += usize::from(capital);
        end = start + word.len();
        if index > 6 {
            break;
        }
    }
    let mut found = span.start..end;
    for tail in [" &", " and", " und", " et", " y", " of", " de", " des", " du", " the", " la"] {
        if text[found.clone()].ends_with(tail) {
            found.end -= tail.len();
        }
    }
    for article in ["the ", "der ", "die ", "firma ", "la ", "le ", "el "] {
        if text[found.clone()].starts_with(article) && !message.text.is_capital(found.start) {
            found.start += article.len();
        }
    }
    let words = text.get(found.clone()).unwrap_or("");
    let named = message.text.quote(found.clone());
    let is_ours = message.reading.own_names.iter().any(|own| plain(own) == plain(named))
        || message.reading.competitors.iter().any(|own| plain(own) == plain(named));
    let is_town = is_in("place", words) || is_in("tongue", words) || calendar(words);
    (capitals > 0 && words.len() > 1 && !is_ours && !is_town).then_some(found)
}

fn push_company(message: &Message<'_>, span: Span, out: &mut Understood) {
    if out.learned.iter().all(|fact| fact.predicate != Predicate::Company) {
        let value = message.text.quote(span.clone()).trim_end_matches('.').to_owned();
        out.learned.push(message.fact(Predicate::Company, value, Value::Null, span));
    }
}

fn company(message: &Message<'_>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("work", text) {
        for captures in cue.captures_iter() {
            let (Some(place), start) = (captures.name("where"), whole(&captures).start) else { continue };
            if message.stances.is_stated_or_asked(start)
                && !is_negated(text, start)
                && let Some(span) = firm(message, place.range())
            {
                push_company(message, span, out);
            }
        }
    }
    if message.reading.pending == Some(Predicate::Company)
        && let Some(span) = firm(message, 0..text.trim_end_matches(['.', '!']).len()).filter(|span| message.is_all(span))
    {
        push_company(message, span, out);
    }
}

fn role(message: &Message<'_>, name_end: Option<usize>, out: &mut Understood) {
    let text = &message.text.text;
    for cue in cues("role", text) {
        let is_loose = cue.cue.is_anchored();
        // "Anna Berg, head of facilities at …": right after the name; elsewhere only with "I'm the …".
        let start = if is_loose {
            let Some(end) = name_end.filter(|end| text[*end..].starts_with([',', ' ', '-'])) else { continue };
            end + 1
        } else {
            0
        };
        let Some(captures) = cue.cue.regex().captures(&text[start..]) else { continue };
        let Some(role) = captures.name("role") else { continue };
        let span = start + role.start()..start + role.end();
        let value = message.text.quote(span.clone());
        let is_self = message.stances.is_stated_or_asked(span.start) && !is_negated(text, span.start);
        if !is_self
            || says("role.not", &text[span.clone()])
            || out.introduced_as.as_deref().is_some_and(|name| same_person(name, value) == NameMatch::Same)
        {
            continue;
        }
        out.learned.push(message.fact(Predicate::Role, value, json!(null), span.clone()));
        // "… at Pinnock & Sons"
        let rest = text[span.end..].trim_start();
        let joined = ["at ", "for ", "of ", "chez ", "bei ", "bei der ", "en ", "na ", "no ", "in ", "von ", "der ", "from "]
            .iter()
            .find(|word| rest.starts_with(**word));
        if let Some(word) = joined {
            let from = text.len() - rest.len() + word.len();
            let to = text[from..].find([',', '.', ';', '!', '?', '\n']).map_or(text.len(), |cut| from + cut);
            if let Some(place) = firm(message, from..to) {
                push_company(message, place, out);
            }
        }
        return;
    }
}
