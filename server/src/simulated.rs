//! The simulated vendors of demo and rehearsals, introduced to the server's own words.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use domain::ChannelKind;
use rehearsal::simulator::Secrets as SharedSecrets;
use rehearsal::{Persona, Simulators, Target};
use tokio::sync::broadcast;

use crate::demo::{DiscordVendor, Secrets, Vendors, ours};
use crate::playground::phones::{Addresses, Phones, Said, Shown, What};

/// A page that falls further behind than this reads its messages again.
const BEHIND: usize = 1_024;

/// What both sides must know.
pub fn shared(secrets: &Secrets) -> SharedSecrets {
    SharedSecrets {
        whatsapp_token: secrets.whatsapp_token.clone(),
        whatsapp_app_secret: secrets.whatsapp_app_secret.clone(),
        whatsapp_number_id: ours::WHATSAPP_NUMBER_ID.to_owned(),
        telegram_token: secrets.telegram_token.clone(),
        telegram_secret: secrets.telegram_secret.clone(),
        twilio_account: ours::SMS_ACCOUNT.to_owned(),
        twilio_token: secrets.sms_token.clone(),
        twilio_from: ours::SMS_NUMBER.to_owned(),
        rcs_service: ours::RCS_SERVICE.to_owned(),
        page_token: secrets.page_token.clone(),
        page_app_secret: secrets.page_app_secret.clone(),
        page_id: ours::PAGE_ID.to_owned(),
        instagram_id: ours::INSTAGRAM_ID.to_owned(),
        discord_token: secrets.discord_token.clone(),
        discord_seed: secrets.discord_seed,
        mail_password: secrets.mail_password.clone(),
        api_secret: secrets.form_secret.clone(),
        widget_secret: secrets.widget_secret.clone(),
    }
}

/// Starts the vendors; their addresses go into the configuration.
pub async fn start(secrets: &Secrets) -> anyhow::Result<(Arc<Simulators>, Vendors)> {
    let simulators = Simulators::start(shared(secrets)).await.context("cannot start the simulated vendors")?;
    let discord = DiscordVendor {
        api: simulators.discord_base(),
        gateway: simulators.discord_gateway(),
        public_key: simulators.secrets().discord_public_key(),
    };
    let vendors = Vendors {
        whatsapp: simulators.whatsapp_base(),
        telegram: simulators.telegram_base(),
        sms: simulators.twilio_base(),
        messenger: simulators.messenger_base(),
        instagram: simulators.instagram_base(),
        discord: Some(discord),
        mail: Some(simulators.mail_ports()),
        form: None,
    };
    Ok((Arc::new(simulators), vendors))
}

/// The phones of the playground.
pub struct SimulatedPhones {
    target: Target,
    shown: broadcast::Sender<Shown>,
    // Stops with the phones.
    _simulators: Arc<Simulators>,
}

impl SimulatedPhones {
    /// Phones whose vendors call this server.
    pub fn new(simulators: Arc<Simulators>, address: &str, secrets: &Secrets) -> anyhow::Result<Arc<Self>> {
        let target = Target::new(address, address, &secrets.admin_token, shared(secrets))?;
        let (shown, _) = broadcast::channel(BEHIND);
        let mut live = simulators.live();
        let phones = Arc::new(Self { target, shown: shown.clone(), _simulators: simulators });
        tokio::spawn(async move {
            loop {
                match live.recv().await {
                    Ok(bubble) => {
                        let Ok(channel) = bubble.channel.parse::<ChannelKind>() else { continue };
                        let address = if channel == ChannelKind::Whatsapp { format!("+{}", bubble.to) } else { bubble.to };
                        let what = What::Bubble { id: bubble.provider_message_id, text: bubble.text, buttons: bubble.buttons };
                        // No page may be open.
                        let _ = shown.send(Shown { channel, address, what });
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => break,
                }
            }
        });
        Ok(phones)
    }
}

/// The person's id on one of our pages: long, and another on each.
fn scoped(page: &str, from: &Addresses) -> String {
    format!("{page}{:015}", from.telegram_id)
}

#[async_trait]
impl Phones for SimulatedPhones {
    async fn say(&self, from: &Addresses, said: &Said) -> anyhow::Result<()> {
        let persona = Persona {
            id: from.phone_e164.clone(),
            phone: from.phone_e164.clone(),
            telegram_id: from.telegram_id.to_string(),
            messenger_id: scoped("5", from),
            instagram_id: scoped("1", from),
            discord_id: String::new(),
            email: String::new(),
            external_id: String::new(),
            profile_name: None,
        };
        let text = said.text.as_deref().unwrap_or_default();
        let button = said.button.as_ref().map(|button| (button.payload.as_str(), button.title.as_str()));
        match said.channel {
            ChannelKind::Whatsapp => self.target.whatsapp(&persona, text, button).await?,
            ChannelKind::Telegram if said.share_contact => self.target.telegram_contact(&persona).await?,
            ChannelKind::Telegram => match (&said.start_token, &said.button) {
                (Some(token), _) => self.target.telegram(&persona, &format!("/start {token}")).await?,
                (None, Some(button)) => self.target.telegram_button(&persona, &button.payload, &button.title).await?,
                (None, None) => self.target.telegram(&persona, text).await?,
            },
            ChannelKind::Sms => self.target.sms(&persona, text).await?,
            ChannelKind::Rcs => self.target.rcs(&persona, text, button).await?,
            ChannelKind::Messenger => self.target.messenger(&persona, text, button, said.start_token.as_deref()).await?,
            ChannelKind::Instagram => self.target.instagram(&persona, text, button, said.start_token.as_deref()).await?,
            ChannelKind::Widget | ChannelKind::Discord | ChannelKind::Email | ChannelKind::Voice | ChannelKind::Api => {
                anyhow::bail!("there is no simulated phone for {}", said.channel)
            }
        }
        Ok(())
    }

    fn shown(&self) -> broadcast::Receiver<Shown> {
        self.shown.subscribe()
    }
}
