//! Every parser that the internet can reach, fed with recorded payloads that were bent, cut and spliced.
//!
//! A target is a plain function over bytes. `FUZZ_MS` says how long each is driven: a moment here, ten seconds in
//! `make test`, long in `make soak`; `FUZZ_SEED` begins where a failure said that it began. Without it a run begins where
//! every run begins; `make soak` begins anywhere.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use channels::voice::g711::Law;
use channels::voice::media;
use channels::voice::sip::{Settings, Trunk, rtp, sdp};
use domain::attachment;
use domain::channel::ChannelKind;
use domain::event::{InboundEvent, InboundMessage};
use serde_json::Value;

use crate::decoding::envelope;
use crate::world::{NOW, Request, door, form, settings, with_value};

/// No input grows longer than this.
const LONGEST: usize = 64 * 1024;

/// What payloads are made of, and what has broken readers before.
const WORDS: [&str; 40] = [
    "null",
    "true",
    "-1",
    "0",
    "1e309",
    "9223372036854775807",
    "\"\"",
    "[]",
    "{}",
    "[[[[[[[[",
    "\\u0000",
    "\\ud800",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "é",
    "👩‍👩‍👧",
    "\r\n",
    "\r\n\r\n",
    "--b\r\n",
    "--b--\r\n",
    "> ",
    "-- \r\n",
    "=?utf-8?Q?=C3?=",
    "=?x?B?",
    "=\r\n",
    "=E2=82",
    "&",
    "%00",
    "%E2%82",
    "+",
    "charset=utf-7",
    "multipart/mixed; boundary=b",
    "message/rfc822",
    "<div hidden>",
    "<blockquote>",
    "data:;base64,",
    "/start a",
    "+15558675310",
    "RAP-7KQ2-9XDM",
];

/// A small generator: the same seed gives the same inputs.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
}

/// One input from one or two others.
fn bent(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let to = (at + dice.below(40)).min(bytes.len());
        match dice.below(7) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap_or(0),
            1 => drop(bytes.drain(at..to)),
            2 => bytes.truncate(at),
            3 => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = &corpus[dice.below(corpus.len())];
                let from = dice.below(other.len() + 1);
                let end = (from + dice.below(400)).min(other.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            _ => {
                let word = WORDS[dice.below(WORDS.len())];
                bytes.splice(at..to, word.bytes());
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn drive(corpus: &[Vec<u8>], target: impl Fn(&[u8])) {
    assert!(!corpus.is_empty(), "there is nothing to bend");
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let until = Instant::now() + Duration::from_millis(number("FUZZ_MS").unwrap_or(60));
    let mut seed = number("FUZZ_SEED").unwrap_or(1);
    for plain in corpus {
        target(plain);
    }
    while Instant::now() < until {
        seed = seed.wrapping_add(1);
        let input = bent(corpus, &mut Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1));
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            panic!("FUZZ_SEED={} gives it again: {:?}", seed - 1, String::from_utf8_lossy(&input));
        }
    }
}

/// Recorded payloads of a folder as `written` writes them.
fn recorded(folder: &str, written: impl Fn(&Value) -> Vec<u8>) -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut names: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let is_payload = |path: &&PathBuf| path.to_string_lossy().ends_with(".json") && !path.to_string_lossy().contains(".expect.");
    names.iter().filter(is_payload).map(|path| written(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())).collect()
}

fn json(payload: &Value) -> Vec<u8> {
    payload.to_string().into_bytes()
}

/// What a person wrote as it would be kept.
fn words(event: &InboundEvent) -> Option<&InboundMessage> {
    match event {
        InboundEvent::Message(message) | InboundEvent::Postback(message) | InboundEvent::Echo(message) => Some(message),
        _ => None,
    }
}

/// Whatever it is, it is an event that can be kept or a refusal.
fn decode(kind: ChannelKind, body: &[u8]) {
    let request = Request::post(body).header("content-type", "application/x-www-form-urlencoded");
    let Ok(events) = channels::decode(kind, &request.view()) else { return };
    let printed = serde_json::to_string(&events).unwrap();
    let back: Vec<InboundEvent> = serde_json::from_str(&printed).unwrap();
    assert_eq!(back.len(), events.len());
    for message in events.iter().filter_map(words) {
        // On an open line the line itself says who it is.
        assert!(kind == ChannelKind::Voice || !message.sender.trim().is_empty(), "nobody could be answered: {printed}");
        let ids = [Some(&message.sender), message.provider_message_id.as_ref(), message.connection.as_ref()];
        assert!(!ids.into_iter().flatten().any(|id| id.contains(char::is_control)), "no id has them: {printed}");
        assert!(message.text.as_ref().is_none_or(|text| !text.trim().is_empty() && !text.contains('\u{1b}')), "{printed}");
        assert!(message.sender_e164.as_ref().is_none_or(|number| number.starts_with('+')), "{printed}");
        assert!(message.location.as_ref().is_none_or(|place| place.lat.is_finite() && place.lon.is_finite()), "{printed}");
    }
}

fn door_is_shut(kind: ChannelKind, body: &[u8]) {
    assert!(door(kind).receive(&Request::post(body).view(), NOW).is_err(), "nothing unsigned is taken");
}

macro_rules! doors {
    ($($name:ident: $kind:ident, $corpus:expr;)*) => {$(
        #[test]
        fn $name() {
            drive(&$corpus, |body| decode(ChannelKind::$kind, body));
        }
    )*};
}

doors! {
    whatsapp: Whatsapp, recorded("whatsapp", json);
    telegram: Telegram, recorded("telegram", json);
    discord: Discord, recorded("discord", json);
    messenger: Messenger, recorded("messenger", json);
    instagram: Instagram, recorded("instagram", json);
    sms: Sms, recorded("sms", form);
    rcs_through_twilio: Rcs, recorded("sms-rcs", form);
    rcs_through_google: Rcs, recorded("rbm", |event| json(&envelope(event)));
    email: Email, recorded("email", |mail| mail["raw"].as_str().unwrap_or_default().as_bytes().to_vec());
    calls: Voice, recorded("voice", form);
    frames_of_calls: Voice, recorded("voice", json);
    api: Api, vec![json(&serde_json::json!({"connection": "form", "id": "m", "from": {"external_id": "u", "email": "a@b.c", "phone": "+34600111222"},
        "text": "hi", "attachments": [{"base64": "aGk=", "name": "a.txt", "mime": "text/plain"}], "at": "2026-01-05T09:00:00Z"}))];
}

#[test]
fn nothing_unsigned_opens_a_door() {
    let doors = [ChannelKind::Whatsapp, ChannelKind::Telegram, ChannelKind::Sms, ChannelKind::Messenger, ChannelKind::Api];
    drive(&recorded("whatsapp", json), |body| doors.into_iter().for_each(|kind| door_is_shut(kind, body)));
}

#[test]
fn files() {
    let exif = b"\xff\xd8\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0\xff\xda\0\x02".to_vec();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0crc!\0\0\0\x04tEXtabcdcrc!\0\0\0\0IENDcrc!".to_vec();
    let gif = b"GIF89a\x01\0\x01\0".to_vec();
    drive(&[exif, png, gif], |bytes| {
        let seen = attachment::seen_as(bytes);
        let clean = attachment::without_place(bytes.to_vec());
        assert!(clean.len() <= bytes.len() + 36, "nothing is added");
        if matches!(seen, Some("image/jpeg")) {
            assert_eq!(attachment::without_place(clean.clone()), clean, "once is enough");
        }
    });
}

/// Sound as a vendor sends it: read or refused, put into order, and heard as it was written.
#[test]
fn frames_of_media_streams() {
    let mut order = media::Order::default();
    let order = std::cell::RefCell::new(&mut order);
    drive(&recorded("voice", json), |frame| {
        let Ok(text) = std::str::from_utf8(frame) else { return };
        match media::read(text) {
            Ok(media::Media::Sound { chunk, bytes }) => {
                let heard: usize = order.borrow_mut().take(chunk, bytes).iter().map(|bytes| Law::Mu.decode(bytes).len()).sum();
                assert!(heard <= 6 * LONGEST, "no more than what was kept");
            }
            Ok(media::Media::Mark(name)) => assert!(!name.contains(char::is_control)),
            Ok(media::Media::Start { stream, call, .. }) => assert!(!stream.is_empty() && !call.is_empty()),
            Ok(media::Media::Key(_) | media::Media::Stop | media::Media::Unknown) | Err(_) => {}
        }
    });
}

/// Descriptions of sound: one that is read can be answered, and its answer can be read.
#[test]
fn descriptions_of_sound() {
    let plain = "v=0\r\no=- 1 2 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 11010 RTP/AVP 96 0 8 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";
    let held = plain.replace("sendrecv", "sendonly").replace("IP4 10.0.0.5", "IP6 2001:db8::1");
    let ours = std::net::SocketAddr::from(([127, 0, 0, 1], 4_000));
    drive(&[plain.as_bytes().to_vec(), held.into_bytes()], |bytes| {
        let Ok(offer) = sdp::read(bytes) else { return };
        let answer = sdp::write(ours, 1, 1, Some(&offer));
        let back = sdp::read(answer.as_bytes()).expect("our answer");
        assert_eq!((back.law, back.kind, back.keys), (offer.law, offer.kind, offer.keys), "{answer}");
    });
}

/// Packets of sound: no packet makes more of itself than was sent, and a third place never gets in.
#[test]
fn packets_of_sound() {
    let sound = rtp::write(&rtp::Packet { kind: 0, marker: true, number: 65_530, time: 160, source: 7, payload: &[0x55; 160] });
    let key = rtp::write(&rtp::Packet { kind: 101, marker: true, number: 3, time: 160, source: 7, payload: &[5, 10, 0, 160] });
    let receiver = std::cell::RefCell::new(rtp::Receiver::new(0, Some(101)));
    let from = std::net::SocketAddr::from(([127, 0, 0, 1], 4_000));
    drive(&[sound, key], |bytes| {
        let heard = receiver.borrow_mut().take(bytes, from).unwrap_or_default();
        assert!(heard.len() <= 32, "{heard:?}");
        if receiver.borrow().from().is_some() {
            assert_eq!(receiver.borrow().from(), Some(from));
        }
    });
}

/// Requests as telephones send them, and what becomes of them on the way: refused, ignored or taken, and the trunk stands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_over_sip() {
    let settings = with_value(settings(ChannelKind::Voice), "listen", "127.0.0.1:0");
    let settings = with_value(settings, "trunks", serde_json::json!(["127.0.0.1"]));
    let (trunk, mut ringing) = Trunk::open(Settings::of(&settings).unwrap(), None).await.unwrap();
    tokio::spawn(async move {
        while let Some(incoming) = ringing.recv().await {
            incoming.refuse();
        }
    });
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(trunk.address()).await.unwrap();
    let here = socket.local_addr().unwrap();
    let sdp = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
    let request = |method: &str, number: u64, tag: &str, body: &str| {
        format!(
            "{method} sip:bot@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{number}\r\nFrom: \"A\" <sip:+15558675310;verstat=TN-Validation-Passed@127.0.0.1>;tag=a{number}\r\nTo: <sip:bot@127.0.0.1>{tag}\r\nCall-ID: {number}@a\r\nCSeq: 1 {method}\r\nContact: <sip:a@{here}>\r\nMax-Forwards: 70\r\nP-Asserted-Identity: <tel:+33612345678>\r\nSession-Expires: 1800;refresher=uac\r\nAuthorization: Digest username=\"a\", realm=\"rapport\", nonce=\"n\", uri=\"sip:bot@127.0.0.1\", response=\"0\"\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    let corpus: Vec<Vec<u8>> = ["INVITE", "OPTIONS", "BYE", "CANCEL", "ACK", "INFO", "REGISTER", "REFER", "NOTIFY", "UPDATE", "PRACK"]
        .into_iter()
        .zip(1..)
        .flat_map(|(method, number)| [request(method, number, "", sdp), request(method, number + 100, ";tag=b", "")])
        .collect();
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let until = Instant::now() + Duration::from_millis(number("FUZZ_MS").unwrap_or(300));
    let (mut seed, mut answers) = (number("FUZZ_SEED").unwrap_or(1), [0; 4_096]);
    let mut asked = 10_000;
    while Instant::now() < until {
        for _ in 0..50 {
            seed = seed.wrapping_add(1);
            let input = bent(&corpus, &mut Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1));
            // A packet holds no more, and one that does not leave is none.
            let _ = socket.try_send(&input[..input.len().min(8_000)]);
        }
        // Whoever asks properly is answered still.
        asked += 1;
        let wanted = format!("{asked}@a");
        let answered = async {
            loop {
                socket.send(&request("OPTIONS", asked, "", "")).await.unwrap();
                while let Ok(Ok(size)) = tokio::time::timeout(Duration::from_millis(500), socket.recv(&mut answers)).await {
                    let text = String::from_utf8_lossy(&answers[..size]);
                    if text.starts_with("SIP/2.0 200") && text.contains(&wanted) {
                        return;
                    }
                }
            }
        };
        let is_there = tokio::time::timeout(Duration::from_secs(20), answered).await.is_ok();
        assert!(is_there, "it answers nobody any more; FUZZ_SEED={} gives it again", seed - 50);
    }
    assert!(trunk.refusals().all().iter().map(|(_, count)| count).sum::<u64>() > 0, "what was refused is counted");
}
