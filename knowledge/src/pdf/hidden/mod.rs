//! What a PDF draws and nobody who reads it sees: white letters on white paper, letters that are not painted, letters of no size,
//! letters beside the page. They are taken out before the text is read.
//!
//! A page is a program, and the form objects that it draws are programs of their own, followed where they are drawn: the same one
//! may be seen here and not there. Colours, matrices and shapes are followed as ISO 32000-2 says, as far as it takes to know what
//! lies behind a letter. Where that cannot be known the letter stays.

mod canvas;
mod resources;

use canvas::{Area, Canvas};
use pdf_extract::content::{Content, Operation};
use pdf_extract::{Document, Object, ObjectId, Stream};
use resources::{Drawn, Form, Resources};

/// Forms within forms; deeper ones are left out, as are those that draw themselves.
const DEEPEST: usize = 12;
/// Forms that one file draws, whichever and however often; what is drawn after that is left out.
const MOST_FORMS: usize = 20_000;

/// Takes hidden text out of every page.
pub(super) fn take_out(document: &mut Document) {
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    let mut left = MOST_FORMS;
    for page in pages {
        // What cannot be read here is left to whoever reads the text.
        let Ok(bytes) = document.get_page_content(page) else { continue };
        let Ok(content) = Content::decode(&bytes) else { continue };
        let resources = Resources::of(document, page);
        let mut reading = Reading { first: document.max_id + 1, new: Vec::new(), left, paper: paper(document, page) };
        let seen = reading.seen(&mut Canvas::default(), &resources, content.operations, 0);
        left = reading.left;
        if !seen.has_hidden {
            continue;
        }
        let names = (!seen.renamed.is_empty()).then(|| resources.with(&seen.renamed));
        for (number, form) in (reading.first..).zip(reading.new) {
            document.set_object((number, 0), form);
            document.max_id = document.max_id.max(number);
        }
        if let (Some(names), Ok(page)) = (names, document.get_object_mut(page).and_then(Object::as_dict_mut)) {
            page.set("Resources", names);
        }
        if let Ok(bytes) = (Content { operations: seen.kept }).encode() {
            let _ = document.change_page_content(page, bytes);
        }
    }
}

/// One page being read.
struct Reading {
    /// The number of the first new object.
    first: u32,
    /// Forms without what is hidden in them where they are drawn.
    new: Vec<Stream>,
    /// Forms that may still be drawn.
    left: usize,
    paper: Option<Area>,
}

/// What is left of a program.
struct Seen {
    kept: Vec<Operation>,
    has_hidden: bool,
    /// Forms that it draws instead of others.
    renamed: Vec<(Vec<u8>, ObjectId)>,
}

impl Reading {
    /// The operations without those that draw hidden letters.
    fn seen(&mut self, canvas: &mut Canvas, resources: &Resources<'_>, operations: Vec<Operation>, depth: usize) -> Seen {
        let mut seen = Seen { kept: Vec::with_capacity(operations.len()), has_hidden: false, renamed: Vec::new() };
        for mut operation in operations {
            canvas.follow(&operation, resources);
            match operation.operator.as_str() {
                "Tj" | "TJ" | "'" | "\"" if canvas.hides_text(self.paper) => seen.has_hidden = true,
                "Do" => match self.drawn(canvas, resources, &operation, depth) {
                    Stamp::AsItIs => seen.kept.push(operation),
                    Stamp::Not => seen.has_hidden = true,
                    Stamp::Instead(id) => {
                        let name = format!("Seen{}", id.0).into_bytes();
                        operation.operands = vec![Object::Name(name.clone())];
                        seen.renamed.push((name, id));
                        seen.has_hidden = true;
                        seen.kept.push(operation);
                    }
                },
                // A picture that stands in the program itself holds no text, and cannot be written as it was read.
                "BI" => {}
                _ => seen.kept.push(operation),
            }
        }
        seen
    }

    fn drawn(&mut self, canvas: &mut Canvas, resources: &Resources<'_>, operation: &Operation, depth: usize) -> Stamp {
        let name = operation.operands.first().and_then(|operand| operand.as_name().ok()).unwrap_or_default();
        match resources.drawn(name) {
            Drawn::Picture => canvas.picture(),
            Drawn::Unknown => canvas.unknown(),
            Drawn::Form(form) => return self.form(canvas, resources, &form, depth),
        }
        Stamp::AsItIs
    }

    /// A form where it is drawn now.
    fn form<'a>(&mut self, canvas: &mut Canvas, resources: &Resources<'a>, form: &Form<'a>, depth: usize) -> Stamp {
        // It counts for nothing: otherwise it would keep from view what is hidden after it.
        if depth >= DEEPEST || self.left == 0 {
            return Stamp::Not;
        }
        self.left -= 1;
        let content = form.stream.get_plain_content().ok().and_then(|bytes| Content::decode(&bytes).ok());
        let Some(content) = content else {
            canvas.unknown();
            return Stamp::AsItIs;
        };
        let own = resources.of_form(form);
        let seen = canvas.within(form, |canvas| self.seen(canvas, &own, content.operations, depth + 1));
        if !seen.has_hidden {
            return Stamp::AsItIs;
        }
        let Ok(bytes) = (Content { operations: seen.kept }).encode() else { return Stamp::Not };
        let mut stream = form.stream.clone();
        stream.set_plain_content(bytes);
        if !seen.renamed.is_empty() {
            stream.dict.set("Resources", own.with(&seen.renamed));
        }
        let number = self.first + u32::try_from(self.new.len()).unwrap_or(u32::MAX / 2);
        self.new.push(stream);
        Stamp::Instead((number, 0))
    }
}

/// What becomes of an object that is drawn.
enum Stamp {
    AsItIs,
    /// It is left out.
    Not,
    /// Another one takes its place.
    Instead(ObjectId),
}

/// What is shown of the page, where it states that.
fn paper(document: &Document, page: ObjectId) -> Option<Area> {
    let stated = |key| resources::inherited(document, page, key).into_iter().next().and_then(Area::read);
    stated(b"CropBox").or_else(|| stated(b"MediaBox"))
}
