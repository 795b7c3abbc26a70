//! Session timers: who says that a call stands, and what becomes of one of which nobody does.

use reqwest::StatusCode;
use serde_json::json;

use crate::sip::{EXPECTED, Sipp, Sound, TRUSTED, ack, bye, free_port, is_there, no_calls_left, offer, place, request, scenario, send};
use crate::sip_calling::{RUNG, answers, calls, place_that_calls};

/// An answer of ours with this in its `Session-Expires`.
fn expects(status: &str, header: &str, value: &str) -> String {
    format!(
        "<recv response=\"{status}\"><action><ereg regexp=\"{value}\" search_in=\"hdr\" header=\"{header}:\" check_it=\"true\" assign_to=\"1\"/></action></recv>\n<Reference variables=\"1\"/>"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_keeps_their_call_standing_is_told_so_and_nobody_is_made_to_do_so_all_the_time() {
    if !is_there("sipp", "-v") {
        return;
    }
    let place = place(&json!({}), TRUSTED).await;
    let sound = Sound::open().await;
    let sdp = offer(sound.port(), "0 101", "sendrecv");
    let asks = |within: &str| format!("Supported: timer\nSession-Expires: {within}\n");
    let too_often = send(&request("INVITE", 1, false, &asks("60"), &sdp), true);
    let steps = [&too_often, EXPECTED, &expects("422", "Min-SE", "90"), &ack(1)];
    Sipp::starts(&place, &scenario(&steps), &["-m", "1"]).ends_well().await;

    let asked = send(&request("INVITE", 1, false, &asks("1800"), &sdp), true);
    let refresh = send(&request("UPDATE", 2, true, &asks("1800;refresher=uac"), ""), true);
    let again = send(&request("INVITE", 3, true, &asks("1800;refresher=uac"), &sdp), true);
    let stands = expects("200", "Session-Expires", "1800;refresher=uac");
    let steps = [
        &asked,
        EXPECTED,
        &stands,
        &ack(1),
        &refresh,
        &stands,
        &again,
        "<recv response=\"100\" optional=\"true\"/>",
        &stands,
        &ack(3),
        &bye(4),
    ];
    Sipp::starts(&place, &scenario(&steps), &["-m", "1"]).ends_well().await;
    no_calls_left(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_ours_is_refreshed_as_agreed_and_one_that_the_other_side_forgets_is_ended() {
    if !is_there("sipp", "-v") {
        return;
    }
    for (who, allows, expected) in
        [("uac", "INVITE, ACK, BYE, UPDATE", "UPDATE"), ("uac", "INVITE, ACK, BYE", "INVITE"), ("uas", "INVITE, ACK, BYE", "BYE")]
    {
        let port = free_port();
        let (place, maya) = place_that_calls(port, "", "").await;
        let mut sound = Sound::open().await;
        let sdp = offer(sound.port(), "0 101", "sendrecv");
        let timer = format!("Allow: {allows}\nRequire: timer\nSession-Expires: 4;refresher={who}\n");
        let picks_up = answers("200 OK", &format!("{timer}Content-Type: application/sdp\n"), &sdp);
        // What is within a call has its tag already; only an answer to INVITE is said again until it is acknowledged.
        let within = |answer: &str| answer.replace("[last_To:];tag=[call_number]", "[last_To:]");
        let refreshed = match expected {
            "INVITE" => within(&picks_up),
            _ => within(&answers("200 OK", &timer, "")).replace(" retrans=\"500\"", ""),
        };
        let request = format!("<recv request=\"{expected}\"/>");
        let mut refresh = vec![request.as_str(), &refreshed];
        if expected == "INVITE" {
            refresh.push("<recv request=\"ACK\"/>");
        }
        let mut steps = vec![RUNG, &picks_up, "<recv request=\"ACK\"/>"];
        steps.extend(refresh.clone());
        if expected != "BYE" {
            // Not only once.
            steps.extend(refresh);
        }
        let trunk = Sipp::starts_at(&place, &scenario(&steps), port, &["-m", "1"]);
        assert_eq!(calls(&place, &maya).await.0, StatusCode::ACCEPTED);
        sound.hears(5).await;
        trunk.ends_well().await;
    }
}
