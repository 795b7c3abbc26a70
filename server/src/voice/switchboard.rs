//! Calls under way on this server: what is decided for each, and who may open its line.
//!
//! The record of a call is in the store; here is only what dies with the process. Each queue is bounded: a call whose
//! line takes nothing for so long is broken, and what is owed to it waits in the outbox.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use domain::call::CallTurn;
use domain::{ConnectionId, MessageId, MonotonicTime};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, broadcast, oneshot};

/// A line must be opened within this time; its key opens once.
pub const KEY_LIVES: Duration = Duration::from_secs(60);
/// Replies that wait for a line.
const MOST_WAITING: usize = 64;
/// Turns of one call whose times are kept.
const MOST_TURNS: usize = 300;
/// Calls under way.
const MOST_CALLS: usize = 2_000;

/// So much of a reply is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Which.
    pub message: MessageId,
    /// Everything of it so far, as it is said.
    pub text: String,
    /// Nothing follows.
    pub is_whole: bool,
}

/// Both sides of a call as they are heard, a frame of each at a time, for whoever listens in.
pub type Overheard = broadcast::Receiver<Arc<[[i16; 2]]>>;

/// A listener that is further behind misses what it has not heard: a second and more.
const MOST_BEHIND: usize = 64;

/// What opens a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Which door.
    pub connection: ConnectionId,
    /// The vendor's id of the call.
    pub vendor_id: String,
    /// Language tag.
    pub language: String,
    /// Its sound comes here, not its words.
    pub is_sound: bool,
    /// What is said first.
    pub greeting: Option<Greeted>,
    /// Nobody speaks here: a message is taken, and no more.
    pub takes_message: bool,
}

/// First words of a stretch of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeted {
    /// The message that they are, if they are one.
    pub message: Option<MessageId>,
    /// As they are said.
    pub text: String,
}

/// What a teammate at the console wants of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// They speak on it from now on, under this name, in our voice.
    Take(String),
    /// The assistant speaks again.
    Return,
    /// The assistant is to pass this on with its next answer.
    Whisper(String),
    /// The caller is put through: there, or where the number says.
    PutThrough(Option<String>),
    /// It ends.
    HangUp,
}

/// An order, with whoever waits until it is carried out.
pub struct Ordered {
    /// What.
    pub order: Order,
    /// Told when it is done; dropped when it cannot be.
    pub done: oneshot::Sender<()>,
}

/// What a line is told from inside.
pub enum Told {
    /// Something to say.
    Decided(Decided),
    /// Something to do.
    Ordered(Ordered),
}

#[derive(Default)]
struct Line {
    waiting: Mutex<VecDeque<Decided>>,
    orders: Mutex<VecDeque<Ordered>>,
    bell: Notify,
    sound: OnceLock<broadcast::Sender<Arc<[[i16; 2]]>>>,
    /// Whoever writes the recording of this call; one at a time.
    taping: Arc<tokio::sync::Mutex<()>>,
}

/// Where the sound of a call goes for those who listen in; nothing is done while nobody does.
#[derive(Clone)]
pub struct Sounding {
    line: Arc<Line>,
}

impl Sounding {
    /// Does somebody listen?
    pub fn is_heard(&self) -> bool {
        self.line.sound.get().is_some_and(|sound| sound.receiver_count() > 0)
    }

    /// Held by whoever writes the recording of this call.
    pub(super) fn taping(&self) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(&self.line.taping)
    }

    /// A frame of both sides, or several: theirs, ours.
    pub fn sounds(&self, frame: Arc<[[i16; 2]]>) {
        if let Some(sound) = self.line.sound.get() {
            // Whoever listened may have gone.
            let _ = sound.send(frame);
        }
    }
}

struct Entry {
    line: Arc<Line>,
    is_connected: bool,
    breaks: u32,
    /// Why we ended the last line, where the vendor does not repeat it.
    note: Option<&'static str>,
    /// How long its turns took.
    turns: Vec<CallTurn>,
}

/// What is left of a call that is over.
#[derive(Debug, Default)]
pub struct Left {
    /// What was never said of its replies.
    pub unsaid: Vec<Decided>,
    /// How long its turns took.
    pub turns: Vec<CallTurn>,
}

#[derive(Default)]
struct Inner {
    calls: HashMap<(ConnectionId, String), Entry>,
    passes: HashMap<String, (Pass, MonotonicTime)>,
    /// Keys with which teammates listen in.
    ears: HashMap<String, (ConnectionId, String, MonotonicTime)>,
}

/// See the module.
#[derive(Default)]
pub struct Switchboard {
    inner: Mutex<Inner>,
}

/// Why something cannot be said on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaid {
    /// There is no such call here.
    NoCall,
    /// Too much waits already.
    Full,
}

/// The replies of one call, in order.
pub struct Replies {
    line: Arc<Line>,
}

impl Replies {
    /// The next one; waits for it.
    pub async fn next(&self) -> Decided {
        loop {
            let rung = self.line.bell.notified();
            if let Some(decided) = self.take() {
                return decided;
            }
            rung.await;
        }
    }

    /// The next reply or order; waits for it. Orders first: a person gave them.
    pub async fn told(&self) -> Told {
        loop {
            let rung = self.line.bell.notified();
            let ordered = self.line.orders.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            if let Some(ordered) = ordered {
                return Told::Ordered(ordered);
            }
            if let Some(decided) = self.take() {
                return Told::Decided(decided);
            }
            rung.await;
        }
    }

    /// The next one, if there is one.
    pub fn take(&self) -> Option<Decided> {
        self.line.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

fn hash(token: &str) -> String {
    crate::auth::hex(&Sha256::digest(token.as_bytes()))
}

impl Switchboard {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins: what is decided for it is kept from now on. `None`: there are too many calls.
    pub fn expect(&self, connection: &ConnectionId, vendor_id: &str) -> Option<Replies> {
        let mut inner = self.inner();
        let key = (connection.clone(), vendor_id.to_owned());
        if inner.calls.len() >= MOST_CALLS && !inner.calls.contains_key(&key) {
            return None;
        }
        let entry = inner.calls.entry(key).or_insert_with(|| Entry {
            line: Arc::default(),
            is_connected: false,
            breaks: 0,
            note: None,
            turns: Vec::new(),
        });
        Some(Replies { line: Arc::clone(&entry.line) })
    }

    /// The line of a call stands, or does no longer.
    pub fn connect(&self, connection: &ConnectionId, vendor_id: &str, is_connected: bool) {
        if let Some(entry) = self.inner().calls.get_mut(&(connection.clone(), vendor_id.to_owned())) {
            entry.is_connected = is_connected;
        }
    }

    /// Does somebody listen on this call now?
    pub fn is_connected(&self, connection: &ConnectionId, vendor_id: &str) -> bool {
        self.inner().calls.get(&(connection.clone(), vendor_id.to_owned())).is_some_and(|entry| entry.is_connected)
    }

    /// The line broke once more: how many times by now.
    pub fn broke(&self, connection: &ConnectionId, vendor_id: &str) -> u32 {
        let mut inner = self.inner();
        inner.calls.get_mut(&(connection.clone(), vendor_id.to_owned())).map_or(0, |entry| {
            entry.breaks += 1;
            entry.breaks
        })
    }

    /// We end the line of a call, for this reason.
    pub fn note(&self, connection: &ConnectionId, vendor_id: &str, note: &'static str) {
        if let Some(entry) = self.inner().calls.get_mut(&(connection.clone(), vendor_id.to_owned())) {
            entry.note = Some(note);
        }
    }

    /// Why we ended the last line; told once.
    pub fn take_note(&self, connection: &ConnectionId, vendor_id: &str) -> Option<&'static str> {
        self.inner().calls.get_mut(&(connection.clone(), vendor_id.to_owned())).and_then(|entry| entry.note.take())
    }

    /// Where the sound of this call goes. `None`: there is no such call here.
    pub fn sounding(&self, connection: &ConnectionId, vendor_id: &str) -> Option<Sounding> {
        let inner = self.inner();
        let entry = inner.calls.get(&(connection.clone(), vendor_id.to_owned()))?;
        Some(Sounding { line: Arc::clone(&entry.line) })
    }

    /// A key with which somebody listens in: good once and for a minute. `false`: nobody is on this call here.
    pub fn let_listen(&self, token: &str, connection: &ConnectionId, vendor_id: &str, now: MonotonicTime) -> bool {
        if !self.is_connected(connection, vendor_id) {
            return false;
        }
        let mut inner = self.inner();
        inner.ears.retain(|_, (_, _, until)| *until > now);
        inner.ears.insert(hash(token), (connection.clone(), vendor_id.to_owned(), now.after(KEY_LIVES)));
        true
    }

    /// Takes the key and listens from now on. `None`: unknown, used, too late, or the call is over.
    pub fn listen(&self, token: &str, now: MonotonicTime) -> Option<Overheard> {
        let (connection, vendor_id, until) = self.inner().ears.remove(&hash(token))?;
        if until <= now {
            return None;
        }
        let sounding = self.sounding(&connection, &vendor_id)?;
        Some(sounding.line.sound.get_or_init(|| broadcast::channel(MOST_BEHIND).0).subscribe())
    }

    /// Gives a line an order. Done when the receiver says so, given up when it is dropped.
    pub fn order(&self, connection: &ConnectionId, vendor_id: &str, order: Order) -> Result<oneshot::Receiver<()>, Unsaid> {
        let line = match self.inner().calls.get(&(connection.clone(), vendor_id.to_owned())) {
            Some(entry) if entry.is_connected => Arc::clone(&entry.line),
            Some(_) | None => return Err(Unsaid::NoCall),
        };
        let (done, waits) = oneshot::channel();
        let mut orders = line.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if orders.len() >= MOST_WAITING {
            return Err(Unsaid::Full);
        }
        orders.push_back(Ordered { order, done });
        drop(orders);
        line.bell.notify_one();
        Ok(waits)
    }

    /// A turn of a call took so long, as far as it is known by now.
    pub fn timed(&self, connection: &ConnectionId, vendor_id: &str, turn: CallTurn) {
        let mut inner = self.inner();
        let Some(entry) = inner.calls.get_mut(&(connection.clone(), vendor_id.to_owned())) else { return };
        if let Some(known) = entry.turns.iter_mut().rev().find(|known| known.message == turn.message) {
            *known = turn;
        } else if entry.turns.len() < MOST_TURNS {
            entry.turns.push(turn);
        }
    }

    /// How long the turns of a call under way took.
    pub fn turns(&self, connection: &ConnectionId, vendor_id: &str) -> Vec<CallTurn> {
        self.inner().calls.get(&(connection.clone(), vendor_id.to_owned())).map(|entry| entry.turns.clone()).unwrap_or_default()
    }

    /// How many lines stand.
    pub fn connected(&self) -> usize {
        self.inner().calls.values().filter(|entry| entry.is_connected).count()
    }

    /// Hands over what was decided.
    pub fn say(&self, connection: &ConnectionId, vendor_id: &str, decided: Decided) -> Result<(), Unsaid> {
        let line = match self.inner().calls.get(&(connection.clone(), vendor_id.to_owned())) {
            Some(entry) => Arc::clone(&entry.line),
            None => return Err(Unsaid::NoCall),
        };
        let mut waiting = line.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // What has grown replaces what it was.
        if let Some(before) = waiting.iter_mut().find(|before| before.message == decided.message) {
            *before = decided;
        } else if waiting.len() >= MOST_WAITING {
            return Err(Unsaid::Full);
        } else {
            waiting.push_back(decided);
        }
        drop(waiting);
        line.bell.notify_one();
        Ok(())
    }

    /// A key to the line of a call: 128 random bits, good once and for a minute. Earlier keys of the call open nothing
    /// any more.
    pub fn issue(&self, token: &str, pass: Pass, now: MonotonicTime) {
        let mut inner = self.inner();
        inner.passes.retain(|_, (known, until)| *until > now && (known.connection != pass.connection || known.vendor_id != pass.vendor_id));
        inner.passes.insert(hash(token), (pass, now.after(KEY_LIVES)));
    }

    /// Takes the key. `None`: unknown, used, too late, or of another door.
    pub fn redeem(&self, token: &str, connection: &ConnectionId, now: MonotonicTime) -> Option<Pass> {
        let (pass, until) = self.inner().passes.remove(&hash(token))?;
        (until > now && pass.connection == *connection).then_some(pass)
    }

    /// The call is over: what is left of it.
    pub fn forget(&self, connection: &ConnectionId, vendor_id: &str) -> Left {
        let mut inner = self.inner();
        inner.passes.retain(|_, (known, _)| known.connection != *connection || known.vendor_id != vendor_id);
        let Some(entry) = inner.calls.remove(&(connection.clone(), vendor_id.to_owned())) else { return Left::default() };
        let mut waiting = entry.line.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Left { unsaid: waiting.drain(..).collect(), turns: entry.turns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn pass(connection: &str, call: &str) -> Pass {
        Pass {
            connection: connection.into(),
            vendor_id: call.to_owned(),
            language: "en".to_owned(),
            is_sound: false,
            greeting: None,
            takes_message: false,
        }
    }

    fn at(seconds: u64) -> MonotonicTime {
        MonotonicTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_key_opens_one_line_once_and_for_a_minute() {
        let board = Switchboard::default();
        board.issue("one", pass("tel", "CA1"), at(0));
        assert_eq!(board.redeem("one", &"other".into(), at(1)), None, "of another door, and now it is used");
        assert_eq!(board.redeem("one", &"tel".into(), at(1)), None);
        board.issue("two", pass("tel", "CA1"), at(0));
        board.issue("three", pass("tel", "CA1"), at(1));
        assert_eq!(board.redeem("two", &"tel".into(), at(2)), None, "a newer key was given");
        assert!(board.redeem("three", &"tel".into(), at(2)).is_some());
        assert_eq!(board.redeem("three", &"tel".into(), at(2)), None);
        board.issue("four", pass("tel", "CA1"), at(0));
        assert_eq!(board.redeem("four", &"tel".into(), at(61)), None);
        assert_eq!(board.redeem("", &"tel".into(), at(0)), None);
    }

    #[test]
    fn what_is_decided_waits_for_the_line_and_what_grows_is_one() {
        let board = Switchboard::default();
        let message = MessageId::new(Timestamp::from_secs(1), 1);
        let decided = |text: &str, is_whole| Decided { message, text: text.to_owned(), is_whole };
        let tel: ConnectionId = "tel".into();
        assert_eq!(board.say(&tel, "CA1", decided("A.", true)), Err(Unsaid::NoCall));
        let replies = board.expect(&tel, "CA1").expect("a place");
        assert_eq!(board.say(&tel, "CA1", decided("A.", false)), Ok(()));
        assert_eq!(board.say(&tel, "CA1", decided("A. B.", true)), Ok(()));
        assert_eq!(replies.take(), Some(decided("A. B.", true)));
        assert_eq!(replies.take(), None);
        assert_eq!(board.say(&tel, "CA1", decided("C.", true)), Ok(()));
        assert_eq!(board.forget(&tel, "CA1").unsaid, [decided("C.", true)]);
        assert_eq!(board.say(&tel, "CA1", decided("D.", true)), Err(Unsaid::NoCall));
    }

    #[test]
    fn a_key_to_listen_is_good_once_for_a_minute_and_for_a_call_that_somebody_is_on() {
        let board = Switchboard::default();
        let tel: ConnectionId = "tel".into();
        assert!(!board.let_listen("one", &tel, "CA1", at(0)), "no such call");
        let replies = board.expect(&tel, "CA1").expect("a place");
        assert!(!board.let_listen("one", &tel, "CA1", at(0)), "it rings");
        board.connect(&tel, "CA1", true);
        let sounding = board.sounding(&tel, "CA1").expect("a call");
        assert!(!sounding.is_heard());
        assert!(board.let_listen("one", &tel, "CA1", at(0)) && board.let_listen("two", &tel, "CA1", at(0)));
        assert!(board.listen("two", at(61)).is_none(), "too late");
        let mut heard = board.listen("one", at(2)).expect("a listener");
        assert!(board.listen("one", at(2)).is_none(), "it was used");
        assert!(sounding.is_heard());
        sounding.sounds(Arc::from([[1, 2]]));
        assert_eq!(heard.try_recv().expect("a frame").as_ref(), [[1, 2]]);
        drop((board.forget(&tel, "CA1"), sounding, replies));
        assert!(matches!(heard.try_recv(), Err(broadcast::error::TryRecvError::Closed)), "the call is over");
    }

    #[test]
    fn an_order_reaches_a_line_that_stands_before_anything_that_waits_to_be_said() {
        let board = Switchboard::default();
        let tel: ConnectionId = "tel".into();
        assert_eq!(board.order(&tel, "CA1", Order::Return).err(), Some(Unsaid::NoCall));
        let replies = board.expect(&tel, "CA1").expect("a place");
        assert_eq!(board.order(&tel, "CA1", Order::Return).err(), Some(Unsaid::NoCall), "nobody is on it yet");
        board.connect(&tel, "CA1", true);
        let message = MessageId::new(Timestamp::from_secs(1), 1);
        board.say(&tel, "CA1", Decided { message, text: "A.".to_owned(), is_whole: true }).expect("room");
        let mut waits = board.order(&tel, "CA1", Order::HangUp).expect("a line");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let Told::Ordered(ordered) = runtime.block_on(replies.told()) else { panic!("a reply came first") };
        assert_eq!(ordered.order, Order::HangUp);
        assert!(waits.try_recv().is_err());
        ordered.done.send(()).expect("somebody waits");
        assert_eq!(waits.try_recv(), Ok(()));
        assert!(matches!(runtime.block_on(replies.told()), Told::Decided(_)));
    }

    #[test]
    fn a_line_that_takes_nothing_is_full_one_day() {
        let board = Switchboard::default();
        let tel: ConnectionId = "tel".into();
        let _replies = board.expect(&tel, "CA1").expect("a place");
        for number in 0..MOST_WAITING as u128 {
            let message = MessageId::new(Timestamp::from_secs(1), number);
            assert_eq!(board.say(&tel, "CA1", Decided { message, text: String::new(), is_whole: true }), Ok(()));
        }
        let message = MessageId::new(Timestamp::from_secs(2), 0);
        assert_eq!(board.say(&tel, "CA1", Decided { message, text: String::new(), is_whole: true }), Err(Unsaid::Full));
    }
}
