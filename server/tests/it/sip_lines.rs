//! SIP over TCP and TLS, with sipp at the other end; for TLS something in between wraps its lines.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::sip::{
    EXPECTED, Place, Sipp, Sound, TRUSTED, ack, free_port, invite, is_there, no_calls_left, offer, ok, place, scenario, timeline,
};
use crate::sip_calling::{RUNG, answers, calls, place_that_calls};
use crate::sound::has;
use channels::voice::sip::Over;

fn address(place: &Place, over: Over) -> SocketAddr {
    place.server.app.trunks.address(&"tel".into(), over).expect("it listens")
}

struct Certificate {
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    _folder: tempfile::TempDir,
    /// Where both are as files, and how that is said of a number.
    cert_file: String,
    setting: String,
}

fn certificate() -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let cert_file = cert.display().to_string();
    Certificate {
        der: made.cert.der().clone(),
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der())),
        setting: format!("tls = {{ cert = {cert_file:?}, key = {:?} }}", key.display().to_string()),
        cert_file,
        _folder: folder,
    }
}

/// Lines that come in here go on over TLS.
async fn wraps(to: SocketAddr, trusted: &Certificate) -> SocketAddr {
    let mut known = RootCertStore::empty();
    known.add(trusted.der.clone()).expect("a certificate");
    let connector = TlsConnector::from(Arc::new(ClientConfig::builder().with_root_certificates(known).with_no_client_auth()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let here = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut plain, _)) = listener.accept().await {
            let tcp = TcpStream::connect(to).await.expect("a line");
            let name = ServerName::try_from("localhost").expect("a name");
            let mut encrypted = connector.connect(name, tcp).await.expect("a handshake");
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut plain, &mut encrypted).await });
        }
    });
    here
}

/// Lines that come in here over TLS go on without it.
async fn unwraps(to: u16, shown: &Certificate) -> SocketAddr {
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![shown.der.clone()], shown.key.clone_key());
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a certificate")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let here = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            // Whoever does not trust us closes the line in the middle.
            let Ok(mut encrypted) = acceptor.accept(tcp).await else { continue };
            let mut plain = TcpStream::connect(("127.0.0.1", to)).await.expect("a line");
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut encrypted, &mut plain).await });
        }
    });
    here
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_tls_is_encrypted_with_the_numbers_own_certificate() {
    if !is_there("sipp", "-v") {
        return;
    }
    let certificate = certificate();
    let script = json!({"says": [{"text": "Do you deliver to Lyon?"}]});
    let place = place(&script, &format!("{TRUSTED}\nlisten_tls = \"127.0.0.1:0\"\n{}", certificate.setting)).await;
    let to = address(&place, Over::Tls);
    let mut plain = TcpStream::connect(to).await.expect("a line");
    plain.write_all(b"OPTIONS sip:x SIP/2.0\r\n\r\n").await.expect("it is sent");
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), plain.read_to_end(&mut answer)).await.expect("it is closed");
    assert!(!answer.starts_with(b"SIP"), "{answer:?}");
    calls_over_a_line(&place, wraps(to, &certificate).await).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_called_over_tls_by_a_trunk_whose_certificate_is_trusted_and_by_no_other() {
    if !is_there("sipp", "-v") {
        return;
    }
    let (certificate, other) = (certificate(), certificate());
    let port = free_port();
    let to = unwraps(port, &certificate).await.port();
    let more = |trusted: &Certificate| format!("calls_over = \"tls\"\ncalls_trust = {:?}", trusted.cert_file);
    let (place, maya) = place_that_calls(to, "", &more(&certificate)).await;
    is_called(&place, &maya, port).await;

    let (place, maya) = place_that_calls(to, "", &more(&other)).await;
    assert_eq!(calls(&place, &maya).await.0, StatusCode::ACCEPTED);
    timeline(&place, |items| items.iter().any(|item| item.to_string().contains("not answered"))).await;
    no_calls_left(&place).await;
}
