//! Identifiers as rows: the sender of a message, normalised, each with its trust and origin.

use domain::ChannelKind;
use domain::call::Attestation;
use domain::event::InboundMessage;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::settings::ConnectionSettings;

use crate::reasoning::builtin::understand::{e164, email};

/// An identifier with everything but its trust.
fn seen(kind: IdentifierKind, scope: &str, value: String, raw: &str, trust: Trust, origin: Origin) -> SeenIdentifier {
    SeenIdentifier { kind, scope: scope.to_owned(), value, raw: raw.to_owned(), trust, origin }
}

/// The identifiers of a message's sender. The one that joins doors comes first: a phone before a platform id.
pub fn sender(door: &ConnectionSettings, inbound: &InboundMessage, region: &str) -> Vec<SeenIdentifier> {
    let mut all = Vec::with_capacity(3);
    let asserted = Trust::ChannelAsserted;
    match door.channel {
        ChannelKind::Whatsapp => {
            if let Some(phone) = &inbound.sender_e164 {
                all.push(seen(IdentifierKind::Phone, "", phone.clone(), &inbound.sender, asserted, Origin::Message));
            }
            all.push(seen(IdentifierKind::Whatsapp, "", inbound.sender.clone(), &inbound.sender, asserted, Origin::Message));
            if let Some(scoped) = inbound.sender_scoped_id.as_ref().filter(|scoped| **scoped != inbound.sender) {
                all.push(seen(IdentifierKind::Whatsapp, "", scoped.clone(), scoped, asserted, Origin::Message));
            }
        }
        ChannelKind::Voice => caller(&mut all, door, inbound),
        ChannelKind::Sms | ChannelKind::Rcs => {
            let phone = inbound.sender_e164.clone().or_else(|| e164(&inbound.sender, region)).unwrap_or_else(|| inbound.sender.clone());
            all.push(seen(IdentifierKind::Phone, "", phone, &inbound.sender, asserted, Origin::Message));
        }
        ChannelKind::Telegram => {
            all.push(seen(IdentifierKind::Telegram, "", inbound.sender.clone(), &inbound.sender, asserted, Origin::Message));
        }
        ChannelKind::Discord => {
            all.push(seen(IdentifierKind::Discord, "", inbound.sender.clone(), &inbound.sender, asserted, Origin::Message));
        }
        ChannelKind::Messenger | ChannelKind::Instagram => {
            let kind = if door.channel == ChannelKind::Messenger { IdentifierKind::Messenger } else { IdentifierKind::Instagram };
            let scope = inbound.connection.as_deref().unwrap_or(door.id.as_str());
            all.push(seen(kind, scope, inbound.sender.clone(), &inbound.sender, asserted, Origin::Message));
        }
        ChannelKind::Email => {
            let value = email(&inbound.sender).unwrap_or_else(|| inbound.sender.to_lowercase());
            let aligned = inbound.more.get("dmarc").and_then(serde_json::Value::as_str) == Some("pass");
            let trust = if aligned { asserted } else { Trust::Claimed };
            all.push(seen(IdentifierKind::Email, "", value, &inbound.sender, trust, Origin::Message));
            // What stands in a signature is said, not shown.
            let phones = inbound.more.get("signature_phones").and_then(serde_json::Value::as_array).into_iter().flatten();
            for raw in phones.filter_map(serde_json::Value::as_str).take(2) {
                if let Some(phone) = e164(raw, region) {
                    all.push(seen(IdentifierKind::Phone, "", phone, raw, Trust::Claimed, Origin::Message));
                }
            }
        }
        ChannelKind::Widget => {
            all.push(seen(
                IdentifierKind::Visitor,
                door.id.as_str(),
                inbound.sender.clone(),
                &inbound.sender,
                Trust::Claimed,
                Origin::Message,
            ));
        }
        ChannelKind::Api => api_sender(&mut all, door, inbound, region),
    }
    all
}

/// How far the carrier vouches for the number of a message on the phone, as its call wrote it down.
pub fn attestation(inbound: &InboundMessage) -> Option<Attestation> {
    inbound.more.get("attestation").and_then(serde_json::Value::as_str)?.parse().ok()
}

/// A number as a telephone network shows it without a plus: of this region, or with its country's digits in front.
pub fn shown(digits: &str, region: &str) -> Option<String> {
    e164(digits, region).or_else(|| if digits.starts_with('0') { None } else { e164(&format!("+{digits}"), region) })
}

/// Somebody on the phone. A number that the carrier vouches for is theirs; any other is what they say it is, and then
/// the call itself is who they are: its words stay together and join nobody. One that the carrier found not to be
/// theirs is no number at all.
fn caller(all: &mut Vec<SeenIdentifier>, door: &ConnectionSettings, inbound: &InboundMessage) {
    let attestation = attestation(inbound);
    let vouched = attestation == Some(Attestation::Full);
    let number = inbound.sender_e164.as_ref().filter(|_| attestation != Some(Attestation::Failed));
    match number {
        Some(phone) if vouched => {
            all.push(seen(IdentifierKind::Phone, "", phone.clone(), &inbound.sender, Trust::ChannelAsserted, Origin::Message));
        }
        claimed => {
            let call = format!("call-{}", inbound.chat.as_deref().unwrap_or(&inbound.sender));
            all.push(seen(IdentifierKind::Visitor, door.id.as_str(), call.clone(), &call, Trust::Claimed, Origin::Message));
            if let Some(phone) = claimed {
                all.push(seen(IdentifierKind::Phone, "", phone.clone(), &inbound.sender, Trust::Claimed, Origin::Message));
            }
        }
    }
}

/// The API channel: the business signed the external id; email and phone are claims unless it says otherwise. Whoever has
/// neither an id nor a contact that is vouched for filled in a form: what they wrote is who they are, and joins nobody.
fn api_sender(all: &mut Vec<SeenIdentifier>, door: &ConnectionSettings, inbound: &InboundMessage, region: &str) {
    let text = |key: &str| inbound.more.get(key).and_then(serde_json::Value::as_str).map(str::trim).filter(|value| !value.is_empty());
    let said = |key: &str| inbound.more.get(key).and_then(serde_json::Value::as_bool) == Some(true);
    let trust = |verified: bool| if verified { Trust::Verified } else { Trust::Claimed };
    if let Some(id) = text("external_id") {
        all.push(seen(IdentifierKind::ExternalId, "", id.to_owned(), id, Trust::Verified, Origin::Api));
    }
    if let Some((raw, phone)) = text("phone").and_then(|raw| e164(raw, region).map(|phone| (raw, phone))) {
        all.push(seen(IdentifierKind::Phone, "", phone, raw, trust(said("phone_verified")), Origin::Api));
    }
    if let Some((raw, address)) = text("email").and_then(|raw| email(raw).map(|address| (raw, address))) {
        all.push(seen(IdentifierKind::Email, "", address, raw, trust(said("email_verified")), Origin::Api));
    }
    if all.iter().all(|known| known.trust == Trust::Claimed) {
        let form = format!("form-{}", inbound.provider_message_id.as_deref().unwrap_or(&inbound.sender));
        all.insert(0, seen(IdentifierKind::Visitor, door.id.as_str(), form.clone(), &form, Trust::Claimed, Origin::Message));
    }
}

/// An identifier written as `kind:value`, as the API takes it; a blank that was a plus is read as one.
pub fn written(text: &str, region: &str) -> Option<SeenIdentifier> {
    let (kind, value) = text.split_once(':')?;
    let kind: IdentifierKind = kind.trim().parse().ok()?;
    let value =
        if kind == IdentifierKind::Phone && value.starts_with(' ') { format!("+{}", value.trim()) } else { value.trim().to_owned() };
    if value.is_empty() {
        return None;
    }
    let normal = match kind {
        IdentifierKind::Phone => e164(&value, region)?,
        IdentifierKind::Email => email(&value)?,
        IdentifierKind::Whatsapp
        | IdentifierKind::Telegram
        | IdentifierKind::Discord
        | IdentifierKind::Messenger
        | IdentifierKind::Instagram
        | IdentifierKind::ExternalId
        | IdentifierKind::Visitor => value.clone(),
    };
    Some(seen(kind, "", normal, &value, Trust::Claimed, Origin::Api))
}

/// A phone number as a page may show it to the person who linked it: `+33 … 22`.
pub fn masked(value: &str) -> String {
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 6 {
        return "…".to_owned();
    }
    let head: String = digits[..2].iter().collect();
    let tail: String = digits[digits.len() - 2..].iter().collect();
    format!("+{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_without_a_plus_are_read_where_the_telephone_stands() {
        let check = |digits: &str, region: &str, expected: Option<&str>| {
            assert_eq!(shown(digits, region).as_deref(), expected, "{digits} in {region}");
        };
        check("0612345678", "FR", Some("+33612345678"));
        check("33612345678", "FR", Some("+33612345678"));
        check("4155552671", "US", Some("+14155552671"));
        check("14155552671", "US", Some("+14155552671"));
        check("14155552671", "FR", Some("+14155552671"));
        check("4915112345678", "FR", Some("+4915112345678"));
        check("100000", "FR", None);
        check("0000000", "FR", None);
    }
}
