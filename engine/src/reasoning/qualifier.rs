//! The qualifier: at most one question a turn, never a known one, never a form.

use domain::conversation::Pending;
use domain::customer::{Context, Customer};
use domain::fact::{AskOutcome, Predicate};
use domain::signal::{Act, Signals};

use crate::memory::slots;

/// In the order in which a good salesperson would learn them.
const ORDER: [Predicate; 4] = [Predicate::Need, Predicate::Timeline, Predicate::Budget, Predicate::Authority];

/// What the qualifier decided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Qualified {
    /// The one question to put, if any.
    pub ask: Option<Predicate>,
    /// Slots not asked because they are known or were refused, with the reason.
    pub did_not_ask: Vec<(Predicate, &'static str)>,
    /// How the question put before was met.
    pub settled: Vec<(Predicate, AskOutcome)>,
}

/// How the question that was open has been met by this turn.
pub fn settle(context: &Context, signals: &Signals) -> Vec<(Predicate, AskOutcome)> {
    let Some(Pending::Slot { slot }) = &context.conversation.memo.pending else { return Vec::new() };
    let outcome = if signals.learned.iter().any(|fact| fact.predicate == *slot) {
        AskOutcome::Answered
    } else if signals.acts.contains(&Act::RefusesToSay) {
        AskOutcome::Refused
    } else {
        AskOutcome::Unanswered
    };
    vec![(*slot, outcome)]
}

/// Chooses the question of this turn. `interested`: the person wants something of us, so a question is welcome.
pub fn choose(context: &Context, after: &Customer, signals: &Signals, interested: bool) -> Qualified {
    let mut qualified = Qualified { settled: settle(context, signals), ..Qualified::default() };
    let unwelcome = signals.acts.iter().any(|act| {
        matches!(
            act,
            Act::Thanks
                | Act::Farewell
                | Act::RefusesToSay
                | Act::AsksErasure
                | Act::AsksWhatIsKnown
                | Act::Solved
                | Act::NotSolved
                | Act::StopAi
                | Act::NotSure
        )
    }) || signals.sentiment < -0.3;
    let just_unanswered: Vec<Predicate> =
        qualified.settled.iter().filter(|(_, outcome)| *outcome != AskOutcome::Answered).map(|(slot, _)| *slot).collect();
    for slot in ORDER {
        if slots::is_known(after, slot) {
            qualified.did_not_ask.push((slot, "known"));
        } else if slots::is_closed(after, slot) {
            qualified.did_not_ask.push((slot, "asked before"));
        } else if just_unanswered.contains(&slot) {
            qualified.did_not_ask.push((slot, "asked just now"));
        } else if qualified.ask.is_none() && interested && !unwelcome {
            qualified.ask = Some(slot);
        }
    }
    qualified
}
