//! Can two names be one person's? Equal, shortened, a nickname, transliterated, contained or mistyped: yes.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::{is_in, rows};
use super::text::plain;

/// How two names stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameMatch {
    /// The same name, but for case, accents, order or a typing error.
    Same,
    /// One shortens, contains or nicknames the other.
    Compatible,
    /// They cannot be one person's.
    Contradict,
    /// One of them names no person: it contradicts nothing.
    NotAName,
}

/// Given names, each with the group of its variants and nicknames.
static GROUPS: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut groups: HashMap<&'static str, Vec<usize>> = HashMap::new();
    for (number, fields) in rows(include_str!("data/given_names.tsv")).enumerate() {
        for name in fields.iter().flat_map(|field| field.split(',')) {
            groups.entry(name.trim()).or_default().push(number);
        }
    }
    groups
});

/// Is this folded word a given name we know?
pub(super) fn is_given_name(word: &str) -> bool {
    GROUPS.contains_key(word)
}

/// The groups of variants and nicknames that a folded given name belongs to.
pub fn name_variants(word: &str) -> &'static [usize] {
    GROUPS.get(word).map(Vec::as_slice).unwrap_or_default()
}

/// Compares two names, said or from a profile.
pub fn same_person(a: &str, b: &str) -> NameMatch {
    let (a, b) = (name_words(a), name_words(b));
    if !is_name(&a) || !is_name(&b) {
        return NameMatch::NotAName;
    }
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if a.join("") == b.join("") {
        return NameMatch::Same;
    }
    // Every word of the shorter name must find a partner in the longer one.
    let mut free: Vec<&String> = long.iter().collect();
    let mut loosest = 0;
    for word in short {
        let best = free.iter().enumerate().filter_map(|(index, other)| likeness(word, other).map(|rank| (rank, index))).min();
        let Some((rank, index)) = best else { return NameMatch::Contradict };
        loosest = loosest.max(rank);
        free.remove(index);
    }
    // "Anna Berg" and "Anna Maria Berg" agree; "A. B." agrees with too much but contradicts nothing.
    if loosest <= 1 && free.is_empty() { NameMatch::Same } else { NameMatch::Compatible }
}

/// 0 equal, 1 a typing error or another spelling, 2 a nickname or initial; `None`: different.
fn likeness(a: &str, b: &str) -> Option<u8> {
    if a == b {
        return Some(0);
    }
    let (short, long) = if a.chars().count() <= b.chars().count() { (a, b) } else { (b, a) };
    let (length, longer) = (short.chars().count(), long.chars().count());
    if length == 1 {
        return long.starts_with(short).then_some(2);
    }
    if romanised(a) == romanised(b) {
        return Some(1);
    }
    if name_variants(a).iter().any(|group| name_variants(b).contains(group)) {
        return Some(2);
    }
    // Two known names that differ by a letter ("Anna", "Anne") are two names; unknown ones are a typing error.
    let known = is_given_name(a) && is_given_name(b);
    let distance = strsim::osa_distance(&romanised(a), &romanised(b));
    if !known && length >= 4 && (distance <= 1 || (longer >= 8 && distance <= 2)) {
        return Some(1);
    }
    // "Alex" shortens "Alexandra"; "Al" shortens too much to tell apart.
    if length >= 3 && long.starts_with(short) && !known {
        return Some(2);
    }
    (length >= 3 && long.starts_with(short) && longer - length >= 2).then_some(2)
}

/// The words of a name, folded, in Latin letters, without titles and particles.
pub fn name_words(name: &str) -> Vec<String> {
    let titles =
        ["mr", "mrs", "ms", "miss", "dr", "prof", "mme", "mlle", "m", "herr", "frau", "sr", "sra", "jr", "phd", "md", "monsieur", "madame"];
    let particles = ["de", "da", "di", "van", "von", "der", "den", "la", "le", "du", "del", "dos", "el", "al", "bin", "ten", "ter"];
    let words: Vec<String> = plain(&latin(name)).split(' ').map(str::to_owned).collect();
    let kept: Vec<String> = words
        .iter()
        .filter(|word| !titles.contains(&word.as_str()) || words.len() == 1)
        .filter(|word| !particles.contains(&word.as_str()) || words.len() == 1)
        .cloned()
        .collect();
    kept.into_iter().filter(|word| !word.is_empty()).collect()
}

/// Can these words be a person's name?
fn is_name(words: &[String]) -> bool {
    if words.is_empty() || words.len() > 6 {
        return false;
    }
    let letters: usize = words.iter().map(|word| word.chars().filter(|c| c.is_alphabetic()).count()).sum();
    let has_digits = words.iter().any(|word| word.chars().any(|c| c.is_ascii_digit()));
    let is_business = words.iter().any(|word| is_in("businessword", word));
    letters >= 2 && !has_digits && !is_business && words.iter().any(|word| word.chars().count() >= 2)
}

/// One spelling for sounds that transliterations write in several ways.
pub fn romanised(word: &str) -> String {
    let mut out = word.to_owned();
    for (from, to) in [
        ("sch", "sh"),
        ("tch", "ch"),
        ("tsch", "ch"),
        ("ph", "f"),
        ("ck", "k"),
        ("kh", "h"),
        ("dj", "j"),
        ("zh", "j"),
        ("ae", "a"),
        ("oe", "o"),
        ("ue", "u"),
        ("ee", "i"),
        ("ou", "u"),
        ("oo", "u"),
        ("ij", "i"),
        ("iy", "i"),
        ("yi", "i"),
        ("ey", "i"),
        ("ei", "i"),
        ("ie", "i"),
        ("y", "i"),
        ("w", "v"),
        ("x", "ks"),
        ("q", "k"),
        ("c", "k"),
        ("z", "s"),
        ("th", "t"),
        ("ii", "i"),
    ] {
        out = out.replace(from, to);
    }
    let mut short = String::with_capacity(out.len());
    for letter in out.chars() {
        if !short.ends_with(letter) {
            short.push(letter);
        }
    }
    short
}

/// Cyrillic and Greek letters in Latin ones.
#[expect(clippy::match_same_arms, reason = "the alphabet in its own order is easier to check")]
fn latin(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|letter| {
            match letter {
                'а' | 'α' | 'ά' => "a",
                'б' => "b",
                'в' | 'β' => "v",
                'г' | 'ґ' | 'γ' => "g",
                'д' | 'δ' => "d",
                'е' | 'э' | 'є' | 'ε' | 'έ' => "e",
                'ё' => "yo",
                'ж' => "zh",
                'з' | 'ζ' => "z",
                'и' | 'і' | 'η' | 'ή' | 'ι' | 'ί' => "i",
                'ї' => "yi",
                'й' => "y",
                'к' | 'κ' => "k",
                'л' | 'λ' => "l",
                'м' | 'μ' => "m",
                'н' | 'ν' => "n",
                'о' | 'ο' | 'ό' | 'ω' | 'ώ' => "o",
                'п' | 'π' => "p",
                'р' | 'ρ' => "r",
                'с' | 'σ' | 'ς' => "s",
                'т' | 'τ' => "t",
                'у' | 'υ' | 'ύ' => "u",
                'ф' | 'φ' => "f",
                'х' | 'χ' => "kh",
                'ц' => "ts",
                'ч' => "ch",
                'ш' => "sh",
                'щ' => "shch",
                'ъ' | 'ь' => "",
                'ы' => "y",
                'ю' => "yu",
                'я' => "ya",
                'θ' => "th",
                'ξ' => "x",
                'ψ' => "ps",
                _ => return letter.to_string(),
            }
            .to_owned()
        })
        .collect()
}
