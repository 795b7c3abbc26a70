//! The page as far as it has been drawn: colours, matrices and shapes, followed as far as it takes to know what lies behind a letter.

use pdf_extract::Object;
use pdf_extract::content::Operation;

use super::resources::{Form, Resources};

/// Lighter than this in every part, a colour is that of the paper.
const WHITE: f32 = 0.93;
/// Smaller letters, in points, are for nobody's eyes.
const SMALLEST: f32 = 1.5;
/// Letters so far beside the page are not on it.
const MARGIN: f32 = 5.0;
/// Less than this is not to be seen through anything.
const FAINTEST: f32 = 0.05;

/// A rectangle: left, bottom, right, top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area([f32; 4]);

impl Area {
    pub(super) fn read(object: &Object) -> Option<Self> {
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
pub(super) struct Matrix([f32; 6]);

impl Default for Matrix {
    fn default() -> Self {
        Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    }
}

impl Matrix {
    /// This one first, then the other.
    pub(super) fn then(self, other: Self) -> Self {
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
pub(super) struct Canvas {
    pen: Pen,
    kept: Vec<Pen>,
    line: Matrix,
    path: Vec<(f32, f32)>,
    /// Areas that are not white any more.
    painted: Vec<Area>,
    pictures: Vec<Area>,
    /// What is drawn outside of any of these is cut off.
    windows: Vec<Area>,
    /// Something lies there of which nobody knows how far it goes.
    is_unknown: bool,
}

impl Canvas {
    /// Would letters drawn now be seen by nobody?
    pub(super) fn hides_text(&self, paper: Option<Area>) -> bool {
        let at = self.pen.matrix.place(self.line.place((0.0, 0.0)));
        let lies_on = |areas: &[Area]| areas.iter().any(|area| area.holds(at, 0.0));
        let is_cut_off = self.windows.iter().any(|window| !window.holds(at, MARGIN));
        let size = self.pen.size.abs() * self.line.height() * self.pen.matrix.height();
        if self.pen.is_clear || is_cut_off || (size > 0.0 && size < SMALLEST) || paper.is_some_and(|paper| !paper.holds(at, MARGIN)) {
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

    /// What an operation changes.
    pub(super) fn follow(&mut self, operation: &Operation, resources: &Resources<'_>) {
        let numbers: Vec<f32> = operation.operands.iter().filter_map(|operand| operand.as_float().ok()).collect();
        let number = |place: usize| numbers.get(place).copied().unwrap_or(0.0);
        let name = || operation.operands.first().and_then(|operand| operand.as_name().ok()).unwrap_or_default();
        match operation.operator.as_str() {
            "q" => self.kept.push(self.pen.clone()),
            "Q" => {
                if let Some(pen) = self.kept.pop() {
                    self.pen = pen;
                }
            }
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
            "BI" => self.picture(),
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

    /// A picture lies on the paper.
    pub(super) fn picture(&mut self) {
        let corners = Area([0.0, 0.0, 1.0, 1.0]).corners().map(|corner| self.pen.matrix.place(corner));
        self.pictures.extend(Area::around(&corners));
    }

    /// Something of which nobody knows how far it goes.
    pub(super) fn unknown(&mut self) {
        self.is_unknown = true;
    }

    /// Draws what a form object holds, with the pen that the form finds, inside of its box; afterwards the pen is as it was, and
    /// what was painted stays.
    pub(super) fn within<T>(&mut self, form: &Form<'_>, draw: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.pen.clone(), self.line, std::mem::take(&mut self.kept), self.windows.len());
        self.pen.matrix = form.matrix.then(self.pen.matrix);
        if let Some(window) = form.window {
            let corners = window.corners().map(|corner| self.pen.matrix.place(corner));
            self.windows.extend(Area::around(&corners));
        }
        let drawn = draw(self);
        self.windows.truncate(before.3);
        (self.pen, self.line, self.kept) = (before.0, before.1, before.2);
        self.path.clear();
        drawn
    }
}

/// The matrix of six numbers; any other count changes nothing.
pub(super) fn matrix(numbers: &[f32]) -> Matrix {
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
