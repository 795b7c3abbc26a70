//! The server's own certificate.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::server::Server;

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_server_with_a_certificate_speaks_tls_1_3_and_nothing_else() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let server = Server::start_encrypted(&made.cert.pem(), &made.signing_key.serialize_pem()).await;
    let address = server.base.trim_start_matches("http://").to_owned();

    let mut known = RootCertStore::empty();
    known.add(made.cert.der().clone()).expect("a certificate");
    let config = ClientConfig::builder().with_root_certificates(known).with_no_client_auth();
    let stream = TcpStream::connect(&address).await.expect("a connection");
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let mut encrypted = TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake");
    assert_eq!(encrypted.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    encrypted.write_all(ASK).await.expect("it is sent");
    let mut answer = String::new();
    encrypted.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");

    let mut plain = TcpStream::connect(&address).await.expect("a connection");
    plain.write_all(ASK).await.expect("it is sent");
    let mut answer = Vec::new();
    // It may also break off at once.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}
