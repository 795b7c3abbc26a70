//! Lead intake: what somebody filled into a form of the business becomes a conversation on the door by which they are answered.

use domain::channel::ChannelKind;
use domain::event::InboundMessage;
use domain::id::ConnectionId;
use domain::settings::ConnectionSettings;

use super::carries_phone;
use crate::reasoning::builtin::understand::{e164, email};
use crate::{Engine, OpenDoor};

/// A door on which a form is answered, and the address there.
pub(super) struct WayBack<'a> {
    pub(super) door: &'a OpenDoor,
    pub(super) address: String,
}

impl Engine {
    /// How whoever filled in a form is answered: the first of the connection's doors for which they gave an address, of the
    /// kind that they asked for where there is one. `None`: by the API itself, as is everybody whom the business knows by an
    /// id of its own without vouching for the address, since what is said to them may be personal.
    pub(super) fn way_back(&self, door: &OpenDoor, inbound: &InboundMessage, region: &str) -> Option<WayBack<'_>> {
        if door.settings.channel != ChannelKind::Api {
            return None;
        }
        let text = |key: &str| inbound.more.get(key).and_then(serde_json::Value::as_str);
        let said = |key: &str| inbound.more.get(key).and_then(serde_json::Value::as_bool) == Some(true);
        let is_known = text("external_id").is_some();
        let phone = text("phone").filter(|_| !is_known || said("phone_verified")).and_then(|raw| e164(raw, region));
        let mail = text("email").filter(|_| !is_known || said("email_verified")).and_then(email);
        let named: Vec<ConnectionId> = door.settings.list("answer_by").map(ConnectionId::from).collect();
        let open = named.iter().filter_map(|id| self.doors.get(id)).filter(|other| other.settings.workspace == door.settings.workspace);
        let mut ways: Vec<WayBack<'_>> = open
            .filter_map(|door| {
                let address = match door.settings.channel {
                    ChannelKind::Email => mail.clone(),
                    ChannelKind::Sms | ChannelKind::Rcs => phone.clone(),
                    ChannelKind::Widget
                    | ChannelKind::Whatsapp
                    | ChannelKind::Telegram
                    | ChannelKind::Discord
                    | ChannelKind::Instagram
                    | ChannelKind::Messenger
                    | ChannelKind::Voice
                    | ChannelKind::Api => None,
                };
                address.map(|address| WayBack { door, address })
            })
            .collect();
        if let Some(wanted) = text("answer_by") {
            ways.sort_by_key(|way| carries_phone(way.door.settings.channel) != (wanted == "phone"));
        }
        ways.into_iter().next()
    }
}

/// What is answered by mail has a subject, and no mail before it.
pub(super) fn put_into_words(inbound: &mut InboundMessage, form: &ConnectionSettings) {
    inbound.provider_message_id = None;
    inbound.more.insert("subject".to_owned(), form.text("label").unwrap_or(form.channel.label()).into());
    inbound.more.insert("form".to_owned(), form.id.as_str().into());
}
