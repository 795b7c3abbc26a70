//! Messenger, Instagram and RCS: how their vendors call the server.

use base64::Engine as _;
use serde_json::{Value, json};

use super::{ClientError, Target, hex, hmac_sha256, merge, now, twilio_signature};
use crate::persona::Persona;

impl Target {
    /// A message to the page: text, or the tap on a quick reply. A person who follows a link brings its reference.
    pub async fn messenger(
        &self,
        persona: &Persona,
        text: &str,
        button: Option<(&str, &str)>,
        reference: Option<&str>,
    ) -> Result<(), ClientError> {
        let mut item =
            json!({"sender": {"id": persona.messenger_id}, "recipient": {"id": self.secrets.page_id}, "timestamp": now() * 1_000});
        let mid = format!("m_SIM{}", self.next());
        let content = match (button, reference) {
            (Some((payload, title)), _) => json!({"message": {"mid": mid, "text": title, "quick_reply": {"payload": payload}}}),
            // Who opens a page's chat for the first time taps "Get Started", which carries the reference.
            (None, Some(reference)) => {
                let referral = json!({"ref": reference, "source": "SHORTLINK", "type": "OPEN_THREAD"});
                json!({"postback": {"mid": mid, "title": "Get Started", "payload": "GET_STARTED", "referral": referral}})
            }
            (None, None) => json!({"message": {"mid": mid, "text": text}}),
        };
        merge(&mut item, content);
        self.meta(
            "messenger",
            &json!({"object": "page", "entry": [{"id": self.secrets.page_id, "time": now() * 1_000, "messaging": [item]}]}),
        )
        .await
    }

    /// A direct message to the account.
    pub async fn instagram(
        &self,
        persona: &Persona,
        text: &str,
        button: Option<(&str, &str)>,
        reference: Option<&str>,
    ) -> Result<(), ClientError> {
        let account = &self.secrets.instagram_id;
        let mut message = json!({"mid": format!("aWdfSIM{}", self.next()), "text": button.map_or(text, |(_, title)| title)});
        if let Some((payload, _)) = button {
            message["quick_reply"] = json!({"payload": payload});
        }
        if let Some(reference) = reference {
            message["referral"] = json!({"ref": reference, "source": "IGME-SOURCE-LINK", "type": "OPEN_THREAD"});
        }
        let item =
            json!({"sender": {"id": persona.instagram_id}, "recipient": {"id": account}, "timestamp": now() * 1_000, "message": message});
        self.meta("instagram", &json!({"object": "instagram", "entry": [{"id": account, "time": now() * 1_000, "messaging": [item]}]}))
            .await
    }

    /// What Meta posts for a page or an account, signed.
    pub async fn meta(&self, channel: &str, body: &Value) -> Result<(), ClientError> {
        let body = body.to_string().into_bytes();
        let signature = format!("sha256={}", hex(&hmac_sha256(self.secrets.page_app_secret.as_bytes(), &body)));
        let headers = [("content-type", "application/json".to_owned()), ("x-hub-signature-256", signature)];
        self.hook(self.connection(channel), body, &headers).await
    }

    /// A message over RCS: text, or the tap on a suggestion.
    pub async fn rcs(&self, persona: &Persona, text: &str, button: Option<(&str, &str)>) -> Result<(), ClientError> {
        let mut form = vec![
            ("From", format!("rcs:{}", persona.phone)),
            ("To", "rcs:simulated_agent".to_owned()),
            ("Body", button.map_or(text, |(_, title)| title).to_owned()),
            ("MessagingServiceSid", self.secrets.rcs_service.clone()),
        ];
        if let Some((payload, title)) = button {
            form.push(("ButtonText", title.to_owned()));
            form.push(("ButtonPayload", payload.to_owned()));
        }
        self.twilio("rcs", form).await
    }

    /// A form as Twilio posts it, signed.
    pub(super) async fn twilio(&self, channel: &str, more: Vec<(&'static str, String)>) -> Result<(), ClientError> {
        let id = format!("SM{:032x}", self.next());
        let mut form: Vec<(&str, String)> = vec![
            ("MessageSid", id.clone()),
            ("SmsSid", id),
            ("AccountSid", self.secrets.twilio_account.clone()),
            ("NumMedia", "0".to_owned()),
            ("NumSegments", "1".to_owned()),
        ];
        form.extend(more);
        form.sort();
        let url = format!("{}/hooks/{}", self.public_url, self.connection(channel));
        let signed = form.iter().fold(url, |text, (key, value)| text + key + value);
        let signature = base64::engine::general_purpose::STANDARD.encode(twilio_signature(&self.secrets.twilio_token, &signed));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded".to_owned()), ("x-twilio-signature", signature)];
        self.hook(self.connection(channel), body.into_bytes(), &headers).await
    }
}
