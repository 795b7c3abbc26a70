//! The reader against cases of its own: other businesses, other wordings, five languages.

use domain::Timestamp;
use domain::fact::{ConsentState, Learned, Predicate};

use super::text::plain;
use super::*;

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn check_with<R>(pending: Option<Predicate>, offer: Option<&str>, text: &str, look: impl FnOnce(Understood) -> R) -> R {
    let competitors = own(&["NordSleep", "Bright Way", "Velocity"]);
    let catalogue = own(&["Comet 3", "Comet 3 Pro", "Willow Bed", "Trail Runner", "Basic"]);
    let names = own(&["Greta Holm", "Sleepwell"]);
    let reading = Reading {
        now: Timestamp::parse_rfc3339("2027-02-10T10:00:00Z").expect("a constant time"),
        timezone: "Europe/London",
        currency: "EUR",
        region: "GB",
        locale: "en",
        competitors: &competitors,
        catalogue: &catalogue,
        own_names: &names,
        own_contacts: &[],
        pending,
        offer,
        last_ours: None,
    };
    look(understand(text, &reading))
}

#[test]
fn a_phrase_that_is_in_a_text_is_among_those_it_may_hold() {
    let reading = Reading {
        now: Timestamp::parse_rfc3339("2027-02-10T10:00:00Z").expect("a constant time"),
        timezone: "Europe/London",
        currency: "EUR",
        region: "GB",
        locale: "en",
        competitors: &[],
        catalogue: &[],
        own_names: &[],
        own_contacts: &[],
        pending: None,
        offer: None,
        last_ours: None,
    };
    let texts = lexicon::rows(include_str!("data/cases.tsv")).flatten().chain(["", "{", "été, à côté"]);
    let held: usize = texts.map(|text| lexicon::held(&Message::read(text, &reading, "en").text.text)).sum();
    assert!(held > 2_000, "{held} phrases are too few to tell");
}

fn whole(minor: i64) -> String {
    (minor / 100).to_string()
}

/// A fact in the short spelling of the cases.
fn spelled(fact: &Learned) -> String {
    let part = |name: &str| fact.data[name].as_str().unwrap_or("").to_owned();
    let value = match fact.predicate {
        Predicate::Budget => {
            let bound = |name: &str| fact.data[name].as_i64().map(whole);
            let figure = match (bound("min"), bound("max")) {
                (Some(min), Some(max)) if min == max => min,
                (min, max) => format!("{}..{}", min.unwrap_or_default(), max.unwrap_or_default()),
            };
            let per = fact.data["per"].as_str().map_or_else(String::new, |per| format!("/{per}"));
            format!("{figure} {}{per}", part("currency"))
        }
        Predicate::Timeline => match (fact.data["from"].as_str(), fact.data["to"].as_str()) {
            (Some(from), Some(to)) if from == to => from.to_owned(),
            (from, to) => format!("{}/{}", from.unwrap_or(".."), to.unwrap_or("..")),
        },
        Predicate::PreferredHours if fact.data["days"].is_null() => format!("{}..{}", part("from"), part("to")),
        _ => fact.value.clone(),
    };
    format!("{}{}={value}", if fact.holds { "" } else { "!" }, fact.predicate)
}

fn everything(read: &Understood) -> Vec<String> {
    let mut all: Vec<String> = read.learned.iter().map(spelled).collect();
    all.extend(read.consents.iter().map(|consent| {
        let door = consent.channel.map_or_else(String::new, |door| format!("@{door}"));
        let state = match consent.state {
            ConsentState::Given => "given",
            ConsentState::Withdrawn => "withdrawn",
            ConsentState::Requested => "requested",
        };
        format!("consent={}{door}:{state}", consent.purpose)
    }));
    all.extend(read.promises.iter().map(|promise| format!("promise={}", promise.what)));
    all.extend(read.offers.iter().map(|offer| {
        format!("offer_{}={}", if offer.accepted { "accepted" } else { "declined" }, offer.product.clone().unwrap_or_default())
    }));
    all
}

fn fits(expected: &str, read: &str) -> bool {
    let (Some((predicate, value)), Some((read_predicate, read_value))) = (expected.split_once('='), read.split_once('=')) else {
        return false;
    };
    let exact = [
        "budget",
        "timeline",
        "phone",
        "email",
        "order",
        "company_size",
        "quantity",
        "consent",
        "preferred_hours",
        "name",
        "language",
        "product_interest",
    ];
    predicate == read_predicate
        && if exact.contains(&predicate) {
            value == read_value
        } else {
            plain(read_value).contains(&plain(value)) || plain(value).contains(&plain(read_value))
        }
}

#[test]
fn messages_are_read_as_they_are_meant() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in lexicon::rows(include_str!("data/cases.tsv")) {
        let [text, expected] = case[..] else { panic!("a case has two columns: {case:?}") };
        let text = text.replace("\\n", "\n");
        count += 1;
        let read = check_with(None, None, &text, |read| everything(&read));
        let expected: Vec<&str> = expected.split(" | ").filter(|fact| *fact != "none").collect();
        let missing: Vec<&&str> =
            expected.iter().filter(|fact| !fact.starts_with('?') && !read.iter().any(|found| fits(fact, found))).collect();
        let extra: Vec<&String> =
            read.iter().filter(|found| !expected.iter().any(|fact| fits(fact.trim_start_matches('?'), found))).collect();
        if !missing.is_empty() || !extra.is_empty() {
            wrong.push(format!("{text:?}: missing {missing:?}, extra {extra:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_bare_answer_fills_what_we_asked() {
    let first = |pending, text: &str| check_with(Some(pending), None, text, |read| everything(&read));
    assert_eq!(first(Predicate::Budget, "500"), ["budget=500 EUR"]);
    assert_eq!(first(Predicate::Budget, "around 2k"), ["budget=2000 EUR"]);
    assert_eq!(first(Predicate::Name, "lars"), ["name=Lars"]);
    assert_eq!(first(Predicate::Timeline, "in June"), ["timeline=2027-06-01/2027-06-30"]);
    assert_eq!(first(Predicate::CompanySize, "14"), ["company_size=14"]);
    assert_eq!(first(Predicate::Quantity, "six"), ["quantity=6"]);
    assert_eq!(first(Predicate::Order, "77120"), ["order=77120"]);
    assert_eq!(first(Predicate::PreferredChannel, "WhatsApp"), ["preferred_channel=whatsapp"]);
}

#[test]
fn a_plain_yes_or_no_answers_the_open_offer() {
    let offers = |text: &str| {
        check_with(None, Some("Premium care"), text, |read| {
            read.offers.into_iter().map(|offer| (offer.product, offer.accepted)).collect::<Vec<_>>()
        })
    };
    let about = |accepted| vec![(Some("Premium care".to_owned()), accepted)];
    assert_eq!(offers("no thanks"), about(false));
    assert_eq!(offers("no thanks, just looking"), about(false), "what they are doing is no product");
    assert_eq!(offers("No, thanks! Only browsing today"), about(false));
    assert_eq!(offers("Yes please!"), about(true));
    assert_eq!(offers("non merci"), about(false));
    assert_eq!(offers("let me think about it"), []);
}

#[test]
fn an_offer_is_declined_in_other_words_and_behind_a_question_of_ours() {
    let offers = |pending, text: &str| {
        check_with(pending, Some("Comet 3"), text, |read| read.offers.into_iter().map(|offer| offer.accepted).collect::<Vec<_>>())
    };
    for text in [
        "No, not the Comet 3, I don't want it",
        "I don't want it",
        "That's not for me",
        "Non, pas le Comet 3",
        "je n'en veux pas",
        "Nein, nicht das Comet 3",
        "Das möchte ich nicht",
        "No, el Comet 3 no me gusta",
        "no lo quiero",
        "Não, o Comet 3 não me agrada",
    ] {
        assert_eq!(offers(None, text), [false], "{text}");
    }
    // "By when do you need it?" stands behind the suggestion.
    let asked = Some(Predicate::Timeline);
    assert_eq!(offers(asked, "no thanks"), [false]);
    assert_eq!(offers(asked, "nein danke"), [false]);
    for text in ["no", "yes", "sounds good", "not this week", "I don't need a table", "not the 12th but the 19th"] {
        assert!(!offers(asked, text).contains(&true) && offers(asked, text).is_empty(), "{text}");
    }
}

#[test]
fn what_no_longer_counts_is_taken_back() {
    let taken = |text: &str| check_with(None, None, text, |read| read.withdrawn.iter().map(|item| item.predicate).collect::<Vec<_>>());
    for text in [
        "There is no deadline after all",
        "I don't need it by March, forget the date",
        "Il n'y a plus de date limite",
        "Es gibt doch keine Frist mehr",
        "Ya no hay fecha límite",
        "Já não há prazo",
    ] {
        assert_eq!(taken(text), [Predicate::Timeline], "{text}");
    }
    for text in [
        "There's no budget limit any more",
        "Forget the budget",
        "Oubliez le budget",
        "Wir haben keine Budgetgrenze mehr",
        "Ya no hay límite de presupuesto",
        "Esqueça o orçamento",
    ] {
        assert_eq!(taken(text), [Predicate::Budget], "{text}");
    }
    for text in [
        "That's not my email any more, it's rob@new.example",
        "J'ai changé d'adresse mail : rob@new.example",
        "Meine E-Mail-Adresse hat sich geändert: rob@new.example",
        "Ya no es mi correo, ahora es rob@new.example",
        "Mudei de e-mail: rob@new.example",
    ] {
        assert_eq!(taken(text), [Predicate::Email], "{text}");
    }
    for text in ["Is there a deadline?", "The deadline is 3 May", "My email is rob@new.example", "Our budget is 700 euros"] {
        assert_eq!(taken(text), [], "{text}");
    }
}

#[test]
fn an_amount_behind_its_label_is_a_budget_as_in_a_form() {
    let reads = |text: &str| check_with(None, None, text, |read| read.learned.iter().any(|fact| fact.predicate == Predicate::Budget));
    assert!(reads("Which of your chairs suits an office?\n\nBudget: 700 euros\nCompany: Quill & Sons"));
    assert!(reads("We look for chairs for our office in Lyon.\nYour budget: about 700 EUR"));
    assert!(!reads("We look for chairs for our office in Lyon.\nPrice seen elsewhere: 700 EUR"));
    assert!(!reads("What is your budget range for the office: is 700 EUR a lot?"));
}

#[test]
fn hedged_and_second_hand_statements_are_half_as_sure() {
    let sure = |text: &str| check_with(None, None, text, |read| read.learned.first().map(|fact| fact.confidence));
    assert_eq!(sure("Our budget is 700 euros"), Some(0.9));
    assert_eq!(sure("Maybe our budget is 700 euros"), Some(0.5));
    assert_eq!(sure("My boss said we can spend 700 euros"), Some(0.5));
}

#[test]
fn names_of_one_person_do_not_contradict() {
    use NameMatch::{Compatible, Contradict, NotAName, Same};
    let check = |a: &str, b: &str, expected: NameMatch| {
        assert_eq!(same_person(a, b), expected, "{a} / {b}");
        assert_eq!(same_person(b, a), expected, "{b} / {a}");
    };
    check("Anna Berg", "anna  berg", Same);
    check("Berg, Anna", "Anna Berg", Same);
    check("José Núñez", "Jose Nunez", Same);
    check("Anna Thorsby", "Anna Torsby", Same);
    check("Bob", "Robert Hart", Compatible);
    check("Kate Murphy", "Katherine Murphy", Compatible);
    check("A. Berg", "Anna Berg", Compatible);
    check("Alex", "Alexandra Winter", Compatible);
    check("Сергей Иванов", "Sergey Ivanov", Same);
    check("Yusuf", "Youssef", Compatible);
    check("Anna Berg", "Anna Maria Berg", Compatible);
    check("John", "Sarah", Contradict);
    check("John Hayes", "Sarah Hayes", Contradict);
    check("Anna Berg", "Anna Winter", Contradict);
    check("Lumen Bakery Ltd", "Anna Berg", NotAName);
    check("🌸🌸", "Anna", NotAName);
    check("+44 7700 900118", "Anna", NotAName);
    check("", "Anna", NotAName);
}

#[test]
fn languages_are_told_apart_in_a_few_words() {
    let check = |text: &str, code: &str| assert_eq!(language_of(text, None).map(|language| language.code).as_deref(), Some(code), "{text}");
    check("how much is it?", "en");
    check("bonjour, je cherche un vélo", "fr");
    check("Ich brauche bitte einen Termin", "de");
    check("Combien coûte un emplacement en haute saison ?", "fr");
    check("Peut-on payer en plusieurs fois ?", "fr");
    check("Livrez-vous en France ?", "fr");
    check("hola, necesito una cita", "es");
    check("olá, preciso de uma cadeira", "pt");
    check("Здравствуйте, сколько это стоит?", "ru");
    assert_eq!(language_of("ok", Some("fr")).map(|language| language.code).as_deref(), Some("fr"));
    assert_eq!(language_of("12345", None), None);
}

#[test]
fn phone_numbers_become_e164_and_placeholders_do_not() {
    assert_eq!(e164("06 39 98 12 34", "FR").as_deref(), Some("+33639981234"));
    assert_eq!(e164("0049 30 901820", "GB").as_deref(), Some("+4930901820"));
    assert_eq!(e164("+44 (0)20 7946 0123", "FR").as_deref(), Some("+442079460123"));
    assert_eq!(e164("0600000000", "FR"), None);
    assert_eq!(e164("12", "GB"), None);
    assert_eq!(email("Mail: <Anna.Berg@Example.COM>").as_deref(), Some("anna.berg@example.com"));
}

#[test]
fn every_quote_occurs_and_no_text_breaks_the_reader() {
    let pieces = [
        "£",
        "\u{1}n9\u{2}",
        "I need ",
        "4-6k",
        "«",
        "é",
        "between ",
        "1.",
        "I'm ",
        "@",
        "🙂",
        "\n",
        "next Friday",
        "No thanks, ",
        "SO-20931 ",
        "ﬁ",
        "'s here",
        "call me after 6",
        "ß",
        "İ",
    ];
    let mut seed = 7_u64;
    for _ in 0..400 {
        let mut text = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        check_with(None, None, &text, |read| {
            for fact in &read.learned {
                assert!(text.contains(&fact.quote) && !fact.quote.is_empty(), "{text:?}: {fact:?}");
            }
        });
    }
}
