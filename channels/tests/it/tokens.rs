//! Identity tokens of the website's visitors: vectors computed by an independent library, and every way to cheat.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use channels::widget::{TokenRefusal, Tokens};
use domain::channel::ChannelKind;
use domain::settings::ConnectionSettings;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::stub::{Script, Stub};
use crate::world::{NOW, fixture, http, settings, with_secret, with_value};

const SECRET: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

fn widget() -> ConnectionSettings {
    settings(ChannelKind::Widget)
}

fn tokens(settings: &ConnectionSettings) -> Tokens {
    Tokens::of(settings, &http()).unwrap().unwrap()
}

fn hs256() -> Tokens {
    tokens(&with_secret(widget(), "jwt.secret", SECRET))
}

/// A token signed with `secret`, its claims written out as text so that anything can stand there.
fn token(header: &str, claims: &str, secret: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn hs(claims: &str) -> String {
    token(r#"{"alg":"HS256"}"#, claims, SECRET)
}

#[tokio::test]
async fn the_vectors_of_an_independent_library() {
    for vector in fixture("widget/jwt-vectors.json").as_array().unwrap() {
        let mut settings = with_value(widget(), "jwt.algorithm", vector["alg"].clone());
        settings = match (vector["secret"].as_str(), vector["public_key_pem"].as_str()) {
            (Some(secret), _) => with_secret(settings, "jwt.secret", secret),
            (None, pem) => with_secret(settings, "jwt.public_key", pem.unwrap()),
        };
        let verified = tokens(&settings).verify(vector["token"].as_str().unwrap(), vector["valid_at"].as_i64().unwrap()).await;
        assert_eq!(verified.is_ok(), vector["valid"] == true, "{vector}: {verified:?}");
        if let Ok(claims) = verified {
            assert_eq!((claims.sub.as_str(), claims.name.as_deref()), ("user_42", Some("Ana")));
            assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("ana@example.com"), false));
            assert_eq!(claims.exp, 1_780_003_600);
        }
    }
}

#[tokio::test]
async fn claims_have_the_right_type_or_the_token_is_refused() {
    let check = async |claims: &str, expected: Result<&str, TokenRefusal>| {
        let verified = hs256().verify(&hs(claims), NOW).await.map(|claims| claims.sub);
        assert_eq!(verified.as_deref().map_err(|refusal| *refusal), expected, "{claims}");
    };
    let good = r#"{"sub":"u","aud":"rapport-widget","exp":1780000100}"#;
    check(good, Ok("u")).await;
    check(r#"{"sub":"u","aud":["x","rapport-widget"],"exp":1780000100.5}"#, Ok("u")).await;
    check(r#"{"sub":"u","aud":"rapport-widget"}"#, Err(TokenRefusal::Incomplete)).await;
    check(r#"{"aud":"rapport-widget","exp":1780000100}"#, Err(TokenRefusal::Incomplete)).await;
    check(r#"{"sub":" ","aud":"rapport-widget","exp":1780000100}"#, Err(TokenRefusal::Incomplete)).await;
    check(r#"{"sub":"u","exp":1780000100}"#, Err(TokenRefusal::Incomplete)).await;
    check(r#"{"sub":"u","aud":"other","exp":1780000100}"#, Err(TokenRefusal::Audience)).await;
    check(r#"{"sub":"u","aud":[],"exp":1780000100}"#, Err(TokenRefusal::Audience)).await;
    check(r#"{"sub":"u","aud":"rapport-widget","exp":1779999999}"#, Err(TokenRefusal::Expired)).await;
    check(r#"{"sub":"u","aud":"rapport-widget","exp":1780000000}"#, Err(TokenRefusal::Expired)).await;
    check(r#"{"sub":"u","aud":"rapport-widget","exp":1780003600}"#, Ok("u")).await;
    check(r#"{"sub":"u","aud":"rapport-widget","exp":1780004000}"#, Err(TokenRefusal::TooLong)).await;
    check(r#"{"sub":"u","aud":"rapport-widget","exp":1780000100,"nbf":1780000090}"#, Err(TokenRefusal::TooEarly)).await;
    check(r#"{"sub":"u","aud":"rapport-widget","exp":1780000100,"nbf":1779999000}"#, Ok("u")).await;
    let unreadable = [
        r#"{"sub":"u","aud":"rapport-widget","exp":"1780000100"}"#,
        r#"{"sub":"u","aud":"rapport-widget","exp":1e400}"#,
        r#"{"sub":"u","aud":"rapport-widget","exp":-1}"#,
        r#"{"sub":"u","aud":"rapport-widget","exp":1780000100,"nbf":"99999999999"}"#,
        r#"{"sub":7,"aud":"rapport-widget","exp":1780000100}"#,
        r#"{"sub":"u","aud":{"a":1},"exp":1780000100}"#,
        r#"{"sub":"u","aud":"rapport-widget","exp":1780000100,"email_verified":"true"}"#,
        r#"{"sub":"a","sub":"b","aud":"rapport-widget","exp":1780000100}"#,
        "[]",
    ];
    for claims in unreadable {
        check(claims, Err(TokenRefusal::Unreadable)).await;
    }
}

#[tokio::test]
async fn the_token_does_not_choose_its_algorithm_or_key() {
    let claims = r#"{"sub":"u","aud":"rapport-widget","exp":1780000100}"#;
    for alg in ["none", "None", "nOnE", "HS384", "RS256", ""] {
        let header = json!({"alg": alg}).to_string();
        assert!(hs256().verify(&token(&header, claims, SECRET), NOW).await.is_err(), "{alg}");
        let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(claims));
        assert!(hs256().verify(&unsigned, NOW).await.is_err(), "{alg}");
    }
    for header in [
        r#"{"alg":"HS256","kid":"../../dev/null"}"#,
        r#"{"alg":"HS256","kid":"' OR 1=1--"}"#,
        r#"{"alg":"HS256","jku":"https://evil.example/keys"}"#,
        r#"{"alg":"HS256","jwk":{"kty":"oct","k":"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"}}"#,
    ] {
        let forged = token(header, claims, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert!(hs256().verify(&forged, NOW).await.is_err(), "{header}");
    }
    assert_eq!(hs256().verify("", NOW).await, Err(TokenRefusal::Unreadable));
    assert_eq!(hs256().verify(&"a".repeat(20_000), NOW).await, Err(TokenRefusal::Unreadable));
}

#[tokio::test]
async fn a_former_secret_verifies_while_rotating_and_issuers_are_checked_when_configured() {
    let rotating = with_secret(with_secret(widget(), "jwt.secret", "the-new-secret-of-32-characters!!"), "jwt.secret", SECRET);
    let claims = r#"{"sub":"u","aud":"shop","iss":"https://shop.example","exp":1780000100}"#;
    let rotating = with_value(rotating, "jwt", json!({"audience": "shop"}));
    assert!(tokens(&rotating).verify(&hs(claims), NOW).await.is_ok());
    let issued = with_value(rotating, "jwt.issuer", "https://other.example");
    assert_eq!(tokens(&issued).verify(&hs(claims), NOW).await, Err(TokenRefusal::Audience));
}

#[tokio::test]
async fn contact_claims_are_verified_only_when_the_business_says_so() {
    let claims = r#"{"sub":"u","aud":"rapport-widget","exp":1780000100,"email":"a@b.example","email_verified":true,
        "phone_number":"+34 600 111 222","jti":"t1"}"#;
    let claims = hs256().verify(&hs(claims), NOW).await.unwrap();
    assert!(claims.email_verified && !claims.phone_number_verified);
    assert_eq!((claims.phone_number.as_deref(), claims.jti.as_deref()), (Some("+34600111222"), Some("t1")));
}

#[test]
fn settings_that_could_not_verify_are_refused() {
    let refused = |settings: &ConnectionSettings| assert!(Tokens::of(settings, &http()).is_err());
    assert!(Tokens::of(&widget(), &http()).unwrap().is_none(), "a widget without tokens");
    refused(&with_value(widget(), "jwt.algorithm", "HS256"));
    refused(&with_value(widget(), "jwt.algorithm", "none"));
    refused(&with_secret(with_value(widget(), "jwt.algorithm", "RS256"), "jwt.secret", SECRET));
    refused(&with_secret(with_value(widget(), "jwt.algorithm", "RS256"), "jwt.public_key", "no key"));
    refused(&with_secret(widget(), "jwt.public_key", "no algorithm"));
    refused(&with_value(widget(), "jwt.jwks_url", "http://shop.example/keys"));
    let symmetric = with_value(with_value(widget(), "jwt.jwks_url", "https://shop.example/keys"), "jwt.algorithm", "HS256");
    refused(&symmetric);
}

/// The vectors' public keys as a published set.
fn published() -> Value {
    json!({"keys": [
        {"kty": "oct", "kid": "o1", "k": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"},
        {"kty": "unknown", "kid": "x"},
        {"kty": "EC", "crv": "P-256", "kid": "e1", "use": "sig", "alg": "ES256", "x": "wOf-BI1ubRNrgOZSjUGy34EVG8wS8q9Jqy0JE9cQZ8s", "y": "GP3DIpoQ47RdurysdyhdbiR4aUrohvxmhF3dVcLeAfo"},
        {"kty": "RSA", "kid": "r1", "use": "sig", "n": "lChyMYZaMzy-uw8ep-e0Z00k-17X621X6pBG40DTN8nCgI8WSqWn5Xz-3KMxvzOaLGl21xxI3UuBNWAhU-q8Era2Bcu9S8ruoI13tw9cANxmnGFXPdA6kvHnT7hzmAFqp1hkn6e8yK2sQBklt_5YvK_99RxF6h7-iO2g8ln2-j87wX6OREFjQHOCALdr2fC7hrwWEB-CABelF-aEZDd5ZQHHmfn2-jytIizrdyBqQnUdXVP1WTIsW8NOQGFpPnqAOv57CXRuAMnIk4yhrUezQBl40jvMF9MWkIaaesy-Np8ULHO6OEm6OJ3JZueFhIREW7JL0EQy6cE4oJzzyMdLLQ", "e": "AQAB"},
    ]})
}

fn vector(alg: &str) -> String {
    let vectors = fixture("widget/jwt-vectors.json");
    let found = vectors.as_array().unwrap().iter().find(|vector| vector["alg"] == alg && vector["valid"] == true);
    found.unwrap()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn published_keys_are_fetched_once_and_found_by_their_id() {
    let stub = Stub::playing(Script::json(200, &published())).await;
    let tokens = tokens(&with_value(widget(), "jwt.jwks_url", stub.base.clone()));
    for _ in 0..3 {
        assert!(tokens.verify(&vector("ES256"), NOW + 100).await.is_ok());
        assert!(tokens.verify(&vector("RS256"), NOW + 100).await.is_ok());
    }
    assert_eq!(stub.asked().len(), 1);
    // A symmetric key that somebody published, and an unknown key id, open nothing and do not make us ask each time.
    let claims = r#"{"sub":"u","aud":"rapport-widget","exp":1780000200}"#;
    let forged = token(r#"{"alg":"HS256","kid":"o1"}"#, claims, SECRET);
    assert!(tokens.verify(&forged, NOW + 110).await.is_err());
    assert!(tokens.verify(&forged, NOW + 111).await.is_err());
    assert_eq!(stub.asked().len(), 1);
    assert!(tokens.verify(&forged, NOW + 140).await.is_err());
    assert_eq!(stub.asked().len(), 2, "after a while a new key id is worth asking");
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_verify_nothing() {
    for script in [Script::HangUp, Script::json(200, &json!({"keys": "x"})), Script::json(500, &json!({}))] {
        let stub = Stub::playing(script).await;
        let tokens = tokens(&with_value(widget(), "jwt.jwks_url", stub.base.clone()));
        assert_eq!(tokens.verify(&vector("ES256"), NOW + 100).await, Err(TokenRefusal::KeysUnavailable));
    }
}
