//! Marks in a text, as teammates and models write them, in each medium's own form: bold, links, code, headings, tables.
//!
//! A medium without marks gets the words alone: a reader there would see stars and brackets. What looks like a mark and is
//! none, such as `2 * 3` or `snake_case`, stays as it is.

use domain::channel::Markup;

/// Addresses that a link may lead to.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];
/// What fences code.
const FENCE: &str = "```";

/// The text as a medium shows it. Doors that read Markdown get it as it is.
pub fn written(text: &str, markup: Markup) -> String {
    if markup == Markup::Markdown || !has_marks(text) {
        return plain(text, markup);
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if line.trim_start().starts_with(FENCE)
            && let Some(end) = lines[at + 1..].iter().position(|line| line.trim() == FENCE)
        {
            out.push(fenced(&lines[at + 1..=at + end].join("\n"), markup));
            at += end + 2;
            continue;
        }
        if let Some(rows) = table(&lines[at..]) {
            let (names, body) = (cells(line), &lines[at + 2..at + rows]);
            out.extend(body.iter().map(|row| table_row(&names, &cells(row), markup)));
            at += rows;
            continue;
        }
        out.push(match heading(line) {
            Some(title) => bold(&inline(title, markup), markup),
            None => inline(line, markup),
        });
        at += 1;
    }
    out.join("\n")
}

fn has_marks(text: &str) -> bool {
    ["**", "~~", "`", "](", "# ", "|"].iter().any(|mark| text.contains(mark))
}

/// A text without marks: only escaped, where the medium wants that.
fn plain(text: &str, markup: Markup) -> String {
    match markup {
        Markup::TelegramHtml => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Markup::Plain | Markup::Spoken | Markup::Whatsapp | Markup::Markdown => text.to_owned(),
    }
}

fn bold(text: &str, markup: Markup) -> String {
    around(text, markup, ("*", "*"), ("<b>", "</b>"))
}

fn around(text: &str, markup: Markup, whatsapp: (&str, &str), html: (&str, &str)) -> String {
    let (before, after) = match markup {
        Markup::Whatsapp => whatsapp,
        Markup::TelegramHtml => html,
        Markup::Plain | Markup::Spoken | Markup::Markdown => ("", ""),
    };
    format!("{before}{text}{after}")
}

fn fenced(code: &str, markup: Markup) -> String {
    around(&plain(code, markup), markup, (FENCE, FENCE), ("<pre>", "</pre>"))
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let depth = line.len() - title.len();
    let title = title.strip_prefix(' ')?.trim();
    // "# 5" is a number; bold within a heading would be marked twice.
    ((1..=6).contains(&depth) && title.starts_with(char::is_alphabetic) && !title.contains("**")).then_some(title)
}

/// How many lines the table has that begins here: a row, a line of dashes, more rows.
fn table(lines: &[&str]) -> Option<usize> {
    let [first, second, ..] = lines else { return None };
    let is_row = |line: &str| line.trim().starts_with('|') && cells(line).len() > 1;
    let is_rule = second.contains("--") && second.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '));
    if !is_row(first) || !is_rule {
        return None;
    }
    let rows = lines[2..].iter().take_while(|line| is_row(line)).count();
    (rows > 0).then_some(rows + 2)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// A row as a line: what it is about first, then what each column says of it.
fn table_row(names: &[&str], row: &[&str], markup: Markup) -> String {
    let (first, rest) = (row.first().copied().unwrap_or_default(), row.get(1..).unwrap_or_default());
    let told = rest.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).map(|(place, cell)| {
        match names.get(place + 1).filter(|name| !name.is_empty()) {
            Some(name) => format!("{}: {}", inline(name, markup), inline(cell, markup)),
            None => inline(cell, markup),
        }
    });
    let told: Vec<String> = told.collect();
    let title = if first.contains("**") { inline(first, markup) } else { bold(&inline(first, markup), markup) };
    match (first.is_empty(), told.is_empty()) {
        (true, _) => format!("- {}", told.join(", ")),
        (false, true) => format!("- {title}"),
        (false, false) => format!("- {title}: {}", told.join(", ")),
    }
}

/// Marks within a line.
fn inline(line: &str, markup: Markup) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    let mut rest = line;
    let mut before = None;
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '`' => code(rest, markup),
            '*' => pair(rest, "**", before, markup, ("*", "*"), ("<b>", "</b>")),
            '~' => pair(rest, "~~", before, markup, ("~", "~"), ("<s>", "</s>")),
            '[' => link(rest, markup),
            '!' => rest[1..].starts_with('[').then(|| link(&rest[1..], markup).map(|(text, length)| (text, length + 1))).flatten(),
            _ => None,
        };
        let length = match taken {
            Some((text, length)) => {
                out.push_str(&text);
                length
            }
            None => {
                out.push_str(&plain(&rest[..letter.len_utf8()], markup));
                letter.len_utf8()
            }
        };
        before = rest[..length].chars().next_back();
        rest = &rest[length..];
    }
    out
}

/// `code`, and how many bytes it took.
fn code(rest: &str, markup: Markup) -> Option<(String, usize)> {
    let inside = rest[1..].split_once('`').map(|(inside, _)| inside).filter(|inside| !inside.trim().is_empty())?;
    Some((around(&plain(inside, markup), markup, ("`", "`"), ("<code>", "</code>")), inside.len() + 2))
}

/// Words between two equal marks, which stand close to them.
fn pair(
    rest: &str,
    mark: &str,
    before: Option<char>,
    markup: Markup,
    whatsapp: (&str, &str),
    html: (&str, &str),
) -> Option<(String, usize)> {
    let inside = rest.strip_prefix(mark)?.split_once(mark).map(|(inside, _)| inside)?;
    let is_close = !inside.starts_with(char::is_whitespace) && !inside.ends_with(char::is_whitespace);
    let sign = mark.chars().next()?;
    if inside.is_empty() || !is_close || inside.starts_with(sign) || before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    Some((around(&inline(inside, markup), markup, whatsapp, html), inside.len() + 2 * mark.len()))
}

/// `[words](address)`: a link where the medium has them, else the address behind the words.
fn link(rest: &str, markup: Markup) -> Option<(String, usize)> {
    let (words, after) = rest[1..].split_once("](")?;
    let (address, _) = after.split_once(')')?;
    let leads = SCHEMES.iter().any(|scheme| address.starts_with(scheme)) && !address.contains([' ', '"', '<', '>']);
    if !leads || words.contains(['[', ']']) {
        return None;
    }
    let length = words.len() + address.len() + 4;
    let bare = address.trim_start_matches("mailto:").trim_start_matches("tel:");
    let words = words.trim();
    let text = match markup {
        Markup::TelegramHtml if !words.is_empty() => format!("<a href=\"{}\">{}</a>", plain(address, markup), inline(words, markup)),
        _ if words.is_empty() || words == bare || words == address => plain(bare, markup),
        _ => format!("{}: {}", inline(words, markup), plain(bare, markup)),
    };
    Some((text, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_written_as_each_medium_has_them() {
        let check = |text: &str, whatsapp: &str, telegram: &str, words: &str| {
            assert_eq!(written(text, Markup::Whatsapp), whatsapp);
            assert_eq!(written(text, Markup::TelegramHtml), telegram);
            assert_eq!(written(text, Markup::Plain), words);
            assert_eq!(written(text, Markup::Markdown), text);
        };
        check("**Bold** & plain", "*Bold* & plain", "<b>Bold</b> &amp; plain", "Bold & plain");
        check(
            "See [our shop](https://shop.example/a?b=1&c=2).",
            "See our shop: https://shop.example/a?b=1&c=2.",
            "See <a href=\"https://shop.example/a?b=1&amp;c=2\">our shop</a>.",
            "See our shop: https://shop.example/a?b=1&c=2.",
        );
        check(
            "![A chair](https://shop.example/c.jpg)",
            "A chair: https://shop.example/c.jpg",
            "<a href=\"https://shop.example/c.jpg\">A chair</a>",
            "A chair: https://shop.example/c.jpg",
        );
        check(
            "Type `a < b` and ~~never~~ go",
            "Type `a < b` and ~never~ go",
            "Type <code>a &lt; b</code> and <s>never</s> go",
            "Type a < b and never go",
        );
        check("## Delivery\nThree days", "*Delivery*\nThree days", "<b>Delivery</b>\nThree days", "Delivery\nThree days");
        check("```sh\nls **x**\n```\ndone", "```ls **x**```\ndone", "<pre>ls **x**</pre>\ndone", "ls **x**\ndone");
        check(
            "| Model | Price |\n| --- | ---: |\n| Atlas | 449 EUR |\n| Stool | |\nBoth are here.",
            "- *Atlas*: Price: 449 EUR\n- *Stool*\nBoth are here.",
            "- <b>Atlas</b>: Price: 449 EUR\n- <b>Stool</b>\nBoth are here.",
            "- Atlas: Price: 449 EUR\n- Stool\nBoth are here.",
        );
    }

    #[test]
    fn what_is_no_mark_stays_as_it_is() {
        for text in [
            "2 ** 3 ** 4",
            "2**3 and 4**5",
            "snake_case and *so*",
            "a | b",
            "# 5 is free",
            "[1](see below)",
            "[x](javascript:alert(1))",
            "``",
            "**",
            "an array[0](1)",
            "~ 5 €",
            "one | two\nthree | four",
            "**not closed",
            "`not closed",
        ] {
            assert_eq!(written(text, Markup::Whatsapp), text);
            assert_eq!(written(text, Markup::Plain), text);
        }
    }
}
