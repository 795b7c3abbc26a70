//! Named places at which a fault campaign ends this process, as a crash would: before and after the commit of every
//! transaction, of every change of keys, of every statement of a migration, and between the steps of a backup.
//!
//! `RAPPORT_FAIL_POINT=turns.commit/before:2` aborts when that place is passed for the second time.
//! Only builds with debug assertions have them (the profile `ci`); in a release nothing is asked.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::ports::{StoreError, Stored};

/// The variable that arms one place.
pub const VARIABLE: &str = "RAPPORT_FAIL_POINT";

/// The places; each has two sides, `/before` and `/after`.
pub const PLACES: &[&str] = &[
    "access.put",
    "actions.settle_action",
    "alerts.due_alerts",
    "alerts.forget_alerts",
    "alerts.raise",
    "alerts.settle_alert",
    "alerts.spread_alert",
    "alerts.write_to",
    "amends.amend",
    "amends.receipt_until",
    "analytics.recounted",
    "analytics.recounts",
    "attachments.keep_attachment",
    "attachments.miss_attachment",
    "audit.audit",
    "calls.agree_to_calls",
    "calls.begin_recording",
    "calls.drop_recordings",
    "calls.end_call",
    "calls.heard",
    "calls.move_call",
    "calls.note_consent",
    "calls.open_call",
    "calls.stop_recording",
    "calls.write_recording",
    "challenges.answer_challenge",
    "copies.file",
    "copies.follow",
    "copies.make_fit",
    "copies.manifest",
    "desk.act",
    "desk.replay",
    "documents.drop_document",
    "documents.put_document",
    "erasure.erase_again",
    "erasure.finish_erasures",
    "erasure.sweep_stragglers",
    "imports.begin_import",
    "imports.import_row",
    "imports.undo_import",
    "intake.accept",
    "intake.prolong",
    "intake.quarantine",
    "keys.destroy",
    "keys.drop_keys",
    "keys.write",
    "outbox.claim_delivery",
    "outbox.doubt_interrupted",
    "outbox.receipt",
    "outbox.reroute",
    "outbox.resend",
    "outbox.settle",
    "outbox.try_now",
    "people.business_event",
    "people.change_identity",
    "people.create_link",
    "people.ensure_customer",
    "people.link_by_code",
    "people.settle_suggestion",
    "people.write_facts",
    "people.write_promise",
    "privacy.erase",
    "privacy.erase_later",
    "privacy.keep",
    "recall.drop_postings",
    "recall.keep_meaning",
    "recall.keep_posting",
    "schema.statement",
    "schema.version",
    "speech.hush_interrupted",
    "tasks.add_task",
    "tasks.change_task",
    "team.drop_team",
    "team.drop_teammate",
    "team.put_team",
    "turns.claim",
    "turns.commit",
    "turns.due_timers",
    "turns.finish_timer",
    "turns.hush",
    "turns.lease",
    "turns.release",
    "turns.speak",
    "turns.spend",
    "turns.unclaim",
    "turns.unlease",
    "turns.void_leases",
];

/// The place that is armed.
struct Armed {
    name: String,
    left: AtomicU64,
}

static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
    let value = std::env::var(VARIABLE).ok()?;
    let (name, passes) = value.rsplit_once(':')?;
    Some(Armed { name: name.to_owned(), left: AtomicU64::new(passes.parse().ok()?) })
});

/// What comes next has not happened yet.
pub fn before(place: &'static str) {
    reach(place, "/before");
}

/// What came before has happened.
pub fn after(place: &'static str) {
    reach(place, "/after");
}

fn reach(place: &'static str, side: &'static str) {
    if !cfg!(debug_assertions) {
        return;
    }
    let Some(armed) = &*ARMED else { return };
    if armed.name.strip_prefix(place) == Some(side) && armed.left.fetch_sub(1, Ordering::Relaxed) == 1 {
        std::process::abort();
    }
}

/// How an embedded store dies inside a process that lives on: for simulations, which play many deaths in a second.
///
/// Whatever had not been committed by then is lost, whatever had been is kept, and nothing is written or read any more
/// until the same folder is opened again. Never in a release.
#[derive(Debug, Default)]
pub struct Fate {
    /// Places left to pass, both sides of each counted; 0: it does not die.
    left: AtomicU64,
    dead: AtomicBool,
}

impl Fate {
    /// It dies when so many places have been passed.
    pub fn die_after(&self, places: u64) {
        self.left.store(places, Ordering::Release);
    }

    /// Is it dead?
    pub fn is_dead(&self) -> bool {
        cfg!(debug_assertions) && self.dead.load(Ordering::Acquire)
    }

    /// A place is passed: an error from the one on at which it dies.
    pub(crate) fn pass(&self) -> Stored<()> {
        if !cfg!(debug_assertions) {
            return Ok(());
        }
        let counted = self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1));
        if counted == Ok(1) {
            self.dead.store(true, Ordering::Release);
        }
        self.live()
    }

    /// An error once it is dead.
    pub(crate) fn live(&self) -> Stored<()> {
        if self.is_dead() { Err(StoreError::Full("this store has died".to_owned())) } else { Ok(()) }
    }
}

/// The variable that plants one mistake into this process.
pub const PLANT: &str = "RAPPORT_PLANTED_BUG";

/// A mistake that a campaign must find: were it not found, the campaign could not fail. Never in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Acknowledgements do not wait for the disk (R1).
    Unsynced,
    /// A message that comes again is taken again (R2).
    TakenAgain,
    /// A reply of which nobody knows whether it arrived is sent again (R3).
    SentAgain,
    /// What a crashed turn held is never taken up again (R5).
    Forgotten,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Unsynced, Self::TakenAgain, Self::SentAgain, Self::Forgotten];

    /// Its name in the variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsynced => "unsynced",
            Self::TakenAgain => "taken-again",
            Self::SentAgain => "sent-again",
            Self::Forgotten => "forgotten",
        }
    }

    /// Is it in this process?
    pub fn is_planted(self) -> bool {
        static PLANTED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var(PLANT).ok());
        cfg!(debug_assertions) && PLANTED.as_deref() == Some(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in the sources, as they are written there.
    fn written() -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut names = Vec::new();
        for file in std::fs::read_dir(folder).expect("the sources are here") {
            let path = file.expect("a file").path();
            if !path.extension().is_some_and(|ending| ending == "rs") || path.ends_with("fail.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source file");
            for call in [".write(\"", ".write_briefly(\"", ".change(\"", "fail::before(\"", "fail::after(\""] {
                names.extend(text.split(call).skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name.to_owned()));
            }
        }
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn the_list_of_places_is_whole() {
        let mut listed: Vec<String> = PLACES.iter().map(|&place| place.to_owned()).collect();
        listed.sort();
        assert_eq!(listed, written());
    }
}
