//! What a customer wants of the business's calendars: a time, another time, none any more, or to know when it is.

use std::sync::LazyLock;

use domain::Timestamp;
use domain::conversation::Pending;
use domain::lexicon::fold;
use domain::settings::{CalendarSettings, WorkspaceSettings};
use domain::signal::Act;
use regex::Regex;

use super::analyst::Reading;
use super::builtin::understand::{Times, times_in};

/// What a message says about an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// They want a time of this calendar.
    Wants {
        /// The calendar's id.
        calendar: String,
        /// When, as far as they said.
        times: Times,
    },
    /// They want a time, and it is open of which calendar.
    WantsSome,
    /// One of the times that were offered.
    Picks(Timestamp),
    /// None of them: later ones.
    Later,
    /// Not any more, before a time was booked.
    Refuses,
    /// What they booked should be at another time.
    Moves(Times),
    /// What they booked is not wanted any more.
    Cancels,
    /// When is it?
    AsksWhen,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// Over folded text: lower case, no accents.
static APPOINTMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:appointments?|time ?slots?|slots?|booking|rendez-?vous|rdv|creneaux?|termine?|beratungstermin|cita|turno|consulta|marcacao|agendamento)\b",
    )
});
static WISHES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:book|schedule|arrange|make|get|have|reserve|set up|sign up|need|want|like|looking for|can i|could i|may i|possible|come in|prendre|prends|reserver|fixer|avoir|obtenir|voudrais|veux|aimerais|souhaite|puis-je|besoin|vereinbaren|buchen|machen|ausmachen|bekommen|mochte|will|brauche|kann ich|hatte gern|reservar|pedir|concertar|agendar|marcar|quiero|quisiera|necesito|quero|queria|gostaria|preciso)\b",
    )
});
static CANCELS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:cancel|call off|can't (?:come|make it)|cannot (?:come|make it)|won't (?:come|make it)|annuler|annule|annulez|absagen|sage .{0,30} ab|stornieren|cancelar|anular|desmarcar)\b",
    )
});
static MOVES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:move|reschedule|postpone|push back|bring forward|another (?:time|day|date)|a different (?:time|day|date)|change (?:my|the|our) (?:appointment|booking|time|date|consultation)|deplacer|reporter|decaler|changer (?:mon|le|de) (?:rendez-?vous|rdv|creneau|date|horaire)|verschieben|verlegen|umbuchen|cambiar (?:mi|la) (?:cita|hora)|mover|aplazar|remarcar|adiar|reagendar)\b",
    )
});
static ASKS_WHEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:when|what time|which day|at what time|quand|quelle heure|quel jour|wann|um wie viel uhr|cuando|a que hora|quando)\b")
});
static MINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:my|our|mon|ma|notre|mein|meine|meinen|unser|mi|nuestra|minha|meu|booked|reserve|gebucht)\b"));
static NONE_OF_THEM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:none|neither|later|other times?|something else|don't suit|do not suit|doesn't suit|aucun|autre|plus tard|keiner|keine|spater|andere|ninguna?|otra hora|mas tarde|nenhuma?|outra hora|mais tarde)\b",
    )
});
static WHICH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:the )?(?P<n>first|second|third|last|premier|premiere|deuxieme|second|troisieme|dernier|derniere|erste[nr]?|zweite[nr]?|dritte[nr]?|letzte[nr]?|primera?|segund[ao]|tercer[ao]?|primeir[ao]|terceir[ao]|ultim[ao])\b",
    )
});

/// What the messages of a turn say about appointments; `None`: nothing, or there are no calendars. `has_booking`: they have one ahead.
pub fn read(reading: &Reading, settings: &WorkspaceSettings, pending: Option<&Pending>, has_booking: bool, now: Timestamp) -> Option<Said> {
    if settings.calendars.is_empty() {
        return None;
    }
    let text = fold(&reading.text);
    let times = || times_in(&reading.text, settings, &reading.language, now);
    let named = settings.calendars.iter().find(|calendar| is_named(calendar, &text));
    let is_about = named.is_some() || APPOINTMENT.is_match(&text);
    if let Some(Pending::Times { calendar, offered, moves }) = pending {
        if let Some(said) = answer(reading, &text, offered, &settings.timezone, &times()) {
            return Some(said);
        }
        let named_again = times();
        let is_new = !named_again.days.is_empty() || !named_again.minutes.is_empty();
        if is_new && reading.text.split_whitespace().count() <= 14 {
            return Some(if moves.is_some() {
                Said::Moves(named_again)
            } else {
                Said::Wants { calendar: calendar.clone(), times: named_again }
            });
        }
    }
    if has_booking {
        if CANCELS.is_match(&text) && (is_about || text.split_whitespace().count() <= 8) && !MOVES.is_match(&text) {
            return Some(Said::Cancels);
        }
        if MOVES.is_match(&text) && is_about {
            return Some(Said::Moves(times()));
        }
        if is_about && ASKS_WHEN.is_match(&text) && MINE.is_match(&text) {
            return Some(Said::AsksWhen);
        }
    }
    // "A consultation", as the answer to which of them.
    if let Some(calendar) = named.filter(|_| text.split_whitespace().count() <= 3 && reading.signals.questions.is_empty()) {
        return Some(Said::Wants { calendar: calendar.id.clone(), times: Times::default() });
    }
    if !is_about || !WISHES.is_match(&text) || CANCELS.is_match(&text) || MINE.is_match(&text) && has_booking {
        return None;
    }
    // "Is a consultation free?" asks about it; "can I have one?" asks for it.
    let asks_about = !reading.signals.questions.is_empty() && !asks_for(&text) && times().days.is_empty();
    if asks_about {
        return None;
    }
    let only = settings.calendars.first().filter(|_| settings.calendars.len() == 1);
    Some(match named.or(only) {
        Some(calendar) => Said::Wants { calendar: calendar.id.clone(), times: times() },
        None => Said::WantsSome,
    })
}

/// "Can I get …", "could you book …", "I would like …".
fn asks_for(text: &str) -> bool {
    static ASKS_FOR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:can|could|may|possible|do you have|have you got|are there|any|puis-je|pourrais-je|peut-on|possible|avez-vous|kann ich|konnte ich|konnen wir|haben sie|gibt es|puedo|podria|hay|tiene|posso|poderia|ha|tem)\b.{0,40}\b(?:book|schedule|arrange|make|get|have|reserve|free|available|appointments?|slots?|prendre|reserver|fixer|avoir|rendez-?vous|rdv|creneaux?|libres?|vereinbaren|buchen|machen|bekommen|termine?|frei|reservar|pedir|concertar|agendar|marcar|cita|turno|consulta|libre|livre)\b",
        )
    });
    ASKS_FOR.is_match(text)
}

/// Are the telling words of its name in the text?
fn is_named(calendar: &CalendarSettings, text: &str) -> bool {
    let name = fold(&calendar.name);
    let words: Vec<&str> = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 3).collect();
    let said: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    !words.is_empty() && words.iter().all(|word| said.iter().any(|other| other == word || other.strip_suffix('s') == Some(word)))
}

/// Their answer to the times that were offered.
fn answer(reading: &Reading, text: &str, offered: &[Timestamp], zone: &str, times: &Times) -> Option<Said> {
    let has = |act: Act| reading.signals.acts.contains(&act);
    let fitting: Vec<Timestamp> = offered
        .iter()
        .copied()
        .filter(|at| {
            let local = at.in_zone(zone);
            let minute = u32::try_from(local.hour()).unwrap_or(0) * 60 + u32::try_from(local.minute()).unwrap_or(0);
            (times.days.is_empty() || times.days.iter().any(|(from, to)| (*from..=*to).contains(&local.date())))
                && (times.minutes.is_empty() || times.minutes.contains(&minute))
        })
        .collect();
    if (!times.days.is_empty() || !times.minutes.is_empty()) && fitting.len() == 1 {
        return Some(Said::Picks(fitting[0]));
    }
    if let Some(which) = WHICH.captures(text).filter(|_| times.minutes.is_empty() && times.days.is_empty()) {
        let word = &which["n"];
        let place = match word {
            _ if ["last", "dern", "letz", "ulti"].iter().any(|start| word.starts_with(start)) => offered.len().checked_sub(1)?,
            _ if ["sec", "deux", "zwei", "seg"].iter().any(|start| word.starts_with(start)) => 1,
            _ if ["thi", "troi", "drit", "ter"].iter().any(|start| word.starts_with(start)) => 2,
            _ => 0,
        };
        return offered.get(place).map(|at| Said::Picks(*at));
    }
    if times.days.is_empty() && times.minutes.is_empty() {
        if NONE_OF_THEM.is_match(text) {
            return Some(Said::Later);
        }
        if has(Act::No) {
            return Some(Said::Refuses);
        }
        if has(Act::Yes) && offered.len() == 1 {
            return Some(Said::Picks(offered[0]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::settings::BusinessHours;

    use super::*;
    use crate::reasoning::builtin::sense;

    fn now() -> Timestamp {
        // Sunday, 29 November 2026, 10:00 in Paris.
        Timestamp::from_secs(1_795_942_800)
    }

    fn business() -> WorkspaceSettings {
        let calendar = CalendarSettings {
            id: "consultation".to_owned(),
            name: "Consultation".to_owned(),
            duration: Duration::from_mins(30),
            hours: BusinessHours::default(),
            notice: Duration::ZERO,
            horizon: Duration::from_hours(1_000),
            places: 1,
            instructions: None,
            remind: None,
        };
        WorkspaceSettings {
            timezone: "Europe/Paris".to_owned(),
            calendars: vec![calendar],
            ..WorkspaceSettings::named("shop".into(), "Shop")
        }
    }

    fn said(text: &str, language: &str, pending: Option<&Pending>, has_booking: bool) -> Option<Said> {
        let sensed = sense::sense(text, &sense::Sensing::alone(language));
        let mut reading = Reading { text: text.to_owned(), language: language.to_owned(), ..Reading::default() };
        reading.signals.acts = sensed.acts;
        reading.signals.questions = sensed.questions;
        read(&reading, &business(), pending, has_booking, now())
    }

    #[test]
    fn who_wants_a_time_is_understood_in_several_languages() {
        for (language, text) in [
            ("en", "Hi, could I get an appointment for a consultation about standing desks next week?"),
            ("en", "I'd like to book a consultation on Tuesday at 3pm"),
            ("en", "Do you have any free slots on Thursday?"),
            ("fr", "Je voudrais prendre rendez-vous mardi à 15h"),
            ("de", "Ich möchte einen Termin am Dienstag vereinbaren"),
            ("es", "Quisiera pedir una cita para el martes"),
        ] {
            assert!(
                matches!(said(text, language, None, false), Some(Said::Wants { .. })),
                "{text}: {:?}",
                said(text, language, None, false)
            );
        }
        for text in [
            "Is the consultation free of charge?",
            "How long does a consultation take?",
            "What are your opening hours?",
            "Where is my order?",
        ] {
            assert_eq!(said(text, "en", None, false), None, "{text}");
        }
    }

    #[test]
    fn an_offered_time_is_picked_by_day_by_hour_or_by_its_place() {
        let hour = |days: u64, hours: u64| now().after(Duration::from_hours(days * 24 + hours));
        // Monday 10:00, Monday 14:00, Tuesday 10:00.
        let offered = vec![hour(1, 0), hour(1, 4), hour(2, 0)];
        let pending = Pending::Times { calendar: "consultation".to_owned(), offered: offered.clone(), moves: None };
        for (text, place) in [("Tuesday please", 2), ("14:00 is good", 1), ("the first one", 0), ("the last", 2), ("Monday at 2pm", 1)] {
            assert_eq!(said(text, "en", Some(&pending), false), Some(Said::Picks(offered[place])), "{text}");
        }
        assert_eq!(said("none of them, something later", "en", Some(&pending), false), Some(Said::Later));
        assert!(matches!(said("Friday at 11:00?", "en", Some(&pending), false), Some(Said::Wants { .. })));
        assert_eq!(said("No thanks", "en", Some(&pending), false), Some(Said::Refuses));
    }

    #[test]
    fn what_is_booked_is_moved_cancelled_and_asked_about() {
        assert_eq!(said("I have to cancel my appointment", "en", None, true), Some(Said::Cancels));
        assert_eq!(said("Je dois annuler mon rendez-vous", "fr", None, true), Some(Said::Cancels));
        assert!(matches!(said("Can we move the consultation to Thursday?", "en", None, true), Some(Said::Moves(_))));
        assert_eq!(said("When is my appointment?", "en", None, true), Some(Said::AsksWhen));
        assert_eq!(said("I have to cancel my appointment", "en", None, false), None);
    }
}
