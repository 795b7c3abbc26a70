//! A door with settings that cannot work does not open, and says which key it is.

use domain::channel::{ChannelKind, Support};
use domain::settings::ConnectionSettings;

use crate::world::{http, opened, settings, with_secret, with_value};

fn error(settings: &ConnectionSettings) -> String {
    channels::open(settings, &http()).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn every_door_opens_and_tells_its_own_kind_and_limits() {
    for door in channels::DOORS {
        let channel = opened(&settings(door.kind));
        assert_eq!(channel.kind(), door.kind);
        assert_eq!(channel.capabilities(), channels::capabilities(door.kind));
        assert!(door.capabilities.buttons.support != Support::Rejected);
    }
    assert_eq!(channels::DOORS.len(), 11);
}

#[test]
fn every_kind_has_a_door() {
    for kind in ChannelKind::ALL {
        assert!(channels::DOORS.iter().any(|door| door.kind == kind), "{kind}");
    }
}

#[test]
fn missing_settings_are_named() {
    let check = |kind: ChannelKind, key: &str| {
        let mut settings = settings(kind);
        settings.values.remove(key);
        settings.secrets.remove(key);
        assert_eq!(error(&settings), format!("connection door: {key} is missing"));
    };
    check(ChannelKind::Whatsapp, "phone_number_id");
    check(ChannelKind::Whatsapp, "access_token");
    check(ChannelKind::Whatsapp, "app_secret");
    check(ChannelKind::Whatsapp, "verify_token");
    check(ChannelKind::Telegram, "bot_token");
    check(ChannelKind::Telegram, "secret_token");
    check(ChannelKind::Sms, "account_sid");
    check(ChannelKind::Sms, "auth_token");
    check(ChannelKind::Sms, "from");
    check(ChannelKind::Api, "secret");
    for key in ["address", "imap.host", "imap.password", "smtp.host"] {
        check(ChannelKind::Email, key);
    }
    for key in ["bot_token", "application_id", "public_key"] {
        check(ChannelKind::Discord, key);
    }
    for kind in [ChannelKind::Messenger, ChannelKind::Instagram] {
        for key in ["page_id", "access_token", "app_secret", "verify_token"] {
            check(kind, key);
        }
    }
    for key in ["account_sid", "auth_token", "from"] {
        check(ChannelKind::Rcs, key);
    }
}

#[test]
fn an_empty_or_placeholder_secret_never_verifies_anything() {
    let check = |kind: ChannelKind, key: &str| {
        for secret in ["", "  ", "changeme"] {
            let mut settings = settings(kind);
            settings.secrets.remove(key);
            let text = error(&with_secret(settings, key, secret));
            assert!(text.starts_with(&format!("connection door: {key} is ")), "{text}");
        }
    };
    check(ChannelKind::Whatsapp, "app_secret");
    check(ChannelKind::Telegram, "secret_token");
    check(ChannelKind::Sms, "auth_token");
    check(ChannelKind::Api, "secret");
    check(ChannelKind::Widget, "jwt.secret");
    check(ChannelKind::Messenger, "app_secret");
    check(ChannelKind::Instagram, "verify_token");
    check(ChannelKind::Rcs, "auth_token");
}

#[test]
fn secrets_that_the_owner_chose_need_a_length() {
    let short = "only-thirty-one-characters-long";
    let mut api = settings(ChannelKind::Api);
    api.secrets.clear();
    assert!(error(&with_secret(api, "secret", short)).contains("at least 32"));
    assert!(error(&with_secret(settings(ChannelKind::Widget), "jwt.secret", short)).contains("at least 32"));
}

#[test]
fn plain_http_stays_on_the_machine() {
    let check = |base: &str, opens: bool| {
        let mut settings = settings(ChannelKind::Whatsapp);
        settings.api_base = Some(base.to_owned());
        assert_eq!(channels::open(&settings, &http()).is_ok(), opens, "{base}");
    };
    check("https://graph.facebook.com/v23.0", true);
    check("http://127.0.0.1:4101/v23.0", true);
    check("http://localhost:4101", true);
    check("http://[::1]:4101", true);
    check("http://graph.facebook.com", false);
    check("http://127.0.0.1.evil.example", false);
    check("ftp://127.0.0.1", false);
    check("graph.facebook.com", false);
    let webhook = with_value(settings(ChannelKind::Api), "webhook_url", "http://shop.example/hook");
    assert!(error(&webhook).contains("webhook_url"));
}

#[test]
fn what_would_break_out_of_a_url_is_no_token() {
    let mut telegram = settings(ChannelKind::Telegram);
    telegram.secrets.remove("bot_token");
    assert!(error(&with_secret(telegram, "bot_token", "1:a/../x")).contains("bot_token"));
    assert!(error(&with_value(settings(ChannelKind::Sms), "account_sid", "AC/../x")).contains("account_sid"));
}

#[test]
fn an_error_never_holds_a_secret() {
    let text = error(&with_secret(settings(ChannelKind::Widget), "jwt.secret", "hunter2"));
    assert!(!text.contains("hunter2"));
}
