//! Limits of vendors that are kept by us, so that no vendor has to refuse what could have waited.

use domain::channel::ChannelKind;
use domain::ports::{Channel, SendError};
use serde_json::json;

use crate::sending::{at, example};
use crate::stub::{Script, Stub};
use crate::world::{delivery, settings, with_value};

const ADA: &str = "16505551234";
const BRUNO: &str = "16505550000";

async fn say(door: &dyn Channel, kind: ChannelKind, to: &str) -> Result<(), SendError> {
    door.deliver(&delivery(kind, to, "hi", &[])).await.map(|_| ())
}

/// The vendor asked for it.
fn waits(outcome: &Result<(), SendError>) -> bool {
    matches!(outcome, Err(SendError::RateLimited(Some(_))))
}

/// We keep back what the vendor would refuse.
fn waits_its_turn(outcome: &Result<(), SendError>) -> bool {
    matches!(outcome, Err(SendError::NotYet(after)) if !after.is_zero())
}

#[tokio::test]
async fn one_person_gets_a_burst_on_whatsapp_and_then_one_message_in_six_seconds_while_others_are_written_to() {
    let stub = Stub::playing(example("whatsapp", "200")).await;
    // Stated, the limits hold for a stand-in on this machine as well.
    let door = at(&stub, with_value(settings(ChannelKind::Whatsapp), "messages_per_second", "1000"));
    let mut sent = 0;
    while say(&*door, ChannelKind::Whatsapp, ADA).await.is_ok() {
        sent += 1;
        assert!(sent <= 45, "more than Meta takes at once");
    }
    assert!(sent >= 10, "a long answer leaves in one go: {sent}");
    assert!(waits_its_turn(&say(&*door, ChannelKind::Whatsapp, ADA).await), "Meta said nothing, and is not said to have");
    assert_eq!(say(&*door, ChannelKind::Whatsapp, BRUNO).await, Ok(()));
    assert_eq!(stub.asked().len(), sent + 1, "what waits is not offered to Meta");
}

#[tokio::test]
async fn a_number_keeps_to_the_throughput_that_its_owner_states() {
    let stub = Stub::playing(example("whatsapp", "200")).await;
    let door = at(&stub, with_value(settings(ChannelKind::Whatsapp), "messages_per_second", "5"));
    let began = std::time::Instant::now();
    for number in 0..8 {
        assert_eq!(say(&*door, ChannelKind::Whatsapp, &format!("1650555{number:04}")).await, Ok(()));
    }
    assert!(began.elapsed().as_millis() >= 580, "five at once, then one in each fifth of a second: {:?}", began.elapsed());
}

#[tokio::test]
async fn whom_meta_asks_to_slow_down_for_waits_and_nobody_else() {
    let limited = |code: i64| Script::json(400, &json!({"error": {"code": code, "message": "slow down"}}));
    let stub = Stub::playing_in_turn(vec![limited(131_056), example("whatsapp", "200")]).await;
    let door = at(&stub, settings(ChannelKind::Whatsapp));
    assert!(waits(&say(&*door, ChannelKind::Whatsapp, ADA).await));
    assert!(waits(&say(&*door, ChannelKind::Whatsapp, ADA).await));
    assert_eq!(stub.asked().len(), 1, "this pair waits without asking");
    assert_eq!(say(&*door, ChannelKind::Whatsapp, BRUNO).await, Ok(()));

    let stub = Stub::playing_in_turn(vec![limited(130_429), example("whatsapp", "200")]).await;
    let door = at(&stub, settings(ChannelKind::Whatsapp));
    assert!(say(&*door, ChannelKind::Whatsapp, ADA).await.is_err());
    assert!(waits(&say(&*door, ChannelKind::Whatsapp, BRUNO).await));
    assert_eq!(stub.asked().len(), 1, "the whole number waits");
}

#[tokio::test]
async fn a_chat_on_telegram_and_a_page_on_messenger_wait_as_long_as_they_are_told_to() {
    let flood =
        Script::json(429, &json!({"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 30}}));
    let stub = Stub::playing_in_turn(vec![flood, Script::json(200, &json!({"ok": true, "result": {"message_id": 1}}))]).await;
    let door = at(&stub, settings(ChannelKind::Telegram));
    assert!(waits(&say(&*door, ChannelKind::Telegram, "7").await) && waits(&say(&*door, ChannelKind::Telegram, "7").await));
    assert_eq!(say(&*door, ChannelKind::Telegram, "8").await, Ok(()));
    assert_eq!(stub.asked().len(), 2);

    let limited = Script::json(400, &json!({"error": {"code": 32, "message": "Page request limit reached"}}));
    let stub = Stub::playing(limited).await;
    let door = at(&stub, settings(ChannelKind::Messenger));
    assert!(say(&*door, ChannelKind::Messenger, "1").await.is_err());
    assert!(waits(&say(&*door, ChannelKind::Messenger, "2").await));
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn a_group_on_telegram_is_written_to_less_often_than_a_person() {
    let stub = Stub::playing(Script::json(200, &json!({"ok": true, "result": {"message_id": 1}}))).await;
    let door = at(&stub, with_value(settings(ChannelKind::Telegram), "messages_per_second", "30"));
    let mut sent = 0;
    while say(&*door, ChannelKind::Telegram, "-1001234567890").await.is_ok() {
        sent += 1;
        assert!(sent <= 20, "more than Telegram takes in a minute");
    }
    assert!(sent >= 4, "a long answer leaves in one go: {sent}");
    assert!(waits_its_turn(&say(&*door, ChannelKind::Telegram, "-1001234567890").await));
    for _ in 0..sent + 2 {
        assert_eq!(say(&*door, ChannelKind::Telegram, "7").await, Ok(()), "one person has their own pace");
    }
}

#[tokio::test]
async fn rcs_keeps_to_the_throughput_its_owner_states_and_waits_when_it_is_told_to() {
    let taken = Script::json(201, &json!({"sid": "SM1", "status": "queued"}));
    let stub = Stub::playing(taken.clone()).await;
    let door = at(&stub, with_value(settings(ChannelKind::Rcs), "messages_per_second", "5"));
    let began = std::time::Instant::now();
    for number in 0..8 {
        assert_eq!(say(&*door, ChannelKind::Rcs, &format!("+1650555{number:04}")).await, Ok(()));
    }
    assert!(began.elapsed().as_millis() >= 580, "five at once, then one in each fifth of a second: {:?}", began.elapsed());

    // Over its rate RCS has a code of its own, which names no time.
    let limited = Script::json(429, &json!({"code": 63_018, "message": "Rate limit exceeded for Channel", "status": 429}));
    let stub = Stub::playing_in_turn(vec![limited, taken]).await;
    let door = at(&stub, settings(ChannelKind::Rcs));
    assert!(say(&*door, ChannelKind::Rcs, "+16505550001").await.is_err());
    assert!(waits(&say(&*door, ChannelKind::Rcs, "+16505550002").await));
    assert_eq!(stub.asked().len(), 1, "everybody waits for a moment, without asking");
}
