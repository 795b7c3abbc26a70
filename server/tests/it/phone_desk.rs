//! What a teammate at the console sees of a call, and does about it.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::doors::until;
use crate::phone::{CALLER, Caller, VOUCHED, attribute, customer, hook, ringing, server, server_with_a_person, timeline_of};
use crate::server::Server;

async fn the_call(server: &Server) -> Value {
    let (status, calls) = server.admin(Method::GET, "/api/v1/calls", None).await;
    assert_eq!(status, StatusCode::OK, "{calls}");
    calls["items"][0].clone()
}

async fn act(server: &Server, call: &Value, verb: &str, body: Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/calls/{}/{verb}", call["id"].as_str().expect("an id"));
    server.admin(Method::POST, &path, Some(&body)).await
}

#[tokio::test]
async fn a_call_under_way_says_who_it_is_on_which_number_since_when_and_what_was_said() {
    let server = server().await;
    assert_eq!(the_call(&server).await, Value::Null);
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    caller.says("My name is Maya Lindqvist.").await;
    let call = the_call(&server).await;
    for (key, expected) in [
        ("name", json!("Maya Lindqvist")),
        ("caller", json!(CALLER)),
        ("number", json!("+15017122661")),
        ("proof", json!("channel_asserted")),
        ("attestation", json!("full")),
        ("carried_by", json!("relay")),
        ("state", json!("live")),
        ("connected", json!(true)),
        ("taken_by", Value::Null),
        ("through_to", Value::Null),
        ("outcome", Value::Null),
    ] {
        assert_eq!(call[key], expected, "{key} of {call}");
    }
    caller.says("Do you deliver to Lyon?").await;
    // It was heard up to here.
    caller.send(&json!({"type": "interrupt", "utteranceUntilInterrupt": "", "durationUntilInterruptMs": 10})).await;
    caller.says("How long does it take?").await;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().expect("an id"));
    let whole = until(&server, &path, |whole| whole["turns"].as_array().is_some_and(|turns| turns.len() == 3)).await;
    let lines = whole["transcript"].as_array().expect("lines");
    assert_eq!(lines[0]["who"], "assistant", "the greeting comes first: {whole}");
    assert!(lines.iter().any(|line| line["who"] == "caller" && line["text"] == "Do you deliver to Lyon?"), "{whole}");
    let cut = lines.iter().find(|line| line["unheard"].is_string()).expect("words that were cut off");
    assert_eq!(cut["text"], "", "{cut}");
    assert!(
        whole["turns"].as_array().expect("turns").iter().all(|turn| turn["thinking_ms"].is_u64() && turn["ears_ms"].is_null()),
        "{whole}"
    );
    let over = [("CallSid", "CA1"), ("CallStatus", "completed"), ("SessionStatus", "ended"), ("SessionDuration", "4")];
    assert_eq!(hook(&server.base, "action", &over).await.0, StatusCode::OK);
    let ended = until(&server, &path, |whole| whole["state"] == "ended").await;
    assert_eq!((&ended["outcome"], &ended["connected"]), (&json!("completed"), &json!(false)), "{ended}");
    assert_eq!(ended["transcript"], whole["transcript"]);
    assert_eq!(ended["turns"], whole["turns"]);
    assert_eq!(act(&server, &call, "take", json!({})).await.1["code"], "call_over");
}

#[tokio::test]
async fn a_teammate_takes_a_call_speaks_in_writing_and_gives_it_back() {
    let server = server().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    caller.says("Do you deliver to Lyon?").await;
    let call = the_call(&server).await;
    assert_eq!(act(&server, &call, "say", json!({"text": "Hello"})).await.1["code"], "not_taken");
    let (status, taken) = act(&server, &call, "take", json!({})).await;
    assert_eq!((status, &taken["taken_by"]), (StatusCode::OK, &json!("Operator")), "{taken}");
    assert!(caller.hears().await.contains("Operator from the team"), "the caller is told who speaks");
    // What is said now is answered by the teammate alone.
    caller.send(&json!({"type": "prompt", "voicePrompt": "How long does delivery take?", "lang": "en-US", "last": true})).await;
    until(&server, "/api/v1/ledger", |ledger| ledger["counts"]["open"] == 0 && ledger["counts"]["handed_over"] == 1).await;
    let (status, said) = act(&server, &call, "say", json!({"text": "Three days, until 5 pm."})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    assert_eq!(caller.hears().await, "Three days, until five pm.", "as it is said to the ear");
    assert_eq!(act(&server, &call, "whisper", json!({"text": "Hello"})).await.1["code"], "taken");
    assert_eq!(act(&server, &call, "return", json!({})).await.0, StatusCode::OK);
    assert!(caller.hears().await.contains("AI assistant"));
    assert!(!caller.says("Do you deliver to Lyon?").await.is_empty());
    let (_, whole) = server.admin(Method::GET, &format!("/api/v1/calls/{}", call["id"].as_str().expect("an id")), None).await;
    let by_hand =
        whole["transcript"].as_array().expect("lines").iter().find(|line| line["who"] == "teammate").expect("the teammate's words");
    assert_eq!((&by_hand["text"], &by_hand["name"]), (&json!("Three days, until 5 pm."), &json!("Operator")), "{whole}");
}

#[tokio::test]
async fn what_a_teammate_whispers_is_passed_on_with_the_next_answer_and_only_once() {
    let server = server().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    let call = the_call(&server).await;
    let (status, whispered) = act(&server, &call, "whisper", json!({"text": "Your parcel left this morning."})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{whispered}");
    let said = caller.says("Hello, where is my parcel?").await;
    assert!(said.contains("A colleague tells me: Your parcel left this morning."), "{said}");
    let said = caller.says("Thank you.").await;
    assert!(!said.contains("parcel left"), "{said}");
    let person = customer(&server, "phone:%2B15558675310").await;
    let (_, timeline) = server.admin(Method::GET, &timeline_of(&person), None).await;
    assert!(timeline.to_string().contains("Whispered on the phone: Your parcel left this morning."), "{timeline}");
    for (text, code) in [("", "empty"), ("  ", "empty"), (&*"a".repeat(1_001), "too_long")] {
        assert_eq!(act(&server, &call, "whisper", json!({"text": text})).await.1["code"], code);
    }
}

#[tokio::test]
async fn a_caller_is_put_through_to_the_number_that_a_teammate_gives() {
    let server = server_with_a_person().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    caller.says("Hello").await;
    let call = the_call(&server).await;
    assert_eq!(call["through_to"], "+15017122662");
    let refused = act(&server, &call, "put_through", json!({"to": "0180000102"})).await;
    assert_eq!((refused.0, &refused.1["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_a_number")));
    let (status, through) = act(&server, &call, "put_through", json!({"to": "+33 1 80 00 01 02"})).await;
    assert_eq!((status, &through["to"]), (StatusCode::OK, &json!("+33180000102")), "{through}");
    assert_eq!(caller.frame().await["type"], "end");
    let over = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("SessionStatus", "ended"), ("HandoffData", "transfer")];
    let (status, twiml) = hook(&server.base, "action", &over).await;
    assert_eq!(status, StatusCode::OK);
    assert!(twiml.contains(">+33180000102<") && twiml.contains("I put you through now."), "{twiml}");
    assert_eq!(the_call(&server).await["state"], "transferring");
    assert_eq!(act(&server, &call, "whisper", json!({"text": "Hello"})).await.1["code"], "not_connected");
}

#[tokio::test]
async fn a_call_that_nobody_can_be_rung_for_is_not_put_through() {
    let server = server().await;
    let (_, twiml) = hook(&server.base, "call", &ringing("CA1", CALLER, VOUCHED)).await;
    assert!(attribute(&twiml, "url").is_some(), "{twiml}");
    let call = the_call(&server).await;
    assert_eq!(act(&server, &call, "put_through", json!({})).await.1["code"], "nowhere");
    assert_eq!(act(&server, &call, "put_through", json!({"to": "+33180000102"})).await.1["code"], "not_connected", "it rings still");
    assert_eq!(act(&server, &json!({"id": "call_00000000000000000000000000"}), "take", json!({})).await.0, StatusCode::NOT_FOUND);
}

/// A model that gives these answers one after the other; what it was asked comes out.
async fn model(answers: &'static [&'static str]) -> (String, tokio::sync::mpsc::UnboundedReceiver<Value>) {
    let (out, asked) = tokio::sync::mpsc::unbounded_channel();
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let answer = move |body: axum::Json<Value>| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let _ = out.send(body.0);
        let chunk = json!({"choices": [{"index": 0, "delta": {"content": answers[number.min(answers.len() - 1)]}, "finish_reason": null}]});
        let usage = json!({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 50}});
        let events = format!("data: {chunk}\n\ndata: {usage}\n\ndata: [DONE]\n\n");
        async move { ([("content-type", "text/event-stream")], events) }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let router = axum::Router::new().route("/v1/chat/completions", axum::routing::post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, asked)
}

#[tokio::test]
async fn what_a_teammate_whispers_is_weighed_by_the_model_in_the_next_answer_and_not_read_out() {
    const WHISPER: &str = "The courier in Lyon has her parcel, it comes this evening, and be warm to her.";
    let (base, mut asked) = model(&[
        r#"{"answer": "Good news, your parcel is with the courier in Lyon and comes this evening.", "passages": [], "facts": []}"#,
        r#"{"answer": null, "passages": [], "facts": []}"#,
    ])
    .await;
    let server = Server::start_with(&format!(
        "{}\n[[models]]\nid = \"main\"\nkind = \"openai\"\nbase_url = \"{base}\"\nmodel = \"m\"\n[agents]\nanswerer = [\"main\"]\n",
        crate::phone::PHONE
    ))
    .await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    let call = the_call(&server).await;
    assert_eq!(act(&server, &call, "whisper", json!({"text": WHISPER})).await.0, StatusCode::ACCEPTED);
    let said = caller.says("Hello, where is my parcel?").await;
    assert!(said.contains("your parcel is with the courier in Lyon"), "{said}");
    assert!(!said.contains("colleague") && !said.contains("be warm"), "{said}");
    let prompt = asked.recv().await.expect("a question to the model").to_string();
    assert!(prompt.contains("be warm to her") && prompt.contains("unheard by the customer"), "{prompt}");

    // Where the model has no answer, nothing that was whispered is lost.
    assert_eq!(act(&server, &call, "whisper", json!({"text": "We are closed tomorrow."})).await.0, StatusCode::ACCEPTED);
    let said = caller.says("Can I come by tomorrow morning?").await;
    assert!(said.contains("A colleague tells me: We are closed tomorrow."), "{said}");
    let prompt = asked.recv().await.expect("a question to the model").to_string();
    assert!(prompt.contains("We are closed tomorrow.") && !prompt.contains("be warm to her"), "it was whispered for one answer: {prompt}");
}

/// A teammate puts the only call through, and our side of it ends.
async fn is_put_through(server: &Server, caller: &mut Caller) {
    let call = the_call(server).await;
    let ends = async { while caller.frame().await["type"] != "end" {} };
    let (answer, ()) = tokio::join!(act(server, &call, "put_through", json!({})), ends);
    assert_eq!(answer.0, StatusCode::OK, "{}", answer.1);
}

#[tokio::test]
async fn whoever_hangs_up_while_a_person_is_rung_is_called_back_whatever_the_vendor_tells_first() {
    for status_first in [true, false] {
        let server = server_with_a_person().await;
        let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
        is_put_through(&server, &mut caller).await;
        let ended = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("SessionStatus", "ended"), ("HandoffData", "transfer")];
        let (_, twiml) = hook(&server.base, "action", &ended).await;
        assert!(twiml.contains("<Dial"), "{twiml}");
        let over = [("CallSid", "CA1"), ("CallStatus", "completed")];
        let dialled = [("CallSid", "CA1"), ("CallStatus", "completed"), ("DialCallStatus", "canceled")];
        if status_first {
            hook(&server.base, "status", &over).await;
            hook(&server.base, "status", &over).await;
        }
        hook(&server.base, "dialled", &dialled).await;
        hook(&server.base, "status", &over).await;
        let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
        assert!(tasks.iter().any(|task| task.what.contains("call back +15558675310")), "{status_first}: {tasks:?}");
        assert_eq!(the_call(&server).await, Value::Null);
    }
}

#[tokio::test]
async fn whoever_was_put_through_and_talked_is_not_called_back_whatever_the_vendor_tells_first() {
    let server = server_with_a_person().await;
    let mut caller = Caller::rings(&server.base, "CA1", CALLER, VOUCHED).await;
    caller.says("Are you a bot?").await;
    is_put_through(&server, &mut caller).await;
    // Without an escalation there is no brief; whoever picks up hears what it was about all the same.
    let ended = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("SessionStatus", "ended"), ("HandoffData", "transfer")];
    let (_, twiml) = hook(&server.base, "action", &ended).await;
    let whisper = attribute(&twiml, "url").expect("a whisper");
    let path = whisper.split_once("/voice/tel/").expect("our address").1.to_owned();
    let (_, brief) = hook(&server.base, &path, &[("CallSid", "CA8")]).await;
    assert!(brief.contains("<Say") && brief.contains("Are you a bot?"), "{brief}");
    hook(&server.base, "status", &[("CallSid", "CA1"), ("CallStatus", "completed")]).await;
    hook(&server.base, "dialled", &[("CallSid", "CA1"), ("CallStatus", "completed"), ("DialCallStatus", "completed")]).await;
    assert_eq!(the_call(&server).await, Value::Null);
    let tasks = server.app.store().tasks(&"one".into(), 10).await.expect("tasks");
    assert!(!tasks.iter().any(|task| task.what.contains("call back")), "{tasks:?}");
}
