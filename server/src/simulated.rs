//! The simulated vendors of demo and rehearsals, introduced to the server's own words.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use domain::ChannelKind;
use domain::message::Button;
use rehearsal::phone::{Handset, Mouth};
use rehearsal::simulator::Secrets as SharedSecrets;
use rehearsal::{Persona, Simulators, Target};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::demo::{DiscordVendor, Secrets, Vendors, ours};
use crate::playground::phones::{Addresses, FilledIn, Phones, Said, Shown, What};

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
    /// Calls under way, by the caller's number.
    handsets: Arc<tokio::sync::Mutex<HashMap<String, Mouth>>>,
    /// They stop with the phones.
    simulators: Arc<Simulators>,
}

impl SimulatedPhones {
    /// Phones whose vendors call this server.
    pub fn new(simulators: Arc<Simulators>, address: &str, secrets: &Secrets) -> anyhow::Result<Arc<Self>> {
        let target = Target::new(address, address, &secrets.admin_token, shared(secrets))?;
        let (shown, _) = broadcast::channel(BEHIND);
        let mut live = simulators.live();
        let phones = Arc::new(Self { target, shown: shown.clone(), handsets: Arc::default(), simulators });
        tokio::spawn(async move {
            loop {
                match live.recv().await {
                    Ok(bubble) => {
                        let Ok(channel) = bubble.channel.parse::<ChannelKind>() else { continue };
                        let address = if channel == ChannelKind::Whatsapp { format!("+{}", bubble.to) } else { bubble.to };
                        let files = bubble.files.into_iter().map(|file| file.name).collect();
                        let what = What::Bubble { id: bubble.provider_message_id, text: bubble.text, buttons: bubble.buttons, files };
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

/// What ends a call on the playground's phone.
const HANG_UP: &str = "hang_up";

impl SimulatedPhones {
    /// A word on the phone: rings first when no call is open. What is said back is shown like any message, whenever it is
    /// said.
    async fn speak(&self, number: &str, text: &str, button: Option<&str>) -> anyhow::Result<()> {
        let mut handsets = self.handsets.lock().await;
        if button == Some(HANG_UP) {
            if let Some(mouth) = handsets.remove(number) {
                mouth.hang_up(&self.target).await?;
            }
            return Ok(());
        }
        if !handsets.contains_key(number) {
            let handset = Handset::ring(&self.target, number, true).await?;
            handsets.insert(number.to_owned(), self.listen(number, handset));
        }
        let Some(mouth) = handsets.get_mut(number) else { return Ok(()) };
        if mouth.say(text).await.is_err() {
            // The other side has hung up meanwhile: it rings again.
            let mut mouth = self.listen(number, Handset::ring(&self.target, number, true).await?);
            mouth.say(text).await?;
            handsets.insert(number.to_owned(), mouth);
        }
        Ok(())
    }

    /// Shows what is said on a call until it is over.
    fn listen(&self, number: &str, handset: Handset) -> Mouth {
        let (shown, handsets, number) = (self.shown.clone(), Arc::clone(&self.handsets), number.to_owned());
        let greeting = handset.greeting.clone();
        let (mouth, mut ear) = handset.apart();
        let call = mouth.call.clone();
        tokio::spawn(async move {
            let mut count = 0;
            let mut show = |text: String, buttons: Vec<Button>| {
                count += 1;
                let what = What::Bubble { id: format!("{call}-{count}"), text, buttons, files: Vec::new() };
                // No page may be open.
                let _ = shown.send(Shown { channel: ChannelKind::Voice, address: number.clone(), what });
            };
            show(greeting, Vec::new());
            while let Some(said) = ear.next().await {
                show(said, vec![Button { title: "📞".to_owned(), payload: HANG_UP.to_owned() }]);
            }
            let mut handsets = handsets.lock().await;
            if handsets.get(&number).is_some_and(|mouth| mouth.call == call) {
                handsets.remove(&number);
            }
        });
        mouth
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
            discord_id: from.discord_id.clone(),
            email: from.email.clone(),
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
            ChannelKind::Voice => self.speak(&from.phone_e164, text, button.map(|(payload, _)| payload)).await?,
            ChannelKind::Discord => match (button, text.strip_prefix("/link ")) {
                (Some((payload, title)), _) => self.target.discord_button(&persona, payload, title).await?,
                (None, Some(code)) => self.target.discord_command(&persona, "link", "code", code.trim()).await?,
                (None, None) => self.simulators.discord_says(&persona.discord_id, None, self.target.next(), text),
            },
            ChannelKind::Email => {
                let said = button.map_or(text, |(_, title)| title);
                self.simulators.mail_arrives(&persona.email, None, self.target.next(), said, true);
            }
            ChannelKind::Widget | ChannelKind::Api => {
                anyhow::bail!("there is no simulated phone for {}", said.channel)
            }
        }
        Ok(())
    }

    async fn fill_in(&self, form: &FilledIn) -> anyhow::Result<()> {
        let fields: serde_json::Map<String, Value> =
            form.fields.iter().map(|(label, value)| (label.clone(), value.as_str().into())).collect();
        let mut from = json!({ "name": form.name });
        for (key, given) in [("email", &form.email), ("phone", &form.phone)] {
            if let Some(given) = given {
                from[key] = given.as_str().into();
            }
        }
        let filled = json!({ "id": form.id, "from": from, "text": form.text, "fields": fields, "answer_by": form.answer_by });
        self.target.form(&filled).await?;
        Ok(())
    }

    fn shown(&self) -> broadcast::Receiver<Shown> {
        self.shown.subscribe()
    }
}
