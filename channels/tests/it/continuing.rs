//! Deep links that carry a code from the website to another door.

use domain::channel::ChannelKind;

use crate::world::{door, opened, settings, with_value};

#[test]
fn whatsapp_and_sms_links_prefill_the_code() {
    let link = door(ChannelKind::Whatsapp).continue_link("RAP-7KQ2-9XDM").unwrap();
    let url = url::Url::parse(&link).unwrap();
    assert_eq!((url.host_str(), url.path()), (Some("wa.me"), "/15550783881"));
    let (_, text) = url.query_pairs().next().unwrap();
    assert_eq!(text, "Hi! I would like to go on with our chat here. My code: RAP-7KQ2-9XDM");
    assert!(!link.contains('+'), "a plus would stay a plus in the text: {link}");

    let link = door(ChannelKind::Sms).continue_link("RAP-7KQ2-9XDM").unwrap();
    assert!(link.starts_with("sms:+15017122661?&body=Hi%21%20I"), "{link}");
    assert!(link.ends_with("RAP-7KQ2-9XDM"), "{link}");
}

#[test]
fn the_words_of_a_link_are_the_owners() {
    let settings = with_value(settings(ChannelKind::Whatsapp), "link_text", "Bonjour ! {code}");
    let link = opened(&settings).continue_link("RAP-7KQ2-9XDM").unwrap();
    assert_eq!(link, "https://wa.me/15550783881?text=Bonjour%20%21%20RAP-7KQ2-9XDM");
}

#[test]
fn telegram_links_start_the_bot_with_the_code() {
    let door = door(ChannelKind::Telegram);
    assert_eq!(door.continue_link("abc_DEF-1").as_deref(), Some("https://t.me/shop_bot?start=abc_DEF-1"));
    assert_eq!(door.continue_link("not a code"), None);
    assert_eq!(door.continue_link(&"a".repeat(65)), None);
}

#[test]
fn without_a_number_or_a_name_there_is_no_link() {
    for (kind, key) in [(ChannelKind::Whatsapp, "phone_number"), (ChannelKind::Telegram, "bot_username")] {
        let mut settings = settings(kind);
        settings.values.remove(key);
        assert_eq!(opened(&settings).continue_link("abc"), None, "{kind}");
    }
    let service = "MG00000000000000000000000000000001";
    assert_eq!(opened(&with_value(settings(ChannelKind::Sms), "from", service)).continue_link("abc"), None);
    let mut telegram = settings(ChannelKind::Telegram);
    telegram.values.remove("bot_username");
    let telegram = with_value(telegram, "link", "https://shop.example/bot/{code}");
    assert_eq!(opened(&telegram).continue_link("abc").as_deref(), Some("https://shop.example/bot/abc"));
}
