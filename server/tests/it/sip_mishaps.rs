//! What goes wrong on calls over SIP: nobody picks up in time, no voice speaks, numbers and addresses that are not what
//! they seem, devices that count anew.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::UdpSocket;

use crate::doors::until;
use crate::sip::{
    ACCEPTED, EXPECTED, Place, Sipp, Sound, TRUSTED, ack, bye, invite, is_there, no_calls_left, ok, place, request, scenario, send,
    timeline,
};
use crate::sound::has;

async fn tasks(place: &Place) -> Vec<String> {
    let tasks = place.server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    tasks.into_iter().map(|task| task.what).collect()
}

/// The call ends while they hear whatever is said to them, and somebody is to call them back.
async fn is_called_back(place: &Place, sipp: Sipp, sound: &mut Sound) {
    let listening = async {
        loop {
            sound.listens().await;
        }
    };
    tokio::select! {
        () = sipp.ends_well() => {}
        () = listening => unreachable!("it is never over"),
    }
    no_calls_left(place).await;
    let tasks = tasks(place).await;
    assert!(tasks.iter().any(|task| task.contains("call back +15558675310")), "{tasks:?}");
}

const A_PERSON: &str = "transfer_to = \"sip:desk@127.0.0.1:9\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hangs_up_while_they_are_put_through_is_called_back() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({}), &format!("{TRUSTED}\n{A_PERSON}")).await;
    let mut sound = Sound::open().await;
    let accepted = send(ACCEPTED, false);
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<recv request=\"REFER\"/>", &accepted, &bye(2)];
    let sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    sound.hears(20).await;
    sound.presses("0#").await;
    sipp.ends_well().await;
    no_calls_left(&place).await;
    let tasks = tasks(&place).await;
    assert!(tasks.iter().any(|task| task.contains("call back +15558675310")), "{tasks:?}");
    let items = timeline(&place, |items| items.iter().any(|item| item.to_string().contains("Phone call"))).await;
    assert!(items.iter().any(|item| item.to_string().contains("nobody was free")), "{items:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_voice_a_caller_over_sip_is_put_through_to_a_person() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({"mute": true}), &format!("{TRUSTED}\n{A_PERSON}")).await;
    let sound = Sound::open().await;
    let headers = "Event: refer\nSubscription-State: terminated;reason=noresource\nContent-Type: message/sipfrag\n";
    let notify = request("NOTIFY", 2, true, headers, "SIP/2.0 200 OK\n").replacen("Content-Type: application/sdp\n", "", 1);
    let steps = [
        &invite(sound.port()),
        EXPECTED,
        "<recv response=\"200\"/>",
        &ack(1),
        "<recv request=\"REFER\"/>",
        &send(ACCEPTED, false),
        &send(&notify, true),
        "<recv response=\"200\"/>",
        "<recv request=\"BYE\"/>",
        &ok(),
    ];
    Sipp::starts(&place, &scenario(&steps), &["-m", "1"]).ends_well().await;
    no_calls_left(&place).await;
    assert!(tasks(&place).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_voice_and_anybody_a_caller_over_sip_hears_something_and_is_called_back() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({"mute": true}), TRUSTED).await;
    let mut sound = Sound::open().await;
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<recv request=\"BYE\"/>", &ok()];
    let sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    // A machine's voice, or a tone where there is none; it ends by itself.
    sound.hears(60).await;
    is_called_back(&place, sipp, &mut sound).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whose_packets_count_from_elsewhere_in_mid_call_is_still_heard() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({"says": [{"text": "Do you deliver to Lyon?"}]}), TRUSTED).await;
    let mut sound = Sound::open().await;
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<pause milliseconds=\"60000\"/>"];
    let _sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    sound.hears(50).await;
    // A key that nothing follows from: its packets are counted.
    sound.presses("*").await;
    sound.jumps(60_000);
    sound.says("price1-a").await;
    timeline(&place, |items| has(items, "in", "Do you deliver to Lyon?")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_without_its_country_is_read_in_the_workspaces_region() {
    if !is_there("sipp", "-v") {
        return;
    }
    for shown in ["0612345678", "33612345678"] {
        let place = place(&json!({}), TRUSTED).await;
        let mut sound = Sound::open().await;
        let invite = invite(sound.port()).replace("+15558675310", shown);
        let steps = [&invite, EXPECTED, "<recv response=\"200\"/>", &ack(1), "<pause milliseconds=\"60000\"/>"];
        let _sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
        sound.hears(20).await;
        let calls = until(&place.server, "/api/v1/calls", |calls| calls["items"][0]["connected"] == true).await;
        let call = &calls["items"][0];
        assert_eq!((&call["caller"], &call["attestation"]), (&json!("+33612345678"), &json!("full")), "{call}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_left_over_sip_where_nobody_speaks() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({"says": [{"text": "My chair arrived broken."}]}), &format!("{TRUSTED}\nvoicemail = true")).await;
    let (status, _) = place.server.admin(Method::PATCH, "/api/v1/channels/tel", Some(&json!({ "mode": "off" }))).await;
    assert_eq!(status, StatusCode::OK);
    let mut sound = Sound::open().await;
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<recv request=\"BYE\"/>", &ok()];
    let sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    sound.hears(50).await;
    sound.says("price1-a").await;
    timeline(&place, |items| has(items, "in", "My chair arrived broken.")).await;
    sound.presses("#").await;
    is_called_back(&place, sipp, &mut sound).await;
}

/// A call whose signalling is written by the test itself.
struct ByHand {
    socket: UdpSocket,
    to: SocketAddr,
    /// Where sound of theirs goes.
    sound: SocketAddr,
    tag: String,
}

impl ByHand {
    fn text(socket: &UdpSocket, method: &str, number: u32, tag: &str, body: &str) -> String {
        let here = socket.local_addr().expect("an address");
        format!(
            "{method} sip:+33180000101@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{method}{number}\r\nFrom: <sip:+15558675310@127.0.0.1>;tag=hand\r\nTo: <sip:+33180000101@127.0.0.1>{tag}\r\nCall-ID: by-hand@{here}\r\nCSeq: {number} {method}\r\nContact: <sip:hand@{here}>\r\nMax-Forwards: 70\r\n{}Content-Length: {}\r\n\r\n{body}",
            if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" },
            body.len()
        )
    }

    async fn answer(socket: &UdpSocket, number: u32) -> String {
        let mut bytes = [0; 8_192];
        let answering = async {
            loop {
                let size = socket.recv(&mut bytes).await.expect("an answer");
                let text = String::from_utf8_lossy(&bytes[..size]).into_owned();
                let is_last = text.starts_with("SIP/2.0 ") && !text.starts_with("SIP/2.0 1");
                if is_last && text.contains(&format!("CSeq: {number} ")) {
                    return text;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), answering).await.expect("an answer in time")
    }

    async fn socket(place: &Place) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.connect(place.address).await.expect("a connection");
        socket
    }

    fn offer(media: SocketAddr) -> String {
        format!(
            "v=0\r\no=hand 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio {1} RTP/AVP 0\r\na=sendrecv\r\n",
            media.ip(),
            media.port()
        )
    }

    fn tag(answer: &str) -> String {
        let tag = answer.lines().find_map(|line| line.strip_prefix("To: ")?.split_once(";tag=").map(|(_, tag)| tag.trim().to_owned()));
        format!(";tag={}", tag.expect("a tag"))
    }

    async fn calls(place: &Place, media: SocketAddr) -> Self {
        let socket = Self::socket(place).await;
        let body = Self::offer(media);
        let text = Self::text(&socket, "INVITE", 1, "", &body);
        socket.send(text.as_bytes()).await.expect("it is sent");
        let answer = Self::answer(&socket, 1).await;
        assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        let port = answer.lines().find_map(|line| line.strip_prefix("m=audio ")?.split(' ').next()?.parse::<u16>().ok()).expect("a port");
        let tag = Self::tag(&answer);
        let acknowledged = Self::text(&socket, "ACK", 1, &tag, "");
        socket.send(acknowledged.as_bytes()).await.expect("it is sent");
        Self { socket, to: place.address, sound: SocketAddr::from(([127, 0, 0, 1], port)), tag }
    }

    async fn hangs_up(self) {
        let text = Self::text(&self.socket, "BYE", 2, &self.tag, "");
        self.socket.send(text.as_bytes()).await.unwrap_or_else(|error| panic!("{error} {}", self.to));
        assert!(Self::answer(&self.socket, 2).await.starts_with("SIP/2.0 200"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sound_goes_to_an_address_that_somebody_else_only_wrote_down() {
    let place = place(&json!({}), TRUSTED).await;
    let victim = UdpSocket::bind("127.0.0.9:0").await.expect("an address");
    let call = ByHand::calls(&place, victim.local_addr().expect("an address")).await;
    let mut bytes = [0; 2_048];
    until(&place.server, "/api/v1/calls", |calls: &Value| calls["items"][0]["connected"] == true).await;
    let received = tokio::time::timeout(Duration::from_millis(1_500), victim.recv_from(&mut bytes)).await;
    assert!(received.is_err(), "seventy-five packets would have come by now");
    // Whoever is there and sends sound is who they say: it goes there from then on.
    let mut packet = vec![0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7];
    packet.extend_from_slice(&[0xff; 160]);
    victim.send_to(&packet, call.sound).await.expect("it is sent");
    let (_, from) = tokio::time::timeout(Duration::from_secs(10), victim.recv_from(&mut bytes)).await.expect("sound").expect("a packet");
    assert_eq!(from, call.sound);
    call.hangs_up().await;
    no_calls_left(&place).await;
    assert!(place.server.admin(Method::GET, "/api/v1/calls", None).await.0.is_success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_a_call_back_at_any_moment_gets_an_answer_and_leaves_no_call() {
    let place = place(&json!({}), TRUSTED).await;
    let media = UdpSocket::bind("127.0.0.1:0").await.expect("an address").local_addr().expect("an address");
    let mut ends = [0, 0];
    // At once, once it rings, and about when it is picked up.
    for wait in [0_u64, 0, 2, 5, 10, 20, 40, 80, 160, 320] {
        let socket = ByHand::socket(&place).await;
        socket.send(ByHand::text(&socket, "INVITE", 1, "", &ByHand::offer(media)).as_bytes()).await.expect("it is sent");
        let mut bytes = [0; 8_192];
        let mut answers: Vec<String> = Vec::new();
        let waited = tokio::time::Instant::now() + Duration::from_millis(wait);
        while let Ok(received) = tokio::time::timeout_at(waited, socket.recv(&mut bytes)).await {
            answers.push(String::from_utf8_lossy(&bytes[..received.expect("an answer")]).into_owned());
        }
        // The same transaction, as CANCEL is.
        let cancel = ByHand::text(&socket, "CANCEL", 1, "", "").replace("z9hG4bKCANCEL1", "z9hG4bKINVITE1");
        socket.send(cancel.as_bytes()).await.expect("it is sent");
        let is_final = |text: &String, method: &str| !text.starts_with("SIP/2.0 1") && text.contains(&format!("CSeq: 1 {method}"));
        let both = async {
            while !["INVITE", "CANCEL"].iter().all(|method| answers.iter().any(|text| is_final(text, method))) {
                let size = socket.recv(&mut bytes).await.expect("an answer");
                answers.push(String::from_utf8_lossy(&bytes[..size]).into_owned());
            }
        };
        let answered = tokio::time::timeout(Duration::from_secs(20), both).await.is_ok();
        assert!(answered, "after {wait} ms: {answers:?}");
        let of_call = answers.iter().find(|text| is_final(text, "INVITE")).expect("an answer");
        let tag = ByHand::tag(of_call);
        let mut acknowledged = ByHand::text(&socket, "ACK", 1, &tag, "");
        if of_call.starts_with("SIP/2.0 200") {
            ends[0] += 1;
            socket.send(acknowledged.as_bytes()).await.expect("it is sent");
            socket.send(ByHand::text(&socket, "BYE", 2, &tag, "").as_bytes()).await.expect("it is sent");
            assert!(ByHand::answer(&socket, 2).await.starts_with("SIP/2.0 200"));
        } else {
            ends[1] += 1;
            assert!(of_call.starts_with("SIP/2.0 487"), "{of_call}");
            acknowledged = acknowledged.replace("z9hG4bKACK1", "z9hG4bKINVITE1");
            socket.send(acknowledged.as_bytes()).await.expect("it is sent");
        }
    }
    assert!(ends[1] > 0, "some were taken back in time: {ends:?}");
    no_calls_left(&place).await;
    // The next call is like any other.
    ByHand::calls(&place, media).await.hangs_up().await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hangs_up_while_we_do_or_right_after_they_called_leaves_no_call() {
    let place = place(&json!({}), TRUSTED).await;
    let media = UdpSocket::bind("127.0.0.1:0").await.expect("an address").local_addr().expect("an address");
    ByHand::calls(&place, media).await.hangs_up().await;
    no_calls_left(&place).await;
    let call = ByHand::calls(&place, media).await;
    let calls = until(&place.server, "/api/v1/calls", |calls| calls["items"][0]["connected"] == true).await;
    let path = format!("/api/v1/calls/{}/hang_up", calls["items"][0]["id"].as_str().expect("an id"));
    let nothing = json!({});
    let (ended, ()) = tokio::join!(place.server.admin(Method::POST, &path, Some(&nothing)), call.hangs_up());
    assert!(ended.0.is_success() || ended.0 == StatusCode::CONFLICT, "{ended:?}");
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scanners_are_met_with_silence_after_a_while_and_counted_and_others_are_still_answered() {
    let place = place(&json!({}), "trunks = [\"192.0.2.1\"]\nusername = \"desk\"\npassword = \"word-of-the-desk\"").await;
    let socket = ByHand::socket(&place).await;
    let asks = |number: u32| ByHand::text(&socket, "OPTIONS", number, "", "");
    let known = asks(1).replace("Max-Forwards", "User-Agent: friendly-scanner\r\nMax-Forwards");
    socket.send(known.as_bytes()).await.expect("it is sent");
    let mut bytes = [0; 8_192];
    assert!(tokio::time::timeout(Duration::from_millis(400), socket.recv(&mut bytes)).await.is_err(), "it learns nothing");
    let mut answered = 0;
    for number in 2..202 {
        socket.send(asks(number).as_bytes()).await.expect("it is sent");
        answered += usize::from(tokio::time::timeout(Duration::from_millis(2), socket.recv(&mut bytes)).await.is_ok());
    }
    while tokio::time::timeout(Duration::from_millis(300), socket.recv(&mut bytes)).await.is_ok() {
        answered += 1;
    }
    assert!((1..80).contains(&answered), "{answered} of 200");
    let metrics =
        place.server.http.get(format!("{}/metrics", place.server.base)).send().await.expect("an answer").text().await.expect("text");
    let count = |why: &str| {
        let name = format!("rapport_sip_refusals_total{{why=\"{why}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.and_then(|count| count.parse::<u64>().ok()).unwrap_or_else(|| panic!("no {why} in {metrics}"))
    };
    assert!(count("scanner") >= 1 && count("limited") >= 50, "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_never_acknowledges_that_we_picked_up_is_not_talked_to_for_ever() {
    let place = place(&json!({}), TRUSTED).await;
    let media = UdpSocket::bind("127.0.0.1:0").await.expect("an address").local_addr().expect("an address");
    let socket = ByHand::socket(&place).await;
    socket.send(ByHand::text(&socket, "INVITE", 1, "", &ByHand::offer(media)).as_bytes()).await.expect("it is sent");
    assert!(ByHand::answer(&socket, 1).await.starts_with("SIP/2.0 200"));
    // An acknowledgement is waited for for 32 seconds: sixty-four times the time after which it is asked for again.
    let over = async {
        while place.server.admin(Method::GET, "/api/v1/calls", None).await.1["items"] != json!([]) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(50), over).await.expect("the call ends");
}
