//! Reading a mailbox by IMAP: what is new is fetched at once (IDLE), each mail is accepted before the place moves on.
//!
//! The place is the highest UID read under the mailbox's UIDVALIDITY. When the server gives its mails new UIDs, all are
//! read again and recognised by what they say. <https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.1>

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_imap::types::{Fetch, Flag};
use async_imap::{Client, Session};
use async_trait::async_trait;
use domain::Secret;
use domain::event::InboundEvent;
use domain::ports::{HungUp, Inlet, NotNow, Refusal};
use futures::TryStreamExt;
use rustls_platform_verifier::ConfigVerifierExt;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::client::Security;
use super::receive;

/// Where mail is read.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub username: String,
    pub password: Secret<String>,
    pub folder: String,
}

/// One step of the talk takes no longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// IDLE is renewed at this pace, so that a connection that died quietly is noticed; servers end it after 29 minutes.
const IDLE: Duration = Duration::from_secs(4 * 60);
/// Without IDLE the mailbox is looked at this often.
const POLL: Duration = Duration::from_secs(20);
/// On the very first day unread mail of so many days is taken up; older mail was somebody's before us.
const FIRST_DAYS: i64 = 3;
const DAY: i64 = 24 * 3600;

/// How far the mailbox has been read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    validity: u32,
    /// The next UID to read.
    next: u32,
    /// Real time, seconds since 1970, of the first look: mail that was there before belongs to somebody.
    since: i64,
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Wire for T {}

type Talk = Session<Box<dyn Wire>>;

/// Why the talk ended.
enum End {
    Lost(String),
    Refused(String),
}

impl From<async_imap::error::Error> for End {
    fn from(error: async_imap::error::Error) -> Self {
        match error {
            async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => {
                Self::Lost("the mail server refused a command".to_owned())
            }
            _ => Self::Lost("the connection to the mail server broke".to_owned()),
        }
    }
}

impl From<NotNow> for End {
    fn from(_: NotNow) -> Self {
        Self::Lost("mail cannot be taken right now".to_owned())
    }
}

impl From<tokio::time::error::Elapsed> for End {
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Self::Lost("the mail server did not answer in time".to_owned())
    }
}

/// What a mail becomes is decided by the door.
#[async_trait]
pub(super) trait Reader: Sync {
    async fn read(&self, raw: &[u8]) -> Result<Vec<InboundEvent>, Refusal>;
}

/// Reads until the connection is lost.
pub(super) async fn listen(server: &Server, inlet: &dyn Inlet, reader: &dyn Reader) -> HungUp {
    match talk(server, inlet, reader).await {
        Ok(never) => match never {},
        Err(End::Lost(why)) => HungUp::Lost(why),
        Err(End::Refused(why)) => HungUp::Refused(why),
    }
}

async fn talk(server: &Server, inlet: &dyn Inlet, reader: &dyn Reader) -> Result<std::convert::Infallible, End> {
    let mut session = tokio::time::timeout(PATIENCE, open(server)).await??;
    let mailbox = tokio::time::timeout(PATIENCE, session.select(&server.folder)).await?.map_err(|error| match error {
        async_imap::error::Error::No(_) => End::Refused(format!("the mailbox has no folder {}: check imap.folder", server.folder)),
        other => other.into(),
    })?;
    let idles = tokio::time::timeout(PATIENCE, session.capabilities()).await??.has_str("IDLE");
    let mut place = place(inlet, mailbox.uid_validity.unwrap_or(0)).await?;
    loop {
        read_new(&mut session, inlet, &mut place, reader).await?;
        inlet.heard();
        if idles {
            let mut idle = session.idle();
            tokio::time::timeout(PATIENCE, idle.init()).await??;
            let (wait, _stop) = idle.wait_with_timeout(IDLE);
            wait.await?;
            session = tokio::time::timeout(PATIENCE, idle.done()).await??;
        } else {
            tokio::time::sleep(POLL).await;
            tokio::time::timeout(PATIENCE, session.noop()).await??;
        }
    }
}

async fn open(server: &Server) -> Result<Talk, End> {
    let tcp = TcpStream::connect((server.host.as_str(), server.port)).await;
    let tcp = tcp.map_err(|_| End::Lost("no connection to the mail server".to_owned()))?;
    let greeted = |line: Option<_>| line.map(|_| ()).ok_or_else(|| End::Lost("the mail server hung up".to_owned()));
    let broken = |_| End::Lost("the mail server does not speak IMAP".to_owned());
    let client = match server.security {
        Security::Tls => {
            let mut client = Client::new(encrypted(&server.host, tcp).await?);
            greeted(client.read_response().await.map_err(broken)?)?;
            client
        }
        Security::Plain => {
            let mut client = Client::new(Box::new(tcp) as Box<dyn Wire>);
            greeted(client.read_response().await.map_err(broken)?)?;
            client
        }
        Security::StartTls => {
            let mut client = Client::new(tcp);
            greeted(client.read_response().await.map_err(broken)?)?;
            let refused = |_| End::Refused("the mail server offers no STARTTLS: set imap.tls = true and its port, 993".to_owned());
            client.run_command_and_check_ok("STARTTLS", None).await.map_err(refused)?;
            Client::new(encrypted(&server.host, client.into_inner()).await?)
        }
    };
    client.login(&server.username, server.password.expose()).await.map_err(|(error, _)| match error {
        async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => {
            End::Refused("the mail server does not take our login: check imap.username and imap.password".to_owned())
        }
        other => other.into(),
    })
}

async fn encrypted(host: &str, tcp: TcpStream) -> Result<Box<dyn Wire>, End> {
    let config = rustls::ClientConfig::with_platform_verifier()
        .map_err(|_| End::Refused("this machine has no list of trusted certificates".to_owned()))?;
    let name = rustls::pki_types::ServerName::try_from(host.to_owned()).map_err(|_| End::Refused("imap.host is no name".to_owned()))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
    Ok(Box::new(stream.map_err(|_| End::Lost("the mail server cannot be spoken to encrypted".to_owned()))?))
}

/// Where to go on. With new UIDs everything since the first look is read again.
async fn place(inlet: &dyn Inlet, validity: u32) -> Result<Place, End> {
    let kept: Option<Place> = inlet.kept().await?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(match kept {
        Some(place) if place.validity == validity => place,
        Some(place) => {
            tracing::warn!("the mailbox has new numbers, its mail is read again");
            Place { validity, next: 1, since: place.since }
        }
        None => Place { validity, next: 1, since: inlet.real_seconds() },
    })
}

async fn read_new(session: &mut Talk, inlet: &dyn Inlet, place: &mut Place, reader: &dyn Reader) -> Result<(), End> {
    let listed = session.uid_fetch(format!("{}:*", place.next), "(UID FLAGS INTERNALDATE RFC822.SIZE)");
    let listed: Vec<Fetch> = tokio::time::timeout(PATIENCE, async { listed.await?.try_collect().await }).await??;
    let mut heads: Vec<Head> = listed.iter().filter_map(Head::of).filter(|head| head.uid >= place.next).collect();
    heads.sort_unstable_by_key(|head| head.uid);
    for head in heads {
        if head.is_ours(place) {
            read_one(session, inlet, head, reader).await?;
        }
        place.next = head.uid + 1;
        let text = serde_json::to_string(&place).map_err(|_| NotNow)?;
        inlet.keep(&text).await?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
struct Head {
    uid: u32,
    is_seen: bool,
    at: i64,
    size: u32,
}

impl Head {
    fn of(fetch: &Fetch) -> Option<Self> {
        let is_seen = fetch.flags().any(|flag| matches!(flag, Flag::Seen | Flag::Deleted | Flag::Draft));
        Some(Self {
            uid: fetch.uid?,
            is_seen,
            at: fetch.internal_date().map_or(i64::MAX, |at| at.timestamp()),
            size: fetch.size.unwrap_or(0),
        })
    }

    /// Mail from before the first look is left to whoever read it.
    fn is_ours(self, place: &Place) -> bool {
        self.at >= place.since - 60 || (!self.is_seen && self.at >= place.since - FIRST_DAYS * DAY)
    }
}

async fn read_one(session: &mut Talk, inlet: &dyn Inlet, head: Head, reader: &dyn Reader) -> Result<(), End> {
    let is_too_large = head.size as usize > receive::LARGEST;
    let part = if is_too_large { "(UID BODY.PEEK[HEADER])" } else { "(UID BODY.PEEK[])" };
    let fetched = session.uid_fetch(head.uid.to_string(), part);
    let fetched: Vec<Fetch> = tokio::time::timeout(PATIENCE * 10, async { fetched.await?.try_collect().await }).await??;
    // Gone meanwhile: somebody moved it.
    let Some(raw) = fetched.iter().find_map(|fetch| fetch.body().or_else(|| fetch.header())) else { return Ok(()) };
    if is_too_large {
        inlet.put_aside(raw, "the mail is too large").await?;
    } else {
        match reader.read(raw).await {
            Ok(events) => inlet.accept(events).await?,
            Err(refusal) => inlet.put_aside(raw, &refusal.to_string()).await?,
        }
    }
    // A courtesy to people who look at the mailbox too; a mailbox that only we read may refuse it.
    let marked = session.uid_store(head.uid.to_string(), "+FLAGS.SILENT (\\Seen)");
    let marked = tokio::time::timeout(PATIENCE, async { marked.await?.try_collect::<Vec<_>>().await }).await?;
    if marked.is_err() {
        tracing::debug!("a mail could not be marked as read");
    }
    Ok(())
}
