//! What people attach: files, places, posts and stories of the vendor's own networks.

use domain::event::{InboundMessage, Location, Media, Referral};
use serde_json::{Value, json};

use crate::json::Field;

/// More attachments than one message of a person has.
pub(super) const MOST: usize = 30;

/// Adds one attachment to a message; what we do not know stays as the vendor's word.
pub(super) fn add(decoded: &mut InboundMessage, attached: &Value) {
    let kind = attached.raw(&["type"]).unwrap_or_default();
    let empty = Value::Null;
    let payload = attached.at(&["payload"]).unwrap_or(&empty);
    match kind {
        "image" | "animated_image" | "sticker" | "like_heart" => {
            let sticker = payload.id(&["sticker_id"]);
            let is_sticker = sticker.is_some() || matches!(kind, "sticker" | "like_heart");
            decoded.media.push(media(if is_sticker { "sticker" } else { "image" }, sticker, payload));
        }
        "audio" | "video" => decoded.media.push(media(kind, None, payload)),
        "file" => decoded.media.push(media("document", None, payload)),
        // Posts and reels of the network: the address is that of the picture or film itself.
        "ig_reel" | "reel" => decoded.media.push(media("video", payload.id(&["reel_video_id"]), payload)),
        "share" | "ig_post" | "post" => decoded.media.push(media("image", payload.id(&["ig_post_media_id"]), payload)),
        "story_mention" | "ig_story" | "story" => {
            let id = payload.id(&["id"]).or_else(|| payload.id(&["story_id"])).or_else(|| payload.id(&["story_media_id"]));
            let is_mention = kind == "story_mention";
            decoded.media.push(media("image", None, payload));
            decoded.more.insert("story".to_owned(), json!({"id": id, "url": payload.raw(&["url"]), "mention": is_mention}));
        }
        "location" => decoded.location = location(payload),
        "fallback" => link(decoded, attached, payload),
        "template" => template(decoded, payload),
        other => decoded.unsupported = Some(if other.is_empty() { "unknown" } else { other }.to_owned()),
    }
    if let Some(title) = payload.written(&["title"]).filter(|_| kind != "template") {
        decoded.more.insert("attachment_title".to_owned(), title.into());
    }
}

fn media(kind: &str, provider_id: Option<String>, payload: &Value) -> Media {
    Media {
        kind: kind.to_owned(),
        provider_id: provider_id.or_else(|| payload.id(&["attachment_id"])),
        url: payload.raw(&["url"]).filter(|url| !url.is_empty()).map(str::to_owned),
        ..Media::default()
    }
}

fn location(payload: &Value) -> Option<Location> {
    let degrees = |key| {
        let value = payload.at(&["coordinates", key])?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|degrees: &f64| degrees.is_finite())
    };
    Some(Location { lat: degrees("lat")?, lon: degrees("long")? })
}

/// A link that was shared, with the preview the vendor made of it.
fn link(decoded: &mut InboundMessage, attached: &Value, payload: &Value) {
    let written = |key| attached.written(&[key]).or_else(|| payload.written(&[key]));
    let (title, url) = (written("title"), written("url"));
    if title.is_none() && url.is_none() {
        decoded.unsupported.get_or_insert_with(|| "fallback".to_owned());
        return;
    }
    if decoded.text.is_none() {
        decoded.text = url.clone().or_else(|| title.clone());
    }
    decoded.structured = Some(json!({"title": title, "url": url}));
}

/// A card: nearly always a product of the shop that is asked about.
fn template(decoded: &mut InboundMessage, payload: &Value) {
    let product = payload.items(&["product", "elements"]).first();
    if let Some(product) = product {
        let product_id = product.id(&["retailer_id"]).or_else(|| product.id(&["id"]));
        decoded.referral.get_or_insert_with(Referral::default).product_id = product_id;
        decoded.structured = Some(payload.at(&["product"]).cloned().unwrap_or(Value::Null));
    } else if !payload.is_null() {
        decoded.structured = Some(payload.clone());
    } else {
        decoded.unsupported = Some("template".to_owned());
    }
}
