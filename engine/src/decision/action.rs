//! May it be done? Which order is meant, what the business allows, and when a teammate has to approve it first.

use std::sync::LazyLock;
use std::time::Duration;

use domain::Timestamp;
use domain::action::{Action, ActionStatus, Deed};
use domain::event::BusinessEvent;
use domain::settings::{ActionSettings, Autonomy};
use regex::Regex;

use crate::reasoning::orders::number;

/// An order as the business's own events tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Its number, as the business wrote it.
    pub number: String,
    /// When it was placed, or first heard of.
    pub placed: Timestamp,
    /// When it arrived.
    pub delivered: Option<Timestamp>,
    /// What it cost, in minor units.
    pub total: Option<i64>,
    /// Cancelled, returned or refunded.
    pub is_closed: bool,
}

/// Orders in events, the one heard of last at the end. Bookings are none.
pub fn orders(events: &[BusinessEvent]) -> Vec<Order> {
    let mut orders: Vec<Order> = Vec::new();
    for event in events {
        let is_about_order = event.kind.starts_with("order") || event.kind.starts_with("shipment");
        let Some(named) = number(event).filter(|_| is_about_order) else { continue };
        let place = orders.iter().position(|order| same(&order.number, &named)).unwrap_or_else(|| {
            orders.push(Order { number: named, placed: event.at, delivered: None, total: None, is_closed: false });
            orders.len() - 1
        });
        let order = &mut orders[place];
        let says =
            |word: &str| event.kind.contains(word) || text(event, "status").is_some_and(|status| status.to_lowercase().contains(word));
        if says("deliver") && !says("out for") {
            order.delivered = Some(event.at);
        }
        order.total = total(event).or(order.total);
        order.is_closed |= ["cancel", "return", "refund"].iter().any(|word| event.kind.contains(word));
    }
    orders
}

/// The same number, however it is written: `#ec 30417` is `EC-30417`.
pub fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_uppercase();
    plain(one) == plain(other)
}

/// Is it about this order?
pub fn is_about(deed: &Deed, order: &str) -> bool {
    deed.order().is_some_and(|known| same(known, order))
}

fn text<'a>(event: &'a BusinessEvent, key: &str) -> Option<&'a str> {
    event.data.get(key).and_then(serde_json::Value::as_str)
}

/// What it cost: a number in major units (or `…_minor` in minor ones), or a text such as "489.00 EUR".
pub fn total(event: &BusinessEvent) -> Option<i64> {
    static FIGURE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+(?:\.\d{1,2})?").expect("a constant pattern"));
    let of = |value: &serde_json::Value| match value {
        serde_json::Value::Number(number) => number.as_f64(),
        serde_json::Value::String(text) => FIGURE.find(&text.replace(',', "")).and_then(|found| found.as_str().parse().ok()),
        _ => None,
    };
    let major = ["total", "amount", "total_price", "price", "value"].iter().find_map(|key| event.data.get(*key).and_then(of));
    let minor = ["total_minor", "amount_minor", "price_minor"].iter().find_map(|key| event.data.get(*key).and_then(of));
    #[expect(clippy::cast_possible_truncation, reason = "what an order costs is far below the limits of the type")]
    minor
        .or(major.map(|amount| amount * 100.0))
        .filter(|amount| amount.is_finite() && amount.abs() < 1e15)
        .map(|amount| amount.round() as i64)
}

/// What became of the question whether it may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be done now, in place of these.
    Do,
    /// A teammate has to approve it; the word says why.
    Approve(&'static str),
    /// The time to do it is over.
    TooLate {
        /// Since when it was counted.
        since: Timestamp,
        /// How many days it was possible.
        days: u32,
    },
    /// It has been asked for before.
    Already(Action),
    /// There is nothing to do it with: the order is closed, or the business does not do it here.
    No,
}

/// What the business allows.
pub struct Policy<'a> {
    /// What its owner set.
    pub settings: &'a ActionSettings,
    /// The limit above which a person decides about money, in major units.
    pub refund_limit: Option<i64>,
    /// Days in which things may be sent back, as configured or as the sources say.
    pub days: Option<u32>,
}

/// May this be done with this order, after what has been done before?
pub fn judge(deed: &Deed, order: &Order, earlier: &[Action], policy: &Policy<'_>, now: Timestamp) -> Verdict {
    let autonomy = match deed {
        Deed::Return { .. } => policy.settings.returns,
        Deed::Exchange { .. } => policy.settings.exchanges,
        // A calendar that is configured is there to be booked.
        Deed::Booking { .. } => Autonomy::Do,
        // Tools are judged in a module of their own.
        Deed::Call { .. } => Autonomy::Off,
    };
    let alive =
        |action: &&Action| is_about(&action.deed, &order.number) && matches!(action.status, ActionStatus::Done | ActionStatus::Waiting);
    let before = earlier.iter().rev().find(alive);
    if let Some(before) = before.filter(|before| before.deed.tool() == deed.tool()) {
        return Verdict::Already(before.clone());
    }
    if order.is_closed || autonomy == Autonomy::Off {
        return Verdict::No;
    }
    let since = order.delivered.unwrap_or(order.placed);
    if let Some(days) = policy.days
        && since.after(Duration::from_hours(u64::from(days) * 24)) < now
    {
        return Verdict::TooLate { since, days };
    }
    if before.is_some_and(|before| matches!(before.deed, Deed::Exchange { .. })) {
        return Verdict::Approve("exchange_under_way");
    }
    if autonomy == Autonomy::Ask {
        return Verdict::Approve("always_asked");
    }
    if policy.days.is_none() {
        return Verdict::Approve("window_unknown");
    }
    match (policy.refund_limit, order.total) {
        (Some(limit), Some(total)) if total > limit.saturating_mul(100) => Verdict::Approve("over_refund_limit"),
        _ => Verdict::Do,
    }
}

/// The days that a sentence about sending things back names: "within 30 days", "14 jours", "four weeks".
pub fn days_in(text: &str) -> Option<u32> {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?P<many>\d{1,3}|one|two|three|four|six|twelve|un|une|deux|trois|quatre|six|eine[nr]?|zwei|drei|vier|sechs|una?|dos|tres|cuatro|seis|duas|dois|três|quatro)[\s\u{a0}-]+(?:calendar |full |whole |jours? ?ouvr[ée]s |kalender)?(?P<unit>days?|weeks?|months?|jours?|semaines?|mois|tagen?|tage|wochen?|monate?n?|d[íi]as?|semanas?|mes(?:es)?|m[eê]s)\b",
        )
        .expect("a constant pattern")
    });
    let found = SPAN.captures(text)?;
    let many = match found["many"].to_lowercase().as_str() {
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        "one" | "un" | "une" | "una" | "eine" | "einen" | "einer" => 1,
        "two" | "deux" | "zwei" | "dos" | "duas" | "dois" => 2,
        "three" | "trois" | "drei" | "tres" | "três" => 3,
        "four" | "quatre" | "vier" | "cuatro" | "quatro" => 4,
        "six" | "sechs" | "seis" => 6,
        _ => 12,
    };
    let unit = found["unit"].to_lowercase();
    let days = if unit.starts_with('w') || unit.starts_with("sem") {
        7
    } else if unit.starts_with("mo") || unit.starts_with("me") || unit.starts_with("mê") {
        30
    } else {
        1
    };
    Some(many * days).filter(|days| *days > 0)
}

#[cfg(test)]
mod tests {
    use domain::{ActionId, BusinessEventId, ConversationId, StrandId};
    use serde_json::json;

    use super::*;

    const DAY: u64 = 24;

    fn at(days: u64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000).after(Duration::from_hours(days * DAY))
    }

    fn event(kind: &str, data: serde_json::Value, days: u64) -> BusinessEvent {
        BusinessEvent { id: BusinessEventId::new(at(days), 1), kind: kind.to_owned(), data, at: at(days) }
    }

    fn settings() -> ActionSettings {
        ActionSettings::default()
    }

    fn returned() -> Deed {
        Deed::Return { order: "EC-1".to_owned(), reason: None }
    }

    fn done(deed: Deed) -> Action {
        Action {
            id: ActionId::new(at(0), 1),
            number: "R-1".to_owned(),
            deed,
            status: ActionStatus::Done,
            strand: StrandId::new(at(0), 1),
            conversation: ConversationId::new(at(0), 1),
            message: None,
            because: None,
            by: None,
            opener: String::new(),
            language: "en".to_owned(),
            at: at(0),
            changed_at: at(0),
        }
    }

    #[test]
    fn orders_are_told_by_their_events() {
        let told = orders(&[
            event("order.created", json!({"order": "EC-1", "total": "489.00 EUR"}), 0),
            event("booking.created", json!({"booking": "B-9"}), 1),
            event("shipment.delivered", json!({"order": "EC-1", "tracking": "T-7"}), 4),
            event("order.created", json!({"order": 77, "amount": 12.5}), 5),
            event("order.cancelled", json!({"order": 77}), 6),
        ]);
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].number.as_str(), told[0].total, told[0].delivered), ("EC-1", Some(48_900), Some(at(4))));
        assert!(told[1].is_closed && told[1].total == Some(1_250));
    }

    #[test]
    fn what_is_within_time_and_limit_is_done_and_the_rest_waits_or_is_refused() {
        let order = Order { number: "EC-1".to_owned(), placed: at(0), delivered: Some(at(3)), total: Some(15_000), is_closed: false };
        let set = settings();
        let policy = |days| Policy { settings: &set, refund_limit: Some(200), days };
        assert_eq!(judge(&returned(), &order, &[], &policy(Some(30)), at(20)), Verdict::Do);
        assert_eq!(judge(&returned(), &order, &[], &policy(Some(30)), at(40)), Verdict::TooLate { since: at(3), days: 30 });
        assert!(matches!(judge(&returned(), &order, &[], &policy(None), at(20)), Verdict::Approve(_)));
        let dear = Order { total: Some(48_900), ..order.clone() };
        assert!(matches!(judge(&returned(), &dear, &[], &policy(Some(30)), at(20)), Verdict::Approve(_)));
        let closed = Order { is_closed: true, ..order.clone() };
        assert_eq!(judge(&returned(), &closed, &[], &policy(Some(30)), at(20)), Verdict::No);
        let off = ActionSettings { returns: Autonomy::Off, ..settings() };
        assert_eq!(judge(&returned(), &order, &[], &Policy { settings: &off, refund_limit: None, days: Some(30) }, at(20)), Verdict::No);
    }

    #[test]
    fn nothing_is_done_twice_and_an_exchange_takes_the_place_of_a_return() {
        let order = Order { number: "EC-1".to_owned(), placed: at(0), delivered: None, total: None, is_closed: false };
        let set = settings();
        let policy = Policy { settings: &set, refund_limit: None, days: Some(30) };
        let earlier = [done(returned())];
        assert_eq!(judge(&returned(), &order, &earlier, &policy, at(2)), Verdict::Already(earlier[0].clone()));
        let swap = Deed::Exchange { order: "EC-1".to_owned(), wanted: "size L".to_owned() };
        assert_eq!(judge(&swap, &order, &earlier, &policy, at(2)), Verdict::Do);
        assert!(matches!(judge(&returned(), &order, &[done(swap)], &policy, at(2)), Verdict::Approve(_)));
    }

    #[test]
    fn the_sources_say_how_long() {
        for (text, days) in [
            ("You can return any chair within 30 days of delivery.", Some(30)),
            ("Retours gratuits sous 14 jours.", Some(14)),
            ("Rückgabe innerhalb von vier Wochen", Some(28)),
            ("Two months to change your mind", Some(60)),
            ("Tiene 15 días para devolverlo", Some(15)),
            ("Returns are possible.", None),
        ] {
            assert_eq!(days_in(text), days, "{text}");
        }
    }
}
