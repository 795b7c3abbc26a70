//! Vendor simulators: the sending side of WhatsApp, Telegram, Discord, Messenger, Instagram and Twilio, and a mail
//! server, on loopback.

pub mod discord;
mod form;
pub mod mail;
mod meta;
pub mod model;
mod telegram;
mod twilio;
mod whatsapp;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use domain::message::Button;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

pub use self::form::File;

/// So many messages are kept for readers who come late; older ones are dropped.
const KEPT: usize = 10_000;
/// A reader that falls further behind than this misses live messages and reads the kept ones instead.
const BEHIND: usize = 1_024;

/// What a person's phone shows: one message as the vendor would deliver it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bubble {
    /// Grows.
    pub seq: u64,
    /// `whatsapp telegram discord email sms rcs messenger instagram`.
    pub channel: &'static str,
    /// The person's address on that channel.
    pub to: String,
    /// The text, markup of the vendor taken out.
    pub text: String,
    /// Buttons under it.
    pub buttons: Vec<Button>,
    /// A keyboard that asks for the person's own contact.
    pub asks_contact: bool,
    /// The vendor's id.
    pub provider_message_id: String,
    /// Files that came with it.
    pub files: Vec<File>,
}

/// What a vendor refused, for the report: our send broke its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Which vendor.
    pub channel: &'static str,
    /// Why.
    pub why: String,
}

/// Secrets that server and simulators share.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// WhatsApp bearer token.
    pub whatsapp_token: String,
    /// WhatsApp app secret.
    pub whatsapp_app_secret: String,
    /// WhatsApp number id.
    pub whatsapp_number_id: String,
    /// Telegram bot token.
    pub telegram_token: String,
    /// Telegram webhook secret.
    pub telegram_secret: String,
    /// Twilio account.
    pub twilio_account: String,
    /// Twilio auth token.
    pub twilio_token: String,
    /// Our SMS number.
    pub twilio_from: String,
    /// Our messaging service for RCS.
    pub rcs_service: String,
    /// Bearer token of the page and the Instagram account.
    pub page_token: String,
    /// App secret of both.
    pub page_app_secret: String,
    /// Our page.
    pub page_id: String,
    /// Our Instagram account.
    pub instagram_id: String,
    /// Discord bot token.
    pub discord_token: String,
    /// Seed of the key that signs Discord's interactions.
    pub discord_seed: [u8; 32],
    /// Password of our mailbox.
    pub mail_password: String,
    /// API channel's secret.
    pub api_secret: String,
    /// HS256 secret of the widget's tokens.
    pub widget_secret: String,
}

impl Secrets {
    /// Made-up values for a demo or a rehearsal on loopback.
    pub fn made_up() -> Self {
        Self {
            whatsapp_token: "EAAsimulatedtoken000000".to_owned(),
            whatsapp_app_secret: "simulated-app-secret-whatsapp-0001".to_owned(),
            whatsapp_number_id: "106540352242922".to_owned(),
            telegram_token: "7000000001:AAsimulatedBotToken0000000000000000".to_owned(),
            telegram_secret: "simulated_telegram_secret_token_01".to_owned(),
            twilio_account: "ACsimulated0000000000000000000000ab".to_owned(),
            twilio_token: "simulated0twilio0auth0token00001".to_owned(),
            twilio_from: "+33757000001".to_owned(),
            rcs_service: "MG00000000000000000000000000000001".to_owned(),
            page_token: "EAAsimulatedpagetoken000".to_owned(),
            page_app_secret: "simulated-app-secret-of-page-00001".to_owned(),
            page_id: "1906385232743451".to_owned(),
            instagram_id: "17841405309211844".to_owned(),
            discord_token: "simulated.discord.bot-token-000000001".to_owned(),
            discord_seed: [7; 32],
            mail_password: "simulated-mail-password-01".to_owned(),
            api_secret: "whsec_c2ltdWxhdGVkLWFwaS1zZWNyZXQtZm9yLXJlaGVhcnNhbHM=".to_owned(),
            widget_secret: "simulated-widget-secret-of-32-characters".to_owned(),
        }
    }
}

impl Secrets {
    /// The public half of Discord's key, in hexadecimal digits.
    pub fn discord_public_key(&self) -> String {
        use ring::signature::KeyPair;
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&self.discord_seed);
        pair.map(|pair| crate::client::hex(pair.public_key().as_ref())).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    bubbles: VecDeque<Bubble>,
    refused: Vec<Refused>,
}

/// State of all simulators.
#[derive(Debug)]
pub(crate) struct Shared {
    secrets: Secrets,
    kept: Mutex<Kept>,
    live: broadcast::Sender<Bubble>,
    /// Templates that were made at Twilio, by their ids.
    templates: Mutex<std::collections::BTreeMap<String, Vec<Button>>>,
    /// Files that were left with WhatsApp, by their ids.
    media: Mutex<std::collections::BTreeMap<String, File>>,
    /// Where the bot's owner wants Telegram to call.
    telegram_hook: Mutex<Option<String>>,
    gateway: discord::Gateway,
    mailbox: mail::Mailbox,
    address: std::sync::OnceLock<SocketAddr>,
}

impl Shared {
    fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            kept: Mutex::new(Kept { next: crate::client::first_number(), ..Kept::default() }),
            live: broadcast::channel(BEHIND).0,
            templates: Mutex::default(),
            media: Mutex::default(),
            telegram_hook: Mutex::default(),
            gateway: discord::Gateway::default(),
            mailbox: mail::Mailbox::default(),
            address: std::sync::OnceLock::new(),
        }
    }

    fn gateway_url(&self) -> String {
        self.address.get().map(|address| format!("ws://{address}/discord/gateway")).unwrap_or_default()
    }

    fn keep(&self, channel: &'static str, to: String, text: String, buttons: Vec<Button>, asks_contact: bool) -> String {
        self.keep_with(channel, to, text, (buttons, asks_contact), Vec::new())
    }

    /// The same with files.
    fn keep_with(
        &self,
        channel: &'static str,
        to: String,
        text: String,
        (buttons, asks_contact): (Vec<Button>, bool),
        files: Vec<File>,
    ) -> String {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next += 1;
        // Discord's ids are numbers.
        let id = if channel == "discord" {
            format!("14575{:014}", kept.next % 100_000_000_000_000)
        } else {
            format!("{channel}-sim-{}", kept.next)
        };
        let bubble = Bubble { seq: kept.next, channel, to, text, buttons, asks_contact, provider_message_id: id.clone(), files };
        kept.bubbles.push_back(bubble.clone());
        if kept.bubbles.len() > KEPT {
            kept.bubbles.pop_front();
        }
        drop(kept);
        // Nobody may be listening; the kept list is the truth.
        let _ = self.live.send(bubble);
        id
    }

    fn refuse(&self, channel: &'static str, why: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.refused.push(Refused { channel, why: why.to_owned() });
    }
}

/// The running simulators; they stop when this is dropped.
#[derive(Debug)]
pub struct Simulators {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
    post_office: mail::PostOffice,
}

impl Simulators {
    /// Starts them on a free loopback port.
    pub async fn start(secrets: Secrets) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new(secrets));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let _ = shared.address.set(address);
        let post_office = mail::PostOffice::open(&shared).await?;
        let phones = Router::new().merge(whatsapp::routes()).merge(telegram::routes()).merge(twilio::routes()).merge(meta::routes());
        // Vendors take files of tens of megabytes.
        let largest = DefaultBodyLimit::max(64 * 1024 * 1024);
        let app = phones.merge(discord::routes()).layer(largest).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::error!(%error, "the simulators stopped");
            }
        });
        Ok(Self { address, shared, server, post_office })
    }

    /// The secrets they check.
    pub fn secrets(&self) -> &Secrets {
        &self.shared.secrets
    }

    /// `api_base` for WhatsApp.
    pub fn whatsapp_base(&self) -> String {
        format!("http://{}/v23.0", self.address)
    }

    /// `api_base` for Telegram.
    pub fn telegram_base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `api_base` for Discord.
    pub fn discord_base(&self) -> String {
        format!("http://{}/discord", self.address)
    }

    /// `gateway_url` for Discord.
    pub fn discord_gateway(&self) -> String {
        self.shared.gateway_url()
    }

    /// Ports of IMAP and SMTP.
    pub fn mail_ports(&self) -> (u16, u16) {
        (self.post_office.imap.port(), self.post_office.smtp.port())
    }

    /// Somebody writes to the bot in person: the gateway tells it.
    pub fn discord_says(&self, user: &str, name: Option<&str>, id: u64, text: &str) {
        let event = serde_json::json!({
            "id": format!("14576{:014}", id % 100_000_000_000_000), "channel_id": discord::channel_of(user), "type": 0, "content": text,
            "author": {"id": user, "username": format!("user{user}"), "global_name": name, "discriminator": "0", "avatar": null},
            "timestamp": jiff::Timestamp::now().to_string(), "edited_timestamp": null, "tts": false, "mention_everyone": false,
            "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "pinned": false,
        });
        self.shared.gateway.tell("MESSAGE_CREATE", event);
    }

    /// Somebody's mail arrives; `proven`: our receiving server found that it comes from their domain.
    pub fn mail_arrives(&self, from: &str, name: Option<&str>, id: u64, text: &str, proven: bool) {
        let result = if proven { "pass" } else { "fail" };
        let domain = from.rsplit('@').next().unwrap_or_default();
        let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z");
        let shown = name.map_or_else(|| from.to_owned(), |name| format!("\"{name}\" <{from}>"));
        let mail = format!(
            "Return-Path: <{from}>\r\nAuthentication-Results: {server}; dmarc={result} header.from={domain}\r\n\
             Received: from mail.{domain} by {server}; {date}\r\nFrom: {shown}\r\nTo: {ours}\r\nSubject: A question\r\n\
             Message-ID: <{id}@{domain}>\r\nDate: {date}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n",
            server = mail::SERVER,
            ours = mail::ADDRESS,
        );
        self.shared.mailbox.put(mail.into_bytes());
    }

    /// `api_base` for Twilio.
    pub fn twilio_base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `api_base` for Messenger.
    pub fn messenger_base(&self) -> String {
        format!("http://{}/messenger/v23.0", self.address)
    }

    /// `api_base` for Instagram.
    pub fn instagram_base(&self) -> String {
        format!("http://{}/instagram/v23.0", self.address)
    }

    /// Everything delivered to an address after a sequence number.
    pub fn delivered(&self, channel: &str, to: &str, after: u64) -> Vec<Bubble> {
        let kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bubbles.iter().filter(|bubble| bubble.seq > after && bubble.channel == channel && bubble.to == to).cloned().collect()
    }

    /// The newest sequence number.
    pub fn newest(&self) -> u64 {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner).next
    }

    /// Live messages.
    pub fn live(&self) -> broadcast::Receiver<Bubble> {
        self.shared.live.subscribe()
    }

    /// What the vendors would have refused so far.
    pub fn refused(&self) -> Vec<Refused> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner).refused.clone()
    }
}

impl Drop for Simulators {
    fn drop(&mut self) {
        self.server.abort();
    }
}
