//! A mail server: takes our mail by SMTP, as a careful server would, and hands out what people write by IMAP.
//! <https://www.rfc-editor.org/rfc/rfc5321>, <https://www.rfc-editor.org/rfc/rfc9051>

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use mail_parser::{MessageParser, MimeHeaders};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{File, Shared};

/// Our address.
pub const ADDRESS: &str = "support@ergo-chairs.example";
/// What our receiving server calls itself.
pub const SERVER: &str = "mx.ergo-chairs.example";
/// A line of SMTP is no longer.
const LONGEST_LINE: usize = 1_000;

/// The mailbox that the server under rehearsal reads.
#[derive(Debug)]
pub(super) struct Mailbox {
    mails: Mutex<Vec<(Vec<u8>, bool)>>,
    count: watch::Sender<usize>,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self { mails: Mutex::default(), count: watch::Sender::new(0) }
    }
}

impl Mailbox {
    /// Puts a mail in.
    pub(super) fn put(&self, mail: Vec<u8>) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push((mail, false));
        self.count.send_replace(mails.len());
    }

    fn count(&self) -> usize {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Both servers; they stop when this is dropped.
#[derive(Debug)]
pub(super) struct PostOffice {
    pub smtp: SocketAddr,
    pub imap: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl PostOffice {
    pub(super) async fn open(shared: &Arc<Shared>) -> std::io::Result<Self> {
        let (smtp, imap) = (TcpListener::bind(("127.0.0.1", 0)).await?, TcpListener::bind(("127.0.0.1", 0)).await?);
        let addresses = (smtp.local_addr()?, imap.local_addr()?);
        let taking = Arc::clone(shared);
        let giving = Arc::clone(shared);
        let tasks = vec![
            tokio::spawn(async move {
                while let Ok((stream, _)) = smtp.accept().await {
                    tokio::spawn(take(Arc::clone(&taking), stream));
                }
            }),
            tokio::spawn(async move {
                while let Ok((stream, _)) = imap.accept().await {
                    tokio::spawn(give(Arc::clone(&giving), stream));
                }
            }),
        ];
        Ok(Self { smtp: addresses.0, imap: addresses.1, tasks })
    }
}

/// One connection of a sender. A broken one is the sender's matter.
async fn take(shared: Arc<Shared>, stream: TcpStream) {
    let _ = smtp(&shared, stream).await;
}

async fn smtp(shared: &Shared, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    tell(&mut stream, &format!("220 {SERVER} ESMTP")).await?;
    let (mut from, mut to, mut is_known) = (String::new(), String::new(), false);
    loop {
        let Some(line) = line(&mut stream).await? else { return Ok(()) };
        let upper = line.to_ascii_uppercase();
        let answer = if upper.starts_with("EHLO") {
            format!("250-{SERVER}\r\n250-8BITMIME\r\n250 AUTH PLAIN")
        } else if upper.starts_with("AUTH PLAIN") {
            let given = line.rsplit(' ').next().unwrap_or_default();
            let wanted =
                base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("\0support\0{}", shared.secrets.mail_password));
            is_known = given == wanted;
            if is_known { "235 2.7.0 ok".to_owned() } else { "535 5.7.8 wrong user or password".to_owned() }
        } else if !is_known && upper.starts_with("MAIL") {
            "530 5.7.0 who are you?".to_owned()
        } else if upper.starts_with("MAIL FROM:") {
            from = address(&line);
            if from == ADDRESS { "250 2.1.0 ok".to_owned() } else { "553 5.7.1 this is not your address".to_owned() }
        } else if upper.starts_with("RCPT TO:") {
            to = address(&line);
            if to.contains('@') { "250 2.1.5 ok".to_owned() } else { "553 5.1.3 no address".to_owned() }
        } else if upper == "DATA" {
            tell(&mut stream, "354 go on").await?;
            let mail = content(&mut stream).await?;
            match fault(&mail, &from, &to) {
                None => {
                    shared.keep_with("email", to.clone(), text(&mail), (Vec::new(), false), files(&mail));
                    "250 2.0.0 taken".to_owned()
                }
                Some(why) => {
                    shared.refuse("email", why);
                    format!("554 5.6.0 {why}")
                }
            }
        } else if upper == "QUIT" {
            tell(&mut stream, "221 2.0.0 bye").await?;
            return Ok(());
        } else {
            "500 5.5.1 what?".to_owned()
        };
        tell(&mut stream, &answer).await?;
    }
}

fn address(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address.to_owned()).unwrap_or_default()
}

async fn content(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    while let Some(line) = line(stream).await? {
        if line == "." {
            break;
        }
        mail.extend_from_slice(line.strip_prefix('.').unwrap_or(&line).as_bytes());
        mail.extend_from_slice(b"\r\n");
    }
    Ok(mail)
}

/// What a careful server or a program that shows it would not take.
fn fault(mail: &[u8], from: &str, to: &str) -> Option<&'static str> {
    if !mail.is_ascii() {
        return Some("the mail has letters that are no ASCII");
    }
    if mail.split(|byte| *byte == b'\n').any(|line| line.len() > LONGEST_LINE) {
        return Some("the mail has a line that is too long");
    }
    let Some(parsed) = MessageParser::default().parse(mail) else { return Some("this is no mail") };
    let one = |address: Option<&mail_parser::Address<'_>>| {
        address.and_then(|all| all.first()).and_then(|one| one.address.as_deref()).map(str::to_owned).unwrap_or_default()
    };
    if one(parsed.from()) != from || one(parsed.to()) != to {
        return Some("the mail says another sender or recipient than the envelope");
    }
    if parsed.message_id().is_none() || parsed.date().is_none() || parsed.subject().is_none() {
        return Some("the mail lacks an id, a date or a subject");
    }
    // The text is there twice, alone or before the files that come with it.
    let is = |part: Option<&mail_parser::MessagePart<'_>>, what: &str| {
        part.and_then(MimeHeaders::content_type).is_some_and(|kind| kind.subtype() == Some(what))
    };
    let (first, second) = (parsed.parts.first(), parsed.parts.get(1));
    let is_both = is(first, "alternative") || is(first, "mixed") && is(second, "alternative");
    if !is_both || parsed.html_body_count() == 0 {
        return Some("the mail is not both plain and HTML");
    }
    if parsed.in_reply_to().as_text().is_some() && parsed.references().is_empty() {
        return Some("an answer without references leaves its thread");
    }
    None
}

/// The files in a mail.
fn files(mail: &[u8]) -> Vec<File> {
    let Some(mail) = MessageParser::default().parse(mail) else { return Vec::new() };
    let mime = |part: &mail_parser::MessagePart<'_>| {
        part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())).unwrap_or_default()
    };
    mail.attachments()
        .map(|part| File { name: part.attachment_name().unwrap_or_default().to_owned(), mime: mime(part), bytes: part.contents().len() })
        .collect()
}

fn text(mail: &[u8]) -> String {
    let parsed = MessageParser::default().parse(mail);
    parsed.and_then(|parsed| parsed.body_text(0).map(|text| text.replace("\r\n", "\n").trim().to_owned())).unwrap_or_default()
}

async fn tell(stream: &mut BufReader<TcpStream>, text: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await
}

async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if stream.read_until(b'\n', &mut bytes).await? == 0 {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned()))
}

/// One connection of a reader.
async fn give(shared: Arc<Shared>, stream: TcpStream) {
    let _ = imap(&shared, stream).await;
}

async fn imap(shared: &Shared, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mailbox = &shared.mailbox;
    let mut news = mailbox.count.subscribe();
    tell(&mut stream, "* OK ready").await?;
    loop {
        let Some(line) = line(&mut stream).await? else { return Ok(()) };
        let (tag, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let upper = rest.to_ascii_uppercase();
        if upper.starts_with("LOGIN") {
            let right = rest.ends_with(&format!("\"{}\"", shared.secrets.mail_password));
            tell(&mut stream, &if right { format!("{tag} OK welcome") } else { format!("{tag} NO [AUTHENTICATIONFAILED] no") }).await?;
        } else if upper.starts_with("CAPABILITY") {
            tell(&mut stream, &format!("* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\n{tag} OK done")).await?;
        } else if upper.starts_with("SELECT") {
            let count = mailbox.count();
            let told = format!(
                "* {count} EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT {}]\r\n{tag} OK [READ-WRITE] done",
                count + 1
            );
            tell(&mut stream, &told).await?;
        } else if let Some(what) = upper.strip_prefix("UID FETCH ") {
            fetch(&mut stream, shared, what).await?;
            tell(&mut stream, &format!("{tag} OK done")).await?;
        } else if let Some(what) = upper.strip_prefix("UID STORE ") {
            let uid: usize = what.split(' ').next().and_then(|uid| uid.parse().ok()).unwrap_or(0);
            if let Some(mail) = mailbox.mails.lock().unwrap_or_else(PoisonError::into_inner).get_mut(uid.wrapping_sub(1)) {
                mail.1 = true;
            }
            tell(&mut stream, &format!("{tag} OK done")).await?;
        } else if upper == "IDLE" {
            tell(&mut stream, "+ idling").await?;
            loop {
                // What came before the wait is told at once.
                let mut ended = Vec::new();
                tokio::select! {
                    changed = news.changed() => {
                        if changed.is_err() {
                            return Ok(());
                        }
                        tell(&mut stream, &format!("* {} EXISTS", mailbox.count())).await?;
                    }
                    read = stream.read_until(b'\n', &mut ended) => {
                        if read? == 0 {
                            return Ok(());
                        }
                        break;
                    }
                }
            }
            tell(&mut stream, &format!("{tag} OK done")).await?;
        } else if upper == "LOGOUT" {
            tell(&mut stream, &format!("* BYE\r\n{tag} OK bye")).await?;
            return Ok(());
        } else {
            tell(&mut stream, &format!("{tag} OK done")).await?;
        }
    }
}

/// `3:* (UID FLAGS INTERNALDATE RFC822.SIZE)` or `3 (UID BODY.PEEK[])`.
async fn fetch(stream: &mut BufReader<TcpStream>, shared: &Shared, what: &str) -> std::io::Result<()> {
    let (set, parts) = what.split_once(' ').unwrap_or((what, ""));
    let mails = shared.mailbox.mails.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let first: usize = set.split(':').next().and_then(|uid| uid.parse().ok()).unwrap_or(1);
    let last = if set.ends_with(":*") { mails.len() } else { first };
    // `n:*` always names the last mail, also when it is older.
    let first = if set.ends_with(":*") { first.min(mails.len()) } else { first };
    for uid in first.max(1)..=last {
        let Some((mail, is_seen)) = mails.get(uid - 1) else { continue };
        let flags = if *is_seen { "\\Seen" } else { "" };
        if parts.contains("BODY.PEEK[") {
            stream.get_mut().write_all(format!("* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n", mail.len()).as_bytes()).await?;
            stream.get_mut().write_all(mail).await?;
            stream.get_mut().write_all(b")\r\n").await?;
        } else {
            let now = jiff::Zoned::now().strftime("%d-%b-%Y %H:%M:%S %z").to_string();
            tell(stream, &format!("* {uid} FETCH (UID {uid} FLAGS ({flags}) INTERNALDATE \"{now}\" RFC822.SIZE {})", mail.len())).await?;
        }
    }
    Ok(())
}
