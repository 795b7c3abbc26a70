//! After an erasure no byte of a person is left: not in the data, not beside it, and not in what a backup brings back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::fact::Predicate;
use domain::ports::{Desk, Erasure, Intake, Outbox, People, Privacy, Settled, Turns};
use domain::{CustomerId, Secret, Timestamp, WorkspaceId};
use store::contract::{Person, Stage, person};
use store::copies::{self, CopyError, Restore};
use store::{Location, Settings, Storage};

use crate::sqlite::at;

/// What must not be found: words in every form, and the bytes that would still lead to the person.
struct Traces(Vec<(String, Vec<u8>)>);

impl Traces {
    fn of_words(words: &[&str]) -> Self {
        let mut forms = Vec::new();
        for word in words {
            forms.push((format!("{word} in UTF-8"), word.as_bytes().to_vec()));
            forms.push((format!("{word} in UTF-16"), word.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        }
        Self(forms)
    }

    /// Wrapped keys, hashed look-ups, search terms, addresses and sealed bodies, as they lie in the files now.
    fn add_secrets(&mut self, folder: &Path, customers: &[String]) {
        let data = rusqlite::Connection::open(folder.join("rapport.db")).unwrap();
        let keys = rusqlite::Connection::open(folder.join("keys.db")).unwrap();
        for customer in customers {
            let mut owners = vec![customer.clone()];
            for (what, sql) in [
                ("look-up", "select i.lookup from identifier i join strand s on s.identifier = i.id where s.customer = $1"),
                ("loose look-up", "select i.loose from identifier i join strand s on s.identifier = i.id where s.customer = $1"),
                ("term", "select hash from term where customer = $1 and hash not in (select hash from term where customer <> $1)"),
                ("address", "select d.address_hash from door d join strand s on s.id = d.strand where s.customer = $1"),
                ("dedupe", "select dedupe from message where customer = $1 and dedupe is not null"),
                ("vendor id", "select vendor_hash from outbox where customer = $1 and vendor_hash is not null"),
            ] {
                self.add_texts(&data, what, sql, customer);
            }
            self.add_blobs(&data, "message", "select body from message where customer = $1", customer);
            self.add_blobs(&data, "memory", "select body from memory where customer = $1", customer);
            self.add_blobs(&data, "card", "select card from customer where id = $1", customer);
            let mut strands = data.prepare("select id from strand where customer = $1").unwrap();
            owners.extend(strands.query_map([customer], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
            for owner in owners {
                self.add_blobs(&keys, "wrapped key", "select wrapped from wrapped_key where owner = $1", &owner);
            }
        }
    }

    fn add_texts(&mut self, file: &rusqlite::Connection, what: &str, sql: &str, customer: &str) {
        let mut statement = file.prepare(sql).unwrap();
        for text in statement.query_map([customer], |row| row.get::<_, String>(0)).unwrap() {
            self.0.push((what.to_owned(), text.unwrap().into_bytes()));
        }
    }

    fn add_blobs(&mut self, file: &rusqlite::Connection, what: &str, sql: &str, owner: &str) {
        let mut statement = file.prepare(sql).unwrap();
        for bytes in statement.query_map([owner], |row| row.get::<_, Vec<u8>>(0)).unwrap() {
            // The head of a long value is enough, and lies on one page.
            let bytes: Vec<u8> = bytes.unwrap().into_iter().take(48).collect();
            self.0.push((what.to_owned(), bytes));
        }
    }

    fn found_in(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for path in files(folder) {
            let bytes = std::fs::read(&path).unwrap_or_default();
            for (what, trace) in &self.0 {
                if bytes.windows(trace.len()).any(|window| window == trace) {
                    found.push(format!("{what} in {}", path.display()));
                }
            }
        }
        found
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

const WORDS: [&str; 6] = ["zebrafinch", "Saralinde", "Millerova", "33612345678", "612345678", "wamid.HBg"];

fn sarah() -> Person {
    person("+33612345678").named("Saralinde Millerova")
}

/// Sarah has a whole story, on a phone and in a chat, and somebody else has one too.
async fn story(stage: &Stage) -> (CustomerId, CustomerId) {
    let customer = stage.teaches(&sarah(), Predicate::Name, "Saralinde Millerova").await.0.customer;
    stage.says(&sarah(), "The zebrafinch order is late").await;
    stage.turn("We look for the zebrafinch").await;
    while let Some(delivery) = stage.delivery().await {
        let vendor = Some(format!("wamid.HBg{}", delivery.id));
        stage.store.settle(&stage.workspace, &delivery, Settled::Sent { provider_message_id: vendor }, stage.now()).await.unwrap();
    }
    let other = stage.teaches(&person("+33700000001"), Predicate::Name, "Johannes").await.0.customer;
    while let Some(delivery) = stage.delivery().await {
        stage.store.settle(&stage.workspace, &delivery, Settled::Sent { provider_message_id: None }, stage.now()).await.unwrap();
    }
    (customer, other)
}

async fn erase(stage: &Stage, customer: CustomerId) -> Erasure {
    stage.store.erase(&stage.workspace, customer, stage.now()).await.unwrap().unwrap()
}

fn back_up(stage: &Stage, folder: &Path, out: &Path) -> copies::Manifest {
    copies::back_up(folder, out, stage.now()).unwrap()
}

fn order<'a>(from: &'a Path, into: &'a Path, erasures: Vec<Erasure>) -> Restore<'a> {
    Restore { from, into, master_key: Secret::new([7; 32]), erasures }
}

/// A second life of the same case: another counter would make the same ids again.
async fn stage_over(store: Arc<Storage>) -> Stage {
    Stage::in_workspace(store, "ergo")
}

#[tokio::test]
async fn no_byte_of_an_erased_person_is_left_in_the_data_folder_or_its_backups() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    let (customer, other) = story(&stage).await;
    let inside = folder.path().join("backups/one");
    let outside = elsewhere.path().join("two");
    back_up(&stage, folder.path(), &inside);
    back_up(&stage, folder.path(), &outside);
    let mut traces = Traces::of_words(&WORDS);
    traces.add_secrets(folder.path(), &[customer.to_string()]);
    assert!(traces.0.len() > 25, "the search has something to look for");
    let before = traces.found_in(folder.path());
    for what in ["wrapped key", "look-up", "term", "message", "memory", "card", "vendor id", "dedupe", "address"] {
        for place in ["keys.db", "rapport.db"] {
            let is_there = before.iter().any(|found| found.starts_with(what) && found.contains(place) && found.contains("backups"));
            assert_eq!(is_there, (what == "wrapped key") == (place == "keys.db"), "{what} in {place} of the backup");
        }
    }
    erase(&stage, customer).await;
    for place in [folder.path(), elsewhere.path()] {
        let found = traces.found_in(place);
        assert!(found.is_empty(), "{found:?}");
    }
    assert_eq!(stage.store.customer(&stage.workspace, other).await.unwrap().unwrap().name(), Some("Johannes"));

    for (number, backup) in [&inside, &outside].into_iter().enumerate() {
        let into = elsewhere.path().join(format!("restored-{number}"));
        copies::restore(order(backup, &into, Vec::new())).await.unwrap();
        let restored = stage_over(at(&into).await).await;
        assert!(restored.store.customer(&restored.workspace, customer).await.unwrap().is_none());
        assert_eq!(restored.store.customer(&restored.workspace, other).await.unwrap().unwrap().name(), Some("Johannes"));
        assert!(traces.found_in(&into).is_empty());
    }
}

#[tokio::test]
async fn an_erasure_in_a_restored_folder_reaches_the_backup_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (copy, into) = (elsewhere.path().join("copy"), elsewhere.path().join("restored"));
    let customer = {
        let stage = Stage::new(at(folder.path()).await);
        let (customer, _) = story(&stage).await;
        back_up(&stage, folder.path(), &copy);
        customer
    };
    copies::restore(order(&copy, &into, Vec::new())).await.unwrap();
    let mut traces = Traces::of_words(&WORDS);
    traces.add_secrets(&into, &[customer.to_string()]);
    assert!(!traces.found_in(&copy).is_empty());
    erase(&stage_over(at(&into).await).await, customer).await;
    let found = traces.found_in(elsewhere.path());
    assert!(found.is_empty(), "{found:?}");
    let again = copies::restore(order(&copy, &elsewhere.path().join("again"), Vec::new())).await.unwrap();
    assert_eq!(again.erased, 0, "it was erased in the backup itself");
}

#[tokio::test]
async fn a_backup_out_of_reach_is_cleaned_by_the_list_when_it_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    let (customer, other) = story(&stage).await;
    let (taken, moved) = (elsewhere.path().join("taken"), elsewhere.path().join("moved"));
    back_up(&stage, folder.path(), &taken);
    std::fs::rename(&taken, &moved).unwrap();
    let mut traces = Traces::of_words(&WORDS);
    traces.add_secrets(folder.path(), &[customer.to_string()]);
    let erasure = erase(&stage, customer).await;
    assert!(!traces.found_in(&moved).is_empty(), "nobody could reach it");
    let list = copies::listed(&folder.path().join(copies::LIST)).unwrap();
    assert_eq!(list, vec![erasure]);

    let into = elsewhere.path().join("restored");
    let restored = copies::restore(order(&moved, &into, list)).await.unwrap();
    assert_eq!(restored.erased, 1);
    let found = traces.found_in(&into);
    assert!(found.is_empty(), "{found:?}");
    let restored = stage_over(at(&into).await).await;
    assert!(restored.store.customer(&restored.workspace, customer).await.unwrap().is_none());
    let timeline = restored.store.timeline(&restored.workspace, other, None, 10).await.unwrap();
    assert_eq!(timeline.items[0].text, "Johannes");
}

#[tokio::test]
async fn a_server_that_starts_over_older_data_honours_its_list_before_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let older = tempfile::tempdir().unwrap();
    let (customer, erasure) = {
        let stage = Stage::new(at(folder.path()).await);
        let (customer, _) = story(&stage).await;
        back_up(&stage, folder.path(), &older.path().join("copy"));
        std::fs::remove_file(folder.path().join("backups.list")).unwrap();
        (customer, erase(&stage, customer).await)
    };
    // Somebody copies the files back by hand and keeps the list.
    let copy = older.path().join("copy");
    std::fs::copy(folder.path().join(copies::LIST), copy.join(copies::LIST)).unwrap();
    let store = at(&copy).await;
    assert!(store.customer(&WorkspaceId::from("ergo"), customer).await.unwrap().is_none());
    assert_eq!(store.erasures().await.unwrap(), vec![erasure]);
}

#[tokio::test]
async fn what_a_stopped_server_left_of_an_erasure_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    let (customer, _) = story(&stage).await;
    let mut traces = Traces::of_words(&WORDS);
    traces.add_secrets(folder.path(), &[customer.to_string()]);
    let kept: Vec<(String, Vec<u8>)> = {
        let keys = rusqlite::Connection::open(folder.path().join("keys.db")).unwrap();
        let mut statement = keys.prepare("select owner, wrapped from wrapped_key").unwrap();
        statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let erasure = erase(&stage, customer).await;
    drop(stage);
    // As if the power had gone between the rows and the keys.
    let keys = rusqlite::Connection::open(folder.path().join("keys.db")).unwrap();
    for (owner, wrapped) in kept {
        keys.execute("insert or ignore into wrapped_key (workspace, owner, version, wrapped) values ('ergo', $1, 1, $2)", (owner, wrapped))
            .unwrap();
    }
    drop(keys);
    let data = rusqlite::Connection::open(folder.path().join("rapport.db")).unwrap();
    data.execute("update erasure set done = 0", ()).unwrap();
    drop(data);
    std::fs::remove_file(folder.path().join(copies::LIST)).unwrap();
    assert!(!traces.found_in(folder.path()).is_empty());
    let store = at(folder.path()).await;
    let found = traces.found_in(folder.path());
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(copies::listed(&folder.path().join(copies::LIST)).unwrap(), vec![erasure]);
    drop(store);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_the_server_writes_is_whole_and_sends_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let copies_in = tempfile::tempdir().unwrap();
    let stage = Arc::new(Stage::new(at(folder.path()).await));
    let waiting = stage.teaches(&sarah(), Predicate::Name, "Saralinde").await.0.customer;
    let (writing, goes_on) = (stage.clone(), Arc::new(std::sync::atomic::AtomicBool::new(true)));
    let until = goes_on.clone();
    let writer = tokio::spawn(async move {
        let mut written = 0;
        // A list of customers ends at two thousand.
        while written < 20 || (written < 1_500 && until.load(std::sync::atomic::Ordering::Relaxed)) {
            writing.says(&person(&format!("+3370000{written:04}")), "Hello").await;
            written += 1;
        }
        written
    });
    let (from, out, now) = (folder.path().to_owned(), copies_in.path().join("copy"), stage.now());
    let path = out.clone();
    tokio::task::spawn_blocking(move || copies::back_up(&from, &path, now)).await.unwrap().unwrap();
    goes_on.store(false, std::sync::atomic::Ordering::Relaxed);
    assert!(writer.await.unwrap() >= 20);

    let into = copies_in.path().join("restored");
    copies::restore(order(&out, &into, Vec::new())).await.unwrap();
    let restored = stage_over(at(&into).await).await;
    let (counts, _) = restored.store.ledger(&restored.workspace, None, None, 1).await.unwrap();
    assert!(counts.accepted >= 1);
    let page = restored.store.search_customers(&restored.workspace, "", None, 5_000).await.unwrap();
    assert_eq!(page.items.len() as i64, counts.accepted, "every row opens with the copied keys");
    assert!(restored.delivery().await.is_none(), "what waited may have been sent since");
    let timeline = restored.store.timeline(&restored.workspace, waiting, None, 10).await.unwrap();
    assert_eq!(timeline.items[1].delivery, Some(domain::message::DeliveryState::Unknown));
    assert!(restored.store.claim(restored.mono(), std::time::Duration::from_mins(1)).await.is_ok());
}

#[tokio::test]
async fn a_cut_or_changed_copy_a_wrong_key_and_a_full_folder_are_refused_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let room = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    story(&stage).await;
    let (copy, into) = (room.path().join("copy"), room.path().join("into"));
    back_up(&stage, folder.path(), &copy);
    assert!(matches!(copies::back_up(folder.path(), &copy, stage.now()), Err(CopyError::NotEmpty { .. })), "a copy is never written over");
    assert!(matches!(copies::back_up(room.path(), &into, stage.now()), Err(CopyError::Nothing { .. })));

    let stranger = Restore { from: &copy, into: &into, master_key: Secret::new([8; 32]), erasures: Vec::new() };
    assert!(matches!(copies::restore(stranger).await, Err(CopyError::Store(_))));
    let full = copies::restore(order(&copy, folder.path(), Vec::new())).await;
    assert!(matches!(full, Err(CopyError::NotEmpty { .. })), "{full:?}");

    let data = std::fs::read(copy.join("rapport.db")).unwrap();
    std::fs::write(copy.join("rapport.db"), &data[..data.len() / 2]).unwrap();
    assert!(matches!(copies::restore(order(&copy, &into, Vec::new())).await, Err(CopyError::Damaged { .. })));
    let mut changed = data.clone();
    changed[5_000] ^= 1;
    std::fs::write(copy.join("rapport.db"), &changed).unwrap();
    assert!(matches!(copies::restore(order(&copy, &into, Vec::new())).await, Err(CopyError::Damaged { .. })));
    std::fs::write(copy.join("rapport.db"), &data).unwrap();
    let keys = std::fs::read(copy.join("keys.db")).unwrap();
    std::fs::remove_file(copy.join("keys.db")).unwrap();
    assert!(matches!(copies::restore(order(&copy, &into, Vec::new())).await, Err(CopyError::NoKeys { .. })));
    std::fs::remove_file(copy.join("backup.json")).unwrap();
    assert!(matches!(copies::restore(order(&copy, &into, Vec::new())).await, Err(CopyError::NoBackup { .. })));
    assert!(!keys.is_empty() && !into.exists(), "nothing is left of a restore that failed");
}

#[tokio::test]
async fn keys_of_backups_live_for_thirty_days() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    story(&stage).await;
    let (old, new) = (folder.path().join("backups/old"), folder.path().join("backups/new"));
    let manifest = back_up(&stage, folder.path(), &old);
    let later: Timestamp = manifest.keys_until;
    copies::back_up(folder.path(), &new, later).unwrap();
    assert!(!old.join("keys.db").exists() && old.join("rapport.db").exists());
    assert!(new.join("keys.db").exists());
}

#[tokio::test]
async fn a_command_beside_a_running_server_ends_no_lease() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(at(folder.path()).await);
    let sarah = sarah();
    stage.says(&sarah, "One").await;
    let claim = stage.claim().await.unwrap();
    let location = Location::Sqlite { folder: folder.path().to_owned() };
    let beside = store::open_beside(Settings::new(location, Secret::new([7; 32]))).await.unwrap();
    let other = stage.says(&person("+33700000001"), "Hello").await.customer;
    beside.erase(&stage.workspace, other, stage.now()).await.unwrap().unwrap();
    assert!(stage.store.customer(&stage.workspace, other).await.unwrap().is_none());
    let context = stage.context(&claim).await;
    stage.store.commit(stage.record(&claim, &context, "First")).await.unwrap();
    stage.says(&sarah, "Two").await;
    stage.turn("Second").await;
}

#[tokio::test]
async fn numbers_of_erased_entries_are_never_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let john = person("+33700000001");
    let (kept, last, merge) = {
        let stage = Stage::new(at(folder.path()).await);
        let kept = stage.says(&john, "One").await.customer;
        let other = stage.says(&person("+33700000002"), "Two").await.customer;
        let said = stage.says(&sarah(), "Three").await;
        let last = stage.store.message(&stage.workspace, said.message).await.unwrap().unwrap().seq;
        let (id, by) = (stage.id(), "code".to_owned());
        let merge = domain::turn::IdentityChange::Merge { id, kept, absorbed: other, reasons: Vec::new(), by };
        stage.store.change_identity(&stage.workspace, None, vec![merge], stage.now()).await.unwrap();
        erase(&stage, said.customer).await;
        (kept, last, id)
    };
    let stage = stage_over(at(folder.path()).await).await;
    let undo = domain::turn::IdentityChange::Unmerge { merge, by: "teammate".to_owned() };
    stage.store.change_identity(&stage.workspace, None, vec![undo], stage.now()).await.unwrap();
    stage.wait(std::time::Duration::from_hours(1));
    let mut letter = stage.letter(&john, "Four", stage.placement(&john).await);
    letter.dedupe = "another".to_owned();
    letter.message = domain::Id::new(letter.at, 4);
    let said = stage.store.accept(letter).await.unwrap();
    assert_eq!(said.customer, kept);
    let message = stage.store.message(&stage.workspace, said.message).await.unwrap().unwrap();
    assert!(message.seq > last, "{} after {last}", message.seq);
}
