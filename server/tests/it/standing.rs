//! A connection whose vendor no longer lets us in says so where the owner looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::Server;

/// A vendor of messages whose token can be let die.
async fn vendor(dead: Arc<AtomicBool>, ends: i64) -> String {
    let answer = move || {
        let dead = dead.load(Ordering::SeqCst);
        async move {
            if dead {
                let error = json!({ "error": { "code": 190, "message": "Error validating access token" } });
                (StatusCode::UNAUTHORIZED, axum::Json(error)).into_response()
            } else {
                let said =
                    json!({ "verified_name": "Ergo", "quality_rating": "GREEN", "status": "CONNECTED", "messages": [{ "id": "wamid.1" }] });
                axum::Json(said).into_response()
            }
        }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let lease = move || async move { axum::Json(json!({ "data": { "is_valid": true, "expires_at": ends } })) };
    let router = Router::new()
        .route("/v23.0/debug_token", get(lease))
        .route("/v23.0/2", get(answer.clone()))
        .route("/v23.0/2/messages", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

async fn with_vendor(base: &str) -> Server {
    Server::start_with(&format!(
        "[[connections]]\nid = \"shop\"\nchannel = \"whatsapp\"\napi_base = \"{base}/v23.0\"\nphone_number_id = \"2\"\naccess_token = \"t1\"\n\
         app_secret = {{ env = \"WHATSAPP\" }}\nverify_token = \"hello-there\"\n"
    ))
    .await
}

async fn shop(server: &Server) -> Value {
    let (_, channels) = server.admin(Method::GET, "/api/v1/channels", None).await;
    channels["items"].as_array().into_iter().flatten().find(|item| item["id"] == "shop").cloned().expect("the connection")
}

#[tokio::test]
async fn a_dead_token_is_an_alarm_until_it_lives_again() {
    let dead = Arc::new(AtomicBool::new(false));
    let server = with_vendor(&vendor(Arc::clone(&dead), 0).await).await;
    let nothing = json!({});
    let check = || server.admin(Method::POST, "/api/v1/channels/shop/check", Some(&nothing));
    let (status, found) = check().await;
    assert_eq!((status, &found["ok"], &found["name"], &found["quality"]), (StatusCode::OK, &json!(true), &json!("Ergo"), &json!("GREEN")));
    assert_eq!(shop(&server).await["health"], "ok");

    dead.store(true, Ordering::SeqCst);
    let (_, found) = check().await;
    assert_eq!((&found["ok"], &found["trouble"]["code"], &found["trouble"]["alarm"]), (&json!(false), &json!("190"), &json!(true)));
    let shown = shop(&server).await;
    assert_eq!(shown["health"], "error");
    assert!(shown["detail"].as_str().is_some_and(|words| words.contains("access token") && !words.contains("t1")), "{shown}");

    dead.store(false, Ordering::SeqCst);
    assert_eq!(check().await.1["ok"], true);
    assert_eq!(shop(&server).await["health"], "ok");
    assert_eq!(server.admin(Method::POST, "/api/v1/channels/nowhere/check", Some(&nothing)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_that_ends_is_told_a_month_before_and_is_an_alarm_in_its_last_week() {
    let day = 86_400;
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_secs()).expect("now");
    for (ends, ok, health) in
        [(0, true, "ok"), (now + 90 * day, true, "ok"), (now + 20 * day, false, "warn"), (now + 3 * day, false, "error")]
    {
        let server = with_vendor(&vendor(Arc::default(), ends).await).await;
        let (_, found) = server.admin(Method::POST, "/api/v1/channels/shop/check", Some(&json!({}))).await;
        assert_eq!((&found["ok"], found["ends_at"].is_null()), (&json!(ok), ends == 0), "{found}");
        let shown = shop(&server).await;
        assert_eq!(shown["health"], health, "{shown}");
        let told = shown["detail"].as_str().is_some_and(|words| words.contains("access token ends on 20"));
        assert_eq!(told, !ok, "{shown}");
    }
}
