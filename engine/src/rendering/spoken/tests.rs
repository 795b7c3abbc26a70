use proptest::prelude::*;

use super::*;

fn check(language: &str, written: &str, said: &str) {
    assert_eq!(SpokenText::of(written, language).text(), said, "{written}");
}

#[test]
fn what_is_written_is_said_as_a_person_says_it() {
    let check = |written: &str, said: &str| check("en", written, said);
    check("It costs €3,500.", "It costs three thousand five hundred euros.");
    check("It costs 349.90 EUR, 1 EUR less.", "It costs three hundred and forty-nine euros ninety, one euro less.");
    check("Your budget: 4,000–6,000 EUR.", "Your budget: four thousand to six thousand euros.");
    check("by 15 March 2027", "by the fifteenth of March twenty twenty-seven");
    check("on 2026-11-29", "on the twenty-ninth of November twenty twenty-six");
    check("at 15:00 or 9:05", "at three p.m. or nine oh five a.m.");
    check("He answers by 13:00.", "He answers by one p.m.");
    check("Order EC-20417 is on its way", "Order E C two zero four, one seven is on its way");
    check("order 471092", "order four seven one, zero nine two");
    check("Call +33 6 12 34 56 78.", "Call plus three three six, one two three four, five six seven eight.");
    check("Write to help@example.com.", "Write to help at example dot com.");
    check("See https://example.com/help.", "See example dot com slash help.");
    check("See https://example.com/a/very/long/path/that/nobody/writes/down?x=1", "See a link that I can send you in writing");
    check("3–5 days, 20 % off, the 2nd one", "three to five days, twenty percent off, the second one");
    check("80 cm x 120 cm, 12.5 kg", "eighty centimetres times one hundred and twenty centimetres, twelve point five kilograms");
    check("**Bold** and `code` 🎉 & more", "Bold and code and more");
    check("• one\n• two", "one. two");
    check("See [our terms](https://example.com/terms).", "See our terms.");
}

#[test]
fn french_is_said_in_french() {
    let check = |written: &str, said: &str| check("fr", written, said);
    check("Cela coûte 3 500 €.", "Cela coûte trois mille cinq cents euros.");
    check("d'ici le 1er mars 2027", "d'ici le premier mars deux mille vingt-sept");
    check("à 15h30", "à quinze heures trente");
    check("20 % de remise", "vingt pour cent de remise");
    check("aide@exemple.fr", "aide arobase exemple point fr");
}

#[test]
fn what_was_heard_is_found_in_what_was_written() {
    let check = |written: &str, heard: &str, found: &str| {
        assert_eq!(SpokenText::of(written, "en").heard(written, heard), found, "{heard}");
    };
    let written = "It costs €3,500. Delivery takes 3–5 days.";
    check(written, "It costs three thousand five hundred euros.", "It costs €3,500.");
    check(written, "It costs three thousand five", "It costs");
    check(written, "It costs three thousand five hundred euros. Delivery takes", "It costs €3,500. Delivery takes");
    check(written, "Delivery takes three to", "It costs €3,500. Delivery takes");
    check(written, "", "");
    check(written, "Something else", "");
    check(written, "It costs three thousand five hundred euros. Delivery takes three to five days.", written);
}

proptest! {
    #[test]
    fn no_text_breaks_it_and_no_markup_is_said(text in "\\PC{0,200}", language in "en|fr|de") {
        let said = SpokenText::of(&text, &language).text();
        prop_assert!(!said.contains(['*', '`', '#', '<', '>', '\n']), "{said:?}");
        if language != "de" {
            prop_assert!(!said.chars().any(|letter| letter.is_ascii_digit()) || said.len() < 4_000);
        }
    }

    #[test]
    fn what_was_heard_is_always_a_beginning_of_what_was_written(words in proptest::collection::vec("[a-z]{1,8}|[0-9]{1,6}|€[0-9]{1,4}", 1..20), cut in 0_usize..200) {
        let written = words.join(" ");
        let spoken = SpokenText::of(&written, "en");
        let said = spoken.text();
        let cut = said.char_indices().map(|(at, _)| at).chain([said.len()]).nth(cut.min(said.chars().count())).unwrap_or(0);
        let found = spoken.heard(&written, &said[..cut]);
        prop_assert!(written.starts_with(found));
        prop_assert!(found.is_empty() || written.len() == found.len() || written[found.len()..].starts_with(' '));
    }

    #[test]
    fn a_first_portion_only_grows(sentences in proptest::collection::vec("[A-Z][a-z]{1,8}( [a-z]{1,8}){0,4}(; [a-z]{1,5}){0,9}\\.", 1..6)) {
        let mut before = String::new();
        for count in 1..=sentences.len() {
            let now = portion(&sentences[..count].join(" ")).now;
            prop_assert!(now.starts_with(&before), "{before:?} then {now:?}");
            before = now;
        }
    }
}
