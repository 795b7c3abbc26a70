//! How an answer is put: the source's words, in a short frame when the customer speaks another language.

use super::units::Row;
use domain::lexicon::{concept, label, terms};

/// A sentence of the source in the customer's language frame.
pub fn quote(text: &str, source: &str, language: &str) -> String {
    if source == language {
        return text.to_owned();
    }
    let lower = text.to_lowercase();
    let yes = lower.starts_with("yes,") || lower.starts_with("yes.") || lower.starts_with("yes;");
    let no = lower.starts_with("no,") || lower.starts_with("no.") || lower.starts_with("no;");
    match language {
        "fr" if yes => format!("Oui : « {text} »"),
        "fr" if no => format!("Non : « {text} »"),
        "fr" => format!("Voici ce que nous indiquons : « {text} »"),
        "de" if yes => format!("Ja: „{text}“"),
        "de" if no => format!("Nein: „{text}“"),
        "de" => format!("Dazu gilt bei uns: „{text}“"),
        "es" if yes => format!("Sí: «{text}»"),
        "es" if no => format!("No: «{text}»"),
        "es" => format!("Esto es lo que indicamos: «{text}»"),
        "pt" if yes => format!("Sim: «{text}»"),
        "pt" if no => format!("Não: «{text}»"),
        "pt" => format!("É isto que indicamos: «{text}»"),
        "en" if yes || no => text.to_owned(),
        "en" => format!("This is what we state: “{text}”"),
        _ => format!("“{text}”"),
    }
}

/// A row as it is said: `Alder Mesh: 549 EUR`, `Robin – Users: 3, Currencies: 5`.
pub fn row(row: &Row, cells: &[usize], source: &str, language: &str) -> String {
    let value = |cell: usize| value(&row.cells[cell].value, source, language);
    let colon = if language == "fr" { " : " } else { ": " };
    match cells {
        [] => row.key.clone(),
        [only] if row.cells[*only].column.is_empty() || is_plain(&row.cells[*only].column) => format!("{}{colon}{}", row.key, value(*only)),
        [only] => format!("{} – {}{colon}{}", row.key, column(&row.cells[*only].column, source, language), value(*only)),
        several => {
            let parts: Vec<String> = several
                .iter()
                .map(|cell| format!("{}{colon}{}", column(&row.cells[*cell].column, source, language), value(*cell)))
                .collect();
            format!("{} – {}", row.key, parts.join(", "))
        }
    }
}

/// Columns whose values speak for themselves.
fn is_plain(column: &str) -> bool {
    let words = terms(column, "en");
    words.len() == 1
        && ["price", "colour", "open", "how long", "language"]
            .iter()
            .filter_map(|label| concept(label))
            .any(|idea| words[0].concepts.contains(&idea))
}

fn column(name: &str, source: &str, language: &str) -> String {
    if source == language {
        return name.to_owned();
    }
    let words = terms(name, source);
    let [only] = words.as_slice() else { return name.to_owned() };
    match only.concepts.first().and_then(|idea| label(*idea, language)) {
        Some(label) => {
            let mut letters = label.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
        }
        None => name.to_owned(),
    }
}

/// English, French, German, Spanish.
const WORDS: [[&str; 4]; 24] = [
    ["working days", "jours ouvrés", "Werktage", "días laborables"],
    ["working day", "jour ouvré", "Werktag", "día laborable"],
    ["days", "jours", "Tage", "días"],
    ["day", "jour", "Tag", "día"],
    ["weeks", "semaines", "Wochen", "semanas"],
    ["week", "semaine", "Woche", "semana"],
    ["months", "mois", "Monate", "meses"],
    ["month", "mois", "Monat", "mes"],
    ["years", "ans", "Jahre", "años"],
    ["year", "an", "Jahr", "año"],
    ["hours", "heures", "Stunden", "horas"],
    ["hour", "heure", "Stunde", "hora"],
    ["minutes", "minutes", "Minuten", "minutos"],
    ["min", "min", "Min.", "min"],
    ["free", "gratuit", "kostenlos", "gratis"],
    ["yes", "oui", "ja", "sí"],
    ["no", "non", "nein", "no"],
    ["none", "aucun", "keine", "ninguno"],
    ["closed", "fermé", "geschlossen", "cerrado"],
    ["unlimited", "illimité", "unbegrenzt", "ilimitado"],
    ["black", "noir", "schwarz", "negro"],
    ["white", "blanc", "weiß", "blanco"],
    ["grey", "gris", "grau", "gris"],
    ["red", "rouge", "rot", "rojo"],
];

/// Short values of known words are translated; figures and everything else stay as the source has them.
fn value(text: &str, source: &str, language: &str) -> String {
    if source != "en" || language == "en" {
        return text.to_owned();
    }
    let column = match language {
        "fr" => 1,
        "de" => 2,
        "es" => 3,
        _ => return text.to_owned(),
    };
    let mut words: Vec<String> = Vec::new();
    let pieces: Vec<&str> = text.split(' ').collect();
    let mut at = 0;
    while at < pieces.len() {
        let pair = pieces.get(at + 1).map(|next| format!("{} {next}", pieces[at]).to_lowercase());
        let bare = pieces[at].trim_end_matches(',');
        let tail = &pieces[at][bare.len()..];
        if let Some(entry) = pair.and_then(|pair| WORDS.iter().find(|entry| entry[0] == pair)) {
            words.push(entry[column].to_owned());
            at += 2;
        } else if let Some(entry) = WORDS.iter().find(|entry| entry[0] == bare.to_lowercase()) {
            words.push(format!("{}{tail}", entry[column]));
            at += 1;
        } else if bare.chars().any(|c| c.is_ascii_digit()) || bare.chars().all(|c| c.is_uppercase() || !c.is_alphabetic()) {
            words.push(pieces[at].to_owned());
            at += 1;
        } else {
            return text.to_owned();
        }
    }
    words.join(" ")
}

/// Words of the computed answers.
pub struct Said {
    /// "Difference"
    pub difference: &'static str,
    /// "together"
    pub total: &'static str,
    /// "is cheaper"
    pub cheaper: &'static str,
    /// "is dearer"
    pub dearer: &'static str,
}

/// In the customer's language, English otherwise.
pub fn said(language: &str) -> Said {
    match language {
        "fr" => Said { difference: "Différence", total: "Total", cheaper: "est moins cher", dearer: "est plus cher" },
        "de" => Said { difference: "Unterschied", total: "Zusammen", cheaper: "ist günstiger", dearer: "ist teurer" },
        "es" => Said { difference: "Diferencia", total: "Total", cheaper: "es más barato", dearer: "es más caro" },
        "pt" => Said { difference: "Diferença", total: "Total", cheaper: "é mais barato", dearer: "é mais caro" },
        _ => Said { difference: "Difference", total: "Together", cheaper: "is cheaper", dearer: "is dearer" },
    }
}

/// With a full stop, where the text does not end already.
pub fn ended(text: &str) -> String {
    let text = text.trim_end();
    let last = text.trim_end_matches(['»', '“', '”', '"', ')', ' ']).chars().last();
    if matches!(last, None | Some('.' | '!' | '?' | '…')) { text.to_owned() } else { format!("{text}.") }
}
