//! What a PDF draws and nobody who reads it sees: white letters on white paper, letters that are not painted, letters of no size,
//! letters beside the page. They are taken out before the text is read.
//!
//! A page is a program: colours, matrices and shapes are followed as ISO 32000-2 says, as far as it takes to know what lies
//! behind a letter. Where that cannot be known the letter stays.

use pdf_extract::content::{Content, Operation};
use pdf_extract::{Dictionary, Document, Object, ObjectId};

/// Lighter than this in every part, a colour is that of the paper.
const WHITE: f32 = 0.93;
/// Smaller letters, in points, are for nobody's eyes.
const SMALLEST: f32 = 1.5;
/// Letters so far beside the page are not on it.
const MARGIN: f32 = 5.0;
/// Less than this is not to be seen through anything.
const FAINTEST: f32 = 0.05;

/// Takes hidden text out of every page.
pub(super) fn take_out(document: &mut Document) {
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    for page in pages {
        // What cannot be read here is left to whoever reads the text.
        let Ok(bytes) = document.get_page_content(page) else { continue };
        let Ok(content) = Content::decode(&bytes) else { continue };
        let (kept, has_hidden) = visible(document, page, content.operations);
        if !has_hidden {
            continue;
        }
        if let Ok(bytes) = (Content { operations: kept }).encode() {
            let _ = document.change_page_content(page, bytes);
        }
    }
}

/// The operations without those that draw hidden letters; were there any?
fn visible(document: &Document, page: ObjectId, operations: Vec<Operation>) -> (Vec<Operation>, bool) {
    let resources = Resources::of(document, page);
    let paper = paper(document, page);
    let mut canvas = Canvas::default();
    let (mut kept, mut has_hidden) = (Vec::with_capacity(operations.len()), false);
    for operation in operations {
        canvas.follow(&operation, &resources);
        let draws_text = matches!(operation.operator.as_str(), "Tj" | "TJ" | "'" | "\"");
        if draws_text && canvas.hides_text(paper) {
            has_hidden = true;
        } else if operation.operator != "BI" {
            // A picture that stands in the program itself holds no text, and cannot be written as it was read.
            kept.push(operation);
        }
    }
    (kept, has_hidden)
}

/// The page's own box, where it states one.
fn paper(document: &Document, page: ObjectId) -> Option<Area> {
    let found = document.get_dictionary(page).ok()?.get(b"MediaBox").ok()?;
    let (_, found) = document.dereference(found).ok()?;
    Area::read(found)
}

/// A rectangle: left, bottom, right, top.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Area([f32; 4]);

impl Area {
    fn read(object: &Object) -> Option<Self> {
        let numbers: Vec<f32> = object.as_array().ok()?.iter().filter_map(|number| number.as_float().ok()).collect();
        let &[a, b, c, d] = numbers.as_slice() else { return None };
        Some(Self([a.min(c), b.min(d), a.max(c), b.max(d)]))
    }

    fn around(points: &[(f32, f32)]) -> Option<Self> {
        let (first, rest) = points.split_first()?;
        let start = Self([first.0, first.1, first.0, first.1]);
        Some(rest.iter().fold(start, |area, (x, y)| Self([area.0[0].min(*x), area.0[1].min(*y), area.0[2].max(*x), area.0[3].max(*y)])))
    }

    fn corners(self) -> [(f32, f32); 4] {
        let [left, bottom, right, top] = self.0;
        [(left, bottom), (right, bottom), (left, top), (right, top)]
    }

    fn holds(self, (x, y): (f32, f32), margin: f32) -> bool {
        let [left, bottom, right, top] = self.0;
        (left - margin..=right + margin).contains(&x) && (bottom - margin..=top + margin).contains(&y)
    }
}

/// `[a b c d e f]`, as the format writes it.
#[derive(Debug, Clone, Copy)]
struct Matrix([f32; 6]);

impl Default for Matrix {
    fn default() -> Self {
        Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    }
}

impl Matrix {
    /// This one first, then the other.
    fn then(self, other: Self) -> Self {
        let ([a, b, c, d, e, f], [p, q, r, s, t, u]) = (self.0, other.0);
        Self([a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u])
    }

    fn place(self, (x, y): (f32, f32)) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// How much longer an upright stroke becomes.
    fn height(self) -> f32 {
        self.0[2].hypot(self.0[3])
    }
}

/// What `q` keeps and `Q` brings back.
#[derive(Debug, Clone, Default)]
struct Pen {
    matrix: Matrix,
    is_white: bool,
    is_clear: bool,
    mode: i64,
    size: f32,
    leading: f32,
}

/// The page as far as it has been drawn.
#[derive(Debug, Default)]
struct Canvas {
    pen: Pen,
    kept: Vec<Pen>,
    line: Matrix,
    path: Vec<(f32, f32)>,
    /// Areas that are not white any more.
    painted: Vec<Area>,
    pictures: Vec<Area>,
    /// Something lies there of which nobody knows how far it goes.
    is_unknown: bool,
}

impl Canvas {
    fn hides_text(&self, paper: Option<Area>) -> bool {
        let at = self.pen.matrix.place(self.line.place((0.0, 0.0)));
        let lies_on = |areas: &[Area]| areas.iter().any(|area| area.holds(at, 0.0));
        let size = self.pen.size.abs() * self.line.height() * self.pen.matrix.height();
        if self.pen.is_clear || (size > 0.0 && size < SMALLEST) || paper.is_some_and(|paper| !paper.holds(at, MARGIN)) {
            return true;
        }
        let lies_on_something = self.is_unknown || lies_on(&self.painted) || lies_on(&self.pictures);
        match self.pen.mode {
            // Under the picture of a scanned page stand its words, unpainted: the reader sees them in the picture.
            3 | 7 => !self.is_unknown && !lies_on(&self.pictures),
            0 | 4 => self.pen.is_white && !lies_on_something,
            _ => false,
        }
    }

    fn follow(&mut self, operation: &Operation, resources: &Resources<'_>) {
        let numbers: Vec<f32> = operation.operands.iter().filter_map(|operand| operand.as_float().ok()).collect();
        let number = |place: usize| numbers.get(place).copied().unwrap_or(0.0);
        let name = || operation.operands.first().and_then(|operand| operand.as_name().ok()).unwrap_or_default();
        match operation.operator.as_str() {
            "q" => self.kept.push(self.pen.clone()),
            "Q" => self.pen = self.kept.pop().unwrap_or_default(),
            "cm" => self.pen.matrix = matrix(&numbers).then(self.pen.matrix),
            "gs" => self.pen.is_clear = resources.opacity(name()).map_or(self.pen.is_clear, |opacity| opacity < FAINTEST),
            "g" | "rg" | "k" | "sc" | "scn" => self.pen.is_white = is_white(&operation.operands, &numbers),
            "cs" => self.pen.is_white = false,
            "BT" => self.line = Matrix::default(),
            "Tf" => self.pen.size = numbers.last().copied().unwrap_or(0.0),
            "Tr" => self.pen.mode = number(0) as i64,
            "TL" => self.pen.leading = number(0),
            "Tm" => self.line = matrix(&numbers),
            "Td" => self.advance(number(0), number(1)),
            "TD" => {
                self.pen.leading = -number(1);
                self.advance(number(0), number(1));
            }
            "T*" | "'" | "\"" => self.advance(0.0, -self.pen.leading),
            "m" | "l" => self.reach(&[(number(0), number(1))]),
            "c" => self.reach(&[(number(0), number(1)), (number(2), number(3)), (number(4), number(5))]),
            "v" | "y" => self.reach(&[(number(0), number(1)), (number(2), number(3))]),
            "re" => self.reach(&Area([number(0), number(1), number(0) + number(2), number(1) + number(3)]).corners()),
            "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" => self.paint(),
            "n" | "S" | "s" => self.path.clear(),
            "sh" => self.is_unknown = true,
            "Do" => self.draw(resources.drawn(name())),
            "BI" => self.draw(Drawn::Picture),
            _ => {}
        }
    }

    fn advance(&mut self, x: f32, y: f32) {
        self.line = Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(self.line);
    }

    fn reach(&mut self, points: &[(f32, f32)]) {
        self.path.extend(points.iter().map(|point| self.pen.matrix.place(*point)));
    }

    fn paint(&mut self) {
        if !self.pen.is_white && !self.pen.is_clear {
            self.painted.extend(Area::around(&self.path));
        }
        self.path.clear();
    }

    fn draw(&mut self, drawn: Drawn) {
        match drawn {
            Drawn::Picture => {
                let corners = Area([0.0, 0.0, 1.0, 1.0]).corners().map(|corner| self.pen.matrix.place(corner));
                self.pictures.extend(Area::around(&corners));
            }
            Drawn::Form(area) => {
                let corners = area.corners().map(|corner| self.pen.matrix.place(corner));
                self.painted.extend(Area::around(&corners));
            }
            Drawn::Unknown => self.is_unknown = true,
        }
    }
}

fn matrix(numbers: &[f32]) -> Matrix {
    <[f32; 6]>::try_from(numbers).map_or_else(|_| Matrix::default(), Matrix)
}

/// By the count of its parts: grey, red green blue, or the four inks. Patterns have names and are no paper.
fn is_white(operands: &[Object], numbers: &[f32]) -> bool {
    if operands.len() != numbers.len() {
        return false;
    }
    match numbers {
        [grey] => *grey > WHITE,
        [_, _, _] => numbers.iter().all(|part| *part > WHITE),
        [_, _, _, _] => numbers.iter().all(|ink| *ink < 1.0 - WHITE),
        _ => false,
    }
}

/// What `Do` puts on the page.
enum Drawn {
    Picture,
    Form(Area),
    Unknown,
}

/// What the page's names stand for.
struct Resources<'a> {
    document: &'a Document,
    all: Vec<&'a Dictionary>,
}

impl<'a> Resources<'a> {
    fn of(document: &'a Document, page: ObjectId) -> Self {
        let Ok((own, others)) = document.get_page_resources(page) else { return Self { document, all: Vec::new() } };
        let others = others.into_iter().filter_map(|id| document.get_dictionary(id).ok());
        Self { document, all: own.into_iter().chain(others).collect() }
    }

    fn named(&self, kind: &[u8], name: &[u8]) -> Option<&'a Object> {
        let follow = |object: &'a Object| self.document.dereference(object).ok().map(|(_, object)| object);
        self.all.iter().find_map(|resources| {
            let kinds = follow(resources.get(kind).ok()?)?.as_dict().ok()?;
            follow(kinds.get(name).ok()?)
        })
    }

    fn drawn(&self, name: &[u8]) -> Drawn {
        let Some(stream) = self.named(b"XObject", name).and_then(|object| object.as_stream().ok()) else { return Drawn::Unknown };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => Drawn::Picture,
            Ok(b"Form") if stream.dict.get(b"Matrix").is_err() => {
                stream.dict.get(b"BBox").ok().and_then(Area::read).map_or(Drawn::Unknown, Drawn::Form)
            }
            Ok(_) | Err(_) => Drawn::Unknown,
        }
    }

    fn opacity(&self, name: &[u8]) -> Option<f32> {
        self.named(b"ExtGState", name)?.as_dict().ok()?.get(b"ca").ok()?.as_float().ok()
    }
}
