//! One configured number: who may speak for it, what its calls are answered, and the vendor's own switchboard.

use domain::call::RecordMode;
use domain::ports::{HookAnswer, HookRequest, Refusal, SendError};
use domain::settings::ConnectionSettings;

use super::forms::{self, Answered, Dialled, Ringing, SessionEnd, Status};
use super::sip;
use super::twiml::{self, Greeting, Relay, Transfer};
use crate::json::Field;
use crate::settings::Setup;
use crate::twilio::Account;
use crate::{OpenError, call, json, text};

/// A call that we make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Whom, E.164.
    pub to: String,
    /// Our own name of it, which comes back with every report.
    pub mark: String,
}

/// See the module.
pub struct Line {
    /// Twilio's; a number straight over SIP has none.
    account: Option<Account>,
    sip: Option<sip::Settings>,
    base: String,
    from: String,
    transfer_to: Option<String>,
    language: Option<String>,
    voice: String,
    tts_provider: String,
    hints: String,
    record: RecordMode,
    takes_messages: bool,
}

impl Line {
    /// The number of a connection.
    pub fn of(settings: &ConnectionSettings, http: &reqwest::Client) -> Result<Self, OpenError> {
        let setup = Setup::new(settings);
        let is_sip = setup.optional("provider").as_deref() == Some("sip");
        let from = if is_sip { setup.optional("from").unwrap_or_default() } else { setup.required("from")? };
        let from = if from.is_empty() { Some(from) } else { text::e164(&from) }
            .ok_or_else(|| setup.unusable("from", "is no number: write it with its country, such as +33180000101"))?;
        let transfer_to = match setup.optional("transfer_to") {
            Some(sip) if sip.starts_with("sip:") => Some(sip),
            Some(number) => Some(text::e164(&number).ok_or_else(|| {
                setup.unusable("transfer_to", "is no number: write it with its country, such as +33180000102, or a sip: address")
            })?),
            None => None,
        };
        Ok(Self {
            account: if is_sip { None } else { Some(Account::open(settings, http)?) },
            sip: if is_sip { Some(sip::Settings::of(settings)?) } else { None },
            base: format!("{}/voice/{}", settings.public_url.trim_end_matches('/'), settings.id),
            from,
            transfer_to,
            language: setup.optional("language"),
            voice: setup.optional("voice").unwrap_or_default(),
            tts_provider: setup.optional("tts_provider").unwrap_or_default(),
            hints: setup.optional("hints").unwrap_or_default(),
            record: setup.optional("record").and_then(|word| word.parse().ok()).unwrap_or(RecordMode::Off),
            takes_messages: setup.flag("voicemail").unwrap_or(false),
        })
    }

    /// How it is reached straight over SIP; `None`: by Twilio.
    pub fn sip(&self) -> Option<&sip::Settings> {
        self.sip.as_ref()
    }

    /// Nobody posts anything about a number without an account.
    fn account(&self) -> Result<&Account, Refusal> {
        self.account.as_ref().ok_or(Refusal::NotHere)
    }

    /// Where a caller is put through to; `None`: nobody can be rung.
    pub fn transfer_to(&self) -> Option<&str> {
        self.transfer_to.as_deref()
    }

    /// The number itself, as it is configured; empty where it is reached by SIP and has none.
    pub fn number(&self) -> &str {
        &self.from
    }

    /// Does whoever calls while nobody speaks here leave a message?
    pub fn takes_messages(&self) -> bool {
        self.takes_messages
    }

    /// Whether its calls are recorded, as configured.
    pub fn record(&self) -> RecordMode {
        self.record
    }

    /// The language tag of this number, where one is configured.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    fn verified<T>(&self, request: &HookRequest<'_>, read: impl FnOnce(&HookRequest<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        if request.method != "POST" {
            return Err(Refusal::NotHere);
        }
        if request.body.len() > json::LARGEST {
            return Err(Refusal::TooLarge);
        }
        self.account()?.verify(request)?;
        read(request)
    }

    /// A call begins.
    pub fn ringing(&self, request: &HookRequest<'_>) -> Result<Ringing, Refusal> {
        self.verified(request, forms::ringing)
    }

    /// The relay has let go of the call.
    pub fn session_end(&self, request: &HookRequest<'_>) -> Result<SessionEnd, Refusal> {
        self.verified(request, forms::session_end)
    }

    /// A person of the business was rung.
    pub fn dialled(&self, request: &HookRequest<'_>) -> Result<Dialled, Refusal> {
        self.verified(request, forms::dialled)
    }

    /// The call has got somewhere.
    pub fn status(&self, request: &HookRequest<'_>) -> Result<Status, Refusal> {
        self.verified(request, forms::status)
    }

    /// A call of ours was answered by somebody or something.
    pub fn answered(&self, request: &HookRequest<'_>) -> Result<Answered, Refusal> {
        self.verified(request, forms::answered)
    }

    /// A request without content of interest.
    pub fn asked(&self, request: &HookRequest<'_>) -> Result<(), Refusal> {
        self.verified(request, |_| Ok(()))
    }

    /// May this request open a socket? Twilio signs the address of the socket, as we gave it. An open socket would spend
    /// the owner's money, so it is refused before it opens.
    pub fn may_open(&self, request: &HookRequest<'_>) -> Result<(), Refusal> {
        self.account()?.verify(request)
    }

    /// Connects the call with the socket of this token.
    pub fn relay(&self, greeting: &Greeting, token: &str) -> HookAnswer {
        let socket = self.socket(token);
        let given = Relay {
            socket: &socket,
            action: &format!("{}/action", self.base),
            voice: &self.voice,
            tts_provider: &self.tts_provider,
            hints: &self.hints,
        };
        twiml::relay(greeting, &given)
    }

    /// The address of a call's socket, as the vendor signs it.
    pub fn socket(&self, token: &str) -> String {
        format!("{}/relay/{token}", self.base.replacen("http", "ws", 1))
    }

    /// Connects the call with the socket of this token, over which its sound comes.
    pub fn stream(&self, token: &str) -> HookAnswer {
        twiml::stream(&self.media_socket(token), &format!("{}/action", self.base))
    }

    /// The address of a call's socket for sound, as the vendor signs it.
    pub fn media_socket(&self, token: &str) -> String {
        format!("{}/media/{token}", self.base.replacen("http", "ws", 1))
    }

    /// Words that should be recognised.
    pub fn hints(&self) -> Vec<String> {
        self.hints.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// Puts the caller through.
    pub fn transfer(&self, transfer: &Transfer, whisper: &str) -> HookAnswer {
        twiml::transfer(transfer, &self.from, &format!("{}/dialled", self.base), &format!("{}/whisper/{whisper}", self.base))
    }

    /// What the person who was rung hears first.
    pub fn whisper(&self, text: &str, language: &str) -> HookAnswer {
        twiml::whisper(text, language)
    }

    /// Says something and hangs up.
    pub fn farewell(&self, text: &str, language: &str) -> HookAnswer {
        twiml::say_and_hang_up(text, language)
    }

    /// Nothing to do.
    pub fn nothing(&self) -> HookAnswer {
        twiml::nothing()
    }

    /// Rings somebody. Answers the vendor's id of the call. Never retried: it may be ringing already.
    pub async fn ring(&self, outgoing: &Outgoing) -> Result<String, SendError> {
        let form = vec![
            ("To", outgoing.to.clone()),
            ("From", self.from.clone()),
            ("Url", format!("{}/call?mark={}", self.base, outgoing.mark)),
            ("StatusCallback", format!("{}/status", self.base)),
            ("StatusCallbackEvent", "initiated".to_owned()),
            ("StatusCallbackEvent", "ringing".to_owned()),
            ("StatusCallbackEvent", "answered".to_owned()),
            ("StatusCallbackEvent", "completed".to_owned()),
            ("Timeout", "30".to_owned()),
            ("MachineDetection", "Enable".to_owned()),
            ("AsyncAmd", "true".to_owned()),
            ("AsyncAmdStatusCallback", format!("{}/answered", self.base)),
        ];
        let Some(account) = &self.account else { return Err(call::refused("no_calls_out", "calls are not made over SIP")) };
        let answer = account.post_call(None, &form).await?;
        match answer.body.id(&["sid"]) {
            Some(call) if answer.is_success() => Ok(call),
            _ => {
                Err(crate::twilio::client::outcome(&answer).err().unwrap_or_else(|| SendError::Unknown("Twilio named no call".to_owned())))
            }
        }
    }

    /// Ends a call.
    pub async fn hang_up(&self, call: &str) -> Result<(), SendError> {
        let Some(account) = &self.account else { return Err(call::refused("no_hang_up", "calls over SIP are not ended from here")) };
        let answer = account.post_call(Some(call), &[("Status", "completed".to_owned())]).await?;
        if answer.is_success() { Ok(()) } else { Err(call::refused(answer.status.to_string(), "Twilio did not end the call")) }
    }
}
