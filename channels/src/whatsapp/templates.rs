//! Templates as WhatsApp lists them.

use domain::template::Template;
use serde_json::Value;

use crate::json::Field;

/// One of the list; `None` where it is not approved, or needs what a teammate cannot give in words.
pub(super) fn read(listed: &Value) -> Option<Template> {
    if listed.raw(&["status"]) != Some("APPROVED") {
        return None;
    }
    let (mut header, mut body, mut footer, mut buttons) = (None, None, None, Vec::new());
    for component in listed.items(&["components"]) {
        let text = component.raw(&["text"]).map(str::to_owned);
        match component.raw(&["type"])?.to_ascii_uppercase().as_str() {
            // A picture or a gap in the heading would have to be given too.
            "HEADER" if component.raw(&["format"]).is_some_and(|format| format != "TEXT") => return None,
            "HEADER" if text.as_deref().is_some_and(|text| text.contains("{{")) => return None,
            "HEADER" => header = text,
            "BODY" => body = text,
            "FOOTER" => footer = text,
            "BUTTONS" => {
                for button in component.items(&["buttons"]) {
                    // An address with a gap, a code to copy: not in words either.
                    let is_plain = match button.raw(&["type"])? {
                        "QUICK_REPLY" | "PHONE_NUMBER" => true,
                        "URL" => !button.raw(&["url"]).is_some_and(|url| url.contains("{{")),
                        _ => false,
                    };
                    if !is_plain {
                        return None;
                    }
                    buttons.extend(button.raw(&["text"]).map(str::to_owned));
                }
            }
            _ => return None,
        }
    }
    Some(Template {
        name: listed.raw(&["name"])?.to_owned(),
        language: listed.raw(&["language"])?.to_owned(),
        category: listed.raw(&["category"]).unwrap_or_default().to_owned(),
        header,
        body: body?,
        footer,
        buttons,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_approved_and_can_be_filled_in_words_is_offered() {
        let listed = |status: &str, components: Value| json!({"name": "hello", "language": "en_US", "status": status, "category": "UTILITY", "components": components});
        let body = json!({"type": "BODY", "text": "Hello {{1}}"});
        let plain = read(&listed("APPROVED", json!([body, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}])));
        assert_eq!(
            plain.map(|found| (found.body.clone(), found.gaps(), found.buttons)),
            Some(("Hello {{1}}".to_owned(), vec!["1".to_owned()], vec!["Yes".to_owned()]))
        );
        for (status, components) in [
            ("PENDING", json!([body])),
            ("APPROVED", json!([{"type": "HEADER", "format": "IMAGE"}, body])),
            ("APPROVED", json!([{"type": "HEADER", "format": "TEXT", "text": "{{1}}"}, body])),
            ("APPROVED", json!([body, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Track", "url": "https://x.test/{{1}}"}]}])),
            ("APPROVED", json!([body, {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "text": "Copy"}]}])),
            ("APPROVED", json!([{"type": "CAROUSEL"}, body])),
            ("APPROVED", json!([{"type": "FOOTER", "text": "Bye"}])),
        ] {
            assert_eq!(read(&listed(status, components.clone())), None, "{status} {components}");
        }
    }
}
