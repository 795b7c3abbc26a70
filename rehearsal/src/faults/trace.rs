//! What a server asked of the system, as `strace -f -y -xx` wrote it down: writes, syncs, requests and answers.
//!
//! From it the disk is built again as a power cut could have left it: what was synced is there, of the rest some is there,
//! some is torn and most is gone.

use std::collections::BTreeMap;

use super::dice::Dice;

/// The calls that are needed; what `strace -e trace=` gets.
pub const CALLS: &str = "openat,pwrite64,write,writev,sendto,sendmsg,ftruncate,fdatasync,fsync,recvfrom,read";
/// A disk writes a sector whole or not at all.
const SECTOR: usize = 512;
/// Percent of the unsynced writes that were on the disk all the same, and of those that were there in part.
const KEPT: u64 = 30;
const TORN: u64 = 10;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `pwrite64`, `fsync`, …
    pub name: String,
    /// Number of the descriptor.
    pub handle: u32,
    /// What the descriptor is: a path, or `socket:[…]`.
    pub file: String,
    /// The bytes of its arguments, one after another.
    pub bytes: Vec<u8>,
    /// The last number among its arguments: where to write, how long to be.
    pub number: u64,
    /// Line on which it began.
    pub begun: usize,
    /// Line on which it ended.
    pub ended: usize,
    /// What it returned.
    pub result: i64,
}

/// Reads a trace; lines that are no such calls are passed over.
pub fn read(text: &str) -> Vec<Call> {
    let mut pending: BTreeMap<&str, (String, usize)> = BTreeMap::new();
    let mut calls = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(begun) = rest.strip_suffix("<unfinished ...>") {
            pending.insert(thread, (begun.to_owned(), at));
            continue;
        }
        let (whole, begun) = match rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            Some((_, end)) => match pending.remove(thread) {
                Some((begun, at)) => (format!("{begun}{end}"), at),
                None => continue,
            },
            None => (rest.to_owned(), at),
        };
        calls.extend(call(&whole, begun, at));
    }
    calls
}

fn call(text: &str, begun: usize, ended: usize) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(") ").or_else(|| rest.rsplit_once(')'))?;
    let result = result.trim_start_matches([' ', '=']).split([' ', '<']).next()?.parse().ok()?;
    if name == "openat" {
        return None;
    }
    let (handle, rest) = arguments.split_once('<')?;
    let (file, rest) = rest.split_once('>')?;
    let mut bytes = Vec::new();
    let mut parts = rest.split('"');
    let mut last = parts.next()?;
    while let Some(quoted) = parts.next() {
        bytes.extend(unhex(quoted));
        last = parts.next().unwrap_or_default();
    }
    let number = last.rsplit([',', ' ']).find_map(|word| word.parse().ok()).unwrap_or(0);
    Some(Call {
        name: name.to_owned(),
        handle: handle.parse().ok()?,
        file: String::from_utf8_lossy(&unhex(file)).into_owned(),
        bytes,
        number,
        begun,
        ended,
        result,
    })
}

/// `\x2f\x74` as bytes.
fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).filter_map(|pair| u8::from_str_radix(pair.get(..2)?, 16).ok()).collect()
}

impl Call {
    fn is_sync(&self) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync") && self.result == 0
    }

    fn is_socket(&self) -> bool {
        self.file.starts_with("socket:") || self.file.starts_with("TCP:")
    }

    /// The id of the message that this answer acknowledges.
    pub fn acknowledges(&self) -> Option<String> {
        if !self.is_socket() || !matches!(self.name.as_str(), "write" | "writev" | "sendto" | "sendmsg") {
            return None;
        }
        let text = String::from_utf8_lossy(&self.bytes);
        let (_, rest) = text.split_once("\"message\":\"msg_")?;
        Some(format!("msg_{}", rest.split('"').next()?))
    }
}

/// Acknowledgements before which no sync of the log began and ended after their request had been read (T03).
pub fn hasty(calls: &[Call], log: &str) -> Vec<String> {
    let mut requests: BTreeMap<u32, usize> = BTreeMap::new();
    let mut hasty = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if call.is_socket() && matches!(call.name.as_str(), "recvfrom" | "read") && call.result > 0 {
            requests.insert(call.handle, call.ended);
        }
        let Some(id) = call.acknowledges() else { continue };
        let asked = requests.get(&call.handle).copied().unwrap_or(0);
        let is_synced =
            calls[..at].iter().any(|sync| sync.is_sync() && sync.file.ends_with(log) && sync.begun > asked && sync.ended < call.begun);
        if !is_synced {
            hasty.push(id);
        }
    }
    hasty
}

/// The files of a folder by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A disk after a power cut, and what had been acknowledged by then.
#[derive(Debug)]
pub struct Cut {
    /// The files.
    pub files: Files,
    /// Ids of acknowledged messages.
    pub acknowledged: Vec<String>,
}

/// By call, the line on which a sync ended that covers it.
pub fn synced(calls: &[Call]) -> Vec<Option<usize>> {
    let covers = |sync: &&Call, call: &Call| sync.is_sync() && sync.file == call.file && sync.begun > call.ended;
    calls.iter().enumerate().map(|(at, call)| calls[at..].iter().find(|sync| covers(sync, call)).map(|sync| sync.ended)).collect()
}

/// The disk as it could be when the power fails on this line. `before` are the files when the trace began, `synced` is
/// what [`synced`] says of the calls.
pub fn cut(before: &Files, calls: &[Call], synced: &[Option<usize>], line: usize, dice: &mut Dice) -> Cut {
    let mut files = before.clone();
    let mut acknowledged = Vec::new();
    for (call, synced) in calls.iter().zip(synced).filter(|(call, _)| call.begun <= line) {
        if let Some(id) = call.acknowledges() {
            acknowledged.push(id);
        }
        let Some(file) = call.file.rsplit('/').next().and_then(|name| files.get_mut(name)) else { continue };
        let is_kept = synced.is_some_and(|synced| synced <= line);
        match call.name.as_str() {
            "pwrite64" => {
                let (from, mut length) = (usize::try_from(call.number).unwrap_or(0), call.bytes.len());
                if !is_kept {
                    length = match dice.below(100) {
                        roll if roll < KEPT => length,
                        roll if roll < KEPT + TORN => {
                            let sectors = (length / SECTOR).max(1) as u64;
                            usize::try_from(dice.below(sectors)).unwrap_or(0) * SECTOR
                        }
                        _ => 0,
                    };
                }
                if length > 0 {
                    file.resize(file.len().max(from + length), 0);
                    file[from..from + length].copy_from_slice(&call.bytes[..length]);
                }
            }
            "ftruncate" if is_kept || dice.chance(50) => file.resize(usize::try_from(call.number).unwrap_or(0), 0),
            _ => {}
        }
    }
    Cut { files, acknowledged }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"7 recvfrom(9<\x73\x6f\x63\x6b\x65\x74\x3a\x5b\x31\x5d>, "\x50", 100, 0, NULL, NULL) = 1
8 pwrite64(4<\x2f\x64\x2f\x61\x2d\x77\x61\x6c>, "\x61\x62", 2, 3) = 2
8 fsync(4<\x2f\x64\x2f\x61\x2d\x77\x61\x6c> <unfinished ...>
7 ftruncate(5<\x2f\x64\x2f\x62>, 1) = 0
8 <... fsync resumed>)              = 0
7 writev(9<\x73\x6f\x63\x6b\x65\x74\x3a\x5b\x31\x5d>, [{iov_base="\x7b\x22\x6d\x65\x73\x73\x61\x67\x65\x22\x3a\x22", iov_len=12}, {iov_base="\x6d\x73\x67\x5f\x31\x22\x7d", iov_len=7}], 2) = 19
8 pwrite64(4<\x2f\x64\x2f\x61\x2d\x77\x61\x6c>, "\x63\x64", 2, 5) = 2
"#;

    #[test]
    fn a_trace_is_read_with_calls_that_were_interrupted() {
        let calls = read(LOG);
        let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
        assert_eq!(names, ["recvfrom", "pwrite64", "ftruncate", "fsync", "writev", "pwrite64"]);
        assert_eq!((calls[1].file.as_str(), calls[1].number, calls[1].bytes.as_slice()), ("/d/a-wal", 3, b"ab".as_slice()));
        assert_eq!((calls[3].begun, calls[3].ended), (2, 4));
        assert_eq!(calls[4].acknowledges().as_deref(), Some("msg_1"));
    }

    #[test]
    fn an_answer_before_the_sync_is_hasty() {
        assert_eq!(hasty(&read(LOG), "a-wal"), Vec::<String>::new());
        let late: Vec<&str> = LOG.lines().filter(|line| !line.contains("fsync")).collect();
        assert_eq!(hasty(&read(&late.join("\n")), "a-wal"), ["msg_1"]);
    }

    #[test]
    fn what_was_synced_survives_every_cut_and_what_was_not_does_not_survive_all() {
        let before = Files::from([("a-wal".to_owned(), Vec::new()), ("b".to_owned(), vec![1, 2])]);
        let calls = read(LOG);
        let mut dice = Dice::new(1, "cut");
        let cuts: Vec<Cut> = (0..100).map(|_| cut(&before, &calls, &synced(&calls), 6, &mut dice)).collect();
        assert!(cuts.iter().all(|cut| cut.files["a-wal"].starts_with(b"\0\0\0ab") && cut.acknowledged == ["msg_1"]));
        let whole = cuts.iter().filter(|cut| cut.files["a-wal"].ends_with(b"cd")).count();
        assert!((10..60).contains(&whole), "{whole}");
        assert!(cut(&before, &calls, &synced(&calls), 4, &mut dice).acknowledged.is_empty());
    }
}
