//! Vendor simulators: the sending side of WhatsApp, Telegram, Messenger, Instagram and Twilio, on loopback.

mod meta;
pub mod model;
mod telegram;
mod twilio;
mod whatsapp;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use domain::message::Button;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// So many messages are kept for readers who come late; older ones are dropped.
const KEPT: usize = 10_000;
/// A reader that falls further behind than this misses live messages and reads the kept ones instead.
const BEHIND: usize = 1_024;

/// What a person's phone shows: one message as the vendor would deliver it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bubble {
    /// Grows.
    pub seq: u64,
    /// `whatsapp telegram sms rcs messenger instagram`.
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
            api_secret: "whsec_c2ltdWxhdGVkLWFwaS1zZWNyZXQtZm9yLXJlaGVhcnNhbHM=".to_owned(),
            widget_secret: "simulated-widget-secret-of-32-characters".to_owned(),
        }
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
}

impl Shared {
    fn keep(&self, channel: &'static str, to: String, text: String, buttons: Vec<Button>, asks_contact: bool) -> String {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next += 1;
        let id = format!("{channel}-sim-{}", kept.next);
        let bubble = Bubble { seq: kept.next, channel, to, text, buttons, asks_contact, provider_message_id: id.clone() };
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
}

impl Simulators {
    /// Starts them on a free loopback port.
    pub async fn start(secrets: Secrets) -> std::io::Result<Self> {
        let (live, _) = broadcast::channel(BEHIND);
        let kept = Kept { next: crate::client::first_number(), ..Kept::default() };
        let shared = Arc::new(Shared { secrets, kept: Mutex::new(kept), live, templates: Mutex::default() });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let app = Router::new().merge(whatsapp::routes()).merge(telegram::routes()).merge(twilio::routes()).merge(meta::routes());
        let app = app.with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::error!(%error, "the simulators stopped");
            }
        });
        Ok(Self { address, shared, server })
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
