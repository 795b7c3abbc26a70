//! RTP as telephones speak it: packets, their order, and keys. Pure: sockets and clocks are elsewhere.
//!
//! <https://www.rfc-editor.org/rfc/rfc3550>, keys: <https://www.rfc-editor.org/rfc/rfc4733>

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Nothing larger is read: 60 milliseconds of a telephone are less than 500 bytes.
pub const LARGEST: usize = 2_048;
/// What has come too early is kept for so many packets, then what is missing is made up.
const MOST_EARLY: usize = 4;
/// A gap is made up by so many packets at most; whoever was silent for longer begins anew.
const LONGEST_GAP: u16 = 10;
/// What comes so late is only late; what is further behind may be a stream that counts anew.
const MOST_LATE: u16 = 100;
/// A source is believed once so many packets came from it, and no other from then on.
const LOCKS_AFTER: u32 = 5;
/// The head of a packet.
const HEAD: usize = 12;

/// A packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What the payload is.
    pub kind: u8,
    /// The first of a talk, or of a key.
    pub marker: bool,
    /// Counts packets, modulo 65,536.
    pub number: u16,
    /// Counts samples.
    pub time: u32,
    /// Who sends it.
    pub source: u32,
    /// What it carries.
    pub payload: &'a [u8],
}

/// Reads a packet; `None`: it is none.
pub fn read(bytes: &[u8]) -> Option<Packet<'_>> {
    if bytes.len() < HEAD || bytes.len() > LARGEST || bytes[0] >> 6 != 2 {
        return None;
    }
    let (padded, extended, sources) = (bytes[0] & 0x20 != 0, bytes[0] & 0x10 != 0, usize::from(bytes[0] & 0x0f));
    let mut begin = HEAD + sources * 4;
    if extended {
        let words = bytes.get(begin + 2..begin + 4)?;
        begin += 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4;
    }
    let mut end = bytes.len();
    if padded {
        end = end.checked_sub(usize::from(*bytes.last()?).max(1))?;
    }
    Some(Packet {
        kind: bytes[1] & 0x7f,
        marker: bytes[1] & 0x80 != 0,
        number: u16::from_be_bytes([bytes[2], bytes[3]]),
        time: u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
        source: u32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
        payload: bytes.get(begin..end)?,
    })
}

/// Writes a packet.
pub fn write(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + packet.payload.len());
    bytes.extend_from_slice(&[0x80, packet.kind & 0x7f | u8::from(packet.marker) << 7]);
    bytes.extend_from_slice(&packet.number.to_be_bytes());
    bytes.extend_from_slice(&packet.time.to_be_bytes());
    bytes.extend_from_slice(&packet.source.to_be_bytes());
    bytes.extend_from_slice(packet.payload);
    bytes
}

/// What a stream brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Sound, as it was written.
    Sound(Vec<u8>),
    /// So much of it was lost, in bytes.
    Lost(usize),
    /// A key.
    Key(char),
}

/// One side of a call as it comes in.
#[derive(Debug, Clone)]
pub struct Receiver {
    sound: u8,
    keys: Option<u8>,
    from: Option<SocketAddr>,
    counted: u32,
    source: Option<u32>,
    next: Option<u16>,
    /// What follows on a packet that was far behind: a second one in a row, and the stream counts from there.
    anew: Option<u16>,
    early: BTreeMap<u16, Vec<u8>>,
    length: usize,
    key_at: Option<u32>,
}

impl Receiver {
    /// For these kinds of payload.
    pub fn new(sound: u8, keys: Option<u8>) -> Self {
        Self {
            sound,
            keys,
            from: None,
            counted: 0,
            source: None,
            next: None,
            anew: None,
            early: BTreeMap::new(),
            length: 160,
            key_at: None,
        }
    }

    /// Where the other side sends from: where we send to.
    pub fn from(&self) -> Option<SocketAddr> {
        self.from
    }

    /// Takes what came from there. Nobody else can step in once the source is known: `None` for what is no part of it.
    pub fn take(&mut self, bytes: &[u8], from: SocketAddr) -> Option<Vec<Heard>> {
        let packet = read(bytes)?;
        let is_key = self.keys == Some(packet.kind);
        if packet.kind != self.sound && !is_key {
            return None;
        }
        match self.from {
            Some(known) if known != from && self.counted >= LOCKS_AFTER => return None,
            Some(known) if known == from => self.counted = self.counted.saturating_add(1),
            Some(_) | None => (self.from, self.counted) = (Some(from), 1),
        }
        if self.source != Some(packet.source) {
            // Another sender at the same place: its numbers are its own.
            (self.source, self.next, self.anew, self.key_at) = (Some(packet.source), None, None, None);
            self.early.clear();
        }
        if is_key {
            let mut heard = self.sound(packet.number, Vec::new());
            heard.extend(self.key(&packet).map(Heard::Key));
            return Some(heard);
        }
        Some(self.sound(packet.number, packet.payload.to_vec()))
    }

    /// A key is sent many times over; its first packet counts, whichever arrives.
    fn key(&mut self, packet: &Packet<'_>) -> Option<char> {
        if self.key_at == Some(packet.time) {
            return None;
        }
        let key = match *packet.payload.first()? {
            digit @ 0..=9 => char::from(b'0' + digit),
            10 => '*',
            11 => '#',
            letter @ 12..=15 => char::from(b'A' + letter - 12),
            _ => return None,
        };
        self.key_at = Some(packet.time);
        Some(key)
    }

    /// Puts it in its place. Keys have numbers among the sound, and no sound.
    fn sound(&mut self, number: u16, payload: Vec<u8>) -> Vec<Heard> {
        let mut next = *self.next.get_or_insert(number);
        let ahead = number.wrapping_sub(next);
        let is_behind = ahead >= 0x8000;
        let counts_anew = is_behind && self.anew == Some(number);
        if is_behind && !counts_anew {
            // <https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1>
            self.anew = (next.wrapping_sub(number) > MOST_LATE).then(|| number.wrapping_add(1));
            return Vec::new();
        }
        self.anew = None;
        if counts_anew || ahead > LONGEST_GAP {
            self.early.clear();
            next = number;
        }
        if !payload.is_empty() {
            self.length = payload.len();
        }
        self.early.insert(number, payload);
        let mut heard = Vec::new();
        loop {
            if let Some(payload) = self.early.remove(&next) {
                if !payload.is_empty() {
                    heard.push(Heard::Sound(payload));
                }
            } else if self.early.len() >= MOST_EARLY {
                heard.push(Heard::Lost(self.length));
            } else {
                break;
            }
            next = next.wrapping_add(1);
        }
        self.next = Some(next);
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn packet(number: u16, source: u32) -> Vec<u8> {
        write(&Packet { kind: 0, marker: false, number, time: u32::from(number) * 160, source, payload: &[number as u8; 160] })
    }

    fn numbers(heard: Vec<Heard>) -> Vec<Option<u8>> {
        heard.into_iter().map(|heard| if let Heard::Sound(bytes) = heard { Some(bytes[0]) } else { None }).collect()
    }

    fn check(sent: &[u16], expected: &[Option<u8>]) {
        let mut receiver = Receiver::new(0, Some(101));
        let heard: Vec<Heard> =
            sent.iter().flat_map(|number| receiver.take(&packet(*number, 7), address(4_000)).unwrap_or_default()).collect();
        assert_eq!(numbers(heard), expected, "{sent:?}");
    }

    #[test]
    fn packets_are_put_in_order_and_what_is_lost_is_told() {
        check(&[1, 2, 3], &[Some(1), Some(2), Some(3)]);
        check(&[1, 3, 2], &[Some(1), Some(2), Some(3)]);
        check(&[1, 1, 2, 1, 2], &[Some(1), Some(2)]);
        check(&[1, 3, 4, 5, 6], &[Some(1), None, Some(3), Some(4), Some(5), Some(6)]);
        check(&[65_534, 65_535, 0, 1], &[Some(254), Some(255), Some(0), Some(1)]);
        check(&[65_535, 1, 0], &[Some(255), Some(0), Some(1)]);
        check(&[1, 200, 201], &[Some(1), Some(200), Some(201)]);
    }

    #[test]
    fn a_stream_that_counts_from_elsewhere_is_heard_from_its_second_packet_on() {
        // Ahead by 60,000 is behind by 5,536.
        check(&[1, 2, 60_002, 60_003, 60_004, 60_005], &[Some(1), Some(2), Some(99), Some(100), Some(101)]);
        check(&[300, 301, 5, 302, 303], &[Some(44), Some(45), Some(46), Some(47)]);
        // A packet that was late, or was sent twice, begins nothing.
        check(&[300, 301, 302, 295, 296, 297, 303], &[Some(44), Some(45), Some(46), Some(47)]);
    }

    #[test]
    fn another_sender_at_the_same_place_counts_anew() {
        let mut receiver = Receiver::new(0, None);
        receiver.take(&packet(100, 7), address(4_000));
        assert_eq!(numbers(receiver.take(&packet(3, 8), address(4_000)).unwrap_or_default()), [Some(3)]);
    }

    #[test]
    fn sound_from_a_third_place_is_ignored_once_the_source_is_known() {
        let mut receiver = Receiver::new(0, None);
        for number in 0..6 {
            assert!(receiver.take(&packet(number, 7), address(4_000)).is_some());
        }
        assert_eq!(receiver.take(&packet(6, 7), address(5_000)), None);
        assert_eq!(receiver.from(), Some(address(4_000)));
        assert!(receiver.take(&packet(6, 7), address(4_000)).is_some());
    }

    #[test]
    fn a_key_is_one_key_however_often_it_is_sent() {
        let mut receiver = Receiver::new(0, Some(101));
        let mut keys = Vec::new();
        let mut number = 0;
        for (event, time) in [(5, 1_000), (5, 2_000), (11, 3_000), (16, 4_000)] {
            for end in [0, 0, 0x80, 0x80, 0x80] {
                let payload = [event, end, 0, 160];
                let bytes = write(&Packet { kind: 101, marker: false, number, time, source: 7, payload: &payload });
                number += 1;
                keys.extend(receiver.take(&bytes, address(4_000)).unwrap_or_default());
            }
        }
        assert_eq!(keys, [Heard::Key('5'), Heard::Key('5'), Heard::Key('#')]);
    }

    #[test]
    fn padding_extensions_and_sources_are_stepped_over_and_what_is_no_packet_is_none() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 0, 0, 0, 1, 8, 8, 8, 8, 42, 43, 0, 2];
        assert_eq!(read(&bytes).map(|packet| packet.payload.to_vec()), Some(vec![42, 43]));
        bytes[19] = 200;
        assert_eq!(read(&bytes), None, "an extension that is longer than the packet");
        for bytes in [&[][..], &[0x80; 11], &[0; 12], &[0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 200]] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }
}
