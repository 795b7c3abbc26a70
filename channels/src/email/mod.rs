//! Email: mailboxes read by IMAP, mail sent by SMTP.
//!
//! Mail proves nothing by itself: how far `From` is trusted is decided by what our own receiving server found
//! (`authentication`), or else by the signature of the sender's domain (`verification`). What programs wrote is kept and never answered (`automatic`).

mod authentication;
mod automatic;
mod charset;
mod client;
mod compose;
mod guard;
mod html;
mod mailbox;
mod quotes;
mod receive;
mod signature;
mod token;
mod verification;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::channel::{Buttons, Capabilities, ChannelKind, Files, Markup, Support, Text, Unit};
use domain::event::InboundEvent;
use domain::message::Delivery;
use domain::ports::{Channel, HookRequest, HungUp, Inlet, Letter, Letters, Received, Refusal, SendError, Sent, Standing};
use domain::settings::ConnectionSettings;

use self::authentication::Trusted;
use self::client::Security;
use self::guard::Guard;
use self::token::Tokens;
use self::verification::Verifier;
use crate::settings::Setup;
use crate::{Door, OpenError, call};

/// The line in the list of doors.
pub(crate) const DOOR: Door = Door { kind: ChannelKind::Email, capabilities: &CAPABILITIES, open, decode: receive::decode };

static CAPABILITIES: Capabilities = Capabilities {
    text: Text { longest: 100_000, counted_in: Unit::Characters },
    buttons: Buttons { support: Support::Emulated, most: 9, title: 80, payload: 256, below: usize::MAX },
    markup: Markup::Markdown,
    receipts: Support::Dropped,
    files: Files { support: Support::Native, at_once: 20, caption: usize::MAX },
    ..Capabilities::plain_text()
};

struct Email {
    address: String,
    name: Option<String>,
    smtp: client::Server,
    imap: mailbox::Server,
    trusted: Trusted,
    verifier: Verifier,
    tokens: Tokens,
    guard: Guard,
    plus_addressing: bool,
    deadline: Duration,
}

fn open(settings: &ConnectionSettings, _: &reqwest::Client) -> Result<Arc<dyn Channel>, OpenError> {
    let setup = Setup::new(settings);
    let address = setup.required("address")?;
    let Some(domain) = address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).filter(|domain| !domain.is_empty()) else {
        return Err(setup.unusable("address", "is no email address"));
    };
    let imap_host = setup.required("imap.host")?;
    let (imap_security, imap_port) = security(&setup, ["imap.host", "imap.port", "imap.tls"], &imap_host, [993, 143])?;
    let imap_password = setup.current_secret("imap.password")?;
    let smtp_host = setup.required("smtp.host")?;
    let (smtp_security, smtp_port) = security(&setup, ["smtp.host", "smtp.port", "smtp.tls"], &smtp_host, [465, 587])?;
    let smtp_password = setup.optional_secrets("smtp.password")?.into_iter().next();
    let login = match (setup.optional("smtp.username"), smtp_password) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) => return Err(setup.missing("smtp.password")),
        (None, Some(password)) => Some((address.clone(), password)),
    };
    let trusted = match setup.optional("authserv_id") {
        Some(name) => Trusted::Named(name),
        None => Trusted::Near { domain: domain.clone(), host: imap_host.to_ascii_lowercase() },
    };
    // A rotated password must not make answers to earlier mails strangers.
    let mut keys = setup.secrets("imap.password")?;
    keys.extend(setup.optional_secrets("smtp.password")?);
    Ok(Arc::new(Email {
        name: setup.optional("label"),
        smtp: client::Server { host: smtp_host, port: smtp_port, security: smtp_security, login },
        imap: mailbox::Server {
            host: imap_host,
            port: imap_port,
            security: imap_security,
            username: setup.optional("imap.username").unwrap_or_else(|| address.clone()),
            password: imap_password,
            folder: setup.optional("imap.folder").unwrap_or_else(|| "INBOX".to_owned()),
        },
        trusted,
        verifier: Verifier::new(name_server(&setup)?),
        tokens: Tokens::new(&keys, &domain),
        guard: Guard::default(),
        plus_addressing: settings.values.get("plus_addressing").and_then(serde_json::Value::as_bool) == Some(true),
        deadline: setup.deadline(),
        address,
    }))
}

/// The name server that tells the keys of senders, when it is not the machine's own.
fn name_server(setup: &Setup<'_>) -> Result<Option<SocketAddr>, OpenError> {
    let Some(text) = setup.optional("dns") else { return Ok(None) };
    let address = text.parse().or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)));
    address.map(Some).map_err(|_| setup.unusable("dns", "is no address of a name server, such as 192.0.2.53 or 192.0.2.53:53"))
}

/// Encrypted from the start, or by STARTTLS; unencrypted only on this machine.
fn security(setup: &Setup<'_>, keys: [&'static str; 3], host: &str, ports: [u16; 2]) -> Result<(Security, u16), OpenError> {
    let [_, port_key, tls_key] = keys;
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "::1");
    let security = match (setup.flag(tls_key), is_here) {
        (Some(true), _) | (None, false) => Security::Tls,
        (Some(false), false) => Security::StartTls,
        (Some(false) | None, true) => Security::Plain,
    };
    let default = if security == Security::Tls { ports[0] } else { ports[1] };
    let port = match setup.optional(port_key) {
        None => default,
        Some(text) => text.parse().map_err(|_| setup.unusable(port_key, "is no port: 1 to 65535"))?,
    };
    Ok((security, port))
}

impl Email {
    fn events(&self, raw: &[u8], now_secs: i64) -> Result<Vec<InboundEvent>, Refusal> {
        let ours = receive::Ours { address: &self.address, trusted: &self.trusted };
        let mut events = self.marked(receive::events(raw, Some(&ours))?);
        for event in &mut events {
            let InboundEvent::Message(message) = event else { continue };
            if self.guard.is_a_loop(&message.sender, message.text.as_deref().unwrap_or_default(), now_secs) {
                tracing::warn!("a correspondent answers like a machine and is not answered any more");
                message.more.insert("auto".to_owned(), true.into());
                message.more.insert("loop".to_owned(), true.into());
            }
        }
        Ok(events)
    }

    /// Where an answer goes that the mail server hands to us for the mark in its address.
    fn reply_address(&self, mark: &str) -> Option<String> {
        self.plus_addressing.then(|| Tokens::reply_address(&self.address, mark)).flatten()
    }

    /// Says of each mail whether it answers one of ours.
    fn marked(&self, mut events: Vec<InboundEvent>) -> Vec<InboundEvent> {
        for event in &mut events {
            let InboundEvent::Message(message) = event else { continue };
            if self.tokens.answers_us(message) {
                message.more.insert("answers_ours".to_owned(), true.into());
            }
            if let Some(conversation) = self.tokens.answered_letter(message) {
                message.more.insert("answers_letter".to_owned(), conversation.to_string().into());
            }
        }
        events
    }
}

/// A mailbox being read.
struct Reading<'a> {
    door: &'a Email,
    inlet: &'a dyn Inlet,
}

#[async_trait]
impl mailbox::Reader for Reading<'_> {
    async fn read(&self, raw: &[u8]) -> Result<Vec<InboundEvent>, Refusal> {
        let mut events = self.door.events(raw, self.inlet.real_seconds())?;
        for event in &mut events {
            let InboundEvent::Message(message) = event else { continue };
            // Only where nobody has told: what our own server found stays.
            let is_open = message.more.get("dmarc").and_then(serde_json::Value::as_str) == Some("none");
            let domain = message.sender.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
            if is_open && self.door.verifier.vouches_for(raw, &domain).await {
                message.more.insert("dmarc".to_owned(), "pass".into());
            }
        }
        Ok(events)
    }
}

#[async_trait]
impl Channel for Email {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    /// Mail comes by IMAP only.
    fn receive(&self, _: &HookRequest<'_>, _: i64) -> Result<Received, Refusal> {
        Err(Refusal::NotHere)
    }

    fn decode(&self, request: &HookRequest<'_>) -> Result<Vec<InboundEvent>, Refusal> {
        let ours = receive::Ours { address: &self.address, trusted: &self.trusted };
        Ok(self.marked(receive::events(request.body, Some(&ours))?))
    }

    /// What nearly every mailbox takes.
    fn takes(&self, _media_type: &str, bytes: usize) -> bool {
        bytes <= 10_000_000
    }

    /// The mail's id is ours and made from the delivery's, so that a second attempt is the same mail.
    async fn deliver(&self, delivery: &Delivery) -> Result<Sent, SendError> {
        if delivery.rendered.text.trim().is_empty() && delivery.files.is_empty() {
            return Err(call::refused("empty", "there is nothing to send"));
        }
        let token = self.tokens.of(delivery.id, &delivery.address);
        let id = self.tokens.message_id(delivery.id, &token);
        let reply_to = self.reply_address(&format!("{}.{token}", delivery.id));
        let sender = compose::Sender { address: &self.address, name: self.name.as_deref(), id: &id, reply_to: reply_to.as_deref() };
        let mail = compose::mail(delivery, &sender).map_err(|_| call::refused("mail", "the mail could not be written"))?;
        client::send(&self.smtp, &self.address, &delivery.address, &mail, self.deadline).await?;
        Ok(Sent { provider_message_id: Some(format!("<{id}>")) })
    }

    /// Whether the server that mail leaves by takes our login; the mailbox itself is heard all the time.
    async fn standing(&self) -> Result<Option<Standing>, SendError> {
        let is_in = client::lets_us_in(&self.smtp, &self.address, self.deadline).await?;
        Ok(is_in.then(|| Standing { name: Some(self.address.clone()), ..Standing::default() }))
    }

    fn is_the_owners(&self, code: &str) -> bool {
        code == client::LOGIN
    }

    fn letters(&self) -> Option<&dyn Letters> {
        Some(self)
    }

    /// A mail to us with the code in its text.
    fn continue_link(&self, code: &str) -> Option<String> {
        let body = url::form_urlencoded::byte_serialize(code.as_bytes()).collect::<String>();
        Some(format!("mailto:{}?subject={body}&body={body}", self.address))
    }

    fn listens(&self) -> bool {
        true
    }

    async fn listen(&self, inlet: &dyn Inlet) -> HungUp {
        mailbox::listen(&self.imap, inlet, &Reading { door: self, inlet }).await
    }
}

#[async_trait]
impl Letters for Email {
    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let domain = self.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        // An answer that reaches nobody goes back to whoever wrote it.
        let (id, reply_to) = match letter.answers {
            None => (format!("{}@{domain}", letter.id), Some(letter.to.clone())),
            Some(conversation) => {
                let mark = self.tokens.of_letter(conversation, &letter.to);
                (format!("{}.{mark}@{domain}", letter.id), self.reply_address(&mark))
            }
        };
        let sender = compose::Sender { address: &self.address, name: self.name.as_deref(), id: &id, reply_to: reply_to.as_deref() };
        let mail = compose::letter(letter, &sender).map_err(|_| call::refused("mail", "the mail could not be written"))?;
        client::send(&self.smtp, &self.address, &letter.to, &mail, self.deadline).await
    }
}
