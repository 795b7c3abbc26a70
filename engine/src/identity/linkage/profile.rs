//! A record made comparable: names in parts, dates, addresses in words, each word known by a number.

use std::collections::HashMap;

use super::{Record, likeness};
use crate::reasoning::builtin::understand::{e164, email, name_variants, name_words, romanised};

/// A word by its number.
pub(super) type Word = u32;

/// Every word of all records, once.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    numbers: HashMap<Box<str>, Word>,
    words: Vec<Entry>,
    /// Records that hold a word in their address.
    placed: Vec<u32>,
    /// Records with an address.
    addresses: u32,
    rarities: Vec<f32>,
    others: Vec<Box<str>>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub text: Box<str>,
    /// One spelling for what sounds alike.
    pub romanised: Box<str>,
    pub length: u16,
    pub letters: u64,
    /// Groups of nicknames and variants it belongs to.
    pub variants: &'static [usize],
}

impl Entry {
    /// Jaro–Winkler, or nought where it cannot reach the least.
    pub fn alike(&self, other: &Self, least: f64) -> f64 {
        if self.may_be_alike(other, least) { likeness::jaro_winkler(&self.text, &other.text) } else { 0.0 }
    }

    pub fn may_be_alike(&self, other: &Self, least: f64) -> bool {
        likeness::may_be_alike((self.letters, self.length), (other.letters, other.length), least)
    }
}

impl Lexicon {
    pub fn word(&mut self, text: &str) -> Word {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.words.len() as Word;
        self.words.push(Entry {
            text: text.into(),
            romanised: romanised(text).into(),
            length: text.chars().count() as u16,
            letters: likeness::letters(text),
            variants: name_variants(text),
        });
        self.numbers.insert(text.into(), number);
        self.placed.push(0);
        number
    }

    pub fn entry(&self, word: Word) -> &Entry {
        &self.words[word as usize]
    }

    pub fn text(&self, word: Word) -> &str {
        &self.words[word as usize].text
    }

    pub fn sound(&self, word: Word) -> String {
        likeness::sound(&self.words[word as usize].romanised)
    }

    /// How little an address word is expected, in bits.
    pub fn rarity(&self, word: Word) -> f32 {
        self.rarities[word as usize]
    }

    /// To be called once all records are read.
    pub fn close(&mut self) {
        let addresses = self.addresses as f32 + 2.0;
        self.rarities = self.placed.iter().map(|placed| (addresses / (*placed as f32 + 1.0)).log2().max(0.1)).collect();
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Names of fields we know nothing about have a place each, as long as there is room.
    fn other_place(&mut self, name: &str) -> Option<u8> {
        if let Some(place) = self.others.iter().position(|known| **known == *name) {
            return Some(place as u8);
        }
        if self.others.len() >= super::compare::OTHERS {
            return None;
        }
        self.others.push(name.into());
        Some((self.others.len() - 1) as u8)
    }
}

/// A given name and a surname, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub given: Option<Word>,
    pub surname: Option<Word>,
}

/// A birth date as eight digits, and as a day where it is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Birth {
    pub word: Word,
    pub digits: [u8; 8],
    pub day: Option<i32>,
}

/// An email address; many are made of the owner's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub address: Word,
    /// Does a name of the record stand in it?
    pub tells_name: bool,
}

#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Every way to read the names: a name of three words has two.
    pub names: Vec<Name>,
    pub birth: Option<Birth>,
    pub emails: Vec<Mailbox>,
    pub phones: Vec<Word>,
    pub externals: Vec<Word>,
    pub number: Option<Word>,
    pub postcode: Option<Word>,
    /// Words of the address besides number and postcode, as written.
    pub words: Vec<Word>,
    /// The address as one value.
    pub whole: Option<Word>,
    pub others: Vec<(u8, Word)>,
}

/// What a field is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Given,
    Surname,
    Birth,
    Email,
    Phone,
    External,
    Address,
    Number,
    Postcode,
}

fn kind_of(field: &str) -> Option<Kind> {
    Some(match field {
        "name" | "full_name" | "display_name" | "preferred_name" => Kind::Name,
        "given_name" | "first_name" | "firstname" | "forename" | "prenom" | "vorname" => Kind::Given,
        "surname" | "last_name" | "lastname" | "family_name" | "nom" | "nachname" => Kind::Surname,
        "birth_date" | "birthdate" | "date_of_birth" | "dob" | "birthday" => Kind::Birth,
        "email" | "e_mail" | "mail" | "email_address" => Kind::Email,
        "phone" | "phone_number" | "mobile" | "telephone" | "tel" | "whatsapp" => Kind::Phone,
        "external_id" | "user_id" | "customer_id" | "national_id" | "soc_sec_id" | "ssn" | "tax_id" => Kind::External,
        "street_number" | "house_number" | "number" => Kind::Number,
        "postcode" | "postal_code" | "zip" | "zip_code" | "zipcode" | "plz" => Kind::Postcode,
        "address" | "street" | "address_1" | "address_2" | "address_line_1" | "address_line_2" | "address1" | "address2" | "suburb"
        | "city" | "town" | "locality" | "state" | "region" | "county" | "country" => Kind::Address,
        _ => return None,
    })
}

impl Profile {
    pub fn read(record: &Record, region: &str, lexicon: &mut Lexicon) -> Self {
        let mut profile = Self::default();
        let (mut given, mut surname, mut address) = (None, None, Vec::new());
        for (field, value) in &record.fields {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let field = field.trim().to_lowercase().replace([' ', '-'], "_");
            match kind_of(&field) {
                Some(Kind::Name) => profile.add_name(&name_words(value), lexicon),
                Some(Kind::Given) => given = joined(&name_words(value), lexicon),
                Some(Kind::Surname) => surname = joined(&name_words(value), lexicon),
                Some(Kind::Birth) => profile.birth = birth(value, lexicon),
                Some(Kind::Email) => {
                    let address = email(value).unwrap_or_else(|| value.to_lowercase());
                    let address = lexicon.word(&address);
                    if !profile.emails.iter().any(|known| known.address == address) {
                        profile.emails.push(Mailbox { address, tells_name: false });
                    }
                }
                Some(Kind::Phone) => profile.add_phone(value, region, lexicon),
                Some(Kind::External) => add(&mut profile.externals, lexicon.word(&value.to_lowercase())),
                Some(Kind::Number) => profile.number = Some(lexicon.word(&value.to_lowercase())),
                Some(Kind::Postcode) => profile.postcode = Some(lexicon.word(&value.to_lowercase().replace(' ', ""))),
                Some(Kind::Address) => address.extend(name_less(value)),
                None => {
                    if let Some(place) = lexicon.other_place(&field) {
                        let text = name_less(value).join(" ");
                        if !text.is_empty() {
                            let word = lexicon.word(&text);
                            profile.others.push((place, word));
                        }
                    }
                }
            }
        }
        if given.is_some() || surname.is_some() {
            profile.names.push(Name { given, surname });
        }
        profile.add_address(address, lexicon);
        profile.look_for_names(lexicon);
        profile
    }

    fn look_for_names(&mut self, lexicon: &Lexicon) {
        let parts = self.name_parts();
        for mailbox in &mut self.emails {
            let local = lexicon.text(mailbox.address).split('@').next().unwrap_or_default();
            mailbox.tells_name = parts.iter().map(|part| lexicon.text(*part)).any(|part| part.len() >= 3 && local.contains(part));
        }
    }

    /// A written name: its last word is the surname, or its last words are.
    fn add_name(&mut self, words: &[String], lexicon: &mut Lexicon) {
        let words = &words[..words.len().min(5)];
        if words.len() == 1 {
            self.names.push(Name { given: joined(words, lexicon), surname: None });
        }
        for split in 1..words.len() {
            let (given, surname) = words.split_at(split);
            self.names.push(Name { given: joined(given, lexicon), surname: joined(surname, lexicon) });
        }
    }

    fn add_phone(&mut self, value: &str, region: &str, lexicon: &mut Lexicon) {
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        let number = e164(value, region).unwrap_or(digits);
        let says_something =
            number.len() >= 6 && !number.as_bytes().windows(2).skip(number.len().saturating_sub(6)).all(|two| two[0] == two[1]);
        if says_something {
            add(&mut self.phones, lexicon.word(&number));
        }
    }

    /// Words of an address; its first number is the house's, a later one of four digits or more the postcode.
    fn add_address(&mut self, words: Vec<String>, lexicon: &mut Lexicon) {
        for text in words {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let is_number = digits > 0 && text.chars().next().is_some_and(|letter| letter.is_ascii_digit());
            let word = lexicon.word(&text);
            if is_number && digits >= 4 && self.postcode.is_none() {
                self.postcode = Some(word);
            } else if is_number && self.number.is_none() && digits <= 4 {
                self.number = Some(word);
            } else if !self.words.contains(&word) {
                self.words.push(word);
                lexicon.placed[word as usize] += 1;
            }
        }
        if !self.words.is_empty() {
            lexicon.addresses += 1;
            let mut sorted: Vec<&str> = self.words.iter().map(|word| lexicon.text(*word)).collect();
            sorted.sort_unstable();
            let whole = sorted.join(" ");
            self.whole = Some(lexicon.word(&whole));
        }
    }

    /// Every word of the names, once.
    pub fn name_parts(&self) -> Vec<Word> {
        let mut parts = Vec::with_capacity(2);
        for name in &self.names {
            [name.given, name.surname].into_iter().flatten().for_each(|part| add(&mut parts, part));
        }
        parts
    }
}

fn add(words: &mut Vec<Word>, word: Word) {
    if !words.contains(&word) {
        words.push(word);
    }
}

fn joined(words: &[String], lexicon: &mut Lexicon) -> Option<Word> {
    let text = words.concat();
    (!text.is_empty()).then(|| lexicon.word(&text))
}

/// Words of any text, folded.
fn name_less(text: &str) -> Vec<String> {
    crate::reasoning::builtin::sense::sentences::fold(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads `1984-03-07`, `19840307`, `7/3/1984`, `07.03.84`: the year is the part of four digits, days come before months.
fn birth(value: &str, lexicon: &mut Lexicon) -> Option<Birth> {
    let parts: Vec<&str> = value.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (year, month, day) = match parts.as_slice() {
        [all] if all.len() == 8 => (&all[..4], &all[4..6], &all[6..]),
        [year, month, day, ..] if year.len() == 4 => (*year, *month, *day),
        [first, second, year, ..] if year.len() == 4 => {
            let is_month_first = second.parse::<u8>().is_ok_and(|number| number > 12);
            if is_month_first { (*year, *first, *second) } else { (*year, *second, *first) }
        }
        _ => return None,
    };
    let digits = format!("{year}{month:0>2}{day:0>2}");
    let day = match (year.parse::<i16>(), month.parse::<i8>(), day.parse::<i8>()) {
        (Ok(year), Ok(month), Ok(day)) => jiff::civil::Date::new(year, month, day).ok().map(days),
        _ => None,
    };
    let bytes: [u8; 8] = digits.as_bytes().try_into().ok()?;
    Some(Birth { word: lexicon.word(&digits), digits: bytes, day })
}

fn days(date: jiff::civil::Date) -> i32 {
    i32::from(date.year()) * 366 + i32::from(date.day_of_year())
}
