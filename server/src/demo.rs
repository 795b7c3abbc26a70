//! `rapport demo`: the workspace "Ergo Chairs" with the simulated vendors and the playground.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use domain::ports::Random;
use rust_embed::RustEmbed;

use crate::api::teammates;
use crate::app::App;
use crate::config::{self, Configuration, Given};
use crate::wiring::{available_doors, write_private};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../demo/knowledge"]
#[allow_missing = true]
struct Knowledge;

/// Who signs in first.
const EMAIL: &str = "owner@ergo-chairs.example";
/// Where the first login is kept, for the next start to print it again.
const LOGIN_FILE: &str = "first-login.txt";

/// Addresses of the simulated vendors.
#[derive(Debug, Clone)]
pub struct Vendors {
    /// WhatsApp's API.
    pub whatsapp: String,
    /// Telegram's API.
    pub telegram: String,
    /// Twilio's API.
    pub sms: String,
    /// Messenger's API.
    pub messenger: String,
    /// Instagram's API.
    pub instagram: String,
    /// Discord's API and gateway; `None`: there is no such door.
    pub discord: Option<DiscordVendor>,
    /// The mail server's ports of IMAP and SMTP; `None`: there is no such door.
    pub mail: Option<(u16, u16)>,
    /// Where programs of the business take replies; `None`: they wait at `GET /messages`.
    pub form: Option<String>,
}

/// Where the simulated Discord is.
#[derive(Debug, Clone)]
pub struct DiscordVendor {
    /// Its API.
    pub api: String,
    /// Its gateway.
    pub gateway: String,
    /// The key that its interactions are signed with.
    pub public_key: String,
}

impl Vendors {
    /// Addresses at which nobody listens, for a demo without phones.
    pub fn absent() -> Self {
        let nobody = "http://127.0.0.1:9".to_owned();
        Self {
            whatsapp: nobody.clone(),
            telegram: nobody.clone(),
            sms: nobody.clone(),
            messenger: nobody.clone(),
            instagram: nobody,
            discord: None,
            mail: None,
            form: None,
        }
    }
}

/// Secrets shared by the demo's doors and the simulated vendors; new at every start.
#[derive(Clone)]
pub struct Secrets {
    /// WhatsApp's token for sending.
    pub whatsapp_token: String,
    /// Signs WhatsApp's webhooks.
    pub whatsapp_app_secret: String,
    /// Word of WhatsApp's handshake.
    pub whatsapp_verify: String,
    /// The Telegram bot's token.
    pub telegram_token: String,
    /// Word in Telegram's webhooks.
    pub telegram_secret: String,
    /// Twilio's token.
    pub sms_token: String,
    /// Token of the page and the Instagram account.
    pub page_token: String,
    /// Signs the webhooks of both.
    pub page_app_secret: String,
    /// The Discord bot's token.
    pub discord_token: String,
    /// Seed of the key that signs Discord's interactions.
    pub discord_seed: [u8; 32],
    /// Password of our mailbox.
    pub mail_password: String,
    /// Secret of the business's own programs, its contact form among them.
    pub form_secret: String,
    /// Secret of the website's own login.
    pub widget_secret: String,
    /// The operator's token.
    pub admin_token: String,
}

/// Our side of the demo's doors.
pub mod ours {
    /// Id of the WhatsApp number.
    pub const WHATSAPP_NUMBER_ID: &str = "106540352242922";
    /// The WhatsApp number.
    pub const WHATSAPP_NUMBER: &str = "+33180000101";
    /// The bot's name.
    pub const TELEGRAM_NAME: &str = "ergo_chairs_bot";
    /// The Twilio account.
    pub const SMS_ACCOUNT: &str = "AC00000000000000000000000000000001";
    /// The SMS number.
    pub const SMS_NUMBER: &str = "+33755500101";
    /// The messaging service for RCS.
    pub const RCS_SERVICE: &str = "MG00000000000000000000000000000001";
    /// The Facebook page.
    pub const PAGE_ID: &str = "1906385232743451";
    /// The Instagram account.
    pub const INSTAGRAM_ID: &str = "17841405309211844";
    /// The name of both in links.
    pub const PAGE_NAME: &str = "ergo.chairs";
    /// The Discord application.
    pub const DISCORD_APPLICATION: &str = "1457469483726668048";
    /// The mailbox.
    pub const MAIL_ADDRESS: &str = "support@ergo-chairs.example";
    /// What the receiving mail server calls itself.
    pub const MAIL_SERVER: &str = "mx.ergo-chairs.example";
}

impl Secrets {
    /// New ones.
    pub fn make(random: &dyn Random) -> Self {
        let word = || format!("{:032x}", random.bits());
        Self {
            whatsapp_token: word(),
            whatsapp_app_secret: word(),
            whatsapp_verify: word(),
            telegram_token: format!("7000000001:{}", word()),
            telegram_secret: word(),
            sms_token: word(),
            page_token: word(),
            page_app_secret: word(),
            discord_token: format!("MTQ1.{}", word()),
            discord_seed: {
                let mut seed = [0; 32];
                seed[..16].copy_from_slice(&random.bits().to_be_bytes());
                seed[16..].copy_from_slice(&random.bits().to_be_bytes());
                seed
            },
            mail_password: word(),
            form_secret: word(),
            widget_secret: word(),
            admin_token: word(),
        }
    }

    fn variables(&self) -> Vec<(String, String)> {
        [
            ("WA_TOKEN", &self.whatsapp_token),
            ("WA_APP_SECRET", &self.whatsapp_app_secret),
            ("WA_VERIFY", &self.whatsapp_verify),
            ("TG_TOKEN", &self.telegram_token),
            ("TG_SECRET", &self.telegram_secret),
            ("SMS_TOKEN", &self.sms_token),
            ("PAGE_TOKEN", &self.page_token),
            ("PAGE_APP_SECRET", &self.page_app_secret),
            ("DC_TOKEN", &self.discord_token),
            ("MAIL_PASSWORD", &self.mail_password),
            ("FORM_SECRET", &self.form_secret),
            ("WIDGET_SECRET", &self.widget_secret),
            ("ADMIN_TOKEN", &self.admin_token),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
    }
}

/// The demo's configuration, the same text an owner would write.
pub fn configuration(
    data_dir: &Path,
    listen: SocketAddr,
    vendors: &Vendors,
    secrets: &Secrets,
    is_public: bool,
) -> anyhow::Result<Configuration> {
    let port = listen.port();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let text = format!(
        r#"
[server]
listen = {listen}
public_url = {public_url}
data_dir = {data_dir}
admin_token = {{ env = "ADMIN_TOKEN" }}
virtual_clock = {virtual_clock}
behind_proxy = {is_public}

[workspace]
id = "ergo"
name = "Ergo Chairs"
timezone = "Europe/Paris"
locale = "en"
languages = ["en", "fr", "de", "es"]
currency = "EUR"
competitors = ["SitRight", "ChairCo"]
refund_limit = 200
teammates = ["Nora", "Marc"]

[[calendars]]
name = "Consultation"
hours = {{ mon-fri = "10:00-17:00" }}
instructions = "It takes half an hour in our showroom in Paris, or on the phone if you prefer."

[[connections]]
id = "web"
channel = "widget"
label = "Website"
allowed_origins = ["http://127.0.0.1:{port}", "http://localhost:{port}"]
jwt = {{ algorithm = "HS256", secret = {{ env = "WIDGET_SECRET" }} }}
quick_replies = ["Find a chair", "Delivery", "Returns"]

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = {whatsapp}
phone_number_id = "{wa_id}"
business_account_id = "102290129340398"
phone_number = "{wa_number}"
access_token = {{ env = "WA_TOKEN" }}
app_secret = {{ env = "WA_APP_SECRET" }}
verify_token = {{ env = "WA_VERIFY" }}

[[connections]]
id = "tg"
channel = "telegram"
api_base = {telegram}
bot_username = "{tg_name}"
bot_token = {{ env = "TG_TOKEN" }}
secret_token = {{ env = "TG_SECRET" }}

[[connections]]
id = "sms"
channel = "sms"
api_base = {sms}
account_sid = "{sms_account}"
auth_token = {{ env = "SMS_TOKEN" }}
from = "{sms_number}"
{discord}{mail}
[[connections]]
id = "rcs"
channel = "rcs"
api_base = {sms}
account_sid = "{sms_account}"
auth_token = {{ env = "SMS_TOKEN" }}
from = "{rcs_service}"

[[connections]]
id = "tel"
channel = "voice"
label = "Phone"
api_base = {sms}
account_sid = "{sms_account}"
auth_token = {{ env = "SMS_TOKEN" }}
from = "{sms_number}"

[[connections]]
id = "msg"
channel = "messenger"
api_base = {messenger}
page_id = "{page}"
username = "{page_name}"
access_token = {{ env = "PAGE_TOKEN" }}
app_secret = {{ env = "PAGE_APP_SECRET" }}
verify_token = {{ env = "WA_VERIFY" }}

[[connections]]
id = "ig"
channel = "instagram"
api_base = {instagram}
page_id = "{account}"
username = "{page_name}"
access_token = {{ env = "PAGE_TOKEN" }}
app_secret = {{ env = "PAGE_APP_SECRET" }}
verify_token = {{ env = "WA_VERIFY" }}

[[connections]]
id = "form"
channel = "api"
label = "Own programs"
secret = {{ env = "FORM_SECRET" }}
{hook}

[[connections]]
id = "contact"
channel = "api"
label = "Contact form"
secret = {{ env = "FORM_SECRET" }}
answer_by = [{answer_by}]

[[knowledge]]
id = "site"
path = "knowledge"
"#,
        listen = quoted(&listen.to_string()),
        public_url = quoted(&format!("http://127.0.0.1:{port}")),
        data_dir = quoted("."),
        virtual_clock = !is_public,
        whatsapp = quoted(&vendors.whatsapp),
        telegram = quoted(&vendors.telegram),
        sms = quoted(&vendors.sms),
        discord = vendors.discord.as_ref().map(discord).unwrap_or_default(),
        mail = vendors.mail.map(mail).unwrap_or_default(),
        hook = vendors.form.as_deref().map(|url| format!("webhook_url = {}", quoted(url))).unwrap_or_default(),
        answer_by = if vendors.mail.is_some() { "\"mail\", \"sms\"" } else { "\"sms\"" },
        wa_id = ours::WHATSAPP_NUMBER_ID,
        wa_number = ours::WHATSAPP_NUMBER,
        tg_name = ours::TELEGRAM_NAME,
        sms_account = ours::SMS_ACCOUNT,
        sms_number = ours::SMS_NUMBER,
        rcs_service = ours::RCS_SERVICE,
        messenger = quoted(&vendors.messenger),
        instagram = quoted(&vendors.instagram),
        page = ours::PAGE_ID,
        account = ours::INSTAGRAM_ID,
        page_name = ours::PAGE_NAME,
    );
    let variables = secrets.variables();
    let given = Given { variables: &variables, available: &available_doors() };
    // Paths of the text are relative to the data folder.
    Ok(config::parse(&data_dir.join("demo.toml"), &text, &given)?)
}

fn discord(vendor: &DiscordVendor) -> String {
    format!(
        r#"
[[connections]]
id = "dc"
channel = "discord"
api_base = "{}"
gateway_url = "{}"
application_id = "{}"
public_key = "{}"
bot_token = {{ env = "DC_TOKEN" }}
"#,
        vendor.api,
        vendor.gateway,
        ours::DISCORD_APPLICATION,
        vendor.public_key
    )
}

fn mail((imap, smtp): (u16, u16)) -> String {
    let password = r#"{ env = "MAIL_PASSWORD" }"#;
    format!(
        r#"
[[connections]]
id = "mail"
channel = "email"
label = "Ergo Chairs"
address = "{address}"
authserv_id = "{server}"
imap = {{ host = "127.0.0.1", port = {imap}, username = "support", password = {password}, tls = false }}
smtp = {{ host = "127.0.0.1", port = {smtp}, username = "support", password = {password}, tls = false }}
"#,
        address = ours::MAIL_ADDRESS,
        server = ours::MAIL_SERVER,
    )
}

/// Configuration of a throw-away server over the demo's sources, in the folder in which it lies: `rest` goes on in
/// `[server]` and names the workspace and its doors.
pub fn throw_away(address: impl Display, rest: &str) -> String {
    format!(
        r#"
[server]
listen = "{address}"
public_url = "http://{address}"
data_dir = "."
admin_token = {{ env = "ADMIN_TOKEN" }}
{rest}
[[knowledge]]
id = "site"
path = "knowledge"
"#
    )
}

/// Writes the demo's sources into the data folder, once; what the owner changes there stays.
pub fn write_knowledge(data_dir: &Path) -> anyhow::Result<()> {
    let folder = data_dir.join("knowledge");
    if folder.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for name in Knowledge::iter() {
        let Some(file) = Knowledge::get(&name) else { continue };
        let path = folder.join(name.as_ref());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&path, &file.data).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The first login: made with the data folder, printed at each start.
pub async fn first_login(app: &App, data_dir: &Path) -> anyhow::Result<(String, Option<String>)> {
    let workspace = app.first_workspace();
    let path = data_dir.join(LOGIN_FILE);
    if app.store().teammates(&workspace).await?.is_empty() {
        let password = password(app.random.as_ref());
        teammates::add(app, &workspace, "Nora Keller", EMAIL, "owner", &password)
            .await
            .map_err(|problem| anyhow::anyhow!("cannot make the first login: {}", problem.detail))?;
        write_private(&path, format!("{password}\n"))?;
        return Ok((EMAIL.to_owned(), Some(password)));
    }
    let kept = std::fs::read_to_string(&path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok((EMAIL.to_owned(), kept))
}

/// Easy to type, 80 bits.
fn password(random: &dyn Random) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567899";
    let mut bits = random.bits();
    let mut groups: Vec<String> = Vec::new();
    for _ in 0..4 {
        let mut group = String::new();
        for _ in 0..4 {
            group.push(char::from(LETTERS[usize::try_from(bits & 31).unwrap_or(0)]));
            bits >>= 5;
        }
        groups.push(group);
    }
    groups.join("-")
}

/// The simulated phones of this build.
pub type SimulatedPhones = Option<Arc<dyn crate::playground::phones::Phones>>;
