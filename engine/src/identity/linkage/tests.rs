//! Promises of the linkage, on people made up here.

use super::*;

fn record(fields: &[(&str, &str)]) -> Record {
    Record { fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() }
}

/// People who have nothing to do with each other, so that values have a frequency.
fn crowd(size: usize) -> Vec<Record> {
    const GIVEN: [&str; 12] = ["Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Fanny", "Gustav", "Hana", "Igor", "Jeanne", "Kofi", "Lucia"];
    const FAMILY: [&str; 11] =
        ["Abend", "Brunner", "Castelli", "Dvorak", "Ekberg", "Fontaine", "Garrido", "Haddad", "Ivanova", "Jansen", "Kowalski"];
    (0..size)
        .map(|n| {
            let family = format!("{}{}", FAMILY[n % 11], ["", "er", "sen", "ova"][n / 132 % 4]);
            record(&[
                ("name", &format!("{} {family}", GIVEN[n % 12])),
                ("email", &format!("box{:x}@mail{}.example", n * 7_919 + 4_096, n % 7)),
                ("phone", &format!("+336{:08}", (n as u64 * 48_271_913 + 1_000_003) % 99_999_989)),
                ("birth_date", &format!("{}-{:02}-{:02}", 1940 + n * 17 % 60, 1 + n * 5 % 12, 1 + n * 11 % 28)),
            ])
        })
        .collect()
}

/// Puts some records before a crowd and tells which of them are proposed, with their probability.
fn proposed(some: &[Record], size: usize) -> Vec<(usize, usize, f64)> {
    let mut all = some.to_vec();
    all.extend(crowd(size));
    let found = link(&all, Options::default());
    found.iter().filter(|pair| pair.a < some.len() && pair.b < some.len()).map(|pair| (pair.a, pair.b, pair.probability)).collect()
}

#[test]
fn one_person_written_twice_stands_first() {
    for size in [0, 40, 700] {
        let pair = [
            record(&[("name", "Oliver Connolly"), ("birth_date", "1972-03-08"), ("email", "o.connolly@mill.example")]),
            record(&[("name", "Olivre Conolly"), ("birth_date", "8.3.1972"), ("email", "O.Connolly@mill.example")]),
        ];
        let found = proposed(&pair, size);
        assert!(matches!(found.as_slice(), [(0, 1, likely)] if *likely >= FIRST), "{size}: {found:?}");
    }
}

#[test]
fn a_name_alone_proposes_nobody() {
    let pair = [record(&[("name", "Ada Brunner")]), record(&[("name", "Ada Brunner"), ("birth_date", "1950-01-01")])];
    assert_eq!(proposed(&pair, 300), []);
}

#[test]
fn strangers_are_not_proposed() {
    assert_eq!(link(&crowd(132), Options::default()), []);
    assert_eq!(link(&[], Options::default()), []);
    assert_eq!(link(&[Record::default(), Record::default()], Options::default()), []);
}

#[test]
fn a_turned_name_a_nickname_and_another_script_are_one_person() {
    for (one, other) in [("Matilda Harris", "Harris Matilda"), ("Alexander Berg", "Sasha Berg"), ("Дмитрий Орлов", "Dmitry Orlov")]
    {
        let born = ("birth_date", "1983-04-30");
        let phone = ("phone", "+33612345678");
        let pair = [record(&[("name", one), born, phone]), record(&[("name", other), born, phone])];
        assert!(matches!(proposed(&pair, 60).as_slice(), [(0, 1, likely)] if *likely >= FIRST), "{one} / {other}");
    }
}

#[test]
fn twins_in_one_house_do_not_stand_first() {
    let house = ("address", "14 Hoseason Street, 4881 Granville");
    let born = ("birth_date", "1998-03-05");
    let pair = [record(&[("name", "Erin Papageorgiou"), house, born]), record(&[("name", "Laura Papageorgiou"), house, born])];
    assert!(proposed(&pair, 200).iter().all(|(_, _, likely)| *likely <= 0.9));
}

#[test]
fn a_mailbox_of_an_office_joins_nobody() {
    let office: Vec<Record> = ["Ada Stern", "Bruno Kehl", "Chiara Vito", "Dmitri Lasko", "Elif Demir", "Fanny Roux"]
        .iter()
        .map(|name| record(&[("name", name), ("email", "info@firm.example"), ("phone", "+33140506070")]))
        .collect();
    assert_eq!(proposed(&office, 100), []);
}

#[test]
fn namesakes_with_addresses_that_look_alike_do_not_stand_first() {
    let pair = [
        record(&[("name", "Anna Berg"), ("email", "anna.berg1@mail.example"), ("birth_date", "1990-04-01")]),
        record(&[("name", "Anna Berg"), ("email", "anna.berg7@mail.example"), ("birth_date", "1962-11-23")]),
    ];
    assert!(proposed(&pair, 200).iter().all(|(_, _, likely)| *likely < FIRST));
}

#[test]
fn every_pair_of_a_cluster_is_told_also_through_a_third() {
    let some = [
        record(&[("name", "Thomas Cross"), ("email", "mrusso@hancock.example"), ("birth_date", "1992-10-16")]),
        record(&[("name", "Thomas Cross"), ("email", "mrusso@hancock.example"), ("phone", "+33612345678")]),
        record(&[("name", "Tomas Cros"), ("phone", "+33612345678"), ("external_id", "A-7781")]),
    ];
    let found = proposed(&some, 200);
    let mut pairs: Vec<(usize, usize)> = found.iter().map(|(a, b, _)| (*a, *b)).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [(0, 1), (0, 2), (1, 2)]);
    let through = found.iter().find(|(a, b, _)| (*a, *b) == (0, 2)).map(|(_, _, likely)| *likely);
    assert!(through.is_some_and(|likely| likely < FIRST), "{found:?}");
}

#[test]
fn two_accounts_are_not_joined_through_a_third_record() {
    let some = [
        record(&[("name", "Lena Sommer"), ("email", "lena@s.example"), ("external_id", "100017"), ("birth_date", "1990-04-01")]),
        record(&[("name", "Lena Sommer"), ("email", "lena@s.example"), ("phone", "+33612345678")]),
        record(&[("name", "Lena Sommer"), ("phone", "+33612345678"), ("external_id", "958442"), ("birth_date", "1962-11-23")]),
    ];
    assert!(proposed(&some, 200).iter().all(|(a, b, _)| (*a, *b) != (0, 2)));
}

#[test]
fn processors_and_order_of_fields_change_nothing() {
    let mut all = crowd(600);
    all.push(record(&[("birth_date", "1972-03-08"), ("name", "Oliver Connolly"), ("phone", "0612345678")]));
    all.push(record(&[("name", "Oliver Conolly"), ("phone", "+33 6 12 34 56 78"), ("birth_date", "19720308")]));
    let one = link(&all, Options::default());
    assert_eq!(one.len(), 1);
    assert_eq!(one, link(&all, Options { lanes: 3, ..Options::default() }));
}

#[test]
fn reasons_say_in_words_what_speaks_for_and_against() {
    let found = link(
        &[
            record(&[("name", "Mia Cooke"), ("email", "mia@house.example"), ("birth_date", "2001-12-31"), ("city", "London")]),
            record(&[("name", "Mia Cooke"), ("email", "mia@house.example"), ("birth_date", "2001-12-13"), ("city", "Leeds")]),
        ],
        Options::default(),
    );
    let said: Vec<String> = found[0].reasons.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("same email (+"), "{said:?}");
    assert!(said.iter().any(|text| text.starts_with("different address (-")), "{said:?}");
}

#[test]
fn hostile_values_are_read_without_harm() {
    let long = "x".repeat(20_000);
    let odd = ["\u{0}\u{202e}", "é́́́", "日本", "-", "00000000", "1/1/1", "@", long.as_str(), "𝕒𝕟𝕟𝕒 ß"];
    let all: Vec<Record> = odd
        .iter()
        .flat_map(|value| {
            ["name", "email", "phone", "birth_date", "address", "postcode", "tier", ""].map(|field| record(&[(field, value)]))
        })
        .collect();
    link(&all, Options { lanes: 2, ..Options::default() });
}

/// Forty people to a postcode, with given names that many have, and every third record of them written twice.
#[test]
fn neighbours_with_one_given_name_are_not_taken_for_one_person() {
    const STREETS: [&str; 9] =
        ["Mill Lane", "Oak Street", "Park Road", "Hill Close", "Lake View", "Church Row", "Elm Court", "Bay Parade", "Fern Way"];
    const GIVEN: [&str; 12] = ["Mia", "Blake", "Elli", "Talya", "Aber", "Jake", "Sophie", "Megan", "Todd", "Hanna", "Luca", "Noah"];
    const SYLLABLES: [&str; 15] = ["ba", "ko", "ri", "ten", "mar", "lo", "vi", "sa", "du", "per", "ni", "al", "hu", "ge", "fo"];
    let mut state = 7_u64;
    let mut any = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut all, mut owners) = (Vec::new(), Vec::new());
    for person in 0..4_500 {
        let family = [any(15), any(15), any(15)].map(|at| SYLLABLES[at]).concat();
        let town = any(150);
        let one = record(&[
            ("name", &format!("{} {family}", GIVEN[any(12)])),
            ("address", &format!("{} {}, {} Town{town}", 1 + any(300), STREETS[any(9)], 3_000 + town)),
            ("birth_date", &format!("{}-{:02}-{:02}", 1930 + any(75), 1 + any(12), 1 + any(28))),
        ]);
        for _ in 0..if person % 3 == 0 { 2 } else { 1 } {
            all.push(one.clone());
            owners.push(person);
        }
    }
    let found = link(&all, Options { lanes: 2, ..Options::default() });
    let wrong: Vec<&Likely> = found.iter().filter(|pair| owners[pair.a] != owners[pair.b]).collect();
    assert!(found.len() - wrong.len() >= 1_490, "{} of 1500", found.len() - wrong.len());
    assert!(wrong.len() <= 5, "{} of {}: {:?}", wrong.len(), found.len(), wrong[0]);
}
