//! Two profiles, field by field: on which level they agree.

use super::likeness::{same_letters, slips, typos};
use super::profile::{Birth, Lexicon, Name, Profile, Word};

/// Fields without a meaning to us that are compared all the same.
pub(super) const OTHERS: usize = 5;
/// Fields of a comparison.
pub(super) const FIELDS: usize = 10 + OTHERS;
/// Words of an address so alike are the same, mistyped.
const WORD: f64 = 0.88;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Given,
    Surname,
    /// Are given name and surname in the same order?
    Order,
    Birth,
    Email,
    Phone,
    External,
    Number,
    Postcode,
    Address,
    /// A field of the business's own, by its place.
    Other(u8),
}

impl Field {
    pub const ALL: [Self; FIELDS] = [
        Self::Given,
        Self::Surname,
        Self::Order,
        Self::Birth,
        Self::Email,
        Self::Phone,
        Self::External,
        Self::Number,
        Self::Postcode,
        Self::Address,
        Self::Other(0),
        Self::Other(1),
        Self::Other(2),
        Self::Other(3),
        Self::Other(4),
    ];

    pub const fn place(self) -> usize {
        match self {
            Self::Given => 0,
            Self::Surname => 1,
            Self::Order => 2,
            Self::Birth => 3,
            Self::Email => 4,
            Self::Phone => 5,
            Self::External => 6,
            Self::Number => 7,
            Self::Postcode => 8,
            Self::Address => 9,
            Self::Other(place) => 10 + place as usize,
        }
    }
}

/// How far two values agree. What `Close`, `Near` and `Variant` mean is each field's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// One of them does not say.
    Missing = 0,
    Exact,
    Close,
    Near,
    /// A nickname, an initial, a town without its street.
    Variant,
    Different,
}

impl Level {
    pub const ALL: [Self; 6] = [Self::Missing, Self::Exact, Self::Close, Self::Near, Self::Variant, Self::Different];

    /// How good a level is where one of several values is chosen.
    const fn rank(self) -> u8 {
        match self {
            Self::Exact => 5,
            Self::Close => 4,
            Self::Near => 3,
            Self::Variant => 2,
            Self::Missing => 1,
            Self::Different => 0,
        }
    }
}

/// The levels of a pair, and the values it shares.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    levels: [Level; FIELDS],
    values: [Option<Word>; FIELDS],
}

impl Comparison {
    pub fn level(&self, field: Field) -> Level {
        self.levels[field.place()]
    }

    /// The value both have.
    pub fn value(&self, field: Field) -> Option<Word> {
        self.values[field.place()]
    }

    /// All levels in one number, four bits each.
    pub fn pattern(&self) -> u64 {
        self.levels.iter().enumerate().fold(0, |pattern, (place, level)| pattern | (*level as u64) << (4 * place))
    }

    /// The same family at the same address, and another given name: a twin, a spouse, a child.
    pub fn may_be_relatives(&self) -> bool {
        self.level(Field::Given) == Level::Different && self.level(Field::Surname) != Level::Different
    }

    /// Two business ids that no slip of the hand explains.
    pub fn conflicting_ids(&self) -> bool {
        self.level(Field::External) == Level::Different
    }

    fn set(&mut self, field: Field, (level, value): (Level, Option<Word>)) {
        self.levels[field.place()] = level;
        self.values[field.place()] = value;
    }
}

/// A level taken out of a pattern.
pub(super) fn level_in(pattern: u64, field: Field) -> Level {
    Level::ALL[(pattern >> (4 * field.place()) & 7) as usize % Level::ALL.len()]
}

/// Compares two profiles; the order of the two does not matter.
pub(super) fn compare(a: &Profile, b: &Profile, lexicon: &Lexicon) -> Comparison {
    let mut comparison = Comparison::of_codes(a, b, lexicon);
    comparison.add_names(a, b, lexicon);
    comparison.add_emails(a, b, lexicon);
    comparison.add_addresses(a, b, lexicon);
    comparison
}

/// As [`compare`], given up as soon as nothing can make it worth while: `promises` is asked with what is still open.
pub(super) fn compare_while(
    (a, b): (&Profile, &Profile),
    lexicon: &Lexicon,
    promises: impl Fn(&Comparison, &[Field]) -> bool,
) -> Option<Comparison> {
    let mut comparison = Comparison::of_codes(a, b, lexicon);
    if !promises(&comparison, &[Field::Given, Field::Surname, Field::Order, Field::Email, Field::Address]) {
        return None;
    }
    comparison.add_names(a, b, lexicon);
    if !promises(&comparison, &[Field::Email, Field::Address]) {
        return None;
    }
    comparison.add_emails(a, b, lexicon);
    if !promises(&comparison, &[Field::Address]) {
        return None;
    }
    comparison.add_addresses(a, b, lexicon);
    promises(&comparison, &[]).then_some(comparison)
}

impl Comparison {
    /// What costs little to compare.
    fn of_codes(a: &Profile, b: &Profile, lexicon: &Lexicon) -> Self {
        let mut comparison = Self { levels: [Level::Missing; FIELDS], values: [None; FIELDS] };
        if let (Some(one), Some(other)) = (a.birth, b.birth) {
            comparison.set(Field::Birth, births(one, other));
        }
        comparison.set(Field::Phone, best(&a.phones, &b.phones, |one, other| phone(lexicon.text(one), lexicon.text(other))));
        comparison.set(Field::External, best(&a.externals, &b.externals, |one, other| code(lexicon.text(one), lexicon.text(other))));
        comparison.set(Field::Number, best(&a.number, &b.number, |one, other| short_code(lexicon.text(one), lexicon.text(other))));
        comparison.set(Field::Postcode, best(&a.postcode, &b.postcode, |one, other| short_code(lexicon.text(one), lexicon.text(other))));
        for (place, one) in &a.others {
            let same_field = b.others.iter().filter(|(other, _)| other == place).map(|(_, word)| *word);
            let found =
                same_field.map(|other| if *one == other { (Level::Exact, Some(other)) } else { (text(*one, other, lexicon), None) });
            if let Some(found) = found.max_by_key(|(level, _)| level.rank()) {
                comparison.set(Field::Other(*place), found);
            }
        }
        comparison
    }

    /// The reading of both names that agrees best; straight order before turned.
    fn add_names(&mut self, a: &Profile, b: &Profile, lexicon: &Lexicon) {
        let mut best: Option<(u32, Level, [(Level, Option<Word>); 2])> = None;
        for one in &a.names {
            for other in &b.names {
                let straight = [part(one.given, other.given, lexicon), part(one.surname, other.surname, lexicon)];
                consider(&mut best, Level::Exact, straight);
                if straight.iter().any(|(level, _)| !matches!(level, Level::Exact | Level::Close)) {
                    consider(&mut best, Level::Different, turned(*one, *other, lexicon));
                }
            }
        }
        if let Some((_, order, [given, surname])) = best {
            self.set(Field::Given, given);
            self.set(Field::Surname, surname);
            let says = given.0 != Level::Missing || surname.0 != Level::Missing;
            self.set(Field::Order, (if says { order } else { Level::Missing }, None));
        }
    }

    fn add_emails(&mut self, a: &Profile, b: &Profile, lexicon: &Lexicon) {
        let mut found = (Level::Missing, None);
        for one in &a.emails {
            for other in &b.emails {
                let level = if one.address == other.address { Level::Exact } else { email(one.address, other.address, lexicon) };
                // Two people of one name have addresses that look alike.
                let is_namesake = level > Level::Exact && level < Level::Different && one.tells_name && other.tells_name;
                let level = if is_namesake && !one_letter(one.address, other.address, lexicon) { Level::Different } else { level };
                if found.0 == Level::Missing || level.rank() > found.0.rank() {
                    found = (level, (level == Level::Exact).then_some(one.address));
                }
            }
        }
        self.set(Field::Email, found);
    }

    fn add_addresses(&mut self, a: &Profile, b: &Profile, lexicon: &Lexicon) {
        self.set(Field::Address, address(a, b, lexicon));
    }
}

/// The best level among several values of both sides.
fn best<'a, V>(a: &'a V, b: &'a V, level: impl Fn(Word, Word) -> Level) -> (Level, Option<Word>)
where
    &'a V: IntoIterator<Item = &'a Word>,
{
    let mut found = (Level::Missing, None);
    for one in a {
        for other in b {
            if one == other {
                return (Level::Exact, Some(*one));
            }
            let level = level(*one, *other);
            if found.0 == Level::Missing || level.rank() > found.0.rank() {
                found = (level, None);
            }
        }
    }
    found
}

fn turned(one: Name, other: Name, lexicon: &Lexicon) -> [(Level, Option<Word>); 2] {
    [part(one.given, other.surname, lexicon), part(one.surname, other.given, lexicon)]
}

fn consider(best: &mut Option<(u32, Level, [(Level, Option<Word>); 2])>, order: Level, parts: [(Level, Option<Word>); 2]) {
    // Roughly the evidence of each level, so that two likenesses beat one; a turned name must be worth its while.
    let worth = |level: Level| match level {
        Level::Exact => 20,
        Level::Close => 16,
        Level::Near => 11,
        Level::Variant => 9,
        Level::Missing => 6,
        Level::Different => 0,
    };
    let total = parts.iter().map(|(level, _)| worth(*level)).sum::<u32>() + if order == Level::Exact { 8 } else { 0 };
    if best.as_ref().is_none_or(|(known, _, _)| total > *known) {
        *best = Some((total, order, parts));
    }
}

/// A given name or a surname.
fn part(a: Option<Word>, b: Option<Word>, lexicon: &Lexicon) -> (Level, Option<Word>) {
    let (Some(a), Some(b)) = (a, b) else { return (Level::Missing, None) };
    if a == b {
        return (Level::Exact, Some(a));
    }
    let (one, other) = (lexicon.entry(a), lexicon.entry(b));
    let (short, long) = if one.length <= other.length { (one, other) } else { (other, one) };
    if short.length == 1 {
        return (if long.text.starts_with(&*short.text) { Level::Variant } else { Level::Different }, None);
    }
    let alike = one.alike(other, 0.85);
    let level = if alike >= 0.92 || one.romanised == other.romanised {
        Level::Close
    } else if one.variants.iter().any(|group| other.variants.contains(group)) {
        Level::Variant
    } else if alike >= 0.85 || short.length >= 4 && one.may_be_alike(other, 0.85) && same_letters(&one.text, &other.text) >= 0.85 {
        Level::Near
    } else if short.length >= 3 && long.text.starts_with(&*short.text) {
        Level::Variant
    } else {
        Level::Different
    };
    (level, None)
}

fn births(a: Birth, b: Birth) -> (Level, Option<Word>) {
    if a.word == b.word {
        return (Level::Exact, Some(a.word));
    }
    let (one, other) = (&a.digits, &b.digits);
    let turned = one[..4] == other[..4] && one[4..6] == other[6..] && one[6..] == other[4..6];
    let apart = match (a.day, b.day) {
        (Some(one), Some(other)) => (one - other).abs(),
        _ => i32::MAX,
    };
    let slips = slips(one, other);
    let level = if turned || slips == 1 {
        Level::Close
    } else if apart <= 62 || slips == 2 {
        Level::Near
    } else if apart <= 370 {
        Level::Variant
    } else {
        Level::Different
    };
    (level, None)
}

fn email(a: Word, b: Word, lexicon: &Lexicon) -> Level {
    let (one, other) = (lexicon.entry(a), lexicon.entry(b));
    let same_local = match (one.text.split_once('@'), other.text.split_once('@')) {
        (Some((one, _)), Some((other, _))) => one.len() >= 5 && one == other,
        _ => false,
    };
    if !same_local && !one.may_be_alike(other, 0.88) {
        return Level::Different;
    }
    if typos(&one.text, &other.text, 1) {
        Level::Close
    } else if same_local || one.alike(other, 0.92) >= 0.92 || typos(&one.text, &other.text, 2) {
        Level::Near
    } else if same_letters(&one.text, &other.text) >= 0.88 {
        Level::Variant
    } else {
        Level::Different
    }
}

/// One slip of the hand, and not in a number, which tells namesakes apart.
fn one_letter(a: Word, b: Word, lexicon: &Lexicon) -> bool {
    let digits = |word: Word| lexicon.text(word).chars().filter(char::is_ascii_digit).collect::<String>();
    typos(lexicon.text(a), lexicon.text(b), 1) && digits(a) == digits(b)
}

fn phone(a: &str, b: &str) -> Level {
    if a.bytes().rev().take(7).eq(b.bytes().rev().take(7)) {
        Level::Close
    } else if typos(a, b, 1) {
        Level::Near
    } else {
        Level::Different
    }
}

/// A long code: an account, a national id.
fn code(a: &str, b: &str) -> Level {
    if typos(a, b, 1) {
        Level::Close
    } else if a.len() >= 6 && typos(a, b, 2) {
        Level::Near
    } else {
        Level::Different
    }
}

fn short_code(a: &str, b: &str) -> Level {
    if typos(a, b, 1) { Level::Close } else { Level::Different }
}

fn text(a: Word, b: Word, lexicon: &Lexicon) -> Level {
    let (one, other) = (lexicon.entry(a), lexicon.entry(b));
    let alike = one.alike(other, 0.85);
    if alike >= 0.92 {
        Level::Close
    } else if alike >= 0.85 || one.may_be_alike(other, 0.85) && same_letters(&one.text, &other.text) >= 0.85 {
        Level::Near
    } else {
        Level::Different
    }
}

/// The words of two addresses: the share of what they say together that both say, rare words counting for more.
fn address(a: &Profile, b: &Profile, lexicon: &Lexicon) -> (Level, Option<Word>) {
    let (Some(one), Some(other)) = (a.whole, b.whole) else { return (Level::Missing, None) };
    if one == other {
        return (Level::Exact, Some(one));
    }
    let (short, long) = if a.words.len() <= b.words.len() { (&a.words, &b.words) } else { (&b.words, &a.words) };
    let bits = |word: Word| lexicon.rarity(word);
    let (mut shared, mut free) = (0.0, long.clone());
    for word in short {
        if let Some(place) = free.iter().position(|other| other == word) {
            shared += 2.0 * bits(*word);
            free.swap_remove(place);
            continue;
        }
        let alike = free.iter().position(|other| words_alike(*word, *other, lexicon));
        if let Some(place) = alike {
            shared += bits(*word).min(bits(free[place])) * 2.0;
            free.swap_remove(place);
        }
    }
    let weigh = |words: &[Word]| words.iter().map(|word| bits(*word)).sum::<f32>();
    let (lesser, whole) = (weigh(short).min(weigh(long)), weigh(short) + weigh(long));
    let share = shared / whole.max(0.1);
    let level = if share >= 0.7 {
        Level::Close
    } else if share >= 0.4 {
        Level::Near
    } else if share >= 0.2 || shared >= 1.6 * lesser {
        Level::Variant
    } else {
        Level::Different
    };
    (level, None)
}

fn words_alike(a: Word, b: Word, lexicon: &Lexicon) -> bool {
    let (one, other) = (lexicon.entry(a), lexicon.entry(b));
    let short = one.length.min(other.length);
    if short < 3 || one.length.abs_diff(other.length) > 3 {
        return false;
    }
    if !one.may_be_alike(other, WORD.min(0.85)) {
        return false;
    }
    one.alike(other, WORD) >= WORD || short >= 4 && same_letters(&one.text, &other.text) >= 0.85
}
