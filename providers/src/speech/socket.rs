//! A socket to a vendor of speech: encrypted, or plain on this machine.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::SpeechError;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// A vendor that does not answer within this is down.
const PATIENCE: Duration = Duration::from_secs(2);
/// Nothing larger is read in one message.
const LARGEST: usize = 1 << 20;

/// Bytes both ways.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

pub(super) type Socket = WebSocketStream<Box<dyn Bytes>>;

/// Opens a socket at an address that begins with `https` or `http`, with the key as the vendor wants it.
pub(super) async fn open(address: &str, authorization: Option<String>) -> Result<Socket, SpeechError> {
    tokio::time::timeout(PATIENCE, connect(address, authorization)).await.map_err(|_| SpeechError::TimedOut)?
}

async fn connect(address: &str, authorization: Option<String>) -> Result<Socket, SpeechError> {
    let unavailable = |why: &str| SpeechError::Unavailable(why.to_owned());
    let url = reqwest::Url::parse(address).map_err(|_| unavailable("its address is none"))?;
    let host = url.host_str().ok_or_else(|| unavailable("its address names nobody"))?.to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let tcp = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(|_| unavailable("cannot connect"))?;
    // A frame of sound waits for no other.
    tcp.set_nodelay(true).map_err(|_| unavailable("cannot connect"))?;
    let bytes: Box<dyn Bytes> = if url.scheme() == "https" {
        let config = rustls::ClientConfig::with_platform_verifier().map_err(|_| unavailable("this machine trusts no certificates"))?;
        let name = rustls::pki_types::ServerName::try_from(host).map_err(|_| unavailable("its address is no name"))?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
        Box::new(stream.map_err(|_| unavailable("it cannot be spoken to encrypted"))?)
    } else {
        Box::new(tcp)
    };
    let mut request = address.replacen("http", "ws", 1).into_client_request().map_err(|_| unavailable("its address is none"))?;
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_str(&authorization).map_err(|_| unavailable("its key is no header"))?;
        value.set_sensitive(true);
        request.headers_mut().insert("authorization", value);
    }
    let limits = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    let opened = tokio_tungstenite::client_async_with_config(request, bytes, Some(limits)).await;
    opened.map(|(socket, _)| socket).map_err(|error| match error {
        tokio_tungstenite::tungstenite::Error::Http(answer) => SpeechError::Unavailable(format!("status {}", answer.status().as_u16())),
        _ => unavailable("no socket was opened"),
    })
}
