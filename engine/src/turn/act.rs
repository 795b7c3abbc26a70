//! What a turn does on the customer's behalf: proposed by their words, decided by code, written with the turn.

use base64::Engine as _;
use domain::action::{Action, ActionChange, ActionStatus, Deed};
use domain::challenge::NewChallenge;
use domain::conversation::Pending;
use domain::fact::Predicate;
use domain::knowledge::{Passage, Question};
use domain::message::{Author, Button, Direction, Message, Source};
use domain::ports::Stored;
use domain::settings::Disclosure;
use domain::signal::Wish;
use domain::turn::{Reply, Timer};
use domain::{ActionId, ChannelKind, DeliveryId, Timestamp};
use serde_json::json;

use super::record::Turn;
use crate::decision::action::{self, Order, Policy, Verdict};
use crate::decision::hours::civil;
use crate::delivery::window_closes;
use crate::identity::level::Level;
use crate::reasoning::builtin::answer;
use crate::reasoning::wishes::{self, Said};
use crate::rendering::phrases::Phrases;
use crate::rendering::{deeds, plan};

/// What the turn does, and how it is told.
#[derive(Debug, Default, Clone)]
pub(super) struct Acting {
    /// Rows of the journal.
    pub changes: Vec<ActionChange>,
    /// What is said of it.
    pub say: Vec<String>,
    /// Choices that go with it.
    pub buttons: Vec<Button>,
    /// What we wait for.
    pub pending: Option<Pending>,
    /// It is the answer: nothing else is looked up or promised for the same words.
    pub is_answer: bool,
    /// A teammate has to approve it.
    pub waits: bool,
    /// Days and things that were named are those of an appointment, nothing they need by then.
    pub is_appointment: bool,
    /// What the team should see to, when it cannot be done.
    pub task: Option<String>,
    /// What cannot be said on this door and goes to another one of theirs.
    pub elsewhere: Option<String>,
    /// What stands behind it.
    pub sources: Vec<Source>,
    /// What is to be done later.
    pub timers: Vec<Timer>,
    /// A one-time code that is asked for.
    pub challenge: Option<NewChallenge>,
    /// It wanted a one-time code of its own, which opens nothing more of that kind.
    pub spends_proof: bool,
    /// A step of proving who they are, for the team: what happened, and to which contact, hidden but for its end.
    pub step: Option<(&'static str, String)>,
}

/// Which of their orders is meant.
enum Meant<'a> {
    One(&'a Order),
    Several(Vec<&'a Order>),
    Unknown,
}

impl Turn<'_> {
    /// Reads what they want done and does it, offers it, or has a teammate approve it. Everything it acts on is theirs: events of
    /// somebody else are not in this turn's memory at all.
    pub async fn act(&self) -> Stored<Acting> {
        let is_public = self.claim.messages.iter().any(|waiting| waiting.inbound.is_public());
        if self.is_silent() || is_public {
            return Ok(Acting::default());
        }
        if let Some(acting) = self.step_up().await? {
            return Ok(acting);
        }
        if let Some(acting) = self.confirmed_use().await? {
            return Ok(acting);
        }
        match self.book().await? {
            Some(acting) => Ok(acting),
            None => Ok(self.act_on_orders()),
        }
    }

    fn act_on_orders(&self) -> Acting {
        let needed = match self.settings.disclosure {
            Disclosure::Standard => Level::Asserted,
            Disclosure::Strict => Level::Proven,
        };
        let orders = action::orders(&self.known.customer.events);
        if self.level < needed || orders.is_empty() {
            return Acting::default();
        }
        let words = Phrases::new(&self.reading.language);
        let has_label = self.known.customer.actions.iter().any(|action| action.status == ActionStatus::Done);
        match wishes::read(self.reading, self.known.conversation.memo.pending.as_ref(), has_label) {
            None => Acting::default(),
            Some(Said::Refuses(_)) => Acting { say: vec![words.say("action.left")], is_answer: true, ..Acting::default() },
            Some(Said::Agrees(deed)) => match orders.iter().find(|order| action::is_about(&deed, &order.number)) {
                Some(order) => self.carry_out(deed, order, &words),
                None => Acting::default(),
            },
            Some(Said::Misfit(wish)) => match self.meant(&orders, &wish) {
                Meant::One(order) => self.offer_choice(order, wish, &words),
                Meant::Several(_) | Meant::Unknown => Acting::default(),
            },
            Some(Said::Wants(wish)) => self.with_order(&orders, wish, &words, |order, wish| self.want(wish, order, &words)),
            Some(Said::Considers(wish)) => self.with_order(&orders, wish, &words, |order, wish| self.offer(wish, order, &words)),
        }
    }

    /// Finds the order, or asks which.
    fn with_order(&self, orders: &[Order], wish: Wish, words: &Phrases, act: impl Fn(&Order, Wish) -> Acting) -> Acting {
        match self.meant(orders, &wish) {
            Meant::One(order) => act(order, wish),
            Meant::Unknown => Acting::default(),
            Meant::Several(several) => {
                let numbers: Vec<&str> = several.iter().map(|order| order.number.as_str()).collect();
                let listed = numbers.join(&format!(" {} ", words.say("who.or")));
                Acting {
                    say: vec![words.with("action.which", &[("orders", &listed)])],
                    buttons: numbers.iter().map(|number| choice(number)).collect(),
                    pending: Some(Pending::Details { wish }),
                    is_answer: true,
                    ..Acting::default()
                }
            }
        }
    }

    /// The order they named, here or before; the only one, where there is only one.
    fn meant<'a>(&self, orders: &'a [Order], wish: &Wish) -> Meant<'a> {
        if let Some(named) = wish.order() {
            return orders.iter().find(|order| action::same(&order.number, named)).map_or(Meant::Unknown, Meant::One);
        }
        let said = self.known.customer.facts_of(Predicate::Order).rev().find(|fact| fact.source_message.is_some());
        if let Some(order) = said.and_then(|said| orders.iter().find(|order| action::same(&order.number, &said.value))) {
            return Meant::One(order);
        }
        let open: Vec<&Order> = orders.iter().filter(|order| !order.is_closed).collect();
        match open.as_slice() {
            [] => Meant::Unknown,
            [order] => Meant::One(order),
            _ => Meant::Several(open),
        }
    }

    /// Something does not fit: sending back or swapping, whichever they like.
    fn offer_choice(&self, order: &Order, wish: Wish, words: &Phrases) -> Acting {
        let deed = Deed::Return { order: order.number.clone(), reason: None };
        let (verdict, _) = self.judge(&deed, order);
        if !matches!(verdict, Verdict::Do | Verdict::Approve(_)) {
            return Acting::default();
        }
        Acting {
            say: vec![words.with("action.misfit", &[("order", &order.number)])],
            buttons: ["action.button.return", "action.button.exchange"].iter().map(|key| choice(&words.say(key))).collect(),
            pending: Some(Pending::Details { wish: wish.about(&order.number) }),
            ..Acting::default()
        }
    }

    /// They ask whether it can be done: besides the answer, it is offered.
    fn offer(&self, wish: Wish, order: &Order, words: &Phrases) -> Acting {
        let number = order.number.clone();
        let (deed, say) = match wish {
            Wish::Return { reason, .. } => {
                let say = words.with("action.return.offer", &[("order", &number)]);
                (Deed::Return { order: number, reason }, say)
            }
            Wish::Exchange { wanted: Some(wanted), .. } => {
                let say = words.with("action.exchange.offer", &[("order", &number), ("wanted", &wanted)]);
                (Deed::Exchange { order: number, wanted }, say)
            }
            Wish::Exchange { wanted: None, .. } => return self.ask_for_what(order, words),
        };
        match self.judge(&deed, order).0 {
            Verdict::Do | Verdict::Approve(_) => Acting {
                say: vec![say],
                buttons: ["action.button.yes", "action.button.no"].iter().map(|key| choice(&words.say(key))).collect(),
                pending: Some(Pending::Action { deed }),
                ..Acting::default()
            },
            Verdict::TooLate { since, days } => Acting { is_answer: false, ..self.too_late(order, since, days, words) },
            Verdict::Already(before) => Acting { is_answer: false, ..self.again(&before, words) },
            Verdict::No => Acting::default(),
        }
    }

    /// They want it: done now, unless something is missing or a person decides.
    fn want(&self, wish: Wish, order: &Order, words: &Phrases) -> Acting {
        let done = self
            .known
            .customer
            .actions
            .iter()
            .rev()
            .find(|action| action.status == ActionStatus::Done && action::is_about(&action.deed, &order.number));
        if let Some(done) = done.filter(|_| wishes::asks_for_label(&self.reading.text, true)) {
            return self.again(done, words);
        }
        match wish {
            Wish::Return { reason, .. } => self.carry_out(Deed::Return { order: order.number.clone(), reason }, order, words),
            Wish::Exchange { wanted: Some(wanted), .. } => {
                self.carry_out(Deed::Exchange { order: order.number.clone(), wanted }, order, words)
            }
            Wish::Exchange { wanted: None, .. } => self.ask_for_what(order, words),
        }
    }

    fn ask_for_what(&self, order: &Order, words: &Phrases) -> Acting {
        let probe = Deed::Exchange { order: order.number.clone(), wanted: String::new() };
        match self.judge(&probe, order).0 {
            Verdict::Do | Verdict::Approve(_) => Acting {
                say: vec![words.with("action.exchange.what", &[("order", &order.number)])],
                pending: Some(Pending::Details { wish: Wish::Exchange { order: Some(order.number.clone()), wanted: None } }),
                is_answer: true,
                ..Acting::default()
            },
            Verdict::Already(before) => self.again(&before, words),
            Verdict::TooLate { since, days } => self.too_late(order, since, days, words),
            Verdict::No => Acting::default(),
        }
    }

    fn carry_out(&self, deed: Deed, order: &Order, words: &Phrases) -> Acting {
        let (verdict, sources) = self.judge(&deed, order);
        match verdict {
            Verdict::Do => self.done(deed, order, words, sources),
            Verdict::Approve(because) => {
                let action = self.action(deed, ActionStatus::Waiting, Some(because), words.language());
                Acting { changes: vec![ActionChange::Add(action)], waits: true, is_answer: true, ..Acting::default() }
            }
            Verdict::TooLate { since, days } => self.too_late(order, since, days, words),
            Verdict::Already(before) => self.again(&before, words),
            Verdict::No => Acting::default(),
        }
    }

    fn done(&self, deed: Deed, order: &Order, words: &Phrases, sources: Vec<Source>) -> Acting {
        let replaced = self.known.customer.actions.iter().find(|before| {
            action::is_about(&before.deed, &order.number)
                && before.deed.tool() != deed.tool()
                && matches!(before.status, ActionStatus::Done | ActionStatus::Waiting)
        });
        let mut changes: Vec<ActionChange> = replaced.map(|before| ActionChange::Replace(before.id)).into_iter().collect();
        let action = self.action(deed, ActionStatus::Done, None, words.language());
        let mut say = vec![deeds::done(&action, &self.settings.timezone, words)];
        say.extend(replaced.map(|before| words.with("action.replaced", &[("number", &before.number)])));
        let (say, elsewhere) = self.with_document(&action, say, words);
        changes.push(ActionChange::Add(action));
        Acting { changes, say, elsewhere, sources, is_answer: true, ..Acting::default() }
    }

    /// What is done is told with its number and its document; on the phone that goes to a door where it can be read. The second is
    /// what is said there.
    pub(super) fn with_document(&self, action: &Action, say: Vec<String>, words: &Phrases) -> (Vec<String>, Option<String>) {
        let (mut say, document) = (say, deeds::document(action, &self.door.settings.public_url, words));
        if self.door.settings.channel != ChannelKind::Voice {
            say.push(document);
            return (say, None);
        }
        let key = if matches!(action.deed, Deed::Booking { .. }) { "booking.file" } else { "action.label" };
        if self.other_door().is_none() {
            say.push(words.say(&format!("{key}.kept")));
            return (say, None);
        }
        let elsewhere = format!("{} {document}", say.join(" "));
        say.truncate(1);
        say.push(words.say(&format!("{key}.sent")));
        (say, Some(elsewhere))
    }

    fn again(&self, before: &Action, words: &Phrases) -> Acting {
        let order = before.deed.order().unwrap_or_default();
        if before.status == ActionStatus::Waiting {
            return Acting { say: vec![words.with("action.waiting", &[("order", order)])], is_answer: true, ..Acting::default() };
        }
        let say = vec![words.with("action.already", &[("order", order), ("number", &before.number)])];
        let (say, elsewhere) = self.with_document(before, say, words);
        Acting { say, elsewhere, is_answer: true, ..Acting::default() }
    }

    fn too_late(&self, order: &Order, since: Timestamp, days: u32, words: &Phrases) -> Acting {
        let date = civil(&since.in_zone(&self.settings.timezone), words.language());
        let values = [("order", order.number.as_str()), ("date", &date), ("days", &days.to_string())];
        Acting {
            say: vec![words.with("action.late", &values)],
            task: Some(format!("order {}: wants to send it back or swap it after {days} days", order.number)),
            is_answer: true,
            ..Acting::default()
        }
    }

    /// What the business allows, and the source that says so.
    fn judge(&self, deed: &Deed, order: &Order) -> (Verdict, Vec<Source>) {
        let (days, sources) = match self.settings.actions.return_days {
            Some(days) => (Some(days), Vec::new()),
            None => self.published_days(),
        };
        let policy = Policy { settings: &self.settings.actions, refund_limit: self.settings.refund_limit, days };
        (action::judge(deed, order, &self.known.customer.actions, &policy, self.now), sources)
    }

    /// Within how many days things may be sent back, as the business itself says.
    fn published_days(&self) -> (Option<u32>, Vec<Source>) {
        let words = Phrases::new(&self.settings.locale);
        let search =
            |question: &Question, limit: usize| -> Vec<Passage> { self.engine.knowledge.search(&self.claim.workspace, question, limit) };
        let catalogue = self.engine.knowledge.names(&self.claim.workspace);
        let question = Question { text: words.say("action.policy.question"), language: words.language().to_owned(), ..Question::default() };
        let found = answer::answer(&question, &search, &catalogue);
        let days = found.text.as_deref().and_then(action::days_in);
        let sources =
            found.citations.iter().map(|passage| Source { source: passage.source.clone(), heading: passage.heading.clone() }).collect();
        (days, if days.is_some() { sources } else { Vec::new() })
    }

    pub(super) fn action(&self, deed: Deed, status: ActionStatus, because: Option<&str>, language: &str) -> Action {
        let bits = self.engine.random.bits();
        let letter = match &deed {
            Deed::Return { .. } => 'R',
            Deed::Exchange { .. } => 'X',
            Deed::Booking { .. } => 'B',
            Deed::Call { .. } => 'T',
        };
        Action {
            id: ActionId::new(self.now, self.engine.random.bits()),
            number: number(letter, bits),
            deed,
            status,
            strand: self.strand,
            conversation: self.whole.conversation.id,
            message: self.claim.messages.last().map(|waiting| waiting.message.id),
            because: because.map(str::to_owned),
            by: None,
            opener: base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.engine.random.bits().to_be_bytes()),
            language: language.to_owned(),
            at: self.now,
            changed_at: self.now,
        }
    }

    /// Another door of theirs on which a link can be read now.
    pub(super) fn other_door(&self) -> Option<(&domain::customer::ReachableDoor, &crate::OpenDoor)> {
        const BEST: [ChannelKind; 7] = [
            ChannelKind::Email,
            ChannelKind::Whatsapp,
            ChannelKind::Sms,
            ChannelKind::Rcs,
            ChannelKind::Telegram,
            ChannelKind::Messenger,
            ChannelKind::Instagram,
        ];
        BEST.iter().find_map(|channel| {
            let reachable = self.known.doors.iter().find(|door| door.channel == *channel && !door.stopped)?;
            let open = self.engine.doors.get(&reachable.connection)?;
            let is_closed = window_closes(open, Author::Ai, Some(reachable.last_inbound)).is_some_and(|closes| closes <= self.now);
            (!is_closed).then_some((reachable, open))
        })
    }

    /// What goes to that other door.
    pub(super) fn said_elsewhere(&self, acting: &Acting, draft: bool) -> Option<Reply> {
        let text = acting.elsewhere.as_ref()?;
        let (reachable, open) = self.other_door()?;
        let rendered = plan::verbatim(text, open.channel.capabilities(), &self.reading.language).into_iter().next()?;
        let mut message = self.message(Direction::Out, Author::Ai, text.clone());
        message.turn = Some(self.id);
        message.strand = reachable.strand;
        message.channel = reachable.channel;
        message.connection = reachable.connection.clone();
        Some(Reply {
            delivery: DeliveryId::new(self.now, self.engine.random.bits()),
            message,
            rendered,
            address: reachable.address.clone(),
            draft,
            spoken: false,
        })
    }
}

impl Turn<'_> {
    /// The team reads on the timeline what was done.
    pub(super) fn told_on_timeline(&self, acting: &Acting) -> Vec<Message> {
        let added = acting.changes.iter().filter_map(|change| match change {
            ActionChange::Add(action) => Some(action),
            ActionChange::Replace(_) | ActionChange::Cancel(_) => None,
        });
        added.map(|action| self.timeline_event("action", &action.number, noted(action))).collect()
    }
}

/// An action as the timeline and the turn's explanation show it: nothing that opens its document.
pub(crate) fn noted(action: &Action) -> serde_json::Value {
    let deed = serde_json::to_value(&action.deed).unwrap_or_default();
    json!({
        "action": action.id,
        "number": action.number,
        "tool": deed["tool"],
        "arguments": deed["arguments"],
        "status": action.status,
        "because": action.because,
        "by": action.by,
    })
}

/// A change as the turn's explanation shows it.
pub(super) fn journal(change: &ActionChange) -> serde_json::Value {
    match change {
        ActionChange::Add(action) => noted(action),
        ActionChange::Replace(action) => json!({"action": action, "status": ActionStatus::Replaced}),
        ActionChange::Cancel(action) => json!({"action": action, "status": ActionStatus::Cancelled}),
    }
}

pub(super) fn choice(title: &str) -> Button {
    Button { title: title.to_owned(), payload: title.to_owned() }
}

/// A number that people can read out: no letters that look like figures.
fn number(letter: char, bits: u128) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let digits: String = (0..8).map(|place| char::from(ALPHABET[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)])).collect();
    format!("{letter}-{digits}")
}
