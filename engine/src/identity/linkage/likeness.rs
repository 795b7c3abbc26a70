//! How alike two short texts are: the measures behind the levels.

/// At most so many letters inserted, left out, replaced or swapped with their neighbour?
pub(super) fn typos(a: &str, b: &str, most: usize) -> bool {
    if a.len().abs_diff(b.len()) > 4 * most {
        return false;
    }
    let (a, b) = without_common_ends(a, b);
    if most > 1 {
        return strsim::osa_distance(a, b) <= most;
    }
    // One slip leaves one letter, or two that are swapped.
    let (mut one, mut other) = (a.chars(), b.chars());
    match ((one.next(), one.next(), one.next()), (other.next(), other.next(), other.next())) {
        ((_, None, _), (_, None, _)) => true,
        ((Some(first), Some(second), None), (Some(third), Some(fourth), None)) => first == fourth && second == third,
        _ => false,
    }
}

/// Slips between two dates in digits: digits replaced, neighbours swapped.
pub(super) fn slips(a: &[u8; 8], b: &[u8; 8]) -> usize {
    let (mut slips, mut place) = (0, 0);
    while place < 8 {
        if a[place] != b[place] {
            slips += 1;
            let swapped = place + 1 < 8 && a[place] == b[place + 1] && a[place + 1] == b[place];
            place += usize::from(swapped);
        }
        place += 1;
    }
    slips
}

fn without_common_ends<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let mut start = a.bytes().zip(b.bytes()).take_while(|(one, other)| one == other).count();
    while !a.is_char_boundary(start) {
        start -= 1;
    }
    let (a, b) = (&a[start..], &b[start..]);
    let mut end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(one, other)| one == other).count();
    while !a.is_char_boundary(a.len() - end) || !b.is_char_boundary(b.len() - end) {
        end -= 1;
    }
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// Jaro–Winkler, 0..1.
pub(super) fn jaro_winkler(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

/// A word's letters as a set, for [`may_be_alike`].
pub(super) fn letters(text: &str) -> u64 {
    text.chars().fold(0, |set, letter| set | 1 << (letter as u32 & 63))
}

/// Can two words of these lengths and letters reach a likeness? Never false where they do; spares most of the work.
pub(super) fn may_be_alike((letters, length): (u64, u16), (other_letters, other_length): (u64, u16), least: f64) -> bool {
    let missing = (letters & !other_letters).count_ones() as u16;
    let added = (other_letters & !letters).count_ones() as u16;
    let common = f64::from(length.saturating_sub(missing).min(other_length.saturating_sub(added)));
    let (a, b) = (f64::from(length.max(1)), f64::from(other_length.max(1)));
    // Jaro is at most (m/a + m/b + 1) / 3 for m letters in common; four equal first letters lift it by four tenths of the rest.
    let jaro = (common / a + common / b + 1.0) / 3.0;
    0.6 * jaro + 0.4 >= least || 2.0 * common / (a + b) >= least
}

/// Share of letters both have, in whatever order: hands that slip scramble a word but keep its letters.
pub(super) fn same_letters(a: &str, b: &str) -> f64 {
    let mut left = [0_i16; 64];
    let mut size = 0_i16;
    for (text, sign) in [(a, 1), (b, -1)] {
        for letter in text.chars().filter(|letter| *letter != ' ') {
            left[letter as usize & 63] += sign;
            size += 1;
        }
    }
    if size == 0 {
        return 0.0;
    }
    let apart: i16 = left.iter().map(|count| count.abs()).sum();
    1.0 - f64::from(apart) / f64::from(size)
}

/// How a word sounds, roughly and in any of our languages: its first letter and the classes of its consonants.
pub(super) fn sound(romanised: &str) -> String {
    let mut key = String::with_capacity(5);
    let mut last = None;
    for (place, letter) in romanised.chars().enumerate() {
        let class = match letter {
            'b' | 'f' | 'p' | 'v' => Some('1'),
            'g' | 'j' | 'k' | 's' => Some('2'),
            'd' | 't' => Some('3'),
            'l' => Some('4'),
            'm' | 'n' => Some('5'),
            'r' => Some('6'),
            'a' | 'e' | 'i' | 'o' | 'u' | 'h' => None,
            other => Some(other),
        };
        if place == 0 {
            key.push(letter);
        } else if let Some(class) = class.filter(|_| class != last) {
            key.push(class);
        }
        last = class;
        if key.chars().count() >= 5 {
            break;
        }
    }
    key
}
