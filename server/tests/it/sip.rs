//! The phone straight over SIP, with the telephones of others: sipp for signalling, baresip for whole calls. Sound is sent
//! and heard by the tests themselves where they need to know each packet.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use channels::voice::sip::Over;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::UdpSocket;

use crate::doors::until;
use crate::phone::{CALLER, customer, timeline_of};
use crate::server::Server;
use crate::sound::{has, recording};

/// Other people's telephones are installed, or the test says that it was not run.
pub fn is_there(program: &str, asks: &str) -> bool {
    let found = std::process::Command::new(program).arg(asks).stdin(Stdio::null()).output().is_ok();
    assert!(found || std::env::var_os("RAPPORT_REQUIRE_SIP").is_none(), "{program} is not installed");
    if !found {
        eprintln!("{program} is not installed: no call was made");
    }
    found
}

/// A port for a telephone, below those the system gives out by itself: nothing can take it before the telephone does.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let from = u16::try_from(std::process::id() % 5_000).expect("small");
    loop {
        let port = 10_000 + from + NEXT.fetch_add(1, Ordering::Relaxed) % 5_000;
        if std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

pub struct Place {
    pub server: Server,
    folder: tempfile::TempDir,
    pub address: SocketAddr,
}

pub async fn place(script: &Value, more: &str) -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("script.json");
    std::fs::write(&path, script.to_string()).expect("a file");
    let tables = format!(
        "[[speech]]\nid = \"script\"\nkind = \"scripted\"\nscript = {:?}\n\n[[connections]]\nid = \"tel\"\nchannel = \"voice\"\nprovider = \"sip\"\nlisten = \"127.0.0.1:0\"\nrtp_ports = \"20000-39999\"\nhears = [\"script\"]\nspeaks = [\"script\"]\n{more}\n",
        path.display().to_string()
    );
    let server = Server::start_with(&tables).await;
    let listening = async {
        loop {
            if let Some(address) = server.app.trunks.address(&"tel".into(), Over::Udp) {
                break address;
            }
            tokio::task::yield_now().await;
        }
    };
    let address = tokio::time::timeout(Duration::from_secs(20), listening).await.expect("calls come in");
    Place { server, folder, address }
}

pub const TRUSTED: &str = "trunks = [\"127.0.0.1\"]";

const VOUCHED: &str = "\"Maya\" <sip:+15558675310;verstat=TN-Validation-Passed-A@127.0.0.1>";

/// A scenario of sipp, from its parts.
pub fn scenario(steps: &[&str]) -> String {
    format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"call\">\n{}\n</scenario>\n", steps.join("\n"))
}

pub fn send(text: &str, retransmits: bool) -> String {
    let retrans = if retransmits { " retrans=\"500\"" } else { "" };
    format!("<send{retrans}><![CDATA[\n{text}\n]]></send>")
}

pub const EXPECTED: &str = "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"180\" optional=\"true\"/>";

/// An offer of sound at this port.
pub fn offer(port: u16, kinds: &str, direction: &str) -> String {
    format!(
        "v=0\no=caller 1 {} IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP {kinds}\na=rtpmap:101 telephone-event/8000\na={direction}\n",
        direction.len()
    )
}

pub fn request(method: &str, number: u32, to_tag: bool, more: &str, body: &str) -> String {
    let tag = if to_tag { "[peer_tag_param]" } else { "" };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    format!(
        "{method} sip:+33180000101@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: {VOUCHED};tag=[pid]s[call_number]\nTo: <sip:+33180000101@[remote_ip]>{tag}\nCall-ID: [call_id]\nCSeq: {number} {method}\nContact: <sip:caller@[local_ip]:[local_port]>\nMax-Forwards: 70\n{more}{kind}Content-Length: [len]\n\n{body}"
    )
}

pub fn invite(port: u16) -> String {
    send(&request("INVITE", 1, false, "", &offer(port, "0 101", "sendrecv")), true)
}

pub fn ack(number: u32) -> String {
    send(&request("ACK", number, true, "", ""), false)
}

pub fn bye(number: u32) -> String {
    format!("{}\n<recv response=\"200\"/>", send(&request("BYE", number, true, "", ""), true))
}

/// An answer to a request of ours.
pub fn ok() -> String {
    send(
        "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:caller@[local_ip]:[local_port]>\nContent-Length: 0\n",
        false,
    )
}

/// A transfer is begun.
pub const ACCEPTED: &str = "SIP/2.0 202 Accepted\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:caller@[local_ip]:[local_port]>\nContent-Length: 0\n";

/// sipp on its way; killed with the value.
pub struct Sipp(tokio::process::Child, std::path::PathBuf);

impl Sipp {
    pub fn starts(place: &Place, scenario: &str, more: &[&str]) -> Self {
        Self::starts_at(place, scenario, free_port(), more)
    }

    pub fn starts_at(place: &Place, scenario: &str, free: u16, more: &[&str]) -> Self {
        Self::starts_to(place, place.address, scenario, free, more)
    }

    /// The same, at another address of ours.
    pub fn starts_to(place: &Place, to: SocketAddr, scenario: &str, free: u16, more: &[&str]) -> Self {
        let file = place.folder.path().join(format!("scenario-{free}.xml"));
        let errors = place.folder.path().join(format!("errors-{free}.log"));
        std::fs::write(&file, scenario).expect("a file");
        let child = tokio::process::Command::new("sipp")
            .arg(to.to_string())
            .arg("-sf")
            .arg(&file)
            .args([
                "-i",
                "127.0.0.1",
                "-p",
                &free.to_string(),
                "-nostdin",
                "-timeout",
                "60s",
                "-timeout_error",
                "-trace_err",
                "-error_file",
            ])
            .arg(&errors)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("sipp");
        Self(child, errors)
    }

    /// Every call went as the scenario says.
    pub async fn ends_well(mut self) {
        let status = self.0.wait().await.expect("sipp");
        assert!(status.success(), "{status}: {}", std::fs::read_to_string(&self.1).unwrap_or_default());
    }
}

/// The caller's side of the sound.
pub struct Sound {
    socket: UdpSocket,
    to: Option<SocketAddr>,
    number: u16,
    pub heard: usize,
}

impl Sound {
    pub async fn open() -> Self {
        Self { socket: UdpSocket::bind("127.0.0.1:0").await.expect("a port"), to: None, number: 0, heard: 0 }
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("an address").port()
    }

    /// One packet of theirs: they send fifty a second, whether they speak or not.
    pub async fn listens(&mut self) {
        let mut bytes = [0; 2_048];
        let (size, from) = self.socket.recv_from(&mut bytes).await.expect("a packet");
        self.to = Some(from);
        if bytes[12..size].iter().any(|byte| !matches!(byte, 0xff | 0x7f)) {
            self.heard += 1;
        }
    }

    /// Listens until so many packets in which somebody speaks have come in all.
    pub async fn hears(&mut self, packets: usize) {
        let hearing = async {
            while self.heard < packets {
                self.listens().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), hearing).await.expect("sound in time");
    }

    async fn packet(&mut self, kind: u8, time: u32, payload: &[u8]) {
        let mut packet = vec![0x80, kind];
        packet.extend_from_slice(&self.number.to_be_bytes());
        packet.extend_from_slice(&time.to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 7]);
        packet.extend_from_slice(payload);
        self.number = self.number.wrapping_add(1);
        self.socket.send_to(&packet, self.to.expect("somebody who was heard")).await.expect("it is sent");
    }

    /// A device between them counts packets from elsewhere.
    pub fn jumps(&mut self, by: u16) {
        self.number = self.number.wrapping_add(by);
    }

    pub async fn says(&mut self, name: &str) {
        let mut all = vec![0xff; 2_400];
        all.extend(recording(name));
        all.extend(vec![0xff; 12_000]);
        for (place, frame) in all.chunks(160).enumerate() {
            self.packet(0, u32::from(self.number) * 160, frame).await;
            // Four times as fast as people speak, by the clock of the other side: no buffer of the system runs over.
            if place % 4 == 3 {
                self.listens().await;
            }
        }
    }

    pub async fn presses(&mut self, keys: &str) {
        for key in keys.chars() {
            let event = match key {
                '*' => 10,
                '#' => 11,
                digit => u8::try_from(digit.to_digit(10).expect("a digit")).expect("small"),
            };
            let time = u32::from(self.number) * 160;
            for end in [0, 0, 0x80, 0x80, 0x80] {
                self.packet(101, time, &[event, 10 | end, 0, 160]).await;
            }
        }
    }
}

pub async fn timeline(place: &Place, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let known = async {
        loop {
            let found = customer(&place.server, &format!("phone:{}", CALLER.replace('+', "%2B"))).await;
            if !found.is_null() {
                break found;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(20), known).await.expect("a customer");
    let found = until(&place.server, &timeline_of(&found), |found| found["items"].as_array().is_some_and(|items| wanted(items))).await;
    found["items"].as_array().expect("a list").clone()
}

pub async fn no_calls_left(place: &Place) {
    until(&place.server, "/api/v1/calls", |calls| calls["items"] == json!([])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_over_sip_is_heard_answered_and_remembered_until_they_hang_up() {
    if !is_there("sipp", "-v") {
        return;
    }
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let place = place(&script, TRUSTED).await;
    let mut sound = Sound::open().await;
    let steps =
        [&invite(sound.port()), EXPECTED, "<recv response=\"200\" rtd=\"true\"/>", &ack(1), "<pause milliseconds=\"8000\"/>", &bye(2)];
    let sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    sound.hears(50).await;
    sound.says("price1-a").await;
    let items = timeline(&place, |items| has(items, "in", "Do you deliver to Lyon?") && has(items, "out", "Hello")).await;
    assert!(items.iter().all(|item| item["channel"] == "voice"), "{items:?}");
    let before = sound.heard;
    sound.hears(before + 20).await;
    sipp.ends_well().await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_lead_to_a_person_by_refer_and_whoever_nobody_takes_comes_back() {
    if !is_there("sipp", "-v") {
        return;
    }
    let more = format!("{TRUSTED}\ntransfer_to = \"sip:desk@127.0.0.1:9\"");
    let notify = |status: &str| {
        let body = format!("SIP/2.0 {status}\n");
        let headers = "Event: refer\nSubscription-State: terminated;reason=noresource\nContent-Type: message/sipfrag\n";
        send(&request("NOTIFY", 2, true, headers, &body).replacen("Content-Type: application/sdp\n", "", 1), true)
    };
    let accepted = ACCEPTED;
    for (status, is_answered) in [("200 OK", true), ("486 Busy Here", false)] {
        let place = place(&json!({}), &more).await;
        let mut sound = Sound::open().await;
        let (invite, ack, accepted, notify, ok) = (invite(sound.port()), ack(1), send(accepted, false), notify(status), ok());
        let bye = bye(3);
        let mut steps = vec![
            invite.as_str(),
            EXPECTED,
            "<recv response=\"200\"/>",
            &ack,
            "<recv request=\"REFER\"/>",
            &accepted,
            &notify,
            "<recv response=\"200\"/>",
        ];
        if is_answered {
            steps.extend(["<recv request=\"BYE\"/>", ok.as_str()]);
        } else {
            steps.extend(["<pause milliseconds=\"4000\"/>", bye.as_str()]);
        }
        let sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
        sound.hears(20).await;
        sound.presses("0#").await;
        if !is_answered {
            // The farewell, then: nobody is free.
            let before = sound.heard;
            sound.hears(before + 250).await;
        }
        sipp.ends_well().await;
        no_calls_left(&place).await;
        let tasks = place.server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
        let is_promised = tasks.iter().any(|task| task.what.contains("call back +15558675310"));
        assert_eq!(is_promised, !is_answered, "{status}: {tasks:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_sip_is_ended_from_the_console() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({}), TRUSTED).await;
    let mut sound = Sound::open().await;
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<recv request=\"BYE\"/>", &ok()];
    let sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    sound.hears(20).await;
    let calls = until(&place.server, "/api/v1/calls", |calls| calls["items"][0]["connected"] == true).await;
    let call = &calls["items"][0];
    assert_eq!((&call["carried_by"], &call["caller"]), (&json!("sip"), &json!(CALLER)), "{call}");
    let path = format!("/api/v1/calls/{}/hang_up", call["id"].as_str().expect("an id"));
    let hanging_up = place.server.admin(Method::POST, &path, None);
    let playing = async {
        loop {
            sound.listens().await;
        }
    };
    let (status, ended) = tokio::select! {
        ended = hanging_up => ended,
        () = playing => unreachable!("it is never over"),
    };
    assert_eq!((status, &ended["state"]), (StatusCode::OK, &json!("ended")), "{ended}");
    sipp.ends_well().await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signalling_is_answered_as_telephones_expect() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({}), TRUSTED).await;
    let sound = Sound::open().await;
    let port = sound.port();
    // An unknown kind of sound, a description that is none, and a question about what we can do.
    let opus = send(&request("INVITE", 1, false, "", &offer(port, "96", "sendrecv")), true);
    let ack_of_refusal = send(&request("ACK", 1, true, "", "").replace("branch=[branch]", "branch=[branch-2]"), false);
    let refused = |invite: &str, status: &str| {
        scenario(&[invite, "<recv response=\"100\" optional=\"true\"/>", &format!("<recv response=\"{status}\"/>"), &ack_of_refusal])
    };
    Sipp::starts(&place, &refused(&opus, "488"), &["-m", "1"]).ends_well().await;
    let nonsense = send(&request("INVITE", 1, false, "", "hello"), true);
    Sipp::starts(&place, &refused(&nonsense, "400"), &["-m", "1"]).ends_well().await;
    let options = send(&request("OPTIONS", 1, false, "", ""), true);
    Sipp::starts(&place, &scenario(&[&options, "<recv response=\"200\"/>"]), &["-m", "1"]).ends_well().await;
    // Whoever speaks within a call that is none.
    let stranger = send(&request("INFO", 1, true, "", "").replace("[peer_tag_param]", ";tag=nobody"), true);
    Sipp::starts(&place, &scenario(&[&stranger, "<recv response=\"481\"/>"]), &["-m", "1"]).ends_well().await;
    // On hold and back again.
    let hold = send(&request("INVITE", 2, true, "", &offer(port, "0 101", "sendonly")), true);
    let resume = send(&request("INVITE", 3, true, "", &offer(port, "0 101", "sendrecv")), true);
    let checks = "<recv response=\"200\"><action><ereg regexp=\"a=recvonly\" search_in=\"body\" check_it=\"true\" assign_to=\"1\"/></action></recv>\n<Reference variables=\"1\"/>";
    let (invite, ack1, ack2, ack3, bye4) = (invite(port), ack(1), ack(2), ack(3), bye(4));
    let trying = "<recv response=\"100\" optional=\"true\"/>";
    let steps = [
        &invite,
        EXPECTED,
        "<recv response=\"200\"/>",
        &ack1,
        &hold,
        trying,
        checks,
        &ack2,
        &resume,
        trying,
        "<recv response=\"200\"/>",
        &ack3,
        &bye4,
    ];
    Sipp::starts(&place, &scenario(&steps), &["-m", "1"]).ends_well().await;
    // Without an offer we make one, and the answer comes with the acknowledgement.
    let late = send(&request("INVITE", 1, false, "", ""), true);
    let late_ack = send(&request("ACK", 1, true, "", &offer(port, "8 101", "sendrecv")), false);
    let offered = "<recv response=\"200\"><action><ereg regexp=\"PCMA/8000\" search_in=\"body\" check_it=\"true\" assign_to=\"1\"/></action></recv>\n<Reference variables=\"1\"/>";
    Sipp::starts(&place, &scenario(&[&late, EXPECTED, offered, &late_ack, "<pause milliseconds=\"300\"/>", &bye(2)]), &["-m", "1"])
        .ends_well()
        .await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_up_while_it_rings_leaves_nothing_behind() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({}), TRUSTED).await;
    let sound = Sound::open().await;
    let cancel = send(&request("CANCEL", 1, false, "", "").replace("branch=[branch]", "branch=[branch-1]"), false);
    let ack_of_refusal = send(&request("ACK", 1, true, "", "").replace("branch=[branch]", "branch=[branch-2]"), false);
    let plain = [
        &invite(sound.port()),
        "<recv response=\"100\" optional=\"true\"/>",
        "<recv response=\"180\"/>",
        &cancel,
        "<recv response=\"200\"/>",
        "<recv response=\"487\"/>",
        &ack_of_refusal,
    ];
    let mut sipp = Sipp::starts(&place, &scenario(&plain), &["-m", "1"]);
    // Picked up or given up, nobody is on a line afterwards.
    let _ = sipp.0.wait().await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_calls_at_once_over_a_network_that_loses_a_tenth_all_end_well() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({}), TRUSTED).await;
    let sound = Sound::open().await;
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<pause milliseconds=\"1500\"/>", &bye(2)];
    Sipp::starts(&place, &scenario(&steps), &["-m", "20", "-l", "20", "-r", "20", "-lost", "10"]).ends_well().await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_trunks_and_those_who_know_the_word_may_call() {
    if !is_there("sipp", "-v") {
        return;
    }
    let more = "trunks = [\"192.0.2.1\"]\nusername = \"desk\"\npassword = \"word-of-the-desk\"";
    let place = place(&json!({}), more).await;
    let sound = Sound::open().await;
    let ack_of_refusal = send(&request("ACK", 1, true, "", "").replace("branch=[branch]", "branch=[branch-2]"), false);
    let proof = |word: &str| {
        request("INVITE", 2, false, &format!("[authentication username=desk password={word}]\n"), &offer(sound.port(), "0 101", "sendrecv"))
    };
    let asked = "<recv response=\"401\" auth=\"true\"/>";
    let first = invite(sound.port());
    let right = [
        &first,
        "<recv response=\"100\" optional=\"true\"/>",
        asked,
        &ack_of_refusal,
        &send(&proof("word-of-the-desk"), true),
        EXPECTED,
        "<recv response=\"200\"/>",
        &ack(2),
        &bye(3),
    ];
    Sipp::starts(&place, &scenario(&right), &["-m", "1"]).ends_well().await;
    let wrong = [
        &first,
        "<recv response=\"100\" optional=\"true\"/>",
        asked,
        &ack_of_refusal,
        &send(&proof("another"), true),
        "<recv response=\"100\" optional=\"true\"/>",
        "<recv response=\"401\"/>",
        &ack_of_refusal.replace("CSeq: 1", "CSeq: 2"),
    ];
    Sipp::starts(&place, &scenario(&wrong), &["-m", "1"]).ends_well().await;
    // What a stranger says about a number is a claim, however well they say it.
    let (status, found) = place.server.admin(Method::GET, "/api/v1/customers?identifier=phone:%2B15558675310", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!found.to_string().contains("channel_asserted") && !found.to_string().contains("verified"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_from_a_third_place_is_not_the_callers() {
    if !is_there("sipp", "-v") {
        return;
    }
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let place = place(&script, TRUSTED).await;
    let mut sound = Sound::open().await;
    let mut thief = Sound::open().await;
    let steps = [&invite(sound.port()), EXPECTED, "<recv response=\"200\"/>", &ack(1), "<pause milliseconds=\"60000\"/>"];
    let _sipp = Sipp::starts(&place, &scenario(&steps), &["-m", "1"]);
    sound.hears(50).await;
    for _ in 0..8 {
        sound.packet(0, 0, &[0xff; 160]).await;
    }
    thief.to = sound.to;
    thief.presses("0#").await;
    for frame in recording("human1-a").chunks(160).take(60) {
        thief.packet(0, 0, frame).await;
    }
    sound.says("price1-a").await;
    let items = timeline(&place, |items| has(items, "in", "Do you deliver to Lyon?")).await;
    assert!(!items.iter().any(|item| item.to_string().contains("human-asked-for")), "{items:?}");
    // Sound still goes to where it went before.
    let before = sound.heard;
    sound.hears(before + 10).await;
}

/// Where the modules of baresip are.
fn modules() -> Option<&'static str> {
    ["/usr/lib/baresip/modules", "/usr/lib/x86_64-linux-gnu/baresip/modules", "/usr/lib/aarch64-linux-gnu/baresip/modules"]
        .into_iter()
        .find(|path| Path::new(path).join("g711.so").exists())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_telephone_calls_speaks_and_hears_us() {
    if !is_there("baresip", "-h") {
        return;
    }
    let modules = modules().expect("the modules of baresip");
    let script = json!({"says": [{"text": "Let me talk to a real person, please."}]});
    let place = place(&script, "trunks = [\"127.0.0.0/8\"]").await;
    let free = free_port();
    let folder = place.folder.path().join("telephone");
    std::fs::create_dir(&folder).expect("a folder");
    // Silence to listen to the greeting, the words, and silence again: at the end of the file it hangs up.
    let mut said = vec![0_i16; 8_000 * 5];
    said.extend(channels::voice::g711::Law::Mu.decode(&recording("human1-a")));
    said.extend(vec![0; 8_000 * 5]);
    std::fs::write(folder.join("caller.wav"), providers::speech::sound::wav(&said, 8_000)).expect("a file");
    let config = format!(
        "sip_listen 127.0.0.1:{free}\naudio_source aufile,{0}/caller.wav\naudio_player aubridge,none\naudio_txmode poll\nmodule_path {modules}\nmodule stdio.so\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\nmodule account.so\nmodule menu.so\nsnd_path {0}\n",
        folder.display()
    );
    std::fs::write(folder.join("config"), config).expect("a file");
    let account = format!("<sip:+15558675310@127.0.0.1:{free}>;regint=0;answermode=auto;audio_codecs=PCMU/8000/1\n");
    std::fs::write(folder.join("accounts"), account).expect("a file");
    let _telephone = tokio::process::Command::new("baresip")
        .arg("-f")
        .arg(&folder)
        .args(["-e", &format!("/dial sip:bot@{}", place.address), "-t", "90"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("baresip");
    until(&place.server, "/api/v1/escalations?status=open", |found| found.to_string().contains("real person")).await;
    no_calls_left(&place).await;
    let heard = std::fs::read_dir(&folder)
        .expect("the folder")
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().to_string_lossy().ends_with("-dec.wav"));
    let heard = std::fs::read(heard.expect("what it heard").path()).expect("a recording");
    let samples: Vec<i16> = heard[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let loud = samples.iter().filter(|sample| sample.abs() > 1_000).count();
    assert!(loud > 8_000, "it heard us: {loud} of {}", samples.len());
}
