//! What else happens at a desk and on a website while customers write: teammates, merges, erasures, events, timers.
//!
//! It is done to people of its own, who write through the contact form and the widget, so that the books of the others
//! stay as they are. A server that dies in the middle is the point of it: failures are passed over, the next round goes on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::client::{ClientError, Target};
use crate::persona::Persona;
use crate::widget::Page;

/// Numbers of the people of this file; the customers of the campaign have smaller ones.
const FIRST: u64 = 9_000_000;
/// Between two rounds, and between two looks for an answer.
const PAUSE: Duration = Duration::from_millis(20);
/// A person is on file after so many looks, or the server is gone.
const LOOKS: u32 = 40;
/// Time passes in each of so many rounds: the hours in which nobody is at the desk would silence the AI everywhere.
const HOURLY: u64 = 20;
/// A round that takes longer hangs on a server that is gone.
const ROUND: Duration = Duration::from_secs(6);

/// Goes on until `stop` is true. How many rounds were begun.
pub async fn perform(target: Arc<Target>, mut stop: watch::Receiver<bool>) -> u64 {
    let mut round = 0;
    while !*stop.borrow() {
        let number = FIRST + round * 10;
        round += 1;
        let all = async {
            let whole = tokio::join!(
                tokio::time::timeout(ROUND, desk(&target, number)),
                tokio::time::timeout(ROUND, website(&target, number + 5)),
                tokio::time::timeout(ROUND, office(&target, round)),
            );
            drop(whole);
            tokio::time::sleep(PAUSE).await;
        };
        tokio::select! {
            () = all => {}
            _ = stop.changed() => {}
        }
    }
    round
}

/// Who wrote through the form, once the server has them on file.
async fn on_file(target: &Target, person: &Persona) -> Result<String, ClientError> {
    for _ in 0..LOOKS {
        if let Some(found) = target.customer(&format!("external_id:{}", person.external_id)).await?
            && let Some(id) = found["id"].as_str()
        {
            return Ok(id.to_owned());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(ClientError::Socket("the person is not on file".to_owned()))
}

async fn conversation(target: &Target, customer: &str) -> Result<String, ClientError> {
    let timeline = target.read(&format!("/customers/{customer}/timeline?limit=5")).await?;
    let found = timeline["items"].as_array().into_iter().flatten().find_map(|item| item["conversation"].as_str());
    found.map(str::to_owned).ok_or_else(|| ClientError::Socket("there is no conversation".to_owned()))
}

/// A teammate takes a conversation over, answers, files it and hands it back; people are joined and parted; one is erased.
async fn desk(target: &Target, number: u64) -> Result<(), ClientError> {
    let (one, other) = (Persona::numbered(number), Persona::numbered(number + 1).named("Ada Quist"));
    target.api(&one, "Hello, how long does delivery take?", false).await?;
    target.api(&other, "Please let me talk to a person about my invoice.", false).await?;
    let (kept, absorbed) = (on_file(target, &one).await?, on_file(target, &other).await?);
    let talk = conversation(target, &kept).await?;
    for (act, body) in [
        ("take", json!({})),
        ("reply", json!({"text": "It takes two days, I have looked it up."})),
        ("note", json!({"text": "asked by the form"})),
        ("tag", json!({"add": ["delivery"]})),
        ("return", json!({})),
        ("resolve", json!({})),
    ] {
        // Each may be refused for what the one before did not come to do.
        let _ = target.write(&format!("/conversations/{talk}/{act}"), &body).await;
    }
    let _ = target.change(&format!("/customers/{kept}"), &json!({"facts": {"company": "Quist Interiors"}})).await;
    let event = json!({"type": "order.created", "customer": {"external_id": one.external_id}, "data": {"id": format!("SO-{number}"), "total": "120 EUR"}});
    let _ = target.write("/events", &event).await;
    let merged = target.write(&format!("/customers/{kept}/merge"), &json!({"absorb": absorbed})).await?;
    if let Some(merge) = merged["merge"].as_str().or_else(|| merged["id"].as_str()) {
        let _ = target.write(&format!("/merges/{merge}/undo"), &json!({})).await;
    }
    let _ = target.erase(&format!("/customers/{kept}")).await;
    let _ = target.write(&format!("/customers/{kept}/keep"), &json!({})).await;
    target.erase(&format!("/customers/{absorbed}?now=true")).await.map(drop)
}

/// A visitor asks on the website and wants to go on elsewhere.
async fn website(target: &Target, number: u64) -> Result<(), ClientError> {
    let mut page = Page::open(target, None, None).await?;
    page.say(target, &format!("Hi, do you deliver on Saturdays? My order is SO-{number}.")).await?;
    page.code("whatsapp").await?;
    page.close().await;
    Ok(())
}

/// What comes from nobody: requests that cannot be read, tokens, and time that passes.
async fn office(target: &Target, number: u64) -> Result<(), ClientError> {
    target.unreadable().await?;
    let ledger = target.read("/ledger?state=quarantined&limit=1").await?;
    if let Some(item) = ledger["items"][0]["id"].as_str() {
        let _ = target.write(&format!("/ledger/{item}/replay"), &Value::Null).await;
    }
    let _ = target.write("/tokens", &json!({"name": format!("round {number}"), "scopes": ["read"]})).await;
    if number % HOURLY == 0 {
        target.advance(Duration::from_hours(1)).await?;
    }
    Ok(())
}
