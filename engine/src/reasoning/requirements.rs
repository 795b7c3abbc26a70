//! What must fit, in figures: "70 guests", "300 invoices a month", "around 4 kW", held against the cells of a row.

use std::sync::LazyLock;

use regex::Regex;

use crate::decision::hours;

/// A number and what it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// At least this many.
    pub count: f64,
    /// The noun or unit, as a class: guests, users and people are one.
    pub noun: String,
}

/// A cell of a row: its column and its value.
pub type Cell<'a> = (&'a str, &'a str);

static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?P<n>\d[\d.,]*(?: \d{3}\b)*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|dois|duas|três|quatro|sete|oito|nove|dez)\b)[  -]?(?P<noun>[a-zà-ÿ²³]+)(?: (?P<next>[a-zà-ÿ]+))?")
        .expect("a constant pattern")
});

/// Nouns that count the same thing, each class under its first word.
const CLASSES: [&[&str]; 2] = [
    &[
        "people",
        "person",
        "guest",
        "user",
        "seat",
        "employee",
        "colleague",
        "staff",
        "attendee",
        "participant",
        "head",
        "member",
        "personne",
        "invité",
        "utilisateur",
        "place",
        "employé",
        "salarié",
        "convive",
        "personen",
        "gast",
        "gäste",
        "nutzer",
        "benutzer",
        "mitarbeiter",
        "plätze",
        "sitzplätze",
        "teilnehmer",
        "persona",
        "invitado",
        "usuario",
        "empleado",
        "plaza",
        "pessoa",
        "convidado",
        "utilizador",
        "lugar",
        "lugare",
        "capacity",
        "capacité",
        "kapazität",
        "capacidad",
        "capacidade",
    ],
    &["child", "children", "kid", "enfant", "kind", "kinder", "niño", "niña", "criança", "hijo", "filho"],
];

/// Figures that are money, time, dates or shares are no requirement of this kind.
const ELSEWHERE: [&str; 62] = [
    "eur", "euro", "usd", "dollar", "gbp", "pound", "quid", "chf", "franc", "k", "grand", "day", "week", "month", "year", "hour", "minute",
    "am", "pm", "o", "h", "min", "uhr", "jour", "semaine", "mois", "an", "année", "heure", "tag", "tage", "woche", "wochen", "monat",
    "monate", "jahr", "jahre", "stunde", "stunden", "día", "semana", "mes", "año", "hora", "dia", "ano", "percent", "pourcent", "prozent",
    "max", "or", "and", "to", "of", "is", "th", "st", "nd", "rd", "et", "und", "y",
];

/// Reads what must fit.
pub fn read(text: &str) -> Vec<Requirement> {
    let mut found: Vec<Requirement> = Vec::new();
    for captures in COUNTED.captures_iter(text) {
        let noun = class(&captures["noun"]);
        let Some(count) = number(&captures["n"]).filter(|count| *count > 0.0) else { continue };
        if ELSEWHERE.contains(&noun.as_str()) || is_month(&captures["noun"]) {
            continue;
        }
        // "70 adult guests": the word after an adjective counts too.
        if let Some(next) =
            captures.name("next").map(|next| class(next.as_str())).filter(|next| CLASSES.iter().any(|words| words[0] == next))
        {
            found.push(Requirement { count, noun: next });
        }
        found.push(Requirement { count, noun });
    }
    found
}

fn is_month(word: &str) -> bool {
    const SHORT: [&str; 14] = ["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "okt", "dez"];
    let word = word.to_lowercase();
    SHORT.contains(&word.as_str()) || hours::is_month(&word)
}

/// Does the row satisfy it? `None`: the row says nothing about it.
pub fn holds(requirement: &Requirement, cells: &[Cell<'_>]) -> Option<bool> {
    // A number of pieces that are priced is no limit of the row.
    let named = cells.iter().skip(1).find(|(column, value)| is_about(column, value, &requirement.noun));
    if let Some((_, value)) = named {
        return capacity(value).map(|most| most >= requirement.count * 0.97);
    }
    cells
        .iter()
        .skip(1)
        .flat_map(|(_, value)| read(value))
        .filter(|held| held.noun == requirement.noun)
        .map(|held| held.count)
        .reduce(f64::max)
        .map(|most| most >= requirement.count * 0.97)
}

/// The column that a requirement is about, to show it.
pub fn shown<'a>(requirement: &Requirement, cells: &[Cell<'a>]) -> Option<Cell<'a>> {
    cells
        .iter()
        .skip(1)
        .find(|(column, value)| is_about(column, value, &requirement.noun) || read(value).iter().any(|held| held.noun == requirement.noun))
        .copied()
}

/// Does the column count this noun? A "seat height" in centimetres counts no people.
fn is_about(column: &str, value: &str, noun: &str) -> bool {
    let is_people = CLASSES.iter().any(|words| words[0] == noun);
    stems(column).any(|stem| stem == noun) && (!is_people || read(value).iter().all(|held| held.noun == noun))
}

fn stems(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(class)
}

fn class(word: &str) -> String {
    let word = word.to_lowercase();
    let stem = if word.chars().count() > 3 { word.trim_end_matches('s') } else { word.as_str() };
    CLASSES
        .iter()
        .find(|words| words.contains(&stem) || words.contains(&word.as_str()))
        .map_or_else(|| stem.to_owned(), |words| words[0].to_owned())
}

fn capacity(value: &str) -> Option<f64> {
    static FIGURE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d[\d.,]*(?: \d{3}\b)*").expect("a constant pattern"));
    static WITHOUT_END: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)unlimited|no limit|illimit|unbegrenzt|ilimitad|sem limite|sin l[íi]mite").expect("a constant pattern")
    });
    if WITHOUT_END.is_match(value) {
        return Some(f64::INFINITY);
    }
    FIGURE.find_iter(value).filter_map(|found| number(found.as_str())).reduce(f64::max)
}

/// Words that count, in every language.
const COUNTING_WORDS: [(&str, u32); 61] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("un", 1),
    ("une", 1),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("douze", 12),
    ("quinze", 15),
    ("vingt", 20),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("zwölf", 12),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("dois", 2),
    ("duas", 2),
    ("três", 3),
    ("quatro", 4),
    ("sete", 7),
    ("oito", 8),
    ("nove", 9),
    ("dez", 10),
    ("thirty", 30),
    ("trente", 30),
    ("forty", 40),
    ("fifty", 50),
    ("cinquante", 50),
    ("hundred", 100),
    ("cent", 100),
];

/// The value of a word that counts: "twelve", "douze".
pub(super) fn counting_word(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    COUNTING_WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// "1,150", "4.0", "2 000", "two".
fn number(text: &str) -> Option<f64> {
    if let Some(value) = counting_word(text) {
        return Some(f64::from(value));
    }
    let lower = text.to_lowercase();
    let plain = lower.trim_end_matches(['.', ',']).replace(' ', "");
    // A comma or point before exactly three digits separates thousands; any other is a decimal.
    let decimals = plain.rfind(['.', ',']).map(|at| plain.len() - at - 1);
    let cleaned = match decimals {
        Some(3) => plain.replace(['.', ','], ""),
        Some(_) => plain.replace(',', "."),
        None => plain,
    };
    cleaned.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_with_what_they_count_are_requirements() {
        let check = |text: &str, expected: &[(f64, &str)]| {
            let read = read(text);
            for (count, noun) in expected {
                assert!(read.iter().any(|item| (item.count - count).abs() < 0.01 && item.noun == *noun), "{text}: {read:?}");
            }
        };
        check("a marquee for my sister's wedding, about 70 guests", &[(70.0, "people")]);
        check("We're 8 people and need about 300 invoices a month", &[(8.0, "people"), (300.0, "invoice")]);
        check("around 4 kW on the barn", &[(4.0, "kw")]);
        check("ein Lastenrad für zwei Kinder", &[(2.0, "child")]);
        assert!(read("a budget of 800 euros by 12 September, in 3 weeks").is_empty());
    }

    #[test]
    fn a_row_says_whether_it_is_enough() {
        let plan = [("Plan", "Robin"), ("Price", "£24"), ("Users", "3"), ("Invoices per month", "200")];
        let unlimited = [("Plan", "Albatross"), ("Price", "£149"), ("Users", "50"), ("Invoices per month", "unlimited")];
        let needs = Requirement { count: 300.0, noun: "invoice".to_owned() };
        assert_eq!(holds(&needs, &plan), Some(false));
        assert_eq!(holds(&needs, &unlimited), Some(true));
        assert_eq!(holds(&Requirement { count: 4.0, noun: "kw".to_owned() }, &[("Kit", "Ember"), ("Output", "4.0 kW")]), Some(true));
        assert_eq!(holds(&Requirement { count: 2.0, noun: "wheel".to_owned() }, &plan), None);
        let people = Requirement { count: 12.0, noun: "people".to_owned() };
        assert_eq!(holds(&people, &plan), Some(false));
        assert_eq!(holds(&people, &unlimited), Some(true));
        assert_eq!(holds(&people, &[("Model", "Perch Stool"), ("Seat height", "56–82 cm")]), None);
    }
}
