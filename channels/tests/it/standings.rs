//! Vendors are asked whether they still let us in: what they refuse for good is told, and what proves nothing is not.

use domain::channel::ChannelKind;
use domain::ports::{SendError, Standing};
use serde_json::json;

use crate::sending::at;
use crate::stub::{Script, Stub};
use crate::world::settings;

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
