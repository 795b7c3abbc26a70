//! HTML pages as blocks; scripts, navigation and forms are not content.

use scraper::{ElementRef, Html, Node};

use crate::block::{Block, Document};

/// Reads an HTML page.
pub fn read(text: &str) -> Document {
    let page = Html::parse_document(text);
    let mut document = Document::default();
    walk(page.root_element(), &mut document);
    document
}

fn walk(element: ElementRef<'_>, document: &mut Document) {
    let mut loose = String::new();
    for child in element.children() {
        match child.value() {
            Node::Text(text) => loose.push_str(text),
            Node::Element(_) => {
                let Some(child) = ElementRef::wrap(child) else { continue };
                if is_inline(child.value().name()) {
                    loose.push(' ');
                    loose.push_str(&words(child));
                    continue;
                }
                flush(&mut loose, document);
                block(child, document);
            }
            _ => {}
        }
    }
    flush(&mut loose, document);
}

fn flush(loose: &mut String, document: &mut Document) {
    let text = squeeze(loose);
    loose.clear();
    if text.chars().any(char::is_alphanumeric) {
        document.blocks.push(Block::Paragraph(text));
    }
}

/// Is it on the page without being shown?
fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element.value().attr("style").unwrap_or_default().to_lowercase().replace(' ', "");
    element.value().attr("hidden").is_some() || style.contains("display:none") || style.contains("visibility:hidden")
}

fn block(element: ElementRef<'_>, document: &mut Document) {
    if is_hidden(element) {
        return;
    }
    match element.value().name() {
        "script" | "style" | "nav" | "form" | "noscript" | "template" | "svg" | "iframe" | "button" | "footer" => {}
        "title" => document.title = Some(words(element)).filter(|title| !title.is_empty()),
        "meta" => {
            let value = element.value();
            if let (Some(name), Some(content)) = (value.attr("name"), value.attr("content")) {
                document.head.push((name.trim().to_lowercase().replace('-', "_"), content.trim().to_owned()));
            }
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            let level = usize::from(element.value().name().as_bytes()[1] - b'0');
            let text = words(element);
            if !text.is_empty() {
                document.blocks.push(Block::Heading { level, text });
            }
        }
        "p" | "blockquote" | "pre" | "address" | "figcaption" => {
            let mut text = words(element);
            match bold_lead(element) {
                Some(lead) if text.starts_with(&lead) => {
                    let rest = text[lead.len()..].trim_start_matches([':', ' ', '–', '-']).to_owned();
                    document.push_led(&lead, rest);
                }
                _ => flush(&mut text, document),
            }
        }
        "ul" | "ol" => list(element, document),
        "table" => table(element, document),
        "dl" => definitions(element, document),
        "details" => details(element, document),
        _ => walk(element, document),
    }
}

/// What a paragraph begins with in bold, when more follows.
fn bold_lead(element: ElementRef<'_>) -> Option<String> {
    let first = element.children().find(|child| match child.value() {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(_) => true,
        _ => false,
    })?;
    let first = ElementRef::wrap(first).filter(|first| matches!(first.value().name(), "strong" | "b"))?;
    let lead = words(first);
    (!lead.is_empty() && lead.split_whitespace().count() <= 14).then_some(lead)
}

fn list(element: ElementRef<'_>, document: &mut Document) {
    let lead = match document.blocks.last() {
        Some(Block::Paragraph(text)) if text.ends_with(':') => Some(text.clone()),
        _ => None,
    };
    if lead.is_some() {
        document.blocks.pop();
    }
    for child in element.children().filter_map(ElementRef::wrap).filter(|child| child.value().name() == "li") {
        let text = words(child);
        if !text.is_empty() {
            document.blocks.push(Block::Item { lead: lead.clone(), text });
        }
    }
}

fn table(element: ElementRef<'_>, document: &mut Document) {
    let mut rows: Vec<(bool, Vec<String>)> = Vec::new();
    for row in element.descendants().filter_map(ElementRef::wrap).filter(|row| row.value().name() == "tr") {
        let cells: Vec<ElementRef<'_>> =
            row.children().filter_map(ElementRef::wrap).filter(|cell| matches!(cell.value().name(), "td" | "th")).collect();
        let header = !cells.is_empty() && cells.iter().all(|cell| cell.value().name() == "th");
        rows.push((header, cells.into_iter().map(words).collect()));
    }
    if rows.is_empty() {
        return;
    }
    // Without a header row a table of two columns is a list of names and values.
    if !rows[0].0 && rows.iter().all(|(_, cells)| cells.len() == 2) {
        for (_, cells) in rows {
            document.blocks.push(Block::Item { lead: None, text: format!("{}: {}", cells[0], cells[1]) });
        }
        return;
    }
    let header = rows.remove(0).1;
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, cells)| cells).collect();
    document.push_table(&header, &rows);
}

fn definitions(element: ElementRef<'_>, document: &mut Document) {
    let mut name = String::new();
    for child in element.descendants().filter_map(ElementRef::wrap) {
        match child.value().name() {
            "dt" => name = words(child),
            "dd" if name.ends_with('?') => {
                document.blocks.push(Block::Pair { question: name.clone(), answer: words(child) });
            }
            "dd" => document.blocks.push(Block::Item { lead: None, text: format!("{name}: {}", words(child)) }),
            _ => {}
        }
    }
}

fn details(element: ElementRef<'_>, document: &mut Document) {
    let mut question = String::new();
    let mut answer = String::new();
    for child in element.children() {
        match (child.value(), ElementRef::wrap(child)) {
            (_, Some(inner)) if inner.value().name() == "summary" => question = words(inner),
            (_, Some(inner)) => {
                answer.push(' ');
                answer.push_str(&words(inner));
            }
            (Node::Text(text), None) => answer.push_str(text),
            _ => {}
        }
    }
    let answer = squeeze(&answer);
    if !question.is_empty() && !answer.is_empty() {
        document.blocks.push(Block::Pair { question, answer });
    }
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "strong"
            | "i"
            | "em"
            | "u"
            | "span"
            | "small"
            | "sub"
            | "sup"
            | "code"
            | "br"
            | "mark"
            | "abbr"
            | "time"
            | "s"
            | "del"
            | "label"
            | "font"
            | "q"
            | "cite"
    )
}

fn words(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    collect(element, &mut text);
    squeeze(&text)
}

fn collect(element: ElementRef<'_>, into: &mut String) {
    for child in element.children() {
        match (child.value(), ElementRef::wrap(child)) {
            (Node::Text(text), _) => into.push_str(text),
            (_, Some(inner)) if matches!(inner.value().name(), "script" | "style") || is_hidden(inner) => {}
            (_, Some(inner)) => {
                if !is_inline(inner.value().name()) || inner.value().name() == "br" {
                    into.push(' ');
                }
                collect(inner, into);
            }
            _ => {}
        }
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
