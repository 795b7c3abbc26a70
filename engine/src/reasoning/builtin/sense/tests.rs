//! Detectors over cases of our own: what must fire, what must stay quiet.

use std::fmt::Write as _;

use super::*;

const COMPETITORS: [&str; 4] = ["Northpeak", "Clearwater", "Mobilo", "Lumen & Lane"];
const TEAMMATES: [&str; 2] = ["Hannah Brook", "Luc Ferrand"];

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn sensed(text: &str, language: &str) -> Sensed {
    let (competitors, teammates) = (names(&COMPETITORS), names(&TEAMMATES));
    let sensing = Sensing {
        language,
        competitors: &competitors,
        teammates: &teammates,
        refund_limit: Some(250),
        currency: "GBP",
        last_ours: None,
        earlier_customer: &[],
        products: &[],
    };
    sense(text, &sensing)
}

/// Runs a file of cases; the share of right ones must not fall under `floor`.
fn check(cases: &str, floor: f32) {
    let mut wrong = String::new();
    let (mut right, mut all) = (0_u32, 0_u32);
    for line in cases.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [rule, language, expectation, text] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("not four columns: {line}") };
        let found = sensed(text, language);
        let fires = found.alarms.iter().any(|alarm| alarm.rule == rule);
        all += 1;
        if fires == (expectation == "fires") {
            right += 1;
        } else {
            let _ = writeln!(wrong, "{rule}\t{language}\t{expectation}\t{text}");
        }
    }
    let share = right as f32 / all as f32;
    assert!(share >= floor, "{right} of {all} right:\n{wrong}");
}

#[test]
fn rules_fire_on_what_speaks_for_them_and_stay_quiet_otherwise() {
    for cases in [include_str!("data/cases.tsv"), include_str!("data/cases-later.tsv"), include_str!("data/cases-third.tsv")] {
        check(cases, 0.98);
    }
    // Written to find what is not understood yet.
    check(include_str!("data/cases-fourth.tsv"), 0.94);
}

#[test]
fn a_refusal_after_a_price_is_no_objection_to_it() {
    let fires = |text: &str, language: &str| {
        let sensing = Sensing { last_ours: Some("The Contour 2 costs 449 EUR."), ..Sensing::alone(language) };
        sense(text, &sensing).alarms.iter().any(|alarm| alarm.rule == "budget-objection")
    };
    for (text, language) in [
        ("no thanks", "en"),
        ("No thank you, not now", "en"),
        ("not for me, the seat is too low", "en"),
        ("I'll pass", "en"),
        ("non merci", "fr"),
        ("sans façon", "fr"),
        ("nein danke", "de"),
        ("no, gracias", "es"),
        ("não, obrigado", "pt"),
    ] {
        assert!(!fires(text, language), "{text}");
    }
    for (text, language) in [
        ("449 euros, no thanks", "en"),
        ("No thanks, not at that price", "en"),
        ("You must be joking", "en"),
        ("449 euros, non merci", "fr"),
        ("Das ist zu teuer", "de"),
    ] {
        assert!(fires(text, language), "{text}");
    }
}

#[test]
fn not_to_be_called_is_no_wish_for_a_person() {
    let fires = |text: &str, language: &str| sensed(text, language).alarms.iter().any(|alarm| alarm.rule == "human-asked-for");
    for (text, language) in [
        ("Please don't call me", "en"),
        ("Bitte rufen Sie mich nicht an", "de"),
        ("Rufen Sie mich bitte nie wieder an, nur per E-Mail", "de"),
        ("Bitte rufen Sie uns morgen nicht an", "de"),
        ("Ich möchte nicht angerufen werden", "de"),
        ("Ne m'appelez pas", "fr"),
        ("No me llamen, por favor", "es"),
        ("Não me liguem", "pt"),
    ] {
        assert!(!fires(text, language), "{text}");
    }
    for (text, language) in [("Bitte rufen Sie mich an", "de"), ("Rufen Sie uns zurück", "de"), ("Please call me", "en")] {
        assert!(fires(text, language), "{text}");
    }
}

#[test]
fn quotes_are_the_customers_own_words() {
    for line in include_str!("data/cases.tsv").lines().filter(|line| !line.starts_with('#')) {
        let text = line.split('\t').nth(3).unwrap();
        for alarm in sensed(text, "en").alarms {
            assert!(text.contains(&alarm.quote) && !alarm.quote.is_empty(), "{text}: {}", alarm.quote);
        }
    }
}

#[test]
fn odd_input_is_read_without_harm() {
    for text in ["", " ", "?!?!", "€", "''", "\u{301}\u{301}", "12:", "«", "😀😀", "a'b'c'd", "1.2.3,4,5", "¿¡", &"x ".repeat(9_000)]
    {
        let found = sensed(text, "zz");
        assert!(found.alarms.is_empty(), "{text}");
    }
}

#[test]
fn acts_and_questions_are_told_apart() {
    let found = sensed("Thanks, and how long is delivery?", "en");
    assert!(found.acts.contains(&Act::Thanks) && found.acts.contains(&Act::Question));
    assert_eq!(found.questions, ["how long is delivery?"]);
    for (text, language, asked) in [
        ("Hello, my name is Ada Lind, do you deliver to Lyon?", "en", "do you deliver to Lyon?"),
        ("I'm Sam, and when do you open?", "en", "when do you open?"),
        ("Bonjour, je m'appelle Zoé Martin, livrez-vous à Lyon ?", "fr", "livrez-vous à Lyon ?"),
        ("Ich bin Jörg Groß, wie lange dauert die Lieferung?", "de", "wie lange dauert die Lieferung?"),
        ("This is urgent, when do you open?", "en", "This is urgent, when do you open?"),
    ] {
        assert_eq!(sensed(text, language).questions, [asked], "{text}");
    }
    for (text, language, act) in [
        ("hi", "en", Act::Greeting),
        ("Are you a bot?", "en", Act::AsksIfAi),
        ("What do you know about me?", "en", Act::AsksWhatIsKnown),
        ("Please delete all my data", "en", Act::AsksErasure),
        ("I'd rather not say", "en", Act::RefusesToSay),
        ("not sure yet", "en", Act::NotSure),
        ("back about that quote you sent me", "en", Act::Continues),
        ("that worked, thanks", "en", Act::Solved),
        ("still not working", "en", Act::NotSolved),
        ("yes please", "en", Act::Yes),
        ("nope", "en", Act::No),
        ("where is my order", "en", Act::AboutOwnOrder),
        ("send me the link, let's do it", "en", Act::ReadyToBuy),
        ("who am I talking to?", "en", Act::AsksAboutAssistant),
        ("Que savez-vous de moi ?", "fr", Act::AsksWhatIsKnown),
        ("Êtes-vous un robot ?", "fr", Act::AsksIfAi),
        ("Supprimez toutes mes données", "fr", Act::AsksErasure),
        ("Je préfère ne pas le dire", "fr", Act::RefusesToSay),
        ("je ne sais pas encore", "fr", Act::NotSure),
        ("Trouvé, merci !", "fr", Act::Solved),
    ] {
        let acts = sensed(text, language).acts;
        assert!(acts.contains(&act), "{text}: {acts:?}");
    }
}

fn turns<'a>(said: &[(&'a str, bool)]) -> Vec<DialogueTurn<'a>> {
    said.iter()
        .enumerate()
        .map(|(at, (text, was_unknown))| DialogueTurn {
            role: if at % 2 == 0 { Role::Customer } else { Role::Ours },
            text,
            was_unknown: *was_unknown,
        })
        .collect()
}

fn is_open(language: &str, said: &[&str]) -> bool {
    let said: Vec<(&str, bool)> = said.iter().map(|text| (*text, false)).collect();
    unresolved(&turns(&said), language).is_some()
}

#[test]
fn a_matter_that_stays_open_over_three_turns_is_seen() {
    assert!(is_open(
        "en",
        &[
            "Does the pump fit a Schrader valve?",
            "The pump is 25 EUR.",
            "OK but the valve, does it fit?",
            "It comes with a hose.",
            "I'm asking about the valve type"
        ]
    ));
    assert!(is_open(
        "en",
        &[
            "my key card doesn't open the door",
            "Breakfast is from 7.",
            "the door won't open!",
            "You can check out at 11.",
            "I'm still standing in front of the door"
        ]
    ));
    assert!(is_open(
        "en",
        &["when does the course start", "Our courses are popular.", "yes but when", "You can enrol online.", "when does it start??"]
    ));
    assert!(is_open(
        "fr",
        &[
            "Quand ma réservation sera-t-elle confirmée ?",
            "Merci de votre message.",
            "Oui mais quand ?",
            "Nous confirmons par mail.",
            "Je n'ai toujours rien, quand est-elle confirmée ?"
        ]
    ));
    assert!(is_open("en", &["This is the third time I'm asking for my key."]));
}

#[test]
fn three_matters_each_answered_are_no_open_matter() {
    assert!(!is_open("en", &["How heavy is the Comet?", "12 kg.", "Does the Comet come in red?", "Yes.", "How long is delivery?"]));
    assert!(!is_open("en", &["I'd like a room", "For how many nights?", "three", "And how many guests?", "two adults"]));
    assert!(!is_open(
        "en",
        &["the light flickers", "Is the battery charged?", "yes", "Please hold the button for ten seconds.", "that did it, thank you"]
    ));
    assert!(!is_open("en", &["do you have lockers", "Yes.", "and showers?", "Yes.", "and a sauna?"]));
    assert!(!is_open("fr", &["Avez-vous un parking ?", "Oui.", "Combien coûte-t-il ?", "10 euros.", "Super, et le petit-déjeuner ?"]));
}

#[test]
fn two_times_i_do_not_know_is_unresolved() {
    let said = [
        ("Is the glue vegan?", false),
        ("I don't have that information.", true),
        ("so is the glue vegan or not", false),
        ("I don't know that.", true),
    ];
    assert!(unresolved(&turns(&said), "en").is_some());
    let other = [
        ("Is the glue vegan?", false),
        ("I don't have that information.", true),
        ("Which colours are there for the frame?", false),
        ("I don't know that.", true),
    ];
    assert!(unresolved(&turns(&other), "en").is_none());
}

#[test]
fn the_same_question_is_known_in_other_words() {
    let same = |a: &str, b: &str| same_question(&question_key(a, "en"), &question_key(b, "en"));
    assert!(same("How long does delivery take?", "I asked how long the delivery takes"));
    assert!(same("Do you open on Saturdays?", "are you open saturday"));
    assert!(same("Where is the export button?", "where though"));
    assert!(!same("How heavy is the Comet 3?", "How heavy is the Comet 5?"));
    assert!(!same("Do you open on Saturdays?", "Can I pay by card?"));
    let key = question_key("How long does delivery of the Comet take?", "en");
    assert_eq!(key.to_string().parse::<QuestionKey>(), Ok(key));
}

#[test]
fn thanks_and_a_hum_after_a_price_are_no_objection() {
    let (competitors, teammates) = (names(&COMPETITORS), names(&TEAMMATES));
    for text in [
        "ok great, thank you so much",
        "thanks a lot!",
        "hmm",
        "wow, that's quick",
        "excuse me, where is the entrance?",
        "How are you today?",
        "perfect, so much easier than I thought",
        "ok cool",
        "and for the larger one?",
        "I'll take it",
        "let me think",
        "oh my god you are brilliant",
    ] {
        let sensing = Sensing {
            language: "en",
            competitors: &competitors,
            teammates: &teammates,
            refund_limit: Some(250),
            currency: "GBP",
            last_ours: Some("500 copies: £34. Delivery is £6.50, free over £100."),
            earlier_customer: &[],
            products: &[],
        };
        let alarms = sense(text, &sensing).alarms;
        assert!(alarms.is_empty(), "{text}: {alarms:?}");
    }
}
