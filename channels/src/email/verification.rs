//! Our own look at a mail's signatures, where no receiving server whose word counts has told.
//!
//! Only DKIM can be checked afterwards: SPF asks which machine delivered, and a mailbox does not say that in a way a
//! sender could not forge. <https://www.rfc-editor.org/rfc/rfc6376>, <https://www.rfc-editor.org/rfc/rfc7489#section-3.1>

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::time::Duration;

use futures::FutureExt;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, SpfOutput};

use super::authentication;

/// Whatever is not known by then is not known: a mail never waits longer for somebody's name server.
const PATIENCE: Duration = Duration::from_secs(6);
const PATIENCE_FOR_ONE: Duration = Duration::from_secs(2);
/// A mail with more signatures makes us ask more than it is worth.
const MOST_SIGNATURES: usize = 8;

/// Checks signatures; asks for keys only when there is one.
pub(super) struct Verifier {
    /// `None`: the machine's own.
    name_server: Option<SocketAddr>,
    asks: OnceLock<Option<MessageAuthenticator>>,
}

impl Verifier {
    pub(super) fn new(name_server: Option<SocketAddr>) -> Self {
        Self { name_server, asks: OnceLock::new() }
    }

    /// Has the domain of the only `From` signed all of this mail? No for everything else, also when nobody knows.
    pub(super) async fn vouches_for(&self, raw: &[u8], from_domain: &str) -> bool {
        let Some(asks) = self.asks.get_or_init(|| self.open()) else { return false };
        // The parser is not ours and reads what anybody may send: a fault in it leaves the mail unproven.
        let checked = AssertUnwindSafe(check(asks, raw, from_domain)).catch_unwind();
        match tokio::time::timeout(PATIENCE, checked).await {
            Ok(Ok(proven)) => proven,
            Ok(Err(_)) | Err(_) => {
                tracing::info!("a mail's signature could not be checked, its sender stays a claim");
                false
            }
        }
    }

    fn open(&self) -> Option<MessageAuthenticator> {
        let (config, mut options) = match self.name_server {
            Some(address) => {
                let at_port = |mut connection: ConnectionConfig| {
                    connection.port = address.port();
                    connection
                };
                let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
                let server = NameServerConfig::new(address.ip(), true, connections);
                (ResolverConfig::from_parts(None, Vec::new(), vec![server]), ResolverOpts::default())
            }
            None => read_system_conf().ok()?,
        };
        options.timeout = PATIENCE_FOR_ONE;
        options.attempts = 2;
        MessageAuthenticator::new(config, options).ok()
    }
}

async fn check(asks: &MessageAuthenticator, raw: &[u8], from_domain: &str) -> bool {
    let Some(message) = AuthenticatedMessage::parse(raw) else { return false };
    if message.dkim_headers.is_empty() || message.dkim_headers.len() > MOST_SIGNATURES {
        return false;
    }
    // What a signature with an open end (`l=`) leaves out, and a `From` that it does not hold, anybody may have written.
    let holds = |output: &DkimOutput<'_>| {
        let whole =
            output.signature().filter(|signature| signature.l == 0 && signature.h.iter().any(|name| name.eq_ignore_ascii_case("from")));
        *output.result() == DkimResult::Pass && whole.is_some()
    };
    let signed: Vec<DkimOutput<'_>> = asks.verify_dkim(&message).await.into_iter().filter(holds).collect();
    if signed.is_empty() {
        return false;
    }
    let spf = SpfOutput::default();
    let policy = asks.verify_dmarc(DmarcParameters::new(&message, &signed, from_domain, &spf)).await;
    match policy.dkim_result() {
        DmarcResult::Pass => true,
        // A domain without a policy: the same proof, aligned, but nobody was asked to look.
        DmarcResult::None if policy.dmarc_record().is_none() => {
            let mut domains = signed.iter().filter_map(DkimOutput::signature).map(|signature| signature.d.to_ascii_lowercase());
            domains.any(|domain| authentication::are_aligned(&domain, from_domain))
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "../../tests/it/name_server.rs"]
mod name_server;

#[cfg(test)]
mod tests {
    use super::name_server::{KEY, SIGNED, open as name_server};
    use super::*;

    async fn vouched(texts: &[(&str, &str)], raw: &str, domain: &str) -> bool {
        Verifier::new(Some(name_server(texts, false).await)).vouches_for(raw.as_bytes(), domain).await
    }

    #[tokio::test]
    async fn a_signature_of_the_senders_own_domain_proves_the_sender() {
        let policy = ("_dmarc.football.example.com", "v=DMARC1; p=reject; adkim=s");
        assert!(vouched(&[KEY, policy], SIGNED, "football.example.com").await);
        assert!(vouched(&[KEY], SIGNED, "football.example.com").await, "a domain without a policy");
        assert!(
            vouched(&[KEY, ("_dmarc.example.com", "v=DMARC1; p=none")], SIGNED, "football.example.com").await,
            "the organisation's policy"
        );
    }

    #[tokio::test]
    async fn whatever_was_changed_or_signed_by_another_proves_nothing() {
        let texts = [KEY, ("_dmarc.bank.example", "v=DMARC1; p=reject")];
        let changed = SIGNED.replace("hungry", "thirsty");
        assert!(!vouched(&texts, &changed, "football.example.com").await, "other words");
        let other = SIGNED.replace("From: Joe SixPack <joe@football.example.com>", "From: Joe <joe@bank.example>");
        assert!(!vouched(&texts, &other, "bank.example").await, "another sender");
        let above = format!("From: Joe <joe@bank.example>\r\n{SIGNED}");
        assert!(!vouched(&texts, &above, "bank.example").await, "a second sender");
        assert!(!vouched(&texts, "From: joe@football.example.com\r\n\r\nHi", "football.example.com").await, "no signature");
        let wrong = [(KEY.0, "v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")];
        assert!(!vouched(&wrong, SIGNED, "football.example.com").await, "another key");
        assert!(!vouched(&[(KEY.0, "v=DKIM1; k=ed25519; p=")], SIGNED, "football.example.com").await, "a key taken back");
    }

    #[tokio::test]
    async fn a_name_server_that_fails_leaves_a_claim() {
        assert!(!vouched(&[], SIGNED, "football.example.com").await);
        let broken = Verifier::new(Some(name_server(&[KEY], true).await));
        assert!(!broken.vouches_for(SIGNED.as_bytes(), "football.example.com").await);
    }

    #[tokio::test]
    async fn a_signature_with_an_open_end_proves_nothing() {
        use mail_auth::common::crypto::Ed25519Key;
        use mail_auth::common::headers::HeaderWriter;
        use mail_auth::dkim::DkimSigner;
        let decode = |text: &str| base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64");
        let seed = decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
        let public = decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        let mail = "From: joe@football.example.com\r\nTo: a@b.test\r\nSubject: x\r\n\r\nHi.\r\n";
        for (open, proven) in [(false, true), (true, false)] {
            let key = Ed25519Key::from_seed_and_public_key(&seed, &public).expect("a key");
            let signer = DkimSigner::from_key(key).domain("football.example.com").selector("brisbane").headers(["From", "To", "Subject"]);
            let header = signer.body_length(open).sign(mail.as_bytes()).expect("a signature").to_header();
            assert_eq!(vouched(&[KEY], &format!("{header}{mail}"), "football.example.com").await, proven, "{header}");
        }
    }
}
