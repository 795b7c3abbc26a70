//! Takes backups when they are due, and removes the keys of those that are older than 30 days, whether or not anybody takes
//! another one.

use std::time::Duration;

use domain::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::config::{BackupSettings, ServerSettings};
use crate::time::{real_now, stamp};

/// How often old keys are looked for.
const SWEEP: Duration = Duration::from_hours(6);
/// A server that starts has better things to do.
const FIRST: Duration = Duration::from_secs(30);
/// A backup that failed is tried again after this, or sooner when they are taken more often.
const AGAIN: Duration = Duration::from_hours(1);

/// How old the newest backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// When it was taken; nothing when there is none within reach.
    pub newest: Option<Timestamp>,
    /// Seconds between those that the server takes by itself; nothing when it takes none.
    pub every_s: Option<u64>,
    /// More than half a period has passed since one was due.
    pub late: bool,
}

/// Looks at the backups within reach of a server that has been up for so long.
pub fn standing(settings: &ServerSettings, now: Timestamp, up: Duration) -> Standing {
    let newest = store::copies::newest(&settings.data_dir);
    let every = settings.backups.as_ref().map(|backups| backups.every);
    let age = newest.map_or(up, |taken| now.since(taken));
    Standing { newest, every_s: every.map(|every| every.as_secs()), late: every.is_some_and(|every| age > every + every / 2) }
}

/// Runs until the server stops.
pub async fn run(app: App) {
    tokio::select! {
        () = tokio::time::sleep(FIRST) => {}
        () = app.stopped() => return,
    }
    loop {
        let settings = app.settings.clone();
        let round = tokio::task::spawn_blocking(move || {
            store::copies::drop_old_keys(&settings.data_dir, real_now());
            settings.backups.as_ref().map(|backups| take_when_due(&settings, backups, real_now()))
        });
        let wait = match round.await {
            Ok(wait) => wait.unwrap_or(SWEEP).min(SWEEP),
            Err(error) => {
                tracing::error!(%error, "looking through the backups failed, trying again later");
                AGAIN
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stopped() => return,
        }
    }
}

/// How long to wait until the next one is due.
fn take_when_due(settings: &ServerSettings, backups: &BackupSettings, now: Timestamp) -> Duration {
    let age = store::copies::newest(&settings.data_dir).map(|taken| now.since(taken));
    if let Some(rest) = age.and_then(|age| backups.every.checked_sub(age)).filter(|rest| !rest.is_zero()) {
        return rest;
    }
    match store::copies::back_up(&settings.data_dir, &backups.folder.join(stamp(now)), now) {
        Ok(manifest) => {
            let bytes: u64 = manifest.files.iter().map(|part| part.bytes).sum();
            tracing::info!(folder = %backups.folder.display(), bytes, "a backup was taken");
            store::copies::prune(&backups.folder, backups.keep);
            backups.every
        }
        Err(error) => {
            let late = standing(settings, now, Duration::ZERO).late;
            tracing::error!(folder = %backups.folder.display(), %error, late, "a backup could not be taken, trying again later");
            AGAIN.min(backups.every / 4)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Secret;
    use store::{Location, Settings};

    use super::*;

    fn at(hours: u64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000).after(Duration::from_hours(hours))
    }

    #[tokio::test]
    async fn backups_are_taken_when_they_are_due_and_the_oldest_go() {
        let folder = tempfile::tempdir().expect("made");
        let place = Location::Sqlite { folder: folder.path().to_owned() };
        drop(store::open(Settings::new(place, Secret::new([7; 32]))).await.expect("opens"));
        let backups = BackupSettings { every: Duration::from_hours(24), keep: 2, folder: folder.path().join("backups") };
        let settings = ServerSettings { data_dir: folder.path().to_owned(), backups: Some(backups.clone()), ..ServerSettings::for_tests() };
        let names = || {
            let mut names: Vec<_> = std::fs::read_dir(&backups.folder).expect("read").flatten().map(|entry| entry.file_name()).collect();
            names.sort();
            names
        };

        assert!(!standing(&settings, at(0), Duration::from_hours(24)).late, "a young server owes none yet");
        assert!(standing(&settings, at(0), Duration::from_hours(37)).late);
        assert_eq!(take_when_due(&settings, &backups, at(0)), Duration::from_hours(24));
        assert_eq!(take_when_due(&settings, &backups, at(10)), Duration::from_hours(14), "the next one is not due");
        assert_eq!(names().len(), 1);
        assert!(!standing(&settings, at(36), Duration::ZERO).late);
        assert!(standing(&settings, at(37), Duration::ZERO).late, "half a period after it was due");

        std::fs::create_dir_all(backups.folder.join("mine")).expect("made");
        std::fs::create_dir_all(backups.folder.join("cut")).expect("made");
        std::fs::write(backups.folder.join("cut/rapport.db"), "half").expect("written");
        take_when_due(&settings, &backups, at(24));
        take_when_due(&settings, &backups, at(48));
        let kept: Vec<_> = [at(24), at(48)].map(stamp).into_iter().chain(["mine".to_owned()]).map(std::ffi::OsString::from).collect();
        assert_eq!(names(), kept, "the two newest, and what is none of ours");
        assert_eq!(standing(&settings, at(48), Duration::ZERO).newest, Some(at(48)));
    }

    #[tokio::test]
    async fn a_backup_that_cannot_be_written_is_tried_again() {
        let folder = tempfile::tempdir().expect("made");
        std::fs::write(folder.path().join("full"), "no folder").expect("written");
        let backups = BackupSettings { every: Duration::from_hours(2), keep: 2, folder: folder.path().join("full") };
        let settings = ServerSettings { data_dir: folder.path().to_owned(), backups: Some(backups.clone()), ..ServerSettings::for_tests() };
        assert_eq!(take_when_due(&settings, &backups, at(0)), Duration::from_mins(30));
    }
}
