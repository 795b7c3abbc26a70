//! Vendors are asked whether they still let us in: what they refuse for good is told, and what proves nothing is not.

use domain::Timestamp;
use domain::channel::ChannelKind;
use domain::ports::{SendError, Standing};
use serde_json::json;

use crate::sending::at;
use crate::stub::{Script, Stub};
use crate::world::{settings, with_value};

async fn asked(kind: ChannelKind, scripts: Vec<Script>) -> Result<Option<Standing>, SendError> {
    let stub = Stub::playing_in_turn(scripts).await;
    at(&stub, settings(kind)).standing().await
}

#[tokio::test]
async fn a_dead_token_is_told_by_every_vendor_that_can_be_asked() {
    let meta = json!({"error": {"code": 190, "message": "Session has expired"}});
    for (kind, status, body) in [
        (ChannelKind::Whatsapp, 401, meta.clone()),
        (ChannelKind::Messenger, 400, meta.clone()),
        (ChannelKind::Instagram, 400, meta),
        (ChannelKind::Telegram, 401, json!({"ok": false, "error_code": 401, "description": "Unauthorized"})),
        (ChannelKind::Discord, 401, json!({"message": "401: Unauthorized", "code": 0})),
        (ChannelKind::Sms, 401, json!({"code": 20_003, "message": "Authenticate", "status": 401})),
        (ChannelKind::Rcs, 401, json!({"code": 20_003, "message": "Authenticate", "status": 401})),
    ] {
        let found = asked(kind, vec![Script::json(status, &body)]).await;
        let Err(SendError::Refused { code, why, .. }) = &found else { panic!("{kind}: {found:?}") };
        assert!(!why.is_empty() && crate::world::door(kind).is_the_owners(code), "{kind} {code}");
    }
}

#[tokio::test]
async fn what_proves_nothing_is_no_alarm() {
    for kind in [ChannelKind::Whatsapp, ChannelKind::Messenger, ChannelKind::Telegram, ChannelKind::Discord, ChannelKind::Sms] {
        for script in [Script::HangUp, Script::json(503, &json!({})), Script::json(429, &json!({})), Script::CutOff] {
            assert_eq!(asked(kind, vec![script]).await, Ok(None), "{kind}");
        }
        assert!(!crate::world::door(kind).is_the_owners("131047"), "a closed window is nobody's fault");
    }
    assert_eq!(asked(ChannelKind::Api, vec![Script::HangUp]).await, Ok(None), "nobody can be asked");
}

#[tokio::test]
async fn what_is_still_to_be_done_is_said_in_words() {
    let number = json!({"verified_name": "Ergo Chairs", "quality_rating": "RED", "status": "FLAGGED", "id": "1"});
    let found = asked(ChannelKind::Whatsapp, vec![Script::json(200, &number)]).await.unwrap().unwrap();
    assert_eq!((found.name.as_deref(), found.quality.as_deref(), found.to_do.len()), (Some("Ergo Chairs"), Some("RED"), 2));
    let good = json!({"verified_name": "Ergo Chairs", "quality_rating": "GREEN", "status": "CONNECTED"});
    assert_eq!(asked(ChannelKind::Whatsapp, vec![Script::json(200, &good)]).await.unwrap().unwrap().to_do, Vec::<String>::new());

    let me = Script::json(200, &json!({"ok": true, "result": {"id": 1, "is_bot": true, "username": "shop_bot"}}));
    let nobody = Script::json(200, &json!({"ok": true, "result": {"url": "", "pending_update_count": 4}}));
    let found = asked(ChannelKind::Telegram, vec![me, nobody]).await.unwrap().unwrap();
    assert_eq!(found.name.as_deref(), Some("@shop_bot"));
    assert!(found.to_do[0].contains("https://chat.example.com/hooks/"), "{:?}", found.to_do);

    let account = json!({"friendly_name": "Shop", "status": "suspended"});
    let found = asked(ChannelKind::Sms, vec![Script::json(200, &account)]).await.unwrap().unwrap();
    assert!(found.to_do[0].contains("suspended"));
}

#[tokio::test]
async fn the_end_of_a_token_is_asked_for_and_one_that_lasts_or_is_not_told_of_is_no_end() {
    let number = || Script::json(200, &json!({"verified_name": "Shop", "name": "Shop", "status": "CONNECTED"}));
    let told = |ends: i64| Script::json(200, &json!({"data": {"app_id": "7", "is_valid": true, "expires_at": ends}}));
    for kind in [ChannelKind::Whatsapp, ChannelKind::Messenger, ChannelKind::Instagram] {
        let found = asked(kind, vec![number(), told(1_800_000_000)]).await.unwrap().unwrap();
        assert_eq!(found.ends_at, Some(Timestamp::from_secs(1_800_000_000)), "{kind}");
        for script in [told(0), told(i64::MAX), Script::json(400, &json!({"error": {"code": 100}})), Script::HangUp] {
            let found = asked(kind, vec![number(), script]).await.unwrap().unwrap();
            assert_eq!((found.name.as_deref(), found.ends_at), (Some("Shop"), None), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_names_its_app_asks_as_the_app() {
    for (kind, app, asker) in [(ChannelKind::Whatsapp, None, "Bearer "), (ChannelKind::Messenger, Some("77"), "Bearer 77|")] {
        let stub = Stub::playing(Script::json(200, &json!({"name": "Shop", "status": "CONNECTED"}))).await;
        let settings = app.map_or_else(|| settings(kind), |app| with_value(settings(kind), "app_id", app));
        at(&stub, settings).standing().await.unwrap();
        let asked = &stub.asked()[1];
        assert!(asked.line.contains("/debug_token?input_token="), "{}", asked.line);
        let proof = asked.header("authorization").unwrap();
        assert!(proof.starts_with(asker) && proof.contains('|') == app.is_some(), "{proof}");
    }
}
