//! The alphabet of text messages: with it 160 characters fit into one, with anything else 70.
//!
//! <https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/> (3GPP TS 23.038, section 6.2.1)

/// Letters of the default alphabet, and of its extension, which count twice.
const BASIC: &str =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// A sign of print in the alphabet's own letters; nothing for what means something of its own.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2033}' | '«' | '»' => "\"",
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}' | '\u{2014}' | '\u{2212}' => "-",
        '…' => "...",
        '•' | '·' => "-",
        '×' => "x",
        '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2007}' | '\t' => " ",
        '\u{200b}' | '\u{200d}' | '\u{ad}' | '\u{feff}' => "",
        _ => return None,
    })
}

fn is_in_alphabet(letter: char) -> bool {
    BASIC.contains(letter) || EXTENDED.contains(letter)
}

/// The text with signs of print written plainly, where that alone makes it fit into the alphabet; otherwise as it is, since it
/// costs the same then.
pub(crate) fn preferred(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match plain(letter) {
            _ if is_in_alphabet(letter) => written.push(letter),
            Some(sign) => written.push_str(sign),
            None => return text.to_owned(),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_print_are_written_plainly_where_that_saves_messages() {
        let check = |text: &str, expected: &str| assert_eq!(preferred(text), expected);
        check("It’s “here” – today…", "It's \"here\" - today...");
        check("1\u{202f}299 €", "1 299 €");
        check("Größe: 90 × 45 cm", "Größe: 90 x 45 cm");
        check("«\u{a0}Merci\u{a0}»", "\" Merci \"");
        // What does not fit anyway keeps its signs.
        check("It’s ça", "It’s ça");
        check("Привет – “мир”", "Привет – “мир”");
        check("fine 🙂 – ok", "fine 🙂 – ok");
        check("", "");
    }
}
