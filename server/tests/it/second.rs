//! The second factor, and a new password by mail.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::alerts::post_office;
use crate::audit::sign_ins;
use crate::server::{PASSWORD, Server, Session, read};

/// Six digits as an authenticator app shows them, so many half minutes from now.
fn app(secret: &str, ahead: u64) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.chars().map(|letter| format!("{:05b}", letters.find(letter).expect("base 32"))).collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("text"), 2).expect("bits"))
        .collect();
    let step = u64::try_from(server::hooks::real_seconds()).expect("a time") / 30 + ahead;
    let mut mac = <Hmac<sha1::Sha1> as KeyInit>::new_from_slice(&key).expect("any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let from = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[from..from + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn as_teammate(server: &Server, session: &Session, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = server.http.request(method, format!("{}/api/v1{path}", server.base)).header("cookie", &session.cookie);
    read(request.header("x-rapport-csrf", &session.csrf).json(body)).await
}

async fn enters(server: &Server, email: &str, code: Option<&str>) -> (StatusCode, Value) {
    let body = json!({ "email": email, "password": PASSWORD, "code": code });
    read(server.http.post(format!("{}/api/v1/session", server.base)).json(&body)).await
}

/// The secret, the code that confirmed it, and the recovery codes.
async fn switch_on(server: &Server, session: &Session) -> (String, String, Vec<String>) {
    let (status, begun) = as_teammate(server, session, Method::POST, "/second-factor", &json!({})).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    let secret = begun["secret"].as_str().expect("a secret").to_owned();
    assert!(begun["qr"].as_str().is_some_and(|qr| qr.contains("<svg")) && begun["uri"].as_str().is_some_and(|uri| uri.contains(&secret)));
    let confirm = async |code: &str| as_teammate(server, session, Method::POST, "/second-factor/confirm", &json!({ "code": code })).await;
    assert_eq!(confirm("000").await.1["code"], "wrong_code");
    let used = app(&secret, 0);
    let (status, done) = confirm(&used).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    (secret, used, done["recovery"].as_array().expect("a list").iter().map(|code| code.as_str().expect("text").to_owned()).collect())
}

#[tokio::test]
async fn whoever_has_a_second_factor_signs_in_with_a_code_that_counts_once() {
    let server = Server::start().await;
    let email = server.teammate("one", "owner").await;
    let session = server.sign_in(&email).await;
    assert_eq!(session.object["teammate"]["second_factor"], false);
    let (secret, used, recovery) = switch_on(&server, &session).await;
    assert_eq!(recovery.len(), 10);
    let kept: Vec<u8> = std::fs::read_dir(server.folder())
        .expect("a folder")
        .flatten()
        .filter_map(|file| std::fs::read(file.path()).ok())
        .flatten()
        .collect();
    assert!(!kept.windows(secret.len()).any(|part| part == secret.as_bytes()), "the secret is sealed");
    assert_eq!(enters(&server, &email, None).await.1["code"], "second_factor");
    assert_eq!(enters(&server, &email, Some("123")).await.1["code"], "wrong_code");
    assert_eq!(enters(&server, &email, Some(&used)).await.1["code"], "wrong_code", "it was used to switch it on");
    let next = app(&secret, 1);
    assert_eq!(enters(&server, &email, Some(&next)).await.0, StatusCode::OK);
    assert_eq!(enters(&server, &email, Some(&next)).await.1["code"], "wrong_code", "a code counts once");
    let (status, entered) = enters(&server, &email, Some(&recovery[3].to_uppercase())).await;
    assert_eq!((status, &entered["teammate"]["second_factor"]), (StatusCode::OK, &json!(true)), "{entered}");
    assert_eq!(enters(&server, &email, Some(&recovery[3])).await.1["code"], "wrong_code", "a recovery code too");
    let begun = as_teammate(&server, &session, Method::POST, "/second-factor", &json!({})).await;
    assert_eq!(begun.0, StatusCode::CONFLICT);
    // Three right ones, one of them before the factor was there, and four wrong codes; being asked for one is no try.
    let outcomes = sign_ins(&server, 7).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == 401).count(), 4, "{outcomes:?}");
}

#[tokio::test]
async fn a_second_factor_ends_with_the_password_or_by_who_may() {
    let server = Server::start().await;
    let owner = server.sign_in(&server.teammate("one", "owner").await).await;
    let email = server.teammate("one", "teammate").await;
    let session = server.sign_in(&email).await;
    switch_on(&server, &session).await;
    let end =
        async |password: &str| as_teammate(&server, &session, Method::POST, "/second-factor/end", &json!({ "password": password })).await.0;
    assert_eq!(end("not the password").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(end(PASSWORD).await, StatusCode::NO_CONTENT);
    assert_eq!(enters(&server, &email, None).await.0, StatusCode::OK);
    switch_on(&server, &session).await;
    let drop = |id: &Value| format!("/teammates/{}/second-factor", id.as_str().expect("an id"));
    let (mine, theirs) = (drop(&session.object["teammate"]["id"]), drop(&owner.object["teammate"]["id"]));
    assert_eq!(as_teammate(&server, &session, Method::DELETE, &theirs, &json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(as_teammate(&server, &owner, Method::DELETE, &mine, &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(as_teammate(&server, &session, Method::GET, "/session", &json!({})).await.0, StatusCode::UNAUTHORIZED, "out everywhere");
    assert_eq!(enters(&server, &email, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_letter_that_tells_nobody_who_works_here() {
    let (smtp, mut mails) = post_office().await;
    let tables = format!(
        "[[connections]]\nid = \"mail\"\nchannel = \"email\"\naddress = \"hello@one.example\"\n\
         imap = {{ host = \"127.0.0.1\", port = 9, password = \"imap-of-the-tests\" }}\nsmtp = {{ host = \"127.0.0.1\", port = {smtp} }}\n"
    );
    let server = Server::start_with(&tables).await;
    let email = server.teammate("one", "teammate").await;
    let session = server.sign_in(&email).await;
    switch_on(&server, &session).await;
    let forgot = async |email: &str| {
        let answer = read(server.http.post(format!("{}/api/v1/forgot", server.base)).json(&json!({ "email": email }))).await;
        assert_eq!(answer, (StatusCode::ACCEPTED, json!("")), "{email}");
    };
    forgot("nobody@one.example").await;
    forgot(&email.to_uppercase()).await;
    forgot(&email).await;
    let mail = tokio::time::timeout(std::time::Duration::from_secs(30), mails.wait_for(|mails| !mails.is_empty())).await;
    let mail = mail.expect("in time").expect("a letter")[0].replace("=\r\n", "");
    assert!(mail.contains(&format!("To: <{email}>")), "{mail}");
    let token = mail.split("/join#").nth(1).expect("a link").get(..32).expect("a token").to_owned();
    let join = async |password: &str| {
        read(server.http.post(format!("{}/api/v1/join", server.base)).json(&json!({ "token": token, "password": password }))).await
    };
    let (status, joined) = join("another password of mine").await;
    assert_eq!((status, joined), (StatusCode::OK, json!({ "sign_in": true })), "the code is still asked for");
    assert_eq!(join("and another").await.0, StatusCode::NOT_FOUND, "once");
    assert_eq!(enters(&server, &email, None).await.0, StatusCode::UNAUTHORIZED, "the old password is over");
    assert_eq!(as_teammate(&server, &session, Method::GET, "/session", &json!({})).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(mails.borrow_and_update().len(), 1, "one letter in five minutes");
}
