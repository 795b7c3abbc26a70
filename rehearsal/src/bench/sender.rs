//! Sends prepared requests on a schedule over a pool of kept connections, or as fast as they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::JoinSet;

use super::webhooks::Prepared;

/// Requests that may wait for a free connection; what is due beyond this is shed and counted.
const WAITING: usize = 4_096;
/// An answer that takes longer counts as none.
const DEADLINE: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const LONGEST: usize = 64 * 1024;

/// When requests leave.
#[derive(Debug, Clone)]
pub enum Pace {
    /// Each at its time after the start, by its place in the prepared list (a place twice: a repetition).
    Open(Vec<(Duration, usize)>),
    /// One after the other on every connection, for so long.
    Closed(Duration),
    /// The same, and each takes a place that somebody gives back when the message is answered.
    Answered(Duration, Arc<Semaphore>),
}

/// What became of one request.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// Place in the prepared list.
    pub place: usize,
    /// When it was due.
    pub due: Instant,
    /// When it was answered; `None`: shed, broken off, or not in time.
    pub answered: Option<Instant>,
    /// Status of the answer.
    pub status: u16,
    /// It never left, because all connections were busy for too long.
    pub shed: bool,
}

impl Sent {
    /// Accepted by the server.
    pub fn is_acknowledged(&self) -> bool {
        self.status == 200 && self.answered.is_some()
    }
}

/// Schedule at a steady rate.
pub fn steady(rate: f64, count: usize) -> Vec<(Duration, usize)> {
    (0..count).map(|place| (Duration::from_secs_f64(place as f64 / rate), place)).collect()
}

/// Sends everything; returns when all is answered or given up.
pub async fn send(address: SocketAddr, prepared: Arc<Vec<Prepared>>, pace: Pace, connections: usize) -> Vec<Sent> {
    match pace {
        Pace::Open(schedule) => open(address, prepared, schedule, connections).await,
        Pace::Closed(length) => closed(address, prepared, length, None, connections).await,
        Pace::Answered(length, places) => closed(address, prepared, length, Some(places), connections).await,
    }
}

async fn open(address: SocketAddr, prepared: Arc<Vec<Prepared>>, schedule: Vec<(Duration, usize)>, connections: usize) -> Vec<Sent> {
    let (due_now, waiting) = mpsc::channel::<(Instant, usize)>(WAITING);
    let waiting = Arc::new(Mutex::new(waiting));
    let mut workers = JoinSet::new();
    for _ in 0..connections.max(1) {
        let (waiting, prepared) = (Arc::clone(&waiting), Arc::clone(&prepared));
        workers.spawn(async move {
            let mut connection = Connection::new(address);
            let mut sent = Vec::new();
            loop {
                let next = waiting.lock().await.recv().await;
                let Some((due, place)) = next else { return sent };
                sent.push(connection.one(&prepared[place].bytes, place, due).await);
            }
        });
    }
    // A thread of its own keeps the schedule: an event loop's timers are a millisecond coarse.
    let schedule = std::thread::spawn(move || {
        let start = Instant::now() + Duration::from_millis(20);
        let mut shed = Vec::new();
        for (offset, place) in schedule {
            let due = start + offset;
            let now = Instant::now();
            if due > now {
                std::thread::sleep(due - now);
            }
            if due_now.try_send((due, place)).is_err() {
                shed.push(Sent { place, due, answered: None, status: 0, shed: true });
            }
        }
        shed
    });
    let mut all = Vec::new();
    while let Some(done) = workers.join_next().await {
        all.extend(done.unwrap_or_default());
    }
    all.extend(schedule.join().unwrap_or_default());
    all
}

async fn closed(
    address: SocketAddr,
    prepared: Arc<Vec<Prepared>>,
    length: Duration,
    places: Option<Arc<Semaphore>>,
    connections: usize,
) -> Vec<Sent> {
    let next = Arc::new(AtomicUsize::new(0));
    let end = Instant::now() + length;
    let mut workers = JoinSet::new();
    for _ in 0..connections.max(1) {
        let (next, prepared, places) = (Arc::clone(&next), Arc::clone(&prepared), places.clone());
        workers.spawn(async move {
            let mut connection = Connection::new(address);
            let mut sent = Vec::new();
            while Instant::now() < end {
                if let Some(places) = &places {
                    match tokio::time::timeout_at(end.into(), places.acquire()).await {
                        Ok(Ok(place)) => place.forget(),
                        Ok(Err(_)) | Err(_) => break,
                    }
                }
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = prepared.get(place) else { break };
                sent.push(connection.one(&request.bytes, place, Instant::now()).await);
            }
            sent
        });
    }
    let mut all = Vec::new();
    while let Some(done) = workers.join_next().await {
        all.extend(done.unwrap_or_default());
    }
    all
}

/// One kept connection.
struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: Vec::with_capacity(1_024) }
    }

    async fn one(&mut self, request: &[u8], place: usize, due: Instant) -> Sent {
        let status = match tokio::time::timeout(DEADLINE, self.exchange(request)).await {
            Ok(Ok(status)) => status,
            Ok(Err(_)) | Err(_) => {
                self.stream = None;
                return Sent { place, due, answered: None, status: 0, shed: false };
            }
        };
        Sent { place, due, answered: Some(Instant::now()), status, shed: false }
    }

    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<u16> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some((status, length)) = whole(&self.buffer)
                && self.buffer.len() >= length
            {
                self.stream = Some(stream);
                return Ok(status);
            }
            if stream.read_buf(&mut self.buffer).await? == 0 || self.buffer.len() > LONGEST {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Status and whole length of an answer, once its head is here.
fn whole(answer: &[u8]) -> Option<(u16, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body: usize = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    Some((status, end + body))
}

/// Sends one request on a fresh connection; its status, or `None` while nobody answers.
pub async fn knock(address: SocketAddr, request: &[u8]) -> Option<u16> {
    tokio::time::timeout(DEADLINE, Connection::new(address).exchange(request)).await.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is_here() {
        assert_eq!(whole(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), Some((200, 41)));
        assert_eq!(whole(b"HTTP/1.1 503 No\r\nretry-after: 1\r\n"), None);
    }

    #[test]
    fn a_steady_schedule_knows_every_due_time() {
        let schedule = steady(50.0, 3);
        assert_eq!(schedule, vec![(Duration::ZERO, 0), (Duration::from_millis(20), 1), (Duration::from_millis(40), 2)]);
    }
}
