//! The one SQLite writer: groups jobs into commits, a savepoint each, so that one failing job harms nobody.
//!
//! It is a thread of its own: a transaction runs on it from its first statement to its commit without another hop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ports::{StoreError, Stored};
use futures::executor::block_on;
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use crate::bell::{Bell, Rings};
use crate::db::{Conn, Tx};
use crate::fail::{self, Fate};
use crate::lite::Lite;
use crate::sqlite::Durability;

/// A group is committed after this many jobs,
const LARGEST_GROUP: usize = 512;
/// or when it has been open for this long,
const LONGEST_GROUP: Duration = Duration::from_millis(5);
/// or when nobody waits. Callers wait here when the disk is slower than the doors.
const QUEUE: usize = 4096;

/// What a caller may rely on when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// It is on the disk.
    Durable,
    /// It outlives the process, not a power cut: leases, which a restart voids anyway.
    Brief,
}

/// The work of one caller inside a group.
#[async_trait::async_trait]
trait Job: Send {
    fn care(&self) -> Care;
    /// Runs; `false` when what it wrote must be taken back.
    async fn run(&mut self, tx: &mut Tx) -> bool;
    /// Did the disk fail under it?
    fn broke(&self) -> Option<&str>;
    /// Tells the caller, after the commit or when the group as a whole has failed.
    fn finish(self: Box<Self>, group: Result<(), String>);
}

/// A piece of work on a transaction.
pub(crate) type Work<T> = Box<dyn for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send>;

struct Typed<T> {
    name: &'static str,
    care: Care,
    work: Option<Work<T>>,
    result: Option<Stored<T>>,
    reply: oneshot::Sender<Stored<T>>,
    fate: Arc<Fate>,
}

#[async_trait::async_trait]
impl<T: Send> Job for Typed<T> {
    fn care(&self) -> Care {
        self.care
    }

    async fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(work) = self.work.take() else { return false };
        let mut result = work(tx).await;
        if result.is_ok() {
            tx.retell();
        }
        if result.is_ok()
            && let Err(error) = tx.flush().await
        {
            result = Err(error);
        }
        if result.is_ok() {
            fail::before(self.name);
            if let Err(dead) = self.fate.pass() {
                result = Err(dead);
            }
        }
        let went_well = result.is_ok();
        self.result = Some(result);
        went_well
    }

    fn broke(&self) -> Option<&str> {
        match &self.result {
            Some(Err(StoreError::Broken(why))) => Some(why),
            _ => None,
        }
    }

    fn finish(self: Box<Self>, group: Result<(), String>) {
        let result = match (group, self.result) {
            (_, Some(Err(own))) => Err(own),
            (Ok(()), Some(done)) => done,
            (Err(why), _) => Err(StoreError::Full(why)),
            (Ok(()), None) => Err(StoreError::Full("the job was not run".to_owned())),
        };
        // The caller may have gone; what is committed stays committed.
        let _ = self.reply.send(result);
    }
}

/// Sends work to the writer's thread, which ends when the last sender is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    fate: Arc<Fate>,
}

impl std::fmt::Debug for dyn Job {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Job")
    }
}

impl Writer {
    /// Starts the thread that owns the only connection that writes.
    pub fn start(name: &str, conn: Lite, durability: Durability, bell: Arc<Bell>, fate: Arc<Fate>) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let desk = Desk { tx: Tx::new(Conn::Writer(conn)), queue, kept: None, durability, care: Care::Durable, broken: None };
        std::thread::Builder::new().name(name.to_owned()).spawn(move || desk.write_all(&bell))?;
        Ok(Self { jobs, fate })
    }

    /// Runs the work inside a group and answers once it is kept as the care says.
    pub async fn write<T: Send + 'static>(&self, name: &'static str, care: Care, work: Work<T>) -> Stored<T> {
        self.fate.live()?;
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Typed { name, care, work: Some(work), result: None, reply, fate: Arc::clone(&self.fate) });
        self.jobs.send(job).await.map_err(|_| stopped())?;
        let done = answer.await.map_err(|_| stopped())??;
        self.fate.pass()?;
        Ok(done)
    }

    /// How it dies, in a simulation.
    pub fn fate(&self) -> &Fate {
        &self.fate
    }
}

fn stopped() -> StoreError {
    StoreError::Full("the writer has stopped".to_owned())
}

/// What the thread works with.
struct Desk {
    tx: Tx,
    queue: mpsc::Receiver<Box<dyn Job>>,
    /// Came while a group was open that it must not join.
    kept: Option<Box<dyn Job>>,
    durability: Durability,
    /// How the connection commits now.
    care: Care,
    /// The disk failed.
    broken: Option<String>,
}

impl Desk {
    fn write_all(mut self, bell: &Bell) {
        while let Some(first) = self.kept.take().or_else(|| self.queue.blocking_recv()) {
            let (done, outcome, rings) = self.write_group(first);
            if let Err(why) = &outcome {
                tracing::error!(jobs = done.len(), "a group of writes was taken back: {why}");
            }
            let went_well = outcome.is_ok();
            for job in done {
                job.finish(outcome.clone());
            }
            if went_well {
                bell.ring(rings);
            }
            // After a failed sync the system may take pages for written that never were: another try would prove nothing.
            if let Some(why) = self.broken.take() {
                bell.broken.send_replace(Some(why));
                return;
            }
        }
    }

    /// What may wait for a disk waits together; a group of brief jobs takes no durable one along.
    fn write_group(&mut self, first: Box<dyn Job>) -> (Vec<Box<dyn Job>>, Result<(), String>, Rings) {
        let mut done = Vec::new();
        let mut rings = Rings::default();
        let since = Instant::now();
        let mut outcome = self.commit_with(first.care());
        if outcome.is_err() {
            done.push(first);
            return (done, outcome, rings);
        }
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            self.tx.begin_job();
            let went_well = block_on(job.run(&mut self.tx));
            self.broken = self.broken.take().or_else(|| job.broke().map(str::to_owned));
            done.push(job);
            let rung = std::mem::take(&mut self.tx.rings);
            if went_well {
                rings.absorb(rung);
            } else if let Err(error) = self.tx.undo_job() {
                outcome = Err(error.to_string());
                break;
            }
            if self.broken.is_some() {
                outcome = Err("the disk failed".to_owned());
                break;
            }
            if done.len() < LARGEST_GROUP && since.elapsed() < LONGEST_GROUP {
                next = self.queue.try_recv().ok();
                if self.care == Care::Brief && next.as_ref().is_some_and(|job| job.care() == Care::Durable) {
                    self.kept = next.take();
                }
            }
        }
        let begun = self.tx.end_group();
        if outcome.is_ok() && begun {
            outcome = self.control("commit");
        }
        if outcome.is_err() {
            // After a full disk SQLite may have rolled back by itself; then there is nothing left to take back.
            let _ = self.control("rollback");
        }
        (done, outcome, rings)
    }

    fn commit_with(&mut self, care: Care) -> Result<(), String> {
        if self.care != care && self.durability == Durability::Full {
            self.control(match care {
                Care::Durable => "pragma synchronous = full",
                Care::Brief => "pragma synchronous = normal",
            })?;
        }
        self.care = care;
        Ok(())
    }

    fn control(&mut self, sql: &'static str) -> Result<(), String> {
        self.tx.control(sql).map_err(|error| match error {
            StoreError::Database(source) => source.to_string(),
            StoreError::Broken(why) => {
                self.broken = Some(why.clone());
                why
            }
            other => other.to_string(),
        })
    }
}
