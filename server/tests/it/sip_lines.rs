//! SIP over TCP, with sipp at the other end.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::sip::{
    EXPECTED, Place, RUNG, Sipp, Sound, TRUSTED, ack, answers, calls, free_port, invite, is_there, no_calls_left, offer, ok, place,
    place_that_calls, scenario, timeline,
};
use crate::sound::has;
use channels::voice::sip::Over;

fn address(place: &Place, over: Over) -> SocketAddr {
    place.server.app.trunks.address(&"tel".into(), over).expect("it listens")
}

/// Somebody calls over a line, is heard and answered, and is hung up on over the same line.
async fn calls_over_a_line(place: &Place, to: SocketAddr) {
    let mut sound = Sound::open().await;
    let (invite, ack, ok) = (invite(sound.port()), ack(1), ok());
    let steps = [invite.as_str(), EXPECTED, "<recv response=\"200\"/>", &ack, "<recv request=\"BYE\"/>", &ok];
    let sipp = Sipp::starts_to(place, to, &scenario(&steps), free_port(), &["-m", "1", "-t", "t1"]);
    sound.hears(50).await;
    sound.says("price1-a").await;
    let heard = async {
        timeline(place, |items| has(items, "in", "Do you deliver to Lyon?")).await;
        let (_, under_way) = place.server.admin(Method::GET, "/api/v1/calls", None).await;
        let path = format!("/api/v1/calls/{}/hang_up", under_way["items"][0]["id"].as_str().expect("an id"));
        assert_eq!(place.server.admin(Method::POST, &path, Some(&json!({}))).await.0, StatusCode::OK);
        sipp.ends_well().await;
    };
    let listening = async {
        loop {
            sound.listens().await;
        }
    };
    tokio::select! {
        () = heard => {}
        () = listening => unreachable!("it is never over"),
    }
    no_calls_left(place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_tcp_goes_its_whole_way_over_the_line_it_came_on_whatever_others_send() {
    if !is_there("sipp", "-v") {
        return;
    }
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let place = place(&script, &format!("{TRUSTED}\nlisten_tcp = \"127.0.0.1:0\"")).await;
    let to = address(&place, Over::Tcp);
    // Things that are no SIP close their own line, and nobody else's.
    for nonsense in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &[0xff; 70_000], b"INVITE sip:x SIP/2.0\r\nContent-Length: -7\r\n\r\n"] {
        let mut line = TcpStream::connect(to).await.expect("a line");
        // It may be closed before everything was sent.
        let _ = line.write_all(nonsense).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(10), line.read_to_end(&mut answer)).await.expect("it is closed");
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"), "{answer:?}");
    }
    // Nobody but a trunk is listened to.
    let stranger = TcpSocket::new_v4().expect("a socket");
    stranger.bind("127.0.0.2:0".parse().expect("an address")).expect("a port");
    let mut line = stranger.connect(to).await.expect("a line");
    let closed = tokio::time::timeout(Duration::from_secs(10), line.read(&mut [0; 8])).await.expect("it is closed");
    assert!(!closed.is_ok_and(|count| count > 0));
    calls_over_a_line(&place, to).await;
}

/// A trunk that is called, picks up, hears us, and hangs up.
async fn is_called(place: &Place, maya: &serde_json::Value, port: u16) {
    let mut sound = Sound::open().await;
    let sdp = offer(sound.port(), "0 101", "sendrecv");
    let (rings, picks_up, ok) = (answers("180 Ringing", "", ""), answers("200 OK", "Content-Type: application/sdp\n", &sdp), ok());
    let steps = [RUNG, &rings, &picks_up, "<recv request=\"ACK\"/>", "<recv request=\"BYE\"/>", &ok];
    let trunk = Sipp::starts_at(place, &scenario(&steps), port, &["-m", "1", "-t", "t1"]);
    listens(port).await;
    assert_eq!(calls(place, maya).await.0, StatusCode::ACCEPTED);
    sound.hears(30).await;
    let (_, under_way) = place.server.admin(Method::GET, "/api/v1/calls", None).await;
    assert_eq!(under_way["items"][0]["direction"], "outbound", "{under_way}");
    let path = format!("/api/v1/calls/{}/hang_up", under_way["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(place.server.admin(Method::POST, &path, Some(&json!({}))).await.0, StatusCode::OK);
    trunk.ends_well().await;
    no_calls_left(place).await;
}

/// Until a telephone takes lines at its port.
async fn listens(port: u16) {
    let opened = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), opened).await.expect("a telephone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_called_over_tcp() {
    if !is_there("sipp", "-v") {
        return;
    }
    let port = free_port();
    let (place, maya) = place_that_calls(port, "", "calls_over = \"tcp\"").await;
    is_called(&place, &maya, port).await;
}
