//! Telegram's HTML: a handful of tags, well nested. Everything else in a text is shown as it stands.
//!
//! Telegram refuses a whole message for one stray `<`, so what we send is always well formed, whether the text was
//! marked up or plain. <https://core.telegram.org/bots/api#html-style>

/// Tags without attributes.
const TAGS: [&str; 12] = ["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote"];

/// The text as HTML that Telegram takes.
pub(super) fn well_formed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(['<', '>', '&']) {
        out.push_str(&rest[..place]);
        rest = &rest[place..];
        let taken = match rest.as_bytes()[0] {
            b'<' => tag(rest, &mut open, &mut out),
            b'&' => entity(rest).map(|entity| {
                out.push_str(entity);
                entity.len()
            }),
            _ => None,
        };
        let taken = taken.unwrap_or_else(|| {
            out.push_str(match rest.as_bytes()[0] {
                b'<' => "&lt;",
                b'>' => "&gt;",
                _ => "&amp;",
            });
            1
        });
        rest = &rest[taken..];
    }
    out.push_str(rest);
    for name in open.into_iter().rev() {
        close(name, &mut out);
    }
    out
}

/// Copies a known tag that fits here; how many bytes it took.
fn tag<'a>(rest: &'a str, open: &mut Vec<&'a str>, out: &mut String) -> Option<usize> {
    let end = rest.find('>')?;
    let inside = &rest[1..end];
    if let Some(name) = inside.strip_prefix('/') {
        if open.last() != Some(&name) {
            return None;
        }
        open.pop();
        close(name, out);
        return Some(end + 1);
    }
    if TAGS.contains(&inside) {
        open.push(inside);
        out.push('<');
        out.push_str(inside);
        out.push('>');
        return Some(end + 1);
    }
    let address = inside.strip_prefix("a href=\"")?.strip_suffix('"')?;
    let safe = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| address.starts_with(scheme));
    // A link inside a link is no link.
    if !safe || address.contains(['"', '<']) || open.contains(&"a") {
        return None;
    }
    open.push("a");
    out.push_str("<a href=\"");
    out.push_str(&escaped_ampersands(address));
    out.push_str("\">");
    Some(end + 1)
}

fn close(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// An entity that Telegram knows, at the beginning of `rest`.
fn entity(rest: &str) -> Option<&str> {
    let end = rest.bytes().take(10).position(|byte| byte == b';')?;
    let name = &rest[1..end];
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let is_hex = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let known = matches!(name, "amp" | "lt" | "gt" | "quot")
        || name.strip_prefix('#').is_some_and(is_number)
        || name.strip_prefix("#x").is_some_and(is_hex);
    known.then(|| &rest[..=end])
}

fn escaped_ampersands(address: &str) -> String {
    let mut out = String::new();
    let mut rest = address;
    while let Some(place) = rest.find('&') {
        out.push_str(&rest[..place]);
        rest = &rest[place..];
        let known = entity(rest).unwrap_or("&");
        out.push_str(if known == "&" { "&amp;" } else { known });
        rest = &rest[known.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_nested_known_tags_remain_markup() {
        let check = |given: &str, sent: &str| assert_eq!(well_formed(given), sent, "{given}");
        check("plain", "plain");
        check("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2");
        check("<b>bold</b> <i>it</i>", "<b>bold</b> <i>it</i>");
        check("<b>open", "<b>open</b>");
        check("<b><i>x</b></i>", "<b><i>x&lt;/b&gt;</i></b>");
        check("</b>", "&lt;/b&gt;");
        check("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;");
        check("<img src=x onerror=1>", "&lt;img src=x onerror=1&gt;");
        check("&lt;kept&gt; &amp; &copy;", "&lt;kept&gt; &amp; &amp;copy;");
        check("&#8364; &#x20ac; &#; &", "&#8364; &#x20ac; &amp;#; &amp;");
        check("a &é; b", "a &amp;é; b");
    }

    #[test]
    fn links_lead_to_the_web_mail_or_telephone_only() {
        let check = |given: &str, sent: &str| assert_eq!(well_formed(given), sent, "{given}");
        check(r#"<a href="https://x.example/?a=1&b=2">x</a>"#, r#"<a href="https://x.example/?a=1&amp;b=2">x</a>"#);
        check(r#"<a href="javascript:alert(1)">x</a>"#, r#"&lt;a href="javascript:alert(1)"&gt;x&lt;/a&gt;"#);
        check(r#"<a href="tel:+33612345678">call</a>"#, r#"<a href="tel:+33612345678">call</a>"#);
    }
}
