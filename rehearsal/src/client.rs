//! Speaks to the server as vendors do (signed webhooks) and as a program does (REST).

mod discord;
mod scoped;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

use crate::persona::Persona;
use crate::simulator::Secrets;

/// No answer takes longer.
const DEADLINE: Duration = Duration::from_secs(30);

/// Something went wrong between us and the server.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server cannot be reached or broke off.
    #[error("cannot reach the server")]
    Http(#[from] reqwest::Error),
    /// It answered with an error.
    #[error("{method} {path} answered {status}: {body}")]
    Status {
        /// Method.
        method: &'static str,
        /// Path.
        path: String,
        /// Status.
        status: u16,
        /// Body, shortened.
        body: String,
    },
    /// The widget's socket failed.
    #[error("the widget's socket failed: {0}")]
    Socket(String),
}

/// The server under rehearsal and what is needed to knock at its doors.
#[derive(Debug)]
pub struct Target {
    /// Without a slash at the end.
    pub base_url: String,
    /// Public URL that the vendors sign.
    pub public_url: String,
    /// Admin token.
    pub admin_token: String,
    /// Connection ids by channel.
    pub connections: BTreeMap<&'static str, String>,
    /// Secrets.
    pub secrets: Secrets,
    http: reqwest::Client,
    counter: AtomicU64,
}

impl Target {
    /// A target with the usual connection ids `web wa tg sms rcs msg ig form`.
    pub fn new(base_url: &str, public_url: &str, admin_token: &str, secrets: Secrets) -> Result<Self, ClientError> {
        let connections = [
            ("widget", "web"),
            ("whatsapp", "wa"),
            ("telegram", "tg"),
            ("sms", "sms"),
            ("rcs", "rcs"),
            ("discord", "dc"),
            ("email", "mail"),
            ("messenger", "msg"),
            ("instagram", "ig"),
            ("voice", "tel"),
            ("api", "form"),
        ];
        let connections = connections.into_iter().map(|(channel, id)| (channel, id.to_owned())).collect();
        Ok(Self {
            base_url: base_url.to_owned(),
            public_url: public_url.to_owned(),
            admin_token: admin_token.to_owned(),
            connections,
            secrets,
            http: reqwest::Client::builder().timeout(DEADLINE).no_proxy().build()?,
            // Ids are never used twice, also by a later process on the same data folder.
            counter: AtomicU64::new(first_number()),
        })
    }

    /// Waits until the server says that it is ready.
    pub async fn ready(&self) -> Result<(), ClientError> {
        let mut last = 0;
        for _ in 0..400 {
            match self.http.get(format!("{}/readyz", self.base_url)).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => last = answer.status().as_u16(),
                Err(error) if error.is_connect() => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(ClientError::Status { method: "GET", path: "/readyz".to_owned(), status: last, body: "not ready in time".to_owned() })
    }

    /// A number never used before on this target.
    pub fn next(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// The connection of a channel.
    pub fn connection(&self, channel: &str) -> &str {
        self.connections.get(channel).map_or("", String::as_str)
    }

    async fn hook(&self, connection: &str, body: Vec<u8>, headers: &[(&str, String)]) -> Result<(), ClientError> {
        let path = format!("/hooks/{connection}");
        let mut request = self.http.post(format!("{}{path}", self.base_url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        if status == 200 {
            return Ok(());
        }
        let body: String = answer.text().await.unwrap_or_default().chars().take(300).collect();
        Err(ClientError::Status { method: "POST", path, status, body })
    }

    /// Posts a form that Twilio has signed; the answer's text.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)], signature: &str) -> Result<String, ClientError> {
        let request = self.http.post(format!("{}{path}", self.base_url)).header("x-twilio-signature", signature).form(fields);
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let body = answer.text().await?;
        if status == 200 {
            return Ok(body);
        }
        let body = body.chars().take(300).collect();
        Err(ClientError::Status { method: "POST", path: path.to_owned(), status, body })
    }

    /// A WhatsApp message: text, or the tap on a reply button.
    pub async fn whatsapp(&self, persona: &Persona, text: &str, button: Option<(&str, &str)>) -> Result<(), ClientError> {
        let number = self.next();
        let content = match button {
            Some((id, title)) => {
                json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": id, "title": title}}})
            }
            None => json!({"type": "text", "text": {"body": text}}),
        };
        let mut message = json!({"from": persona.wa_id(), "id": format!("wamid.SIM{number}"), "timestamp": now().to_string()});
        merge(&mut message, content);
        let mut contact = json!({"wa_id": persona.wa_id(), "profile": {}});
        if let Some(name) = &persona.profile_name {
            contact["profile"] = json!({"name": name});
        }
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "33757000000", "phone_number_id": self.secrets.whatsapp_number_id},
                "contacts": [contact],
                "messages": [message],
            }}]}],
        });
        let body = body.to_string().into_bytes();
        let signature = format!("sha256={}", hex(&hmac_sha256(self.secrets.whatsapp_app_secret.as_bytes(), &body)));
        self.hook(self.connection("whatsapp"), body, &[("content-type", "application/json".to_owned()), ("x-hub-signature-256", signature)])
            .await
    }

    /// A receipt of WhatsApp for one of our messages.
    pub async fn whatsapp_status(&self, provider_message_id: &str, to: &str, status: &str) -> Result<(), ClientError> {
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "33757000000", "phone_number_id": self.secrets.whatsapp_number_id},
                "statuses": [{"id": provider_message_id, "status": status, "timestamp": now().to_string(), "recipient_id": to}],
            }}]}],
        });
        let body = body.to_string().into_bytes();
        let signature = format!("sha256={}", hex(&hmac_sha256(self.secrets.whatsapp_app_secret.as_bytes(), &body)));
        self.hook(self.connection("whatsapp"), body, &[("content-type", "application/json".to_owned()), ("x-hub-signature-256", signature)])
            .await
    }

    /// A Telegram message.
    pub async fn telegram(&self, persona: &Persona, text: &str) -> Result<(), ClientError> {
        self.telegram_update(persona, "message", json!({"text": text})).await
    }

    /// The tap on an inline button.
    pub async fn telegram_button(&self, persona: &Persona, payload: &str, title: &str) -> Result<(), ClientError> {
        let number = self.next();
        let chat: i64 = persona.telegram_id.parse().unwrap_or_default();
        let callback = json!({
            "id": format!("cb{number}"), "from": self.telegram_user(persona), "chat_instance": "1", "data": payload,
            "message": {"message_id": number, "date": now(), "chat": {"id": chat, "type": "private"}, "text": "…",
                        "reply_markup": {"inline_keyboard": [[{"text": title, "callback_data": payload}]]}},
        });
        self.telegram_post(json!({"update_id": number, "callback_query": callback})).await
    }

    /// The person shares their own contact.
    pub async fn telegram_contact(&self, persona: &Persona) -> Result<(), ClientError> {
        let id: i64 = persona.telegram_id.parse().unwrap_or_default();
        let contact = json!({"phone_number": persona.wa_id(), "first_name": "Sim", "user_id": id});
        self.telegram_update(persona, "message", json!({"contact": contact})).await
    }

    async fn telegram_update(&self, persona: &Persona, kind: &str, content: Value) -> Result<(), ClientError> {
        let number = self.next();
        let chat: i64 = persona.telegram_id.parse().unwrap_or_default();
        let mut message =
            json!({"message_id": number, "from": self.telegram_user(persona), "chat": {"id": chat, "type": "private"}, "date": now()});
        merge(&mut message, content);
        self.telegram_post(json!({"update_id": number, kind: message})).await
    }

    fn telegram_user(&self, persona: &Persona) -> Value {
        let id: i64 = persona.telegram_id.parse().unwrap_or_default();
        let name = persona.profile_name.clone().unwrap_or_else(|| "User".to_owned());
        let mut parts = name.splitn(2, ' ');
        let mut user = json!({"id": id, "is_bot": false, "first_name": parts.next().unwrap_or_default()});
        if let Some(last) = parts.next() {
            user["last_name"] = json!(last);
        }
        user
    }

    async fn telegram_post(&self, update: Value) -> Result<(), ClientError> {
        let headers =
            [("content-type", "application/json".to_owned()), ("x-telegram-bot-api-secret-token", self.secrets.telegram_secret.clone())];
        self.hook(self.connection("telegram"), update.to_string().into_bytes(), &headers).await
    }

    /// A text message through Twilio's webhook.
    pub async fn sms(&self, persona: &Persona, text: &str) -> Result<(), ClientError> {
        let form = vec![("From", persona.phone.clone()), ("To", self.secrets.twilio_from.clone()), ("Body", text.to_owned())];
        self.twilio("sms", form).await
    }

    /// A message of the API channel, signed as Standard Webhooks. Answers the message's id.
    pub async fn api(&self, persona: &Persona, text: &str, phone_verified: bool) -> Result<Value, ClientError> {
        let number = self.next();
        let mut from = json!({"external_id": persona.external_id});
        if phone_verified {
            from["phone"] = json!(persona.phone);
            from["phone_verified"] = json!(true);
        }
        if let Some(name) = &persona.profile_name {
            from["name"] = json!(name);
        }
        let body = json!({"connection": self.connection("api"), "id": format!("api-{number}"), "from": from, "text": text});
        self.signed(&format!("msg_{number}"), &body).await
    }

    /// What was filled into a form of the business, sent by its program.
    pub async fn form(&self, filled: &Value) -> Result<Value, ClientError> {
        let mut body = json!({"connection": "contact"});
        merge(&mut body, filled.clone());
        self.signed(filled["id"].as_str().unwrap_or_default(), &body).await
    }

    /// Posts a body to the API channel, signed as Standard Webhooks.
    async fn signed(&self, id: &str, body: &Value) -> Result<Value, ClientError> {
        let body = body.to_string();
        let at = now().to_string();
        let key = self.secrets.api_secret.trim_start_matches("whsec_");
        let key = base64::engine::general_purpose::STANDARD.decode(key).unwrap_or_else(|_| self.secrets.api_secret.as_bytes().to_vec());
        let signature = base64::engine::general_purpose::STANDARD.encode(hmac_sha256(&key, format!("{id}.{at}.{body}").as_bytes()));
        let path = "/api/v1/messages";
        let request = self
            .http
            .post(format!("{}{path}", self.base_url))
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", &at)
            .header("webhook-signature", format!("v1,{signature}"))
            .body(body);
        answer("POST", path, request.send().await?).await
    }

    /// A GET of the REST API with the admin token; `path` begins after `/api/v1`.
    pub async fn read(&self, path: &str) -> Result<Value, ClientError> {
        let request = self.http.get(format!("{}/api/v1{path}", self.base_url)).bearer_auth(&self.admin_token);
        answer("GET", path, request.send().await?).await
    }

    /// What anybody gets who follows a link to this server.
    pub async fn fetch(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let response = self.http.get(format!("{}{path}", self.base_url)).send().await?.error_for_status()?;
        Ok(response.bytes().await?.to_vec())
    }

    /// A POST of the REST API with the admin token.
    pub async fn write(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let request = self.http.post(format!("{}/api/v1{path}", self.base_url)).bearer_auth(&self.admin_token).json(body);
        answer("POST", path, request.send().await?).await
    }

    /// A PATCH of the REST API with the admin token.
    pub async fn change(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let request = self.http.patch(format!("{}/api/v1{path}", self.base_url)).bearer_auth(&self.admin_token).json(body);
        answer("PATCH", path, request.send().await?).await
    }

    /// A DELETE of the REST API with the admin token.
    pub async fn erase(&self, path: &str) -> Result<Value, ClientError> {
        let request = self.http.delete(format!("{}/api/v1{path}", self.base_url)).bearer_auth(&self.admin_token);
        answer("DELETE", path, request.send().await?).await
    }

    /// A request with a right signature that no door can read.
    pub async fn unreadable(&self) -> Result<(), ClientError> {
        let body = format!("{{\"object\": {}", self.next());
        let signature = format!("sha256={}", hex(&hmac_sha256(self.secrets.whatsapp_app_secret.as_bytes(), body.as_bytes())));
        self.hook(self.connection("whatsapp"), body.into_bytes(), &[("x-hub-signature-256", signature)]).await
    }

    /// Moves business time forward and waits until everything due has run.
    pub async fn advance(&self, by: Duration) -> Result<Value, ClientError> {
        self.write("/clock", &json!({"advance_s": by.as_secs()})).await
    }

    /// The one customer with this identifier.
    pub async fn customer(&self, identifier: &str) -> Result<Option<Value>, ClientError> {
        let encoded: String = url::form_urlencoded::byte_serialize(identifier.as_bytes()).collect();
        let found = self.read(&format!("/customers?identifier={encoded}")).await?;
        let Some(id) = found["items"][0]["id"].as_str() else { return Ok(None) };
        Ok(Some(self.read(&format!("/customers/{id}")).await?))
    }

    /// A signed token of the business for its logged-in user, HS256.
    pub fn widget_token(&self, persona: &Persona, phone_verified: bool) -> String {
        let encode = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
        let mut claims = json!({"sub": persona.external_id, "aud": "rapport-widget", "exp": now() + 1_800});
        if phone_verified {
            claims["phone_number"] = json!(persona.phone);
            claims["phone_number_verified"] = json!(true);
            claims["email"] = json!(persona.email);
            claims["email_verified"] = json!(true);
        }
        let signed = format!("{}.{}", encode(&json!({"alg": "HS256", "typ": "JWT"})), encode(&claims));
        let mac = hmac_sha256(self.secrets.widget_secret.as_bytes(), signed.as_bytes());
        format!("{signed}.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac))
    }
}

async fn answer(method: &'static str, path: &str, answer: reqwest::Response) -> Result<Value, ClientError> {
    let status = answer.status();
    let body = answer.text().await?;
    if !status.is_success() {
        let body: String = body.chars().take(300).collect();
        return Err(ClientError::Status { method, path: path.to_owned(), status: status.as_u16(), body });
    }
    Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// What Twilio signs: the address and the sorted fields, put together.
pub(crate) fn twilio_signature(token: &str, signed: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("any key length is fine");
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hmac_sha256(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length is fine");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where numbering starts: microseconds since 1970.
pub(crate) fn first_number() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(1)
}

/// Real time, which signatures and tokens always stay on.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
