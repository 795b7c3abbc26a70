//! SIP over TCP and TLS: lines that others open to us, and those that we open to the trunk that takes our calls.
//!
//! <https://www.rfc-editor.org/rfc/rfc3261#section-18>

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::Transport;
use rsipstack::transport::tcp::TcpConnection;
use rsipstack::transport::tls::TlsConnection;
use rsipstack::transport::{SipAddr, SipConnection};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::server::TlsStream;

use super::gate::Why;
use super::settings::{Calls, Over};
use super::trunk::Ground;

/// Lines at the same time; more are closed at once.
const MOST_LINES: usize = 512;
/// Lines of one address that is no trunk's.
const MOST_OF_A_STRANGER: usize = 8;
/// After a line could not be taken, as when there are no more files to open.
const AGAIN: Duration = Duration::from_millis(200);
/// The longest silence on a line: longer than any call.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_mins(70);

/// Ends TLS on lines that others open to us.
#[async_trait]
pub trait Encrypts: Send + Sync {
    /// `None`: the other side did not keep to the protocol, or was too slow.
    async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>>;
}

pub(super) fn address(over: Over, address: SocketAddr) -> SipAddr {
    let transport = match over {
        Over::Udp => Transport::Udp,
        Over::Tcp => Transport::Tcp,
        Over::Tls => Transport::Tls,
    };
    SipAddr { r#type: Some(transport), addr: address.into() }
}

/// Counts a line of an address as long as it stands.
struct Line(Arc<Mutex<HashMap<IpAddr, usize>>>, IpAddr);

impl Line {
    fn one_more(lines: &Arc<Mutex<HashMap<IpAddr, usize>>>, of: IpAddr, most: usize) -> Option<Self> {
        let mut counts = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= MOST_LINES || counts.get(&of).copied().unwrap_or(0) >= most {
            return None;
        }
        *counts.entry(of).or_default() += 1;
        Some(Self(Arc::clone(lines), of))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// Takes lines as long as it runs.
pub(super) async fn take(ground: Arc<Ground>, listener: TcpListener, tls: Option<Arc<dyn Encrypts>>) {
    let lines = Arc::default();
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, from)) = accepted else {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                };
                let most = if ground.settings.is_trunk(from.ip()) { MOST_LINES } else { MOST_OF_A_STRANGER };
                if !ground.may_speak(from.ip()) {
                    ground.gate.refused(Why::Stranger);
                    continue;
                }
                if let Some(line) = Line::one_more(&lines, from.ip(), most) {
                    let (ground, tls) = (Arc::clone(&ground), tls.clone());
                    open.spawn(async move {
                        stand(&ground, stream, from, tls.as_deref()).await;
                        drop(line);
                    });
                }
            }
            Some(_) = open.join_next() => {}
        }
    }
}

/// A line that others have opened, until it is closed.
async fn stand(ground: &Ground, stream: TcpStream, from: SocketAddr, tls: Option<&dyn Encrypts>) {
    let over = if tls.is_some() { Over::Tls } else { Over::Tcp };
    let closed = ground.cancel.child_token();
    let local = address(over, ground.reached_at(over));
    let connection = match tls {
        None => TcpConnection::from_stream(stream, local, Some(closed.clone())).map(SipConnection::Tcp),
        Some(tls) => {
            let Some(stream) = tls.accept(stream).await else { return };
            TlsConnection::from_server_stream(stream, local, address(over, from), Some(closed.clone())).await.map(SipConnection::Tls)
        }
    };
    match connection {
        Ok(connection) => {
            ground.layer.endpoint.transport_layer.add_connection(connection);
            closed.cancelled().await;
        }
        Err(error) => tracing::debug!(%error, "a line was closed before it stood"),
    }
}

/// Why the trunk cannot be spoken with encrypted.
#[derive(Debug, thiserror::Error)]
pub enum NoLine {
    /// Nobody there, or nobody whom the certificate vouches for.
    #[error("no encrypted line to the trunk")]
    Refused(#[source] std::io::Error),
    /// There is nothing to check certificates by.
    #[error("the certificates that are trusted cannot be read: {0}")]
    Untrusting(String),
    /// The stack did not take it.
    #[error("the encrypted line to the trunk was not taken up")]
    Broken(#[source] rsipstack::Error),
}

/// The encrypted line to the trunk that takes our calls, as long as it stands.
#[derive(Default)]
pub(super) struct Outward(Mutex<Option<CancellationToken>>);

impl Outward {
    /// Opens it unless it stands.
    pub(super) async fn open(&self, ground: &Ground, calls: &Calls, to: SocketAddr) -> Result<(), NoLine> {
        let stands = |closed: &CancellationToken| !closed.is_cancelled();
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(stands) {
            return Ok(());
        }
        let name = ServerName::try_from(calls.host.clone()).map_err(|error| NoLine::Untrusting(error.to_string()))?;
        let tcp = TcpStream::connect(to).await.map_err(NoLine::Refused)?;
        let stream = TlsConnector::from(Arc::new(trusting(calls)?)).connect(name, tcp).await.map_err(NoLine::Refused)?;
        let closed = ground.cancel.child_token();
        let connection = TlsConnection::from_client_stream(stream, address(Over::Tls, to), Some(closed.clone()));
        ground.layer.endpoint.transport_layer.add_connection(SipConnection::Tls(connection.await.map_err(NoLine::Broken)?));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(closed);
        Ok(())
    }
}

/// Trusts what this machine trusts, or the certificates of a file alone.
fn trusting(calls: &Calls) -> Result<ClientConfig, NoLine> {
    let Some(file) = &calls.trusts else {
        return ClientConfig::with_platform_verifier().map_err(|error| NoLine::Untrusting(error.to_string()));
    };
    let bytes = std::fs::read(file).map_err(|error| NoLine::Untrusting(error.to_string()))?;
    let mut known = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|error| NoLine::Untrusting(error.to_string()))?;
        known.add(certificate).map_err(|error| NoLine::Untrusting(error.to_string()))?;
    }
    Ok(ClientConfig::builder().with_root_certificates(known).with_no_client_auth())
}
