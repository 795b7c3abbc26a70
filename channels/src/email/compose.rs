//! The mail that a reply becomes: plain text, the same as HTML, headers that keep it in its thread and out of loops.

use domain::message::{Author, Delivery, Thread};
use domain::ports::Letter;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;

use crate::text;

/// No mail program needs more of a thread's history.
const MOST_REFERENCES: usize = 20;
const LONGEST_SUBJECT: usize = 200;

/// Words that answers and forwards put before a subject.
const PREFIXES: [&str; 16] =
    ["re:", "aw:", "sv:", "antw:", "tr:", "fw:", "fwd:", "wg:", "rv:", "vs:", "ref:", "rép:", "rif:", "odp:", "res:", "enc:"];

/// Who sends, and how answers find back.
pub(super) struct Sender<'a> {
    pub address: &'a str,
    pub name: Option<&'a str>,
    /// Our id of this mail, without brackets.
    pub id: &'a str,
    /// Where answers go when that is not `address`.
    pub reply_to: Option<&'a str>,
}

/// The mail's bytes.
pub(super) fn mail(delivery: &Delivery, sender: &Sender<'_>) -> std::io::Result<Vec<u8>> {
    let body = &delivery.rendered.text;
    let thread = delivery.thread.as_ref();
    let mut mail = MessageBuilder::new()
        .from((sender.name.unwrap_or_default(), sender.address))
        .to(delivery.address.as_str())
        .subject(subject(thread, sender))
        .message_id(sender.id)
        .text_body(plain(body).replace('\n', "\r\n"))
        .html_body(html(body));
    for file in &delivery.files {
        mail = mail.attachment(file.mime.clone(), file_name(&file.name), file.content.0.to_vec());
    }
    if let Some(reply_to) = sender.reply_to {
        mail = mail.reply_to(reply_to);
    }
    if let Some(answered) = thread.and_then(|thread| thread.message.as_deref()).and_then(bare_id) {
        let earlier = thread.map_or(&[][..], |thread| &thread.references);
        let mut references: Vec<&str> = earlier.iter().filter_map(|id| bare_id(id)).filter(|id| *id != answered).collect();
        // The first one names the thread, the last ones the way through it.
        if references.len() >= MOST_REFERENCES {
            references.drain(1..=references.len() - MOST_REFERENCES + 1);
        }
        references.push(answered);
        mail = mail.in_reply_to(answered).references(references);
    }
    match delivery.author {
        // <https://www.rfc-editor.org/rfc/rfc3834#section-5>
        Author::Ai | Author::System => {
            let kind = if thread.is_some() { "auto-replied" } else { "auto-generated" };
            mail = mail
                .header("Auto-Submitted", Raw::new(kind))
                .header("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply"))
                .header("Precedence", Raw::new("auto_reply"));
        }
        _ => {}
    }
    mail.write_to_vec()
}

/// A letter to somebody of the business: programs must not answer it.
pub(super) fn letter(letter: &Letter, sender: &Sender<'_>) -> std::io::Result<Vec<u8>> {
    let subject: String = letter.subject.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut mail = MessageBuilder::new()
        .from((sender.name.unwrap_or_default(), sender.address))
        .to(letter.to.as_str())
        .subject(text::shortened(&subject, LONGEST_SUBJECT))
        .message_id(sender.id)
        .text_body(letter.text.replace('\n', "\r\n"))
        .html_body(html(&letter.text))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply"));
    if let Some(reply_to) = sender.reply_to {
        mail = mail.reply_to(reply_to);
    }
    mail.write_to_vec()
}

/// A name that ends no header.
fn file_name(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control() && !matches!(letter, '"' | '\\')).collect()
}

/// An id that may stand in a header, without its brackets.
fn bare_id(id: &str) -> Option<&str> {
    let bare = id.trim().trim_start_matches('<').trim_end_matches('>');
    let is_clean = !bare.is_empty() && bare.len() <= 500 && bare.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;\"".contains(&byte));
    is_clean.then_some(bare)
}

fn subject(thread: Option<&Thread>, sender: &Sender<'_>) -> String {
    let given = thread.and_then(|thread| thread.subject.as_deref()).and_then(text::written).unwrap_or_default();
    let mut bare = given.as_str().trim();
    while let Some(prefix) = PREFIXES.iter().find(|prefix| bare.to_lowercase().starts_with(**prefix)) {
        // A prefix is as long in lower case as it was written.
        bare = bare.get(prefix.len()..).unwrap_or_default().trim_start();
    }
    let bare: String = bare.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if bare.is_empty() {
        return sender.name.unwrap_or(sender.address).to_owned();
    }
    text::shortened(&format!("Re: {bare}"), LONGEST_SUBJECT)
}

/// The text as HTML that mail programs agree on: one narrow column, inline styles, nothing loaded from anywhere.
fn html(body: &str) -> String {
    let mut out = String::with_capacity(body.len() * 2 + 600);
    out.push_str(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"></head><body style=\"margin:0;padding:0\">\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td style=\"padding:16px;\
         font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5\">\
         <div style=\"max-width:600px\">",
    );
    let mut list: Option<&'static str> = None;
    for line in body.lines() {
        let (kind, content) = item(line);
        if list != kind {
            if let Some(open) = list {
                out.push_str(&format!("</{open}>"));
            }
            if let Some(open) = kind {
                out.push_str(&format!("<{open} style=\"margin:0 0 12px;padding-left:24px\">"));
            }
            list = kind;
        }
        match kind {
            Some(_) => out.push_str(&format!("<li>{}</li>", inline(content))),
            None if content.trim().is_empty() => {}
            None => out.push_str(&format!("<p style=\"margin:0 0 12px\">{}</p>", inline(content))),
        }
    }
    if let Some(open) = list {
        out.push_str(&format!("</{open}>"));
    }
    out.push_str("</div></td></tr></table></body></html>");
    out
}

/// Is the line an item of a list, and what stands in it?
fn item(line: &str) -> (Option<&'static str>, &str) {
    let trimmed = line.trim_start();
    if let Some(rest) = ["- ", "* ", "• "].iter().find_map(|bullet| trimmed.strip_prefix(bullet)) {
        return (Some("ul"), rest);
    }
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=2).contains(&digits)
        && let Some(rest) = trimmed[digits..].strip_prefix(". ")
    {
        return (Some("ol"), rest);
    }
    (None, line)
}

/// `[words](https://…)` at the beginning of a text: the words, the address, and what follows.
fn named_link(text: &str) -> Option<(&str, &str, &str)> {
    let (words, after) = text.strip_prefix('[')?.split_once("](")?;
    let (address, rest) = after.split_once(')')?;
    let is_page = address.starts_with("https://") || address.starts_with("http://");
    let is_clean = !words.trim().is_empty() && !words.contains(['[', ']']) && !address.contains([' ', '"', '<', '>']);
    (is_page && is_clean).then_some((words, address, rest))
}

/// `code` at the beginning of a text, and what follows.
fn code(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.strip_prefix('`')?.split_once('`')?;
    (!inside.trim().is_empty()).then_some((inside, rest))
}

/// The text as it stands beside the page: what only a page shows is words there.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some((words, address, after)) = named_link(rest) {
            out.push_str(&format!("{words}: {address}"));
            rest = after;
        } else if let Some((inside, after)) = code(rest) {
            out.push_str(inside);
            rest = after;
        } else if let Some((inside, after)) = bold(rest) {
            out.push_str(&plain(inside));
            rest = after;
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

/// `**bold**` at the beginning of a text, and what follows.
fn bold(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.strip_prefix("**")?.split_once("**")?;
    let is_close = !inside.is_empty() && !inside.starts_with(char::is_whitespace) && !inside.ends_with(char::is_whitespace);
    (is_close && !inside.contains('\n')).then_some((inside, rest))
}

/// Escaped, addresses of pages and named ones as links, `**bold**` as bold, code as code.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut bold = false;
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((words, address, after)) = named_link(rest) {
            out.push_str(&format!("<a href=\"{}\" style=\"color:#1a56db\">{}</a>", escaped(address), escaped(words)));
            rest = after;
        } else if let Some((inside, after)) = code(rest) {
            out.push_str(&format!("<code>{}</code>", escaped(inside)));
            rest = after;
        } else if rest.starts_with("**") && (bold || rest[2..].contains("**")) {
            out.push_str(if bold { "</b>" } else { "<b>" });
            bold = !bold;
            rest = &rest[2..];
        } else if rest.starts_with("https://") || rest.starts_with("http://") {
            let end = rest.find(|letter: char| letter.is_whitespace() || "<>\"'`|^{}".contains(letter)).unwrap_or(rest.len());
            let url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '*']);
            let safe = escaped(url);
            out.push_str(&format!("<a href=\"{safe}\" style=\"color:#1a56db\">{safe}</a>"));
            rest = &rest[url.len()..];
        } else {
            let Some(letter) = rest.chars().next() else { break };
            out.push_str(&escaped(&rest[..letter.len_utf8()]));
            rest = &rest[letter.len_utf8()..];
        }
    }
    if bold {
        out.push_str("</b>");
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        let page = html("Hi <script>x</script> & \"you\"\n- one\n- two\nsee https://shop.test/a?b=1&c=2.\n1. first");
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("<ul style=\"margin:0 0 12px;padding-left:24px\"><li>one</li><li>two</li></ul>"), "{page}");
        assert!(page.contains("<a href=\"https://shop.test/a?b=1&amp;c=2\""), "{page}");
        assert!(page.contains("<ol style=\"margin:0 0 12px;padding-left:24px\"><li>first</li></ol>"), "{page}");
        assert!(!html("a javascript:alert(1) \" onload=x").contains("href"), "only pages are links");
        assert_eq!(inline("**ten** chairs, 2 ** 3"), "<b>ten</b> chairs, 2 ** 3");
    }

    #[test]
    fn named_links_and_code_are_a_pages_and_words_beside_it() {
        let text = "See [our shop](https://shop.test/a?b=1&c=2), type `x < y`, **now**";
        let page = inline(text);
        assert!(page.contains("<a href=\"https://shop.test/a?b=1&amp;c=2\" style=\"color:#1a56db\">our shop</a>"), "{page}");
        assert!(page.ends_with("type <code>x &lt; y</code>, <b>now</b>"), "{page}");
        assert_eq!(plain(text), "See our shop: https://shop.test/a?b=1&c=2, type x < y, now");
        assert!(!inline("[x](javascript:alert(1))").contains("href"));
        assert_eq!(plain("2 ** 3 ** 4, ` and [1](see)"), "2 ** 3 ** 4, ` and [1](see)");
    }

    #[test]
    fn the_subject_says_re_once_and_never_breaks_a_header() {
        let sender = Sender { address: "a@b.c", name: Some("Shop"), id: "x@y", reply_to: None };
        let check = |given: &str, expected: &str| {
            let thread = Thread { subject: Some(given.to_owned()), ..Thread::default() };
            assert_eq!(subject(Some(&thread), &sender), expected, "{given}");
        };
        check("Order 4411", "Re: Order 4411");
        check("RE: Re: AW: Order", "Re: Order");
        check("hi\r\nBcc: all@b.example", "Re: hi Bcc: all@b.example");
        check("", "Shop");
        check("Re:", "Shop");
        assert_eq!(subject(None, &sender), "Shop");
    }
}
