//! The clock by which sound goes out: one thread for all calls, which sleeps to moments that are fixed beforehand, because
//! nothing that shares a runtime with other work keeps 20 milliseconds. It ends with the last call.

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::super::g711::Law;
use super::rtp::{self, Packet};

/// A packet lasts so long.
const TICK: Duration = Duration::from_millis(20);
/// Samples of it.
const SAMPLES: u32 = 160;
/// What waits to be played: two minutes. Nothing longer is ever said.
const MOST_WAITING: usize = 8_192;
/// So much goes out to somebody from whom nothing has come: two seconds.
const BRIEFLY: u32 = 100;
/// Softly is an eighth: 18 decibels less.
const SOFTLY: i16 = 8;

/// Something that waits.
#[derive(Debug)]
enum Item {
    Frame(Vec<i16>),
    Mark(u64),
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Item>,
    to: Option<SocketAddr>,
    /// Packets that may still go there; `None`: as many as there are.
    left: Option<u32>,
    kind: u8,
    law: Law,
    number: u16,
    time: u32,
    source: u32,
    is_first: bool,
    is_held: bool,
    is_soft: bool,
}

/// One side of a call as it goes out.
#[derive(Debug)]
pub struct Outlet {
    socket: UdpSocket,
    state: Mutex<State>,
    played: mpsc::UnboundedSender<u64>,
}

/// The line takes nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line takes nothing any more")]
pub struct Full;

impl Outlet {
    /// Sound in this law from this socket; what was played is told by its mark, in a queue that holds no more than waits here.
    pub fn new(socket: UdpSocket, law: Law, kind: u8, seed: u64) -> (Self, mpsc::UnboundedReceiver<u64>) {
        let (played, marks) = mpsc::unbounded_channel();
        let state = State {
            waiting: VecDeque::new(),
            to: None,
            left: None,
            kind,
            law,
            number: seed as u16,
            time: (seed >> 16) as u32,
            source: (seed >> 32) as u32,
            is_first: true,
            is_held: false,
            is_soft: false,
        };
        (Self { socket, state: Mutex::new(state), played }, marks)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plays it after what waits.
    pub fn play(&self, frame: Vec<i16>) -> Result<(), Full> {
        self.put(Item::Frame(frame))
    }

    /// Tells when everything before has been played.
    pub fn mark(&self, mark: u64) -> Result<(), Full> {
        self.put(Item::Mark(mark))
    }

    fn put(&self, item: Item) -> Result<(), Full> {
        let mut state = self.state();
        if state.waiting.len() >= MOST_WAITING {
            return Err(Full);
        }
        state.waiting.push_back(item);
        Ok(())
    }

    /// Nothing of what waits is played.
    pub fn clear(&self) {
        self.state().waiting.clear();
    }

    /// Softly, or as before.
    pub fn soft(&self, is_wanted: bool) {
        self.state().is_soft = is_wanted;
    }

    /// Where it goes.
    pub fn to(&self, to: SocketAddr) {
        let mut state = self.state();
        (state.to, state.left) = (Some(to), None);
    }

    /// Where it goes for a moment, until something comes from there. What is not sent then waits.
    pub fn briefly_to(&self, to: SocketAddr) {
        let mut state = self.state();
        if state.to != Some(to) {
            (state.to, state.left) = (Some(to), Some(BRIEFLY));
        }
    }

    /// It goes nowhere before something has come.
    pub fn nowhere(&self) {
        self.state().to = None;
    }

    /// The other side wants to hear nothing, or something again, in this law.
    pub fn change(&self, is_held: bool, law: Law, kind: u8) {
        let mut state = self.state();
        (state.is_held, state.law, state.kind) = (is_held, law, kind);
    }

    /// One packet.
    fn tick(&self) {
        let mut state = self.state();
        let Some(to) = state.to.filter(|_| !state.is_held) else { return };
        match &mut state.left {
            Some(0) => return,
            Some(left) => *left -= 1,
            None => {}
        }
        let mut frame = None;
        loop {
            match state.waiting.pop_front() {
                Some(Item::Frame(samples)) => {
                    frame = Some(samples);
                    break;
                }
                Some(Item::Mark(mark)) => {
                    // Whoever does not listen any more needs no mark.
                    let _ = self.played.send(mark);
                }
                None => break,
            }
        }
        let law = state.law;
        let payload = match frame {
            Some(mut samples) => {
                if state.is_soft {
                    samples.iter_mut().for_each(|sample| *sample /= SOFTLY);
                }
                law.encode(&samples)
            }
            None => vec![law.silence(); SAMPLES as usize],
        };
        let packet = Packet {
            kind: state.kind,
            marker: std::mem::take(&mut state.is_first),
            number: state.number,
            time: state.time,
            source: state.source,
            payload: &payload,
        };
        let bytes = rtp::write(&packet);
        state.number = state.number.wrapping_add(1);
        state.time = state.time.wrapping_add(SAMPLES);
        drop(state);
        // What a network does not take is lost, like any packet.
        let _ = self.socket.send_to(&bytes, to);
    }
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    outlets: Arc<Mutex<Outlets>>,
}

#[derive(Debug, Default)]
struct Outlets {
    all: Vec<Weak<Outlet>>,
    runs: bool,
}

impl Clock {
    /// Plays what this one gets, as long as somebody holds it.
    pub fn keep(&self, outlet: &Arc<Outlet>) -> std::io::Result<()> {
        let mut outlets = self.outlets.lock().unwrap_or_else(PoisonError::into_inner);
        outlets.all.push(Arc::downgrade(outlet));
        if !outlets.runs {
            let all = Arc::clone(&self.outlets);
            std::thread::Builder::new().name("telephone".to_owned()).stack_size(256 * 1024).spawn(move || run(&all))?;
            outlets.runs = true;
        }
        Ok(())
    }
}

fn run(outlets: &Mutex<Outlets>) {
    let mut due = Instant::now();
    loop {
        let live: Vec<Arc<Outlet>> = {
            let mut outlets = outlets.lock().unwrap_or_else(PoisonError::into_inner);
            outlets.all.retain(|outlet| outlet.strong_count() > 0);
            if outlets.all.is_empty() {
                outlets.runs = false;
                return;
            }
            outlets.all.iter().filter_map(Weak::upgrade).collect()
        };
        for outlet in &live {
            outlet.tick();
        }
        drop(live);
        due += TICK;
        match due.checked_duration_since(Instant::now()) {
            Some(wait) => std::thread::sleep(wait),
            // A machine that stood still does not catch up all at once.
            None if due.elapsed() > TICK * 10 => due = Instant::now(),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet() -> (Outlet, mpsc::UnboundedReceiver<u64>, UdpSocket) {
        let ours = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
        let theirs = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
        let (outlet, marks) = Outlet::new(ours, Law::Mu, 0, 0xffff);
        outlet.to(theirs.local_addr().expect("an address"));
        (outlet, marks, theirs)
    }

    fn received(socket: &UdpSocket) -> (u16, bool, i16) {
        let mut bytes = [0; 512];
        let size = socket.recv(&mut bytes).expect("a packet");
        let packet = rtp::read(&bytes[..size]).expect("a packet");
        (packet.number, packet.marker, Law::Mu.decode(packet.payload)[0])
    }

    #[test]
    fn frames_go_out_one_a_tick_then_silence_and_marks_come_back_when_they_were_played() {
        let (outlet, mut marks, theirs) = outlet();
        outlet.play(vec![8_000; 160]).expect("room");
        outlet.mark(1).expect("room");
        outlet.tick();
        let (number, is_first, sample) = received(&theirs);
        assert!((number, is_first) == (0xffff, true) && (7_500..8_500).contains(&sample));
        assert!(marks.try_recv().is_err(), "not yet");
        outlet.tick();
        assert_eq!(received(&theirs), (0, false, 0));
        assert_eq!(marks.try_recv(), Ok(1));
    }

    #[test]
    fn what_is_cleared_is_not_played_and_softly_is_softer() {
        let (outlet, mut marks, theirs) = outlet();
        outlet.play(vec![8_000; 160]).expect("room");
        outlet.mark(1).expect("room");
        outlet.clear();
        outlet.soft(true);
        outlet.play(vec![8_000; 160]).expect("room");
        outlet.tick();
        assert!((900..1_100).contains(&received(&theirs).2));
        outlet.tick();
        assert_eq!((received(&theirs).2, marks.try_recv().is_err()), (0, true));
    }

    #[test]
    fn who_is_sent_to_for_a_moment_gets_no_more_until_something_came_from_there() {
        let (outlet, _marks, theirs) = outlet();
        let to = theirs.local_addr().expect("an address");
        outlet.nowhere();
        theirs.set_nonblocking(true).expect("a setting");
        outlet.play(vec![8_000; 160]).expect("room");
        outlet.tick();
        assert!(theirs.recv(&mut [0; 512]).is_err(), "nowhere");
        outlet.briefly_to(to);
        let mut count = 0;
        for _ in 0..BRIEFLY + 50 {
            outlet.tick();
            while theirs.recv(&mut [0; 512]).is_ok() {
                count += 1;
            }
            // The same again begins nothing anew.
            outlet.briefly_to(to);
        }
        assert_eq!(count, BRIEFLY);
        outlet.to(to);
        outlet.tick();
        assert!(theirs.recv(&mut [0; 512]).is_ok());
    }

    #[test]
    fn on_hold_nothing_goes_out_and_nothing_is_lost() {
        let (outlet, _marks, theirs) = outlet();
        outlet.play(vec![8_000; 160]).expect("room");
        outlet.change(true, Law::Mu, 0);
        outlet.tick();
        theirs.set_nonblocking(true).expect("a setting");
        assert!(theirs.recv(&mut [0; 512]).is_err());
        outlet.change(false, Law::Mu, 0);
        outlet.tick();
        assert!(received(&theirs).2 > 7_000);
    }
}
