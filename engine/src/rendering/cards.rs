//! Cards: what can be looked at beside an answer, read from the rows of tables that it was taken from.

use std::sync::LazyLock;

use domain::knowledge::Passage;
use domain::message::Card;
use regex::Regex;

/// More than these nobody looks at.
pub const MOST: usize = 3;
/// Columns that stand on a card besides its name.
const MOST_CELLS: usize = 2;

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(link|lien|enlace|liga[çc][ãa]o|url|page|web|website|seite|p[áa]gina)\b").expect("a constant pattern")
});
static PICTURE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^(picture|image|photo|bild|foto|imagen|imagem)\b").expect("a constant pattern"));

/// The card of a row that names where its matter is shown or seen; `None`: there is nothing more to look at.
pub fn of(passage: &Passage) -> Option<Card> {
    let cells: Vec<(&str, &str)> = passage.text.split(" | ").filter_map(|cell| cell.split_once(": ")).collect();
    let (_, title) = cells.first()?;
    let address = |column: &Regex| {
        let found = cells.iter().skip(1).find(|(name, value)| column.is_match(name) && is_address(value.trim()));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let (url, picture) = (address(&LINK), address(&PICTURE));
    if passage.outdated || url.is_none() && picture.is_none() {
        return None;
    }
    let told = cells.iter().skip(1).filter(|(_, value)| !is_address(value.trim())).take(MOST_CELLS);
    let text = told.map(|(name, value)| format!("{name}: {}", value.trim())).collect::<Vec<_>>().join(", ");
    Some(Card { title: (*title).trim().to_owned(), text, picture, url })
}

fn is_address(value: &str) -> bool {
    value.starts_with("https://") && !value.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Passage {
        Passage {
            source: "chairs.md".to_owned(),
            heading: "Chairs".to_owned(),
            text: text.to_owned(),
            score: 1.0,
            language: "en".to_owned(),
            outdated: false,
        }
    }

    #[test]
    fn a_row_with_an_address_is_a_card_and_any_other_is_none() {
        let card = of(&row(
            "Model: Contour 2 | Price: 449 EUR | Colours: moss | Load: 130 kg | Picture: https://shop.example/c2.jpg | Page: https://shop.example/c2",
        ));
        let expected = Card {
            title: "Contour 2".to_owned(),
            text: "Price: 449 EUR, Colours: moss".to_owned(),
            picture: Some("https://shop.example/c2.jpg".to_owned()),
            url: Some("https://shop.example/c2".to_owned()),
        };
        assert_eq!(card, Some(expected));
        let check = |text: &str| assert_eq!(of(&row(text)), None, "{text}");
        check("Model: Contour 2 | Price: 449 EUR");
        check("We deliver to https://shop.example within a week.");
        check("Model: Contour 2 | Page: javascript:alert(1)");
        check("Model: Contour 2 | Page: http://shop.example/c2");
        check("Model: Contour 2 | Page: https://shop.example/ c2");
        check("Model: Contour 2 | Maker: https://maker.example");
        assert_eq!(of(&Passage { outdated: true, ..row("Model: A | Page: https://shop.example/a") }), None);
    }
}
