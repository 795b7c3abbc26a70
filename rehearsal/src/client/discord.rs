//! What people tap and command on Discord, signed as Discord signs. What they write comes through the gateway.

use serde_json::{Value, json};

use super::{ClientError, Target, hex, now};
use crate::persona::Persona;
use crate::simulator::discord::{APPLICATION, channel_of};

/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object>
const COMMAND: u8 = 2;
const COMPONENT: u8 = 3;

impl Target {
    /// A command that somebody gives the bot.
    pub async fn discord_command(&self, persona: &Persona, name: &str, option: &str, value: &str) -> Result<(), ClientError> {
        let data = json!({"id": "1", "name": name, "type": 1, "options": [{"name": option, "type": 3, "value": value}]});
        self.interaction(persona, COMMAND, data, None).await
    }

    /// A button that somebody taps under a message of the bot's.
    pub async fn discord_button(&self, persona: &Persona, payload: &str, title: &str) -> Result<(), ClientError> {
        let button = json!({"type": 2, "style": 2, "label": title, "custom_id": payload});
        let message = json!({"id": "145750000000000001", "content": "", "components": [{"type": 1, "components": [button]}]});
        self.interaction(persona, COMPONENT, json!({"custom_id": payload, "component_type": 2}), Some(message)).await
    }

    async fn interaction(&self, persona: &Persona, kind: u8, data: Value, message: Option<Value>) -> Result<(), ClientError> {
        let number = self.next();
        let user = json!({"id": persona.discord_id, "username": format!("user{}", persona.discord_id),
            "global_name": persona.profile_name, "discriminator": "0"});
        let mut body = json!({
            "id": format!("14577{:014}", number % 100_000_000_000_000), "application_id": APPLICATION, "type": kind,
            "token": format!("tok{}-{number}", persona.discord_id), "version": 1, "context": 1,
            "channel_id": channel_of(&persona.discord_id), "locale": "en-GB", "user": user, "data": data,
        });
        if let Some(message) = message {
            body["message"] = message;
        }
        let (body, at) = (body.to_string(), now().to_string());
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&self.secrets.discord_seed)
            .map_err(|_| ClientError::Socket("the key of Discord is none".to_owned()))?;
        let signature = hex(pair.sign(format!("{at}{body}").as_bytes()).as_ref());
        let headers = [("content-type", "application/json".to_owned()), ("x-signature-ed25519", signature), ("x-signature-timestamp", at)];
        self.hook(self.connection("discord"), body.into_bytes(), &headers).await
    }
}
