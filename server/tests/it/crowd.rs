//! Many at once: one door that does not answer holds up no other.

use axum::Router;
use axum::routing::post;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::doors::mac;
use crate::server::{Server, WHATSAPP, read};

/// More than there are workers.
const WAITING: usize = 24;

/// A vendor that counts sends, and answers them or never does.
async fn vendor(answers: bool) -> (String, watch::Receiver<usize>) {
    let (count, counted) = watch::channel(0);
    let router = Router::new().route(
        "/v23.0/{number}/messages",
        post(move |body: axum::Json<Value>| {
            if body["type"] == "text" {
                count.send_modify(|count| *count += 1);
            }
            async move {
                if !answers {
                    std::future::pending::<()>().await;
                }
                axum::Json(json!({ "messaging_product": "whatsapp", "messages": [{ "id": "wamid.OUT" }] }))
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}/v23.0", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, counted)
}

fn number(id: &str, phone: &str, base: &str) -> String {
    format!(
        "[[connections]]\nid = \"{id}\"\nchannel = \"whatsapp\"\napi_base = \"{base}\"\nphone_number_id = \"{phone}\"\naccess_token = \"t1\"\n\
         app_secret = {{ env = \"WHATSAPP\" }}\nverify_token = \"hello-there\"\n"
    )
}

async fn writes(server: &Server, connection: &str, phone: &str, from: &str) {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550000001", "phone_number_id": phone },
            "contacts": [{ "profile": { "name": "~" }, "wa_id": from }],
            "messages": [{ "from": from, "id": format!("wamid.{from}"), "timestamp": server::hooks::real_seconds().to_string(),
                           "type": "text", "text": { "body": "Hello, what do you sell?" } }],
        } }] }],
    })
    .to_string();
    let signature = server::auth::hex(&mac(WHATSAPP.as_bytes(), body.as_bytes()));
    let hook = server.http.post(format!("{}/hooks/{connection}", server.base));
    assert_eq!(read(hook.header("x-hub-signature-256", format!("sha256={signature}")).body(body)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_vendor_that_never_answers_holds_up_no_other_door() {
    let ((mute, mut unanswered), (quick, mut answered)) = (vendor(false).await, vendor(true).await);
    let server = Server::start_with(&format!("{}\n{}", number("mute", "2", &mute), number("quick", "3", &quick))).await;
    for place in 0..WAITING {
        writes(&server, "mute", "2", &format!("336123450{place:02}")).await;
    }
    let patience = std::time::Duration::from_secs(20);
    let many = unanswered.wait_for(|count| *count >= 8);
    tokio::time::timeout(patience, many).await.expect("several are sent side by side").expect("a vendor");
    writes(&server, "quick", "3", "33612345999").await;
    let one = answered.wait_for(|count| *count == 1);
    tokio::time::timeout(patience, one).await.expect("the other door sends at once").expect("a vendor");
    assert!(*unanswered.borrow() < WAITING, "a door that does not answer is not given everything");
}
