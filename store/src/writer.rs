//! The one SQLite writer: groups jobs into commits, a savepoint each, so that one failing job harms nobody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ports::{StoreError, Stored};
use futures::future::BoxFuture;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::bell::{Bell, Rings};
use crate::db::{Conn, Tx};

/// A group is committed after this many jobs,
const LARGEST_GROUP: usize = 512;
/// or when it has been open for this long,
const LONGEST_GROUP: Duration = Duration::from_millis(5);
/// or when nobody waits. Callers wait here when the disk is slower than the doors.
const QUEUE: usize = 4096;

/// The work of one caller inside a group.
#[async_trait::async_trait]
trait Job: Send {
    /// Runs; `false` when what it wrote must be taken back.
    async fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the caller, after the commit or when the group as a whole has failed.
    fn finish(self: Box<Self>, group: Result<(), String>);
}

/// A piece of work on a transaction.
pub(crate) type Work<T> = Box<dyn for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Stored<T>> + Send>;

struct Typed<T> {
    work: Option<Work<T>>,
    result: Option<Stored<T>>,
    reply: oneshot::Sender<Stored<T>>,
}

#[async_trait::async_trait]
impl<T: Send> Job for Typed<T> {
    async fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(work) = self.work.take() else { return false };
        let mut result = work(tx).await;
        if result.is_ok()
            && let Err(error) = tx.flush().await
        {
            result = Err(error);
        }
        let went_well = result.is_ok();
        self.result = Some(result);
        went_well
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

/// Sends work to the writer's task, which ends when the last sender is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl std::fmt::Debug for dyn Job {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Job")
    }
}

impl Writer {
    /// Starts the task that owns the only connection that writes.
    pub fn start(conn: SqliteConnection, bell: Arc<Bell>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(Tx::new(Conn::Writer(Box::new(conn))), queue, bell));
        Self { jobs }
    }

    /// Runs the work inside a group and answers once it is durable.
    pub async fn write<T: Send + 'static>(&self, work: Work<T>) -> Stored<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Typed { work: Some(work), result: None, reply });
        self.jobs.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn stopped() -> StoreError {
    StoreError::Full("the writer has stopped".to_owned())
}

async fn write_all(mut tx: Tx, mut queue: mpsc::Receiver<Box<dyn Job>>, bell: Arc<Bell>) {
    while let Some(first) = queue.recv().await {
        let (done, outcome, rings) = write_group(&mut tx, first, &mut queue).await;
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
    }
    if let Conn::Writer(conn) = tx.conn
        && let Err(error) = conn.close().await
    {
        tracing::warn!(%error, "the database was not closed cleanly; it recovers at the next start");
    }
}

async fn write_group(
    tx: &mut Tx,
    first: Box<dyn Job>,
    queue: &mut mpsc::Receiver<Box<dyn Job>>,
) -> (Vec<Box<dyn Job>>, Result<(), String>, Rings) {
    let mut done = Vec::new();
    let mut rings = Rings::default();
    let since = Instant::now();
    let mut next = Some(first);
    let mut outcome = Ok(());
    while let Some(mut job) = next.take() {
        tx.begin_job();
        let went_well = job.run(tx).await;
        done.push(job);
        let rung = std::mem::take(&mut tx.rings);
        if went_well {
            rings.absorb(rung);
        } else if let Err(error) = tx.undo_job().await {
            outcome = Err(error.to_string());
            break;
        }
        if done.len() < LARGEST_GROUP && since.elapsed() < LONGEST_GROUP {
            next = queue.try_recv().ok();
        }
    }
    let begun = tx.end_group();
    if outcome.is_ok() && begun {
        outcome = control(tx, "commit").await;
    }
    if outcome.is_err() {
        // After a full disk SQLite may have rolled back by itself; then there is nothing left to take back.
        let _ = control(tx, "rollback").await;
    }
    (done, outcome, rings)
}

async fn control(tx: &mut Tx, sql: &'static str) -> Result<(), String> {
    tx.conn.run_all(vec![(sql, Vec::new())]).await.map(|_| ()).map_err(|error| match error {
        StoreError::Database(source) => source.to_string(),
        other => other.to_string(),
    })
}
