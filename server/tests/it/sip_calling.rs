//! Calls that we make over SIP: sipp is the trunk, and whoever picks up.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::phone::{CALLER, customer};
use crate::sip::{Place, Sipp, Sound, TRUSTED, free_port, is_there, no_calls_left, offer, ok, place, scenario, send, timeline};
use crate::sound::has;

/// An answer of a telephone that is rung.
pub fn answers(status: &str, more: &str, body: &str) -> String {
    send(
        &format!(
            "SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:trunk@[local_ip]:[local_port]>\n{more}Content-Length: [len]\n\n{body}"
        ),
        status.starts_with('2'),
    )
}

pub const RUNG: &str = "<recv request=\"INVITE\" crlf=\"true\"/>";

/// Whoever is rung picks up, and sound goes to this port.
fn picks_up(port: u16) -> String {
    answers("200 OK", "Content-Type: application/sdp\n", &offer(port, "0 101", "sendrecv"))
}

/// A number that makes calls over the trunk at this port, and Maya, who has told her budget and may be called.
pub async fn place_that_calls(port: u16, says: &str, more: &str) -> (Place, Value) {
    let script = json!({"says": [{"text": says}]});
    let more = format!("{TRUSTED}\nfrom = \"+15017122661\"\ncalls_to = \"127.0.0.1:{port}\"\n{more}");
    let place = place(&script, &more).await;
    crate::phone::maya_is_known(&place.server).await;
    crate::phone::by_day(&place.server).await;
    let maya = customer(&place.server, &format!("phone:{}", CALLER.replace('+', "%2B"))).await;
    (place, maya)
}

pub async fn calls(place: &Place, maya: &Value) -> (StatusCode, Value) {
    let wanted = json!({ "customer": maya["id"], "agreed": "Yes, please call me" });
    place.server.admin(Method::POST, "/api/v1/calls", Some(&wanted)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_called_over_the_trunk_with_our_proof_greeted_heard_and_hung_up_on() {
    if !is_there("sipp", "-v") {
        return;
    }
    let mut sound = Sound::open().await;
    let port = free_port();
    let (place, maya) =
        place_that_calls(port, "What did I say my budget was?", "calls_username = \"ergo\"\ncalls_password = \"word-of-the-trunk\"").await;
    let challenge = "Proxy-Authenticate: Digest realm=\"trunk\", nonce=\"7a7a\", algorithm=MD5, qop=\"auth\"\n";
    let proven = "<recv request=\"INVITE\" crlf=\"true\"><action>\n\
        <ereg regexp=\"username=.ergo.\" search_in=\"hdr\" header=\"Proxy-Authorization:\" check_it=\"true\" assign_to=\"1\"/>\n\
        <ereg regexp=\"15017122661\" search_in=\"hdr\" header=\"From:\" check_it=\"true\" assign_to=\"1\"/>\n\
        <ereg regexp=\"15558675310\" search_in=\"hdr\" header=\"To:\" check_it=\"true\" assign_to=\"1\"/>\n\
        </action></recv>\n<Reference variables=\"1\"/>";
    let scenario = scenario(&[
        RUNG,
        &answers("407 Proxy Authentication Required", challenge, ""),
        "<recv request=\"ACK\"/>",
        proven,
        &answers("180 Ringing", "", ""),
        &picks_up(sound.port()),
        "<recv request=\"ACK\"/>",
        "<recv request=\"BYE\"/>",
        &ok(),
    ]);
    let trunk = Sipp::starts_at(&place, &scenario, port, &["-m", "1"]);
    let (status, made) = calls(&place, &maya).await;
    assert_eq!((status, &made["state"]), (StatusCode::ACCEPTED, &json!("ringing")), "{made}");
    sound.hears(30).await;
    let (_, under_way) = place.server.admin(Method::GET, "/api/v1/calls", None).await;
    assert_eq!((&under_way["items"][0]["direction"], &under_way["items"][0]["customer"]), (&json!("outbound"), &maya["id"]), "{under_way}");
    assert_eq!(calls(&place, &maya).await.1["code"], "on_the_phone");
    sound.says("price1-a").await;
    let listening = async {
        loop {
            sound.listens().await;
        }
    };
    tokio::select! {
        _ = timeline(&place, |items| has(items, "in", "What did I say my budget was?")) => {}
        () = listening => unreachable!("it is never over"),
    }
    let before = sound.heard;
    sound.hears(before + 20).await;
    let path = format!("/api/v1/calls/{}/hang_up", under_way["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(place.server.admin(Method::POST, &path, Some(&json!({}))).await.0, StatusCode::OK);
    trunk.ends_well().await;
    no_calls_left(&place).await;
    assert_eq!(calls(&place, &maya).await.1["code"], "called_already", "once a day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_busy_is_not_reached_and_not_called_again_that_day() {
    if !is_there("sipp", "-v") {
        return;
    }
    let port = free_port();
    let (place, maya) = place_that_calls(port, "", "").await;
    let scenario = scenario(&[RUNG, &answers("180 Ringing", "", ""), &answers("486 Busy Here", "", ""), "<recv request=\"ACK\"/>"]);
    let trunk = Sipp::starts_at(&place, &scenario, port, &["-m", "1"]);
    assert_eq!(calls(&place, &maya).await.0, StatusCode::ACCEPTED);
    trunk.ends_well().await;
    no_calls_left(&place).await;
    timeline(&place, |items| items.iter().any(|item| item.to_string().contains("not answered"))).await;
    assert_eq!(calls(&place, &maya).await.1["code"], "called_already");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_answers_is_hung_up_on_by_what_it_says() {
    if !is_there("sipp", "-v") {
        return;
    }
    let mut sound = Sound::open().await;
    let port = free_port();
    let (place, maya) = place_that_calls(port, "Hi, this is Maya. Please leave a message after the tone.", "").await;
    let scenario = scenario(&[
        RUNG,
        &answers("183 Session Progress", "", ""),
        &picks_up(sound.port()),
        "<recv request=\"ACK\"/>",
        "<recv request=\"BYE\"/>",
        &ok(),
    ]);
    let trunk = Sipp::starts_at(&place, &scenario, port, &["-m", "1"]);
    assert_eq!(calls(&place, &maya).await.0, StatusCode::ACCEPTED);
    sound.hears(20).await;
    let speaking = async {
        sound.says("price1-a").await;
        loop {
            sound.listens().await;
        }
    };
    tokio::select! {
        () = trunk.ends_well() => {}
        () = speaking => unreachable!("it is never over"),
    }
    no_calls_left(&place).await;
    let items = timeline(&place, |items| items.iter().any(|item| item.to_string().contains("not answered"))).await;
    assert!(!has(&items, "in", "leave a message"), "nobody said that: {items:?}");
}

#[tokio::test]
async fn a_number_over_sip_without_a_trunk_for_them_makes_no_calls() {
    let place = place(&json!({}), &format!("{TRUSTED}\nfrom = \"+15017122661\"")).await;
    crate::phone::maya_is_known(&place.server).await;
    crate::phone::by_day(&place.server).await;
    let maya = customer(&place.server, &format!("phone:{}", CALLER.replace('+', "%2B"))).await;
    let (status, refused) = calls(&place, &maya).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("no_calls_out")), "{refused}");
}
