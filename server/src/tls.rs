//! TLS of this server's own (RFC 8446; TLS 1.2 for vendors that know no better): a certificate chain and a private key in
//! PEM files, taken over while the server runs when a renewal has written them anew.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use channels::voice::sip::Encrypts;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A client has so long for its part of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
pub const LOOK: Duration = Duration::from_mins(1);

/// Where the certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Is it the key, or the certificate?
    pub is_key: bool,
    /// Why, without anything of its content.
    pub why: String,
}

impl TlsFiles {
    /// Reads both and checks that they belong together.
    pub fn read(&self) -> Result<CertifiedKey, Unusable> {
        let of_cert = |why: String| Unusable { is_key: false, why };
        let of_key = |why: String| Unusable { is_key: true, why };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes(&self.cert).map_err(of_cert)?).collect();
        let chain = chain.map_err(|error| of_cert(no_pem(error)))?;
        if chain.is_empty() {
            return Err(of_cert("holds no certificate".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(&bytes(&self.key).map_err(of_key)?).map_err(|error| of_key(no_pem(error)))?;
        CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => of_key("is not the key of this certificate".to_owned()),
            other => of_key(format!("cannot be used: {other}")),
        })
    }

    /// When either was written last.
    fn written_at(&self) -> Option<SystemTime> {
        let at = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
        at(&self.cert).max(at(&self.key))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))
}

fn no_pem(error: impl Display) -> String {
    format!("is no PEM file: {error}")
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Ends TLS for one listener.
pub struct Tls {
    files: TlsFiles,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// With what the files hold now; these protocols are spoken inside, where a client asks (ALPN).
    pub fn open(files: TlsFiles, protocols: &[&[u8]]) -> anyhow::Result<Self> {
        let key = files.read().map_err(|problem| anyhow::anyhow!("the certificate cannot be used: a file of it {}", problem.why))?;
        let shown = Arc::new(Shown(RwLock::new(Arc::new(key))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Self { files, shown, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// `None`: the client did not keep to the protocol, or was too slow.
    pub async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream)).await.ok()?.ok()
    }

    /// Takes over what the files hold now. On a fault, as in the middle of a renewal, the old certificate stays.
    pub fn read_again(&self) -> Result<(), Unusable> {
        let key = self.files.read()?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
        Ok(())
    }

    /// Looks at the files again and again.
    pub async fn follow(&self) {
        let mut seen = self.files.written_at();
        loop {
            tokio::time::sleep(LOOK).await;
            let written = self.files.written_at();
            if written == seen {
                continue;
            }
            match self.read_again() {
                Ok(()) => {
                    seen = written;
                    tracing::info!("the renewed certificate is shown from now on");
                }
                Err(problem) => {
                    tracing::error!(key = problem.is_key, "a renewed certificate is not usable, the old one stays: {}", problem.why)
                }
            }
        }
    }
}

#[async_trait]
impl Encrypts for Tls {
    async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        Self::accept(self, stream).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renew(files: &TlsFiles) -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        std::fs::write(&files.cert, made.cert.pem()).expect("it is written");
        std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("it is written");
        made.cert.der().to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_taken_over_and_half_a_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = TlsFiles { cert: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        assert!(files.read().is_err_and(|problem| !problem.is_key && problem.why.starts_with("cannot be read")));
        let first = renew(&files);
        let tls = Tls::open(files.clone(), &[]).expect("a certificate");
        let shown = || tls.shown.0.read().expect("a lock").cert[0].to_vec();
        assert_eq!(shown(), first);

        let key = std::fs::read(&files.key).expect("a file");
        let second = renew(&files);
        std::fs::write(&files.key, &key).expect("it is written");
        assert_eq!(tls.read_again(), Err(Unusable { is_key: true, why: "is not the key of this certificate".to_owned() }));
        std::fs::write(&files.cert, "nothing").expect("it is written");
        assert_eq!(tls.read_again(), Err(Unusable { is_key: false, why: "holds no certificate".to_owned() }));
        assert_eq!(shown(), first);

        assert_ne!(first, second);
        let third = renew(&files);
        assert_eq!(tls.read_again(), Ok(()));
        assert_eq!(shown(), third);
    }
}
