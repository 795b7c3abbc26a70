//! Numbers in words, English and French.

/// Which language numbers are said in; others leave digits to the voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    English,
    French,
    Other,
}

impl Tongue {
    pub(super) fn of(language: &str) -> Self {
        match language.get(..2) {
            Some("en") => Self::English,
            Some("fr") => Self::French,
            Some(_) | None => Self::Other,
        }
    }
}

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const FRENCH: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze",
    "seize", "dix-sept", "dix-huit", "dix-neuf",
];
const FRENCH_TENS: [&str; 7] = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];

/// The largest number that is said as one; larger ones are said digit by digit.
pub(super) const LARGEST: u64 = 999_999_999_999;

/// A whole number in words.
pub(super) fn cardinal(number: u64, tongue: Tongue) -> String {
    match tongue {
        Tongue::English => english(number),
        Tongue::French => french(number),
        Tongue::Other => number.to_string(),
    }
}

fn english(number: u64) -> String {
    let word = |number: u64| ENGLISH[usize::try_from(number).unwrap_or(0).min(19)];
    match number {
        0..=19 => word(number).to_owned(),
        20..=99 => {
            let tens = ENGLISH_TENS[usize::try_from(number / 10).unwrap_or(0).min(9)];
            if number.is_multiple_of(10) { tens.to_owned() } else { format!("{tens}-{}", word(number % 10)) }
        }
        100..=999 => {
            let hundreds = format!("{} hundred", word(number / 100));
            if number.is_multiple_of(100) { hundreds } else { format!("{hundreds} and {}", english(number % 100)) }
        }
        _ => {
            let (unit, name) = scale(number, "thousand", "million", "billion");
            let head = format!("{} {name}", english(number / unit));
            match number % unit {
                0 => head,
                rest @ 1..=99 => format!("{head} and {}", english(rest)),
                rest => format!("{head} {}", english(rest)),
            }
        }
    }
}

fn scale<'a>(number: u64, thousand: &'a str, million: &'a str, billion: &'a str) -> (u64, &'a str) {
    match number {
        0..=999_999 => (1_000, thousand),
        1_000_000..=999_999_999 => (1_000_000, million),
        _ => (1_000_000_000, billion),
    }
}

fn french(number: u64) -> String {
    let word = |number: u64| FRENCH[usize::try_from(number).unwrap_or(0).min(19)];
    match number {
        0..=19 => word(number).to_owned(),
        20..=69 => {
            let tens = FRENCH_TENS[usize::try_from(number / 10).unwrap_or(0).min(6)];
            match number % 10 {
                0 => tens.to_owned(),
                1 => format!("{tens} et un"),
                rest => format!("{tens}-{}", word(rest)),
            }
        }
        71 => "soixante et onze".to_owned(),
        70..=79 => format!("soixante-{}", word(number - 60)),
        80 => "quatre-vingts".to_owned(),
        81..=99 => format!("quatre-vingt-{}", word(number - 80)),
        100..=999 => {
            let (hundreds, rest) = (number / 100, number % 100);
            match (hundreds, rest) {
                (1, 0) => "cent".to_owned(),
                (1, rest) => format!("cent {}", french(rest)),
                (hundreds, 0) => format!("{} cents", word(hundreds)),
                (hundreds, rest) => format!("{} cent {}", word(hundreds), french(rest)),
            }
        }
        1_000..=1_999 => {
            if number == 1_000 {
                "mille".to_owned()
            } else {
                format!("mille {}", french(number - 1_000))
            }
        }
        _ => {
            let (unit, name) = scale(number, "mille", "million", "milliard");
            let (count, rest) = (number / unit, number % unit);
            // "quatre-vingts" and "cents" lose their s before "mille", never before a noun.
            let counted = if unit == 1_000 { before_mille(&french(count)) } else { french(count) };
            let plural = if unit > 1_000 && count > 1 { "s" } else { "" };
            let head = format!("{counted} {name}{plural}");
            if rest == 0 { head } else { format!("{head} {}", french(rest)) }
        }
    }
}

fn before_mille(counted: &str) -> String {
    if counted.ends_with("vingts") || counted.ends_with("cents") { counted.trim_end_matches('s').to_owned() } else { counted.to_owned() }
}

/// A place in an order: "third", "troisième".
pub(super) fn ordinal(number: u64, tongue: Tongue) -> String {
    match tongue {
        Tongue::English => english_ordinal(number),
        Tongue::French if number == 1 => "premier".to_owned(),
        Tongue::French => french_ordinal(number),
        Tongue::Other => format!("{number}."),
    }
}

fn english_ordinal(number: u64) -> String {
    let whole = english(number);
    let split = whole.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = whole.split_at(split);
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        tens if tens.ends_with('y') => format!("{}ieth", tens.trim_end_matches('y')),
        other => format!("{other}th"),
    };
    format!("{head}{last}")
}

fn french_ordinal(number: u64) -> String {
    let whole = french(number);
    let stem = whole.strip_suffix('e').or_else(|| whole.strip_suffix('s').filter(|_| whole.ends_with("vingts"))).unwrap_or(&whole);
    match stem {
        stem if stem.ends_with("cinq") => format!("{stem}uième"),
        stem if stem.ends_with("neuf") => format!("{}vième", stem.trim_end_matches('f')),
        stem => format!("{stem}ième"),
    }
}

/// A year: "twenty twenty-seven".
pub(super) fn year(number: u64, tongue: Tongue) -> String {
    let (century, rest) = (number / 100, number % 100);
    match tongue {
        Tongue::English if (1_100..=2_099).contains(&number) && century != 20 || (2_010..=2_099).contains(&number) => match rest {
            0 => format!("{} hundred", english(century)),
            1..=9 => format!("{} oh {}", english(century), english(rest)),
            _ => format!("{} {}", english(century), english(rest)),
        },
        Tongue::English | Tongue::French | Tongue::Other => cardinal(number, tongue),
    }
}

/// Digits one by one, in groups with a pause between.
pub(super) fn digits(text: &str, tongue: Tongue) -> String {
    let all: Vec<u64> = text.chars().filter_map(|letter| letter.to_digit(10)).map(u64::from).collect();
    let groups = match (all.len(), all.len() % 3) {
        (length @ 0..=4, _) => vec![length],
        (length, 0) => vec![3; length / 3],
        (length, 1) => [vec![3; length / 3 - 1], vec![4]].concat(),
        (5, _) => vec![3, 2],
        (length, _) => [vec![3; length / 3 - 2], vec![4, 4]].concat(),
    };
    let mut said = Vec::new();
    let mut rest = all.as_slice();
    for group in groups {
        let (now, later) = rest.split_at(group.min(rest.len()));
        said.push(now.iter().map(|digit| cardinal(*digit, tongue)).collect::<Vec<_>>().join(" "));
        rest = later;
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_numbers_are_said_as_people_say_them() {
        let check = |number: u64, words: &str| assert_eq!(cardinal(number, Tongue::English), words);
        check(0, "zero");
        check(21, "twenty-one");
        check(100, "one hundred");
        check(349, "three hundred and forty-nine");
        check(1_005, "one thousand and five");
        check(4_000, "four thousand");
        check(1_250_300, "one million two hundred and fifty thousand three hundred");
        assert_eq!(ordinal(15, Tongue::English), "fifteenth");
        assert_eq!(ordinal(21, Tongue::English), "twenty-first");
        assert_eq!(ordinal(30, Tongue::English), "thirtieth");
        assert_eq!(year(2027, Tongue::English), "twenty twenty-seven");
        assert_eq!(year(2005, Tongue::English), "two thousand and five");
        assert_eq!(year(1909, Tongue::English), "nineteen oh nine");
    }

    #[test]
    fn french_numbers_keep_their_rules() {
        let check = |number: u64, words: &str| assert_eq!(cardinal(number, Tongue::French), words);
        check(21, "vingt et un");
        check(71, "soixante et onze");
        check(75, "soixante-quinze");
        check(80, "quatre-vingts");
        check(81, "quatre-vingt-un");
        check(99, "quatre-vingt-dix-neuf");
        check(200, "deux cents");
        check(201, "deux cent un");
        check(1_000, "mille");
        check(1_789, "mille sept cent quatre-vingt-neuf");
        check(80_000, "quatre-vingt mille");
        check(200_000, "deux cent mille");
        check(2_000_000, "deux millions");
        assert_eq!(ordinal(1, Tongue::French), "premier");
        assert_eq!(ordinal(4, Tongue::French), "quatrième");
        assert_eq!(ordinal(5, Tongue::French), "cinquième");
        assert_eq!(ordinal(9, Tongue::French), "neuvième");
    }

    #[test]
    fn long_numbers_come_in_groups_that_can_be_written_down() {
        let check = |text: &str, words: &str| assert_eq!(digits(text, Tongue::English), words);
        check("471", "four seven one");
        check("20417", "two zero four, one seven");
        check("471092", "four seven one, zero nine two");
        check("4710921", "four seven one, zero nine two one");
        check("33612345678", "three three six, one two three four, five six seven eight");
    }
}
