//! What two telephones agree on: where sound goes, in which law, and how keys are sent.
//!
//! <https://www.rfc-editor.org/rfc/rfc4566>, <https://www.rfc-editor.org/rfc/rfc3264>

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use super::super::g711::Law;

/// Nothing longer is read.
const LARGEST: usize = 16 * 1024;

/// What the other side offers, as far as we can speak with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Where its sound should go; nowhere while it holds the call by a zero address.
    pub to: Option<SocketAddr>,
    /// The first law of theirs that we speak, and its kind of payload.
    pub law: Law,
    /// See above.
    pub kind: u8,
    /// Kind of payload of keys.
    pub keys: Option<u8>,
    /// It wants to hear nothing for now.
    pub is_held: bool,
    /// Nor will it say anything.
    pub is_inactive: bool,
}

/// Why an offer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is none.
    #[error("the session description cannot be read")]
    Unreadable,
    /// There is no sound in it that we speak.
    #[error("no kind of sound is spoken on both sides")]
    NothingInCommon,
}

/// Reads an offer, or an answer to ours. Lines in another order, and those that we do not know, are taken.
pub fn read(text: &[u8]) -> Result<Offer, Refused> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= LARGEST).ok_or(Refused::Unreadable)?;
    if !text.trim_start().starts_with("v=0") {
        return Err(Refused::Unreadable);
    }
    let (mut common, mut own) = (None, None);
    let (mut port, mut kinds): (u16, Vec<u8>) = (0, Vec::new());
    let (mut is_audio, mut has_media) = (false, false);
    let (mut maps, mut direction): (Vec<(u8, String)>, &str) = (Vec::new(), "sendrecv");
    for line in text.lines() {
        let Some((name, value)) = line.trim_end().split_once('=') else { continue };
        match name {
            "m" => {
                // Only the first description of sound counts.
                is_audio = kinds.is_empty() && value.starts_with("audio ");
                has_media = true;
                if is_audio {
                    let mut words = value.split(' ').skip(1);
                    let written = words.next().and_then(|port| port.split('/').next());
                    port = written.and_then(|port| port.parse().ok()).ok_or(Refused::Unreadable)?;
                    if !words.next().is_some_and(|profile| profile == "RTP/AVP") {
                        return Err(Refused::NothingInCommon);
                    }
                    kinds = words.filter_map(|kind| kind.parse().ok()).collect();
                }
            }
            "c" => {
                let address: Option<IpAddr> = value.split(' ').nth(2).and_then(|address| address.split('/').next()?.parse().ok());
                if !has_media {
                    common = address;
                } else if is_audio {
                    own = address;
                }
            }
            "a" if is_audio || !has_media => match value.split_once(':') {
                Some(("rtpmap", map)) => {
                    if let Some((kind, codec)) = map.split_once(' ')
                        && let Ok(kind) = kind.parse()
                    {
                        maps.push((kind, codec.to_ascii_uppercase()));
                    }
                }
                None if matches!(value, "sendrecv" | "sendonly" | "recvonly" | "inactive") => direction = value,
                _ => {}
            },
            _ => {}
        }
    }
    let name = |kind: u8| maps.iter().find(|(known, _)| *known == kind).map(|(_, codec)| codec.as_str());
    let law = |kind: &u8| match (kind, name(*kind)) {
        (_, Some(codec)) if codec.starts_with("PCMU/8000") => Some((Law::Mu, *kind)),
        (_, Some(codec)) if codec.starts_with("PCMA/8000") => Some((Law::A, *kind)),
        (0, None) => Some((Law::Mu, 0)),
        (8, None) => Some((Law::A, 8)),
        _ => None,
    };
    let (law, kind) = kinds.iter().find_map(law).filter(|_| port > 0).ok_or(Refused::NothingInCommon)?;
    let keys = kinds.iter().copied().find(|kind| name(*kind).is_some_and(|codec| codec.starts_with("TELEPHONE-EVENT/8000")));
    let address = own.or(common).ok_or(Refused::Unreadable)?;
    let to = (!address.is_unspecified()).then_some(SocketAddr::new(address, port));
    Ok(Offer {
        to,
        law,
        kind,
        keys,
        is_held: to.is_none() || matches!(direction, "sendonly" | "inactive"),
        is_inactive: direction == "inactive",
    })
}

/// What we answer to an offer, or offer ourselves when there is none.
pub fn write(ours: SocketAddr, session: u64, version: u64, offer: Option<&Offer>) -> String {
    let family = if ours.is_ipv4() { "IP4" } else { "IP6" };
    let (address, port) = (ours.ip(), ours.port());
    let mut text = format!("v=0\r\no=- {session} {version} IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n");
    let (kinds, keys) = match offer {
        Some(offer) => (vec![(offer.kind, offer.law)], offer.keys),
        None => (vec![(0, Law::Mu), (8, Law::A)], Some(101)),
    };
    let list: Vec<String> = kinds.iter().map(|(kind, _)| kind.to_string()).chain(keys.map(|kind| kind.to_string())).collect();
    // Writing to a string cannot fail.
    let _ = write!(text, "m=audio {port} RTP/AVP {}\r\n", list.join(" "));
    for (kind, law) in kinds {
        let _ = write!(text, "a=rtpmap:{kind} {}/8000\r\n", if law == Law::Mu { "PCMU" } else { "PCMA" });
    }
    if let Some(keys) = keys {
        let _ = write!(text, "a=rtpmap:{keys} telephone-event/8000\r\na=fmtp:{keys} 0-15\r\n");
    }
    let direction = match offer {
        Some(offer) if offer.is_inactive => "inactive",
        Some(offer) if offer.is_held => "recvonly",
        Some(_) | None => "sendrecv",
    };
    let _ = write!(text, "a=ptime:20\r\na={direction}\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARESIP: &str = "v=0\r\no=- 1 2 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 11010 RTP/AVP 96 0 8 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n";

    #[test]
    fn the_first_law_that_both_speak_is_taken() {
        let offer = read(BARESIP.as_bytes()).expect("an offer");
        let to = Some("10.0.0.5:11010".parse().expect("an address"));
        assert_eq!(offer, Offer { to, law: Law::Mu, kind: 0, keys: Some(101), is_held: false, is_inactive: false });
        let european = BARESIP.replace("96 0 8 101", "96 8 0 101");
        assert_eq!(read(european.as_bytes()).map(|offer| offer.law), Ok(Law::A));
        let bare = "v=0\no=- 1 2 IN IP4 10.0.0.5\ns=-\nt=0 0\nm=audio 4000 RTP/AVP 8\nc=IN IP4 10.0.0.9\n";
        let offer = read(bare.as_bytes()).expect("an offer");
        assert_eq!((offer.to.map(|to| to.to_string()).as_deref(), offer.law, offer.keys), (Some("10.0.0.9:4000"), Law::A, None));
    }

    #[test]
    fn a_call_on_hold_is_known() {
        for held in [
            BARESIP.replace("sendrecv", "sendonly"),
            BARESIP.replace("sendrecv", "inactive"),
            BARESIP.replace("c=IN IP4 10.0.0.5", "c=IN IP4 0.0.0.0"),
        ] {
            let offer = read(held.as_bytes()).expect("an offer");
            assert!(offer.is_held, "{held}");
            let answer = write("10.0.0.1:4000".parse().expect("an address"), 1, 2, Some(&offer));
            assert!(answer.contains(if offer.is_inactive { "a=inactive" } else { "a=recvonly" }), "{answer}");
        }
    }

    #[test]
    fn what_has_nothing_in_common_and_what_is_none_is_refused() {
        let check = |text: &str, expected: Refused| assert_eq!(read(text.as_bytes()), Err(expected), "{text}");
        check(&BARESIP.replace(" 96 0 8 101", " 96 101"), Refused::NothingInCommon);
        check(&BARESIP.replace("audio 11010", "audio 0"), Refused::NothingInCommon);
        check(&BARESIP.replace("m=audio", "m=video"), Refused::NothingInCommon);
        check(&BARESIP.replace("RTP/AVP", "RTP/SAVP"), Refused::NothingInCommon);
        check(&BARESIP.replace("11010", "port"), Refused::Unreadable);
        check(&BARESIP.replace("c=IN IP4 10.0.0.5", "c=IN IP4 example"), Refused::Unreadable);
        check("", Refused::Unreadable);
        check("<html>", Refused::Unreadable);
    }

    #[test]
    fn what_we_write_we_read() {
        let ours = "10.0.0.1:4000".parse().expect("an address");
        let offer = read(write(ours, 1, 1, None).as_bytes()).expect("our offer");
        assert_eq!(offer, Offer { to: Some(ours), law: Law::Mu, kind: 0, keys: Some(101), is_held: false, is_inactive: false });
        let answer = write("10.0.0.2:5000".parse().expect("an address"), 1, 1, Some(&offer));
        assert_eq!(read(answer.as_bytes()).map(|answer| answer.kind), Ok(0));
        assert!(!answer.contains("PCMA"), "one law is answered");
    }
}
