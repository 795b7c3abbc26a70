//! How far a unit covers what a question wants.

use std::sync::LazyLock;

use regex::Regex;

use super::figures::{has_duration, has_moment, has_money, has_number, has_percent, is_dated, is_free, says};
use super::reading::{Ask, Reading, Wanted};
use super::units::{Kind, Unit};
use domain::lexicon::{Concept, Term, cognate, concept, is_calendar, is_place, mistyped};

/// What the kinds of fact count beside the words; any number is soon found.
fn fact(ask: Ask) -> f32 {
    if ask == Ask::Count { 0.3 } else { 0.8 }
}

const HEAD: f32 = 0.85;
const NEAR: f32 = 0.55;
/// One word of a phrase, alone.
const PART: f32 = 0.75;
/// A town for its country: right in a table of countries, a guess in prose.
pub(super) const TOWN: f32 = 0.85;
const TOWN_IN_PROSE: f32 = 0.35;
/// A place for what lies outside another one.
const OUTSIDE: f32 = 0.8;
/// One of a kind that is told by a list of all there are: what it does not name is not there.
const LISTED: f32 = 0.72;
/// What is said of animals is said of a cat.
const KIND: f32 = 0.76;
/// What a compound says of the word it ends with.
const COMPOUND: f32 = 0.76;
/// A number that counts something else than what is asked for.
const COUNTED_ELSEWHERE: f32 = 0.3;
/// A day that a list of opening hours does not name: the list says it all the same.
const OTHER_DAY: f32 = 0.7;

/// How a unit covers a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    /// For each wanted word 0..1.
    pub words: Vec<f32>,
    /// For each ask 0..1.
    pub asks: Vec<f32>,
    /// Share of everything wanted.
    pub total: f32,
    /// Share of what is wanted besides names of the catalogue; 1 when nothing else is.
    pub predicate: f32,
    /// Share covered by the unit's own words, not by its heading.
    pub own: f32,
    /// Share covered by its headings.
    pub heading: f32,
    /// Share of the words that the unit itself or its heading holds, not its neighbours alone.
    pub firm: f32,
}

/// Do two words mean the same, 0..1?
pub fn same(wanted: &Term, told: &Term, across: bool) -> f32 {
    if wanted.token.folded == told.token.folded || !across && wanted.stem == told.stem {
        // "Delivery" of "delivery guy" is not the delivery itself.
        return if wanted.phrase && !told.phrase && !wanted.concepts.is_empty() { PART } else { 1.0 };
    }
    if wanted.token.is_number() || told.token.is_number() {
        let (figure, word) = if wanted.token.is_number() { (wanted, told) } else { (told, wanted) };
        return if counted(&word.token.folded).is_some_and(|value| figure.token.folded == value) { 1.0 } else { 0.0 };
    }
    if wanted.concepts.iter().any(|idea| told.concepts.contains(idea)) {
        return if across { 0.95 } else { 0.8 };
    }
    if is_kind_of(wanted, told) {
        return KIND;
    }
    if is_compound_of(told, wanted) || is_compound_of(wanted, told) {
        return COMPOUND;
    }
    if wanted.places.iter().any(|place| told.concepts.contains(place)) {
        return TOWN;
    }
    if wanted.concepts.is_empty()
        && (mistyped(&wanted.token.folded, &told.token.folded) || across && cognate(&wanted.token.folded, &told.token.folded))
    {
        return 0.8;
    }
    0.0
}

/// "Arbeitsstunde" is a "Stunde": a long word that ends with the other one, as compounds do in German.
fn is_compound_of(long: &Term, short: &Term) -> bool {
    let (whole, end) = (&long.token.folded, &short.token.folded);
    long.concepts.is_empty() && end.len() >= 5 && whole.len() >= 10 && whole.len() >= end.len() + 4 && whole.ends_with(end.as_str())
}

fn is_kind_of(wanted: &Term, told: &Term) -> bool {
    static ANIMALS: LazyLock<(Option<Concept>, Vec<Concept>)> = LazyLock::new(|| {
        let members = ["dog", "cat", "bird", "rabbit", "rodent", "horse"];
        (concept("pet"), members.iter().filter_map(|label| concept(label)).collect())
    });
    ANIMALS.0.is_some_and(|pet| told.concepts.contains(&pet)) && wanted.concepts.iter().any(|idea| ANIMALS.1.contains(idea))
}

/// A number in words as a figure: "two", "fifties", "zwanzig".
pub fn counted(word: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 24] = [
        ("2", "two deux zwei dos"),
        ("3", "three trois drei tres"),
        ("4", "four quatre vier cuatro"),
        ("5", "five cinq funf cinco fifth"),
        ("6", "six sechs seis sixth"),
        ("7", "seven sept sieben siete"),
        ("8", "eight huit acht ocho"),
        ("9", "nine neuf neun nueve"),
        ("10", "ten dix zehn diez tenth"),
        ("11", "eleven onze elf once"),
        ("12", "twelve douze zwolf doce dozen twelfth"),
        ("14", "fourteen quatorze vierzehn catorce"),
        ("15", "fifteen quinze funfzehn quince"),
        ("18", "eighteen achtzehn dieciocho"),
        ("20", "twenty vingt zwanzig veinte twenties"),
        ("24", "twentyfour"),
        ("30", "thirty trente dreissig treinta thirties"),
        ("40", "forty quarante vierzig cuarenta forties"),
        ("50", "fifty cinquante funfzig cincuenta fifties"),
        ("60", "sixty soixante sechzig sesenta sixties"),
        ("70", "seventy siebzig setenta seventies"),
        ("80", "eighty achtzig ochenta eighties"),
        ("90", "ninety neunzig noventa nineties"),
        ("100", "hundred cent hundert cien"),
    ];
    WORDS.iter().find(|(_, words)| words.split(' ').any(|known| known == word)).map(|(figure, _)| *figure)
}

/// The best match of a word among words.
pub fn best(wanted: &Term, told: &[Term], across: bool) -> f32 {
    let mut best = 0.0_f32;
    for term in told {
        if term.weight <= 0.0 && !term.phrase && !wanted.phrase {
            continue;
        }
        best = best.max(same(wanted, term, across));
        if best >= 1.0 {
            return 1.0;
        }
    }
    // "Handover" for "hand-over".
    if best < 0.5 && is_joined(wanted, told) {
        return 1.0;
    }
    // "SSO" for "single sign-on".
    if best < 0.5 && is_acronym(wanted, told) { 0.9 } else { best }
}

fn is_joined(wanted: &Term, told: &[Term]) -> bool {
    let word = wanted.token.folded.as_str();
    word.len() >= 6
        && told.windows(2).any(|pair| {
            pair[0].token.hyphen && word.strip_prefix(pair[0].token.folded.as_str()).is_some_and(|rest| rest == pair[1].token.folded)
        })
}

fn is_acronym(wanted: &Term, told: &[Term]) -> bool {
    let letters = wanted.token.folded.as_bytes();
    (2..=5).contains(&letters.len())
        && letters.iter().all(u8::is_ascii_lowercase)
        && told.windows(letters.len()).any(|window| {
            window.iter().zip(letters).all(|(term, letter)| term.token.folded.as_bytes().first() == Some(letter))
                && window.iter().all(|term| term.token.folded.len() > 1)
        })
}

/// Does the text hold the kind of fact?
pub fn holds(ask: Ask, text: &str) -> f32 {
    let full = |held: bool| if held { 1.0 } else { 0.0 };
    match ask {
        Ask::Money if has_money(text) => 1.0,
        Ask::Money if is_free(text) || has_percent(text) => 0.9,
        Ask::Money => 0.0,
        Ask::Duration => full(
            has_duration(text)
                || says(
                    text,
                    r"(?i)\d{1,2}[:.]\d{2}|\bat (?:once|the next)\b|\bimmediately\b|\b(?:until|after|before|by) (?:the )?(?:birth|\d|end|next)",
                ),
        ),
        Ask::Moment if is_dated(text) => 1.0,
        // "Within three days" answers "when", "before" alone hardly does.
        Ask::Moment if has_duration(text) => 0.8,
        Ask::Moment => 0.5 * full(has_moment(text)),
        Ask::Count => full(has_number(text)),
        Ask::Email => full(text.contains('@')),
        Ask::Phone => full(says(text, r"\+?\d[\d\s()./-]{6,}\d")),
        Ask::Distance => full(says(
            text,
            r"(?i)\d\s?(?:km|miles?|mi|m|met(?:er|re)s?|kilomet\w+|mètres?)\b|\bon foot\b|\bà pied\b|\bzu fuß\b|\ba pie\b|\bwalk",
        )),
        Ask::Address => full(says(text, r"\d+|(?i)\b(?:street|road|rue|avenue|square|quay|lane|place|platz|straße|calle|plaza)\b")),
    }
}

/// The same for a unit: a row holds a fact in its cells, not in the names of its columns, and what is counted must stand by its number.
fn holds_here(reading: &Reading, ask: Ask, unit: &Unit, across: bool) -> f32 {
    let held = match &unit.kind {
        Kind::Row(row) if row.cells.len() > 1 => {
            let values: Vec<&str> = std::iter::once(row.key.as_str()).chain(row.cells.iter().map(|cell| cell.value.as_str())).collect();
            let priced = ask == Ask::Money && row.cells.iter().any(|cell| super::tables::is_priced(cell) && has_number(&cell.value));
            if priced { 1.0 } else { holds(ask, &values.join(" ; ")) }
        }
        _ => holds(ask, &unit.text),
    };
    if reading.since && held > 0.0 && !says(&unit.text, r"(?i)\b(?:19|20)\d{2}\b|\b(?:since|depuis|seit|desde|founded|fondée?|gegründet)\b")
    {
        return 0.2 * held;
    }
    // "How much cheaper": what says so, not what costs something.
    if ask == Ask::Money && reading.difference && held > 0.0 && !matches!(unit.kind, Kind::Row(_)) && !says_less(&unit.text) {
        return 0.6 * held;
    }
    if ask == Ask::Count && held > 0.0 && !is_counted(reading, unit, across) { COUNTED_ELSEWHERE * held } else { held }
}

fn says_less(text: &str) -> bool {
    says(
        text,
        r"(?i)\b(?:cheaper|less|more|dearer|off|discount|reduction|moins|plus|réduction|remise|günstiger|billiger|mehr|weniger|rabatt|menos|más|descuento)\b",
    )
}

/// "How many employees": does a number stand by one of the words that were asked for? Of a row, anywhere in it.
fn is_counted(reading: &Reading, unit: &Unit, across: bool) -> bool {
    const REACH: usize = 4;
    if matches!(unit.kind, Kind::Row(_)) || reading.counted.is_empty() {
        return true;
    }
    let is_number = |term: &Term| term.token.is_number() || has_number(&term.token.folded);
    let asked = |term: &Term| reading.counted.iter().any(|wanted| same(wanted, term, across) >= 0.75);
    let heads = unit.head.iter().any(asked);
    heads
        || unit.own.iter().enumerate().any(|(place, term)| {
            is_number(term) && {
                let from = place.saturating_sub(REACH);
                let to = (place + REACH).min(unit.own.len() - 1);
                unit.own[from..=to].iter().any(asked)
            }
        })
}

/// "7 to 9", "12–17": is a whole number of the question between the two ends of a range of small ones?
fn lies_between(wanted: &Term, text: &str) -> bool {
    static RANGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(\d{1,3})(?:st|nd|rd|th|er|e|ème|\.)?\s*(?:years?|ans|jahren?|años|kg|cm)?\s*(?:–|-|to|à|bis|a|until|through|and|et|und)\s*(\d{1,3})(?:st|nd|rd|th|e|ème|\.)?\b")
            .expect("a fixed expression")
    });
    let digits: String = wanted.token.folded.chars().take_while(char::is_ascii_digit).collect();
    let Ok(number) = digits.parse::<u32>() else { return false };
    digits.len() <= 3
        && RANGE.captures_iter(text).any(|found| {
            let end = |place: usize| found.get(place).and_then(|end| end.as_str().parse::<u32>().ok());
            matches!((end(1), end(2)), (Some(low), Some(high)) if low < high && (low..=high).contains(&number))
        })
}

/// A town or a country.
pub fn names_a_place(term: &Term) -> bool {
    !term.places.is_empty() || term.concepts.iter().any(|idea| is_place(*idea))
}

/// Words after which the place stands that all others lie outside of.
static OUTSIDE_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:outside|abroad|elsewhere|other countries|anywhere else|rest of (?:the world|europe)|only (?:in|within|to|inside)|(?:en )?dehors de|hors de|à l'étranger|uniquement en|ausserhalb|außerhalb|nur in(?:nerhalb)?|fuera de|solo en)\b|\bin the [\p{L} ]+ areas? only\b",
    )
    .expect("a fixed expression")
});

/// "We do not deliver outside the United Kingdom": said of every place that the sentence does not name.
fn lies_outside(unit: &Unit) -> bool {
    !matches!(unit.kind, Kind::Row(_)) && OUTSIDE_OF.is_match(&unit.text)
}

/// What such a sentence says of a place: all of one that lies elsewhere, or in another one that it names ("not to
/// Switzerland or outside the European Union" of Geneva); nothing of a town within the border ("of Lyon").
fn said_of_outside(wanted: &Term, unit: &Unit, own: f32, is_named: bool) -> f32 {
    let after = OUTSIDE_OF.find(&unit.text).map_or(0, |found| found.end());
    let border = |told: &&Term| told.token.start >= after;
    let encloses = |told: &Term| wanted.places.iter().any(|place| told.concepts.contains(place));
    let is_within = unit.own.iter().filter(border).any(encloses);
    match own {
        _ if is_within && !unit.own.iter().any(|told| told.token.folded == wanted.token.folded) => 0.0,
        own if is_named => own,
        own => own.max(OUTSIDE),
    }
}

struct List {
    /// Words to look it up by.
    looked_up: &'static str,
    /// One of these ideas stands by it.
    about: Vec<Concept>,
    members: Vec<Concept>,
}

static LISTS: LazyLock<[List; 2]> = LazyLock::new(|| {
    let ideas = |labels: &[&str]| labels.iter().filter_map(|label| concept(label)).collect::<Vec<_>>();
    let languages =
        ["english", "french", "german", "spanish", "italian", "portuguese", "dutch", "irish", "polish", "romanian", "russian", "chinese"];
    let means = ["credit card", "american express", "cash", "bank transfer", "direct debit", "cheque", "paypal", "meal voucher"];
    [
        List { looked_up: "languages", about: ideas(&["language", "interface"]), members: ideas(&languages) },
        List { looked_up: "pay cash card", about: ideas(&["pay", "accept"]), members: ideas(&means) },
    ]
});

/// What to look up for the lists that a question asks about a member of.
pub fn lists_of(reading: &Reading) -> Vec<&'static str> {
    let of = |list: &&List| reading.wanted.iter().any(|wanted| wanted.term.concepts.iter().any(|idea| list.members.contains(idea)));
    LISTS.iter().filter(of).map(|list| list.looked_up).collect()
}

/// Languages spoken, means of payment: such lists are whole, so they answer for what they do not name.
fn is_of_closed_list(wanted: &Term, unit: &Unit) -> bool {
    LISTS.iter().any(|list| {
        let is_member = |term: &Term| term.concepts.iter().any(|idea| list.members.contains(idea));
        let speaks = |term: &Term| term.concepts.iter().any(|idea| list.about.contains(idea));
        is_member(wanted)
            && !matches!(unit.kind, Kind::Row(_))
            && unit.own.iter().chain(&unit.head).any(speaks)
            && unit.own.iter().filter(|term| is_member(term)).count() >= 2
    })
}

/// A list of opening hours tells when it is closed too.
fn tells_when_open(wanted: &Term, unit: &Unit) -> bool {
    let idea = |label: &str, term: &Term| concept(label).is_some_and(|idea| term.concepts.contains(&idea));
    (idea("close", wanted) || idea("open", wanted))
        && unit.head.iter().chain(&unit.own).any(|term| idea("open", term))
        && says(&unit.text, r"(?i)\d{1,2}[:.h]\d{2}|\d\s?(?:am|pm|h|uhr)\b")
}

/// A part of the day or of the week, which opening hours tell in figures.
fn is_of_day(idea: Concept) -> bool {
    ["evening", "morning", "afternoon", "weekend", "late", "early"].iter().filter_map(|label| concept(label)).any(|known| known == idea)
}

/// Is it asked when we are open, and is this (part of) the list of opening hours?
fn says_hours(reading: &Reading, unit: &Unit) -> bool {
    let ideas = [concept("open"), concept("close")];
    let opens = |term: &Term| term.concepts.iter().any(|idea| ideas.contains(&Some(*idea)));
    reading.wanted.iter().any(|wanted| opens(&wanted.term))
        && !matches!(unit.kind, Kind::Row(_) | Kind::Pair)
        && unit.own.iter().chain(&unit.head).any(opens)
        && says(&unit.text, r"(?i)\d{1,2}[:.h]\d{2}|\d\s?(?:am|pm|h|uhr)\b")
}

/// The cover of a reading by a unit whose source is in `language`.
pub fn cover(reading: &Reading, unit: &Unit, language: &str) -> Cover {
    let across = language != reading.language;
    let hours = says_hours(reading, unit);
    let mut words = Vec::with_capacity(reading.wanted.len());
    let mut heading = 0.0_f32;
    let (mut said, mut firm) = (0.0_f32, 0.0_f32);
    let (mut all, mut got, mut predicate_all, mut predicate_got, mut own_got) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    for wanted in &reading.wanted {
        let mut own = best(&wanted.term, &unit.own, across);
        if own < 1.0 && wanted.term.token.is_number() && lies_between(&wanted.term, &unit.text) {
            own = 1.0;
        }
        let is_inside = own >= TOWN;
        if (own - TOWN).abs() < 0.001 && !wanted.term.places.is_empty() && !matches!(unit.kind, Kind::Row(_)) && !unit.text.contains(": ") {
            own = TOWN_IN_PROSE;
        }
        if names_a_place(&wanted.term) && lies_outside(unit) {
            own = said_of_outside(&wanted.term, unit, if is_inside { own.max(TOWN) } else { own }, is_inside);
        }
        let head = best(&wanted.term, &unit.head, across) * HEAD;
        heading += wanted.weight * head;
        let near = best(&wanted.term, &unit.near, across) * NEAR;
        let mut match_here = own.max(head).max(near);
        if hours && wanted.term.concepts.iter().any(|idea| is_calendar(*idea) || is_of_day(*idea)) {
            match_here = match_here.max(OTHER_DAY);
        }
        if match_here < OTHER_DAY && tells_when_open(&wanted.term, unit) {
            match_here = OTHER_DAY;
        }
        if match_here < LISTED && is_of_closed_list(&wanted.term, unit) {
            match_here = LISTED;
        }
        words.push(match_here);
        said += wanted.weight;
        firm += wanted.weight * if match_here > near { match_here } else { own.max(head) };
        all += wanted.weight;
        got += wanted.weight * match_here;
        own_got += wanted.weight * if matches!(unit.kind, Kind::Row(_)) { own.max(head) } else { own };
        if !wanted.named {
            predicate_all += wanted.weight;
            predicate_got += wanted.weight * match_here;
        }
    }
    let asks: Vec<f32> = reading.asks.iter().map(|ask| holds_here(reading, *ask, unit, across)).collect();
    for (ask, held) in reading.asks.iter().zip(&asks) {
        let weight = fact(*ask);
        all += weight;
        got += weight * held;
        predicate_all += weight;
        predicate_got += weight * held;
        own_got += weight * held;
    }
    let share = |got: f32, all: f32| if all > 0.0 { got / all } else { 1.0 };
    Cover {
        words,
        asks,
        total: share(got, all),
        predicate: share(predicate_got, predicate_all),
        own: share(own_got, all),
        heading: share(heading, all),
        firm: share(firm, said),
    }
}

/// What a further unit adds to what is covered already, as a share of everything wanted.
pub fn gain(reading: &Reading, covered: &Cover, further: &Cover) -> f32 {
    let mut all = 0.0;
    let mut more = 0.0;
    for (place, wanted) in reading.wanted.iter().enumerate() {
        all += wanted.weight;
        more += wanted.weight * (further.words[place] - covered.words[place]).max(0.0);
    }
    for (place, ask) in reading.asks.iter().enumerate() {
        all += fact(*ask);
        more += fact(*ask) * (further.asks[place] - covered.asks[place]).max(0.0);
    }
    if all > 0.0 { more / all } else { 0.0 }
}

/// The union of two covers.
pub fn union(reading: &Reading, a: &Cover, b: &Cover) -> Cover {
    let words: Vec<f32> = a.words.iter().zip(&b.words).map(|(x, y)| x.max(*y)).collect();
    let asks: Vec<f32> = a.asks.iter().zip(&b.asks).map(|(x, y)| x.max(*y)).collect();
    let sum = |keep: &dyn Fn(&Wanted) -> bool| {
        let (mut all, mut got) = (0.0, 0.0);
        for (wanted, held) in reading.wanted.iter().zip(&words).filter(|(wanted, _)| keep(wanted)) {
            all += wanted.weight;
            got += wanted.weight * held;
        }
        for (ask, held) in reading.asks.iter().zip(&asks) {
            all += fact(*ask);
            got += fact(*ask) * held;
        }
        if all > 0.0 { got / all } else { 1.0 }
    };
    let (total, predicate) = (sum(&|_| true), sum(&|wanted| !wanted.named));
    Cover { total, predicate, own: a.own.max(b.own), heading: a.heading.max(b.heading), firm: a.firm.max(b.firm), words, asks }
}
