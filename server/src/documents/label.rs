//! A label to stick on a parcel, as PDF (ISO 32000): one page of A5, the fonts that every reader has, a QR code of the number.

use engine::Document;
use engine::decision::hours::dated;
use engine::rendering::phrases::Phrases;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use qrcode::{Color, EcLevel, QrCode};
use unicode_normalization::UnicodeNormalization;

/// A5, in points.
const PAGE: (f32, f32) = (419.53, 595.28);
const MARGIN: f32 = 36.0;
const QR: f32 = 132.0;
/// Longer lines of an address or a wish are cut: they would run out of the label.
const LONGEST_LINE: usize = 46;
const PLAIN: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

/// Writes the label of an order that is sent back; `wanted` instead of it, where it is swapped.
pub fn write(document: &Document, order: &str, wanted: Option<&str>) -> Vec<u8> {
    let [catalog, pages, page, content, plain, bold] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.parent(pages).media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).contents(content);
    sheet.resources().fonts().pair(PLAIN, plain).pair(BOLD, bold);
    sheet.finish();
    for (font, name) in [(plain, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
        pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    pdf.stream(content, &drawn(document, order, wanted));
    pdf.finish()
}

fn drawn(document: &Document, order: &str, wanted: Option<&str>) -> Vec<u8> {
    let action = &document.action;
    let words = Phrases::new(&action.language);
    let mut page = Content::new();
    page.set_line_width(1.2);
    page.rect(MARGIN / 2.0, MARGIN / 2.0, PAGE.0 - MARGIN, PAGE.1 - MARGIN).stroke();
    let mut pen = Pen { page: &mut page, y: PAGE.1 - MARGIN + 6.0 };
    let kind = if wanted.is_some() { "parcel.exchange" } else { "parcel.return" };
    pen.line(BOLD, 22.0, &words.say(kind));
    pen.line(BOLD, 26.0, &action.number);
    pen.gap(6.0);
    pen.line(PLAIN, 12.0, &words.with("parcel.order", &[("order", order)]));
    if let Some(wanted) = wanted {
        pen.line(PLAIN, 12.0, &words.with("parcel.wanted", &[("what", wanted)]));
    }
    let date = dated(action.at.in_zone(&document.timezone).date(), words.language());
    pen.line(PLAIN, 12.0, &words.with("parcel.registered", &[("date", &date)]));
    pen.gap(18.0);
    pen.line(PLAIN, 11.0, &words.say("parcel.to"));
    pen.line(BOLD, 18.0, &document.business);
    for line in document.address.iter().flat_map(|address| address.lines()).filter(|line| !line.trim().is_empty()).take(7) {
        pen.line(PLAIN, 14.0, line.trim());
    }
    let below = pen.y;
    code(&mut page, &action.number, (PAGE.0 - MARGIN - QR, (below - QR - 12.0).max(MARGIN + 24.0)));
    Pen { page: &mut page, y: MARGIN + 18.0 }.line(PLAIN, 9.0, &words.say("parcel.stick"));
    page.finish().to_vec()
}

/// Where the last line stands.
struct Pen<'a> {
    page: &'a mut Content,
    y: f32,
}

impl Pen<'_> {
    fn line(&mut self, font: Name<'_>, size: f32, text: &str) {
        let text = if text.chars().count() > LONGEST_LINE && size > 10.0 {
            format!("{}…", text.chars().take(LONGEST_LINE - 1).collect::<String>())
        } else {
            text.to_owned()
        };
        self.y -= size * 1.35;
        self.page.begin_text().set_font(font, size).next_line(MARGIN, self.y).show(Str(&encoded(&text))).end_text();
    }

    fn gap(&mut self, points: f32) {
        self.y -= points;
    }
}

/// The number as a QR code (ISO/IEC 18004), its lower left corner at `at`.
fn code(page: &mut Content, number: &str, at: (f32, f32)) {
    let Ok(code) = QrCode::with_error_correction_level(number.as_bytes(), EcLevel::M) else { return };
    let width = code.width();
    #[expect(clippy::cast_precision_loss, reason = "a code is a few dozen modules wide")]
    let (side, place) = (QR / width as f32, |module: usize| module as f32 * QR / width as f32);
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (row, column) = (index / width, index % width);
            page.rect(at.0 + place(column), at.1 + QR - place(row) - side, side, side);
        }
    }
    page.fill_nonzero();
}

/// Windows-1252, which the fonts know; letters beyond it lose their marks, other signs become a question mark.
fn encoded(text: &str) -> Vec<u8> {
    const UPPER: [(char, u8); 12] = [
        ('€', 0x80),
        ('…', 0x85),
        ('Š', 0x8a),
        ('Œ', 0x8c),
        ('Ž', 0x8e),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('–', 0x96),
        ('š', 0x9a),
        ('œ', 0x9c),
    ];
    let one = |letter: char| match u8::try_from(u32::from(letter)) {
        Ok(byte) if byte >= 0xa0 || (0x20..0x7f).contains(&byte) => Some(byte),
        Ok(_) | Err(_) => UPPER.iter().find(|(known, _)| *known == letter).map(|(_, byte)| *byte),
    };
    text.nfc()
        .filter(|letter| !letter.is_control())
        .map(|letter| one(letter).or_else(|| letter.to_string().nfd().next().and_then(one)).unwrap_or(b'?'))
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::action::{Action, ActionStatus, Deed};
    use domain::{ActionId, ConversationId, StrandId, Timestamp};

    use super::*;

    fn document(business: &str, wanted: &str) -> Document {
        let at = Timestamp::from_secs(1_800_000_000);
        Document {
            business: business.to_owned(),
            address: Some("1 rue de la Paix\n75002 Paris".to_owned()),
            timezone: "Europe/Paris".to_owned(),
            action: Action {
                id: ActionId::new(at, 1),
                number: "X-7K3Q9D2M".to_owned(),
                deed: Deed::Exchange { order: "EC-30417".to_owned(), wanted: wanted.to_owned() },
                status: ActionStatus::Done,
                strand: StrandId::new(at, 1),
                conversation: ConversationId::new(at, 1),
                message: None,
                because: None,
                by: None,
                opener: String::new(),
                language: "fr".to_owned(),
                at,
                changed_at: at,
            },
        }
    }

    #[test]
    fn a_label_names_what_is_sent_and_where_to() {
        let pdf = write(&document("Café Łódź", "une taille (L)"), "EC-30417", Some("une taille (L)"));
        assert!(pdf.starts_with(b"%PDF-1.7"));
        let holds = |text: &[u8]| pdf.windows(text.len()).any(|window| window == text);
        assert!(holds(b"X-7K3Q9D2M") && holds(b"EC-30417") && holds(b"75002 Paris"));
        assert_eq!(encoded("Café Łódź – 5 €\u{7}"), b"Caf\xe9 ?\xf3dz \x96 5 \x80");
    }

    #[test]
    fn nothing_that_somebody_writes_breaks_out_of_the_text() {
        let wanted = "x) Tj ET Q ".repeat(200);
        let pdf = write(&document("A) Tj ET (", &wanted), "EC-30417", Some(&wanted));
        let text = String::from_utf8_lossy(&pdf);
        let shown: Vec<&str> = text.lines().filter(|line| line.ends_with(") Tj") && line.contains("Tj ET")).collect();
        assert!(!shown.is_empty(), "what they wrote stands nowhere");
        for line in shown {
            let inside = line.trim_start_matches('(').trim_end_matches(") Tj");
            assert!(!inside.replace("\\)", "").contains(')'), "a bracket of theirs ends the text: {line}");
        }
    }
}
