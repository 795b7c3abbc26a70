//! Discord: signed interactions, messages that satisfy its specification, and the gateway played by a server of ours.

use std::sync::{Arc, Mutex};

use domain::channel::ChannelKind;
use domain::event::InboundEvent;
use domain::message::Thread;
use domain::ports::{Channel, HungUp, Received, Refusal, SendError, Sent};
use futures::{SinkExt, StreamExt};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::post::{Ear, listen};
use crate::sending::{BUTTONS, at, conforms, example};
use crate::stub::{Script, Stub};
use crate::world::{NOW, Request, card, delivery, door, fixture, opened, settings, with_value};

const APPLICATION: &str = "1457469483726668048";

#[test]
fn published_signature_vectors_are_kept_to() {
    let vectors = fixture("signatures/discord-ed25519.json");
    for vector in vectors.as_array().unwrap() {
        let text = |key: &str| vector[key].as_str().unwrap();
        let request = Request::post(text("raw_body"))
            .header("x-signature-ed25519", text("X-Signature-Ed25519"))
            .header("x-signature-timestamp", text("X-Signature-Timestamp"));
        // The vector's body is no whole interaction: what counts is whether it is let through.
        let answer = door(ChannelKind::Discord).receive(&request.view(), NOW);
        assert_eq!(!matches!(answer, Err(Refusal::Signature)), vector["valid"] == true, "{answer:?}");
    }
}

struct Signer(Ed25519KeyPair);

impl Signer {
    fn new() -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap())
    }

    fn door(&self) -> Arc<dyn Channel> {
        let key: String = self.0.public_key().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        opened(&with_value(settings(ChannelKind::Discord), "public_key", key))
    }

    fn request(&self, body: &Value) -> Request {
        let body = body.to_string();
        let signature: String = self.0.sign(format!("{NOW}{body}").as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Request::post(body).header("x-signature-ed25519", &signature).header("x-signature-timestamp", &NOW.to_string())
    }
}

#[test]
fn interactions_are_answered_at_once_and_read() {
    let signer = Signer::new();
    let door = signer.door();
    let answered = |body: &Value| match door.receive(&signer.request(body).view(), NOW).unwrap() {
        Received::Handshake(answer) => (serde_json::from_str(&answer.body).unwrap(), Vec::new()),
        Received::Events { events, answer } => (serde_json::from_str::<Value>(&answer.body).unwrap(), events),
    };
    assert_eq!(answered(&fixture("discord/int-ping.json")), (json!({"type": 1}), vec![]));
    let (told, events) = answered(&fixture("discord/int-slash-in-dm.json"));
    assert_eq!(told, json!({"type": 5}));
    assert!(matches!(&events[0], InboundEvent::Message(message) if message.text.as_deref() == Some("opening hours?")));
    let (told, events) = answered(&fixture("discord/in-vc-button-click-hello.json"));
    assert_eq!(told, json!({"type": 6}));
    let InboundEvent::Postback(tapped) = &events[0] else { panic!("{events:?}") };
    assert_eq!(tapped.chat.as_deref(), Some("1457536551830421524:1033044521375764530"), "in a server the address names the person too");
    let (told, _) = answered(&fixture("discord/int-modal-submit.json"));
    assert_eq!(told, json!({"type": 5, "data": {"flags": 64}}), "in a server only the person sees it");
    for answer in [json!({"type": 1}), json!({"type": 5}), json!({"type": 6}), json!({"type": 5, "data": {"flags": 64}})] {
        assert_eq!(conforms("discord", "callback", &answer), Ok(()));
    }
    let mut forged = signer.request(&fixture("discord/int-ping.json"));
    forged.body.push(b' ');
    assert_eq!(door.receive(&forged.view(), NOW), Err(Refusal::Signature));
    assert_eq!(door.receive(&Request::post("{}").view(), NOW), Err(Refusal::Signature));
}

#[tokio::test]
async fn messages_satisfy_discords_specification() {
    let long_payload = [("T", &*"é".repeat(90))];
    for (address, buttons) in [
        ("1457510428359004343", &BUTTONS[..0]),
        ("1457510428359004343:7", &BUTTONS[..3]),
        ("1457510428359004343", &BUTTONS[..12]),
        ("1457510428359004343", &long_payload[..]),
    ] {
        let stub = Stub::playing(example("discord", "created")).await;
        let mut said = delivery(ChannelKind::Discord, address, "hello @everyone", buttons);
        said.thread = Some(Thread { message: Some("1457536567810854934".to_owned()), is_public: true, ..Thread::default() });
        said.rendered.cards = vec![card("contour")];
        let sent = at(&stub, settings(ChannelKind::Discord)).deliver(&said).await;
        assert_eq!(sent, Ok(Sent { provider_message_id: Some("1457536567810854940".to_owned()) }));
        let asked = stub.asked().remove(0);
        assert_eq!(asked.line, "POST /channels/1457510428359004343/messages HTTP/1.1");
        assert_eq!(asked.header("authorization"), Some("Bot MTQ1.abc.def"));
        let body = asked.json();
        assert_eq!(conforms("discord", "messages", &body), Ok(()));
        let embed = json!({"title": "contour", "description": "Price: 449 EUR", "url": "https://shop.example/contour",
            "image": {"url": "https://shop.example/contour.jpg"}});
        assert_eq!(body["embeds"], json!([embed]));
        assert_eq!(body["allowed_mentions"], json!({"parse": []}), "nobody is called");
        assert_eq!(body["message_reference"]["message_id"], "1457536567810854934");
        let id = body["components"][0]["components"][0]["custom_id"].as_str().unwrap_or_default();
        assert!(id.chars().count() <= 100);
    }
    let refused = |body: Value| assert!(conforms("discord", "messages", &body).is_err(), "{body}");
    refused(json!({"content": "x".repeat(2_001)}));
    refused(json!({"content": 5}));
    refused(json!({"content": "x", "mentions": "all"}));
}

#[tokio::test]
async fn each_answer_is_one_of_the_outcomes() {
    let check = async |name: &str, expected: &str| {
        let stub = Stub::playing(example("discord", name)).await;
        let outcome = at(&stub, settings(ChannelKind::Discord)).deliver(&delivery(ChannelKind::Discord, "7", "hi", &[])).await;
        let found = match outcome.unwrap_err() {
            SendError::RateLimited(after) => format!("later {after:?}"),
            SendError::NotYet(_) => "not asked".to_owned(),
            SendError::NotSent(_) => "not sent".to_owned(),
            SendError::Unknown(_) => "unknown".to_owned(),
            SendError::Refused { code, opted_out, .. } => format!("refused {code} {opted_out}"),
        };
        assert_eq!(found, expected, "{name}");
    };
    check("limited", "later Some(650ms)").await;
    check("closed", "refused 50007 true").await;
    check("missing", "refused 50013 false").await;
    check("unauthorized", "refused 401 false").await;
    check("invalid", "refused 50035 false").await;
}

#[tokio::test]
async fn a_commands_reply_takes_the_place_of_its_waiting_mark() {
    let signer = Signer::new();
    let stub = Stub::playing(example("discord", "created")).await;
    let key: String = signer.0.public_key().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let door = at(&stub, with_value(settings(ChannelKind::Discord), "public_key", key));
    door.receive(&signer.request(&fixture("discord/int-modal-submit.json")).view(), NOW).unwrap();
    let mut reply = delivery(ChannelKind::Discord, "1457510428359004399:1033044521375764530", "done", &[]);
    reply.thread = Some(Thread { message: Some("1457536583141163102".to_owned()), ..Thread::default() });
    door.deliver(&reply).await.unwrap();
    door.deliver(&reply).await.unwrap();
    let asked = stub.asked();
    assert_eq!(asked[0].line, format!("PATCH /webhooks/{APPLICATION}/aW51/messages/@original HTTP/1.1"));
    assert_eq!(conforms("discord", "original", &asked[0].json()), Ok(()));
    assert_eq!(asked[1].line, format!("POST /webhooks/{APPLICATION}/aW51 HTTP/1.1"));
    assert_eq!(asked[1].json()["flags"], 64);
    assert_eq!(conforms("discord", "follow_up", &asked[1].json()), Ok(()));
    // After a restart nobody may read along what only one person asked for.
    reply.thread = Some(Thread { message: Some("1".to_owned()), ..Thread::default() });
    assert!(matches!(door.deliver(&reply).await, Err(SendError::Refused { .. })));
}

/// The gateway, one connection at a time; what was sent to it is kept.
struct Gateway {
    listener: TcpListener,
    heard: Mutex<Vec<Value>>,
}

type Socket = WebSocketStream<TcpStream>;

impl Gateway {
    async fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap(), heard: Mutex::default() }
    }

    fn url(&self) -> String {
        format!("ws://{}", self.listener.local_addr().unwrap())
    }

    /// Takes a connection, greets, and answers what comes first (identify or resume).
    async fn accept(&self) -> (Socket, Value) {
        let coming = tokio::time::timeout(std::time::Duration::from_secs(30), self.listener.accept());
        let (tcp, _) = coming.await.expect("a connection comes").unwrap();
        let mut socket = tokio_tungstenite::accept_async(tcp).await.unwrap();
        say(&mut socket, &json!({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": null, "t": null})).await;
        loop {
            let heard = hear(&mut socket).await;
            self.heard.lock().unwrap().push(heard.clone());
            if heard["op"] == 2 || heard["op"] == 6 {
                return (socket, heard);
            }
        }
    }

    async fn ready(&self, socket: &mut Socket) {
        let mut ready = fixture("discord/gw-ready.json");
        ready["d"]["resume_gateway_url"] = self.url().into();
        say(socket, &ready).await;
    }
}

/// Waits for the other side to go.
async fn closed(mut socket: Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

async fn say(socket: &mut Socket, payload: &Value) {
    socket.send(Message::text(payload.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            _ => {}
        }
    }
}

fn message(sequence: u64, id: &str, text: &str) -> Value {
    let mut payload = fixture("discord/gw-message-create-dm.json");
    payload["s"] = sequence.into();
    payload["d"]["id"] = id.into();
    payload["d"]["content"] = text.into();
    payload
}

async fn listening_to(gateway: &Gateway) -> (Arc<dyn Channel>, Stub) {
    let stub = Stub::playing(Script::json(200, &json!({"id": "1"}))).await;
    let settings = with_value(settings(ChannelKind::Discord), "gateway_url", gateway.url());
    (at(&stub, settings), stub)
}

#[tokio::test]
async fn what_people_write_comes_through_the_gateway_and_a_broken_session_is_resumed() {
    let gateway = Gateway::open().await;
    let (door, stub) = listening_to(&gateway).await;
    let ear = Arc::new(Ear::default());
    let listening = listen(&door, &ear);
    let (mut socket, first) = gateway.accept().await;
    assert_eq!(first["op"], 2, "a new session is identified");
    assert_eq!(first["d"]["token"], "Bot MTQ1.abc.def");
    assert_eq!(first["d"]["intents"].as_u64().unwrap() & (1 << 15 | 1 << 12 | 1 << 9), 1 << 15 | 1 << 12 | 1 << 9);
    gateway.ready(&mut socket).await;
    say(&mut socket, &message(2, "11", "one")).await;
    say(&mut socket, &fixture("discord/gw-message-create-own-bot.json")).await;
    ear.until("the first message", |ear| ear.messages().len() == 1).await;
    assert_eq!(ear.messages()[0].text.as_deref(), Some("one"));
    assert_eq!(conforms("discord", "command", &stub.asked()[0].json()), Ok(()), "the command /link was made");

    // Discord asks to reconnect: the session goes on behind what was taken.
    say(&mut socket, &json!({"op": 7, "d": null})).await;
    closed(socket).await;
    let (mut socket, resumed) = gateway.accept().await;
    assert_eq!((&resumed["op"], &resumed["d"]["session_id"]), (&json!(6), &json!("abc123")));
    say(&mut socket, &message(9, "12", "two")).await;
    ear.until("the second message", |ear| ear.messages().len() == 2).await;
    drop(listening);
    drop(socket);

    // So does a restart of ours.
    let _again = listen(&door, &ear);
    let (mut socket, resumed) = gateway.accept().await;
    assert_eq!((&resumed["op"], &resumed["d"]["seq"]), (&json!(6), &json!(9)), "{resumed}");
    // Discord has forgotten the session: a new one is identified.
    say(&mut socket, &json!({"op": 9, "d": false})).await;
    let (mut socket, anew) = gateway.accept_or_identify(socket).await;
    assert_eq!(anew["op"], 2);
    gateway.ready(&mut socket).await;
    say(&mut socket, &message(2, "13", "three")).await;
    ear.until("the third message", |ear| ear.messages().len() == 3).await;
}

impl Gateway {
    /// After an invalid session a client may identify on the same connection or on a new one.
    async fn accept_or_identify(&self, mut socket: Socket) -> (Socket, Value) {
        tokio::select! {
            accepted = self.accept() => accepted,
            heard = async {
                loop {
                    match socket.next().await {
                        Some(Ok(Message::Text(text))) => {
                            let heard: Value = serde_json::from_str(&text).unwrap();
                            if heard["op"] == 2 {
                                break heard;
                            }
                        }
                        Some(_) => {}
                        None => std::future::pending().await,
                    }
                }
            } => (socket, heard),
        }
    }
}

#[tokio::test]
async fn a_bot_in_many_servers_keeps_as_many_connections_as_discord_wants() {
    let gateway = Gateway::open().await;
    let limit = json!({"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 2});
    let told = json!({"url": gateway.url(), "shards": 2, "session_start_limit": limit});
    let stub = Stub::playing_in_turn(vec![Script::json(200, &json!({"id": "1"})), Script::json(200, &told)]).await;
    let door = at(&stub, with_value(settings(ChannelKind::Discord), "gateway_url", gateway.url()));
    let ear = Arc::new(Ear::default());
    let listening = listen(&door, &ear);
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let (mut socket, first) = gateway.accept().await;
        assert_eq!(first["op"], 2);
        let mut ready = fixture("discord/gw-ready.json");
        ready["d"]["resume_gateway_url"] = gateway.url().into();
        ready["d"]["session_id"] = format!("session {}", first["d"]["shard"][0]).into();
        say(&mut socket, &ready).await;
        sockets.push((first["d"]["shard"].clone(), socket));
    }
    sockets.sort_by_key(|(shard, _)| shard[0].as_u64());
    assert_eq!([&sockets[0].0, &sockets[1].0], [&json!([0, 2]), &json!([1, 2])]);
    assert_eq!(stub.asked()[1].line, "GET /gateway/bot HTTP/1.1");
    for (number, (_, socket)) in sockets.iter_mut().enumerate() {
        say(socket, &message(7 + number as u64, &format!("1{number}"), &format!("from {number}"))).await;
    }
    ear.until("both messages", |ear| ear.messages().len() == 2).await;
    ear.until("both places", |ear| ear.place.lock().unwrap().as_deref().is_some_and(|place| place.contains(":7") && place.contains(":8")))
        .await;
    drop(listening);
    drop(sockets);

    // After a restart each goes on in its own session.
    let stub = Stub::playing_in_turn(vec![Script::json(200, &json!({"id": "1"})), Script::json(200, &told)]).await;
    let door = at(&stub, with_value(settings(ChannelKind::Discord), "gateway_url", gateway.url()));
    let _again = listen(&door, &ear);
    let mut resumed = Vec::new();
    for _ in 0..2 {
        let (socket, first) = gateway.accept().await;
        assert_eq!(first["op"], 6, "{first}");
        resumed.push((first["d"]["session_id"].clone(), first["d"]["seq"].clone(), socket));
    }
    resumed.sort_by_key(|(session, ..)| session.to_string());
    let found: Vec<_> = resumed.iter().map(|(session, seq, _)| (session.as_str().unwrap(), seq.as_u64().unwrap())).collect();
    assert_eq!(found, [("session 0", 7), ("session 1", 8)]);
}

#[tokio::test]
async fn a_channel_that_is_full_is_not_written_to_again_before_its_time() {
    let full = Script::Answer {
        status: 200,
        headers: "x-ratelimit-remaining: 0\r\nx-ratelimit-reset-after: 30\r\n",
        body: json!({"id": "9"}).to_string(),
    };
    let stub = Stub::playing(full).await;
    let door = at(&stub, settings(ChannelKind::Discord));
    let say = async |channel: &str| door.deliver(&delivery(ChannelKind::Discord, channel, "hi", &[])).await;
    assert!(say("7").await.is_ok());
    assert!(matches!(say("7").await, Err(SendError::RateLimited(Some(after))) if after.as_secs() >= 20));
    assert!(say("8").await.is_ok(), "another channel has its own measure");
    assert_eq!(stub.asked().len(), 2);
}

#[tokio::test]
async fn a_refused_bot_is_told_what_to_do() {
    let gateway = Gateway::open().await;
    let (door, _stub) = listening_to(&gateway).await;
    for (code, word) in [(4_004_u16, "bot_token"), (4_014, "Message Content Intent")] {
        let listening = async { door.listen(&Ear::default()).await };
        let refusing = async {
            let (mut socket, _) = gateway.accept().await;
            let _ = socket.close(Some(CloseFrame { code: code.into(), reason: "no".into() })).await;
            while let Some(Ok(_)) = socket.next().await {}
        };
        let (hung_up, ()) = tokio::join!(listening, refusing);
        assert!(matches!(&hung_up, HungUp::Refused(why) if why.contains(word)), "{hung_up:?}");
    }
}

#[tokio::test]
async fn in_a_server_what_is_said_to_others_is_left_alone() {
    let gateway = Gateway::open().await;
    let (door, _stub) = listening_to(&gateway).await;
    let ear = Arc::new(Ear::default());
    let _listening = listen(&door, &ear);
    let (mut socket, _) = gateway.accept().await;
    gateway.ready(&mut socket).await;
    let in_server = |sequence: u64, text: &str, part: Value| {
        let mut payload = message(sequence, &format!("{sequence}"), text);
        payload["d"]["guild_id"] = "8".into();
        payload["d"].as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        payload
    };
    let answer_to = |id: &str| json!({"type": 19, "message_reference": {"message_id": "1"}, "referenced_message": {"author": {"id": id}}});
    say(&mut socket, &in_server(2, "<@5> look", json!({}))).await;
    say(&mut socket, &in_server(3, "sure", answer_to("5"))).await;
    say(&mut socket, &in_server(4, "", json!({}))).await;
    say(&mut socket, &in_server(5, "<@1457469483726668048> do you deliver?", json!({}))).await;
    say(&mut socket, &in_server(6, "and on Sunday?", answer_to(APPLICATION))).await;
    say(&mut socket, &in_server(7, "my chair squeaks", json!({}))).await;
    ear.until("what is for us", |ear| ear.messages().len() >= 3).await;
    let texts: Vec<_> = ear.messages().iter().map(|message| message.text.clone().unwrap()).collect();
    assert_eq!(texts, ["do you deliver?", "and on Sunday?", "my chair squeaks"]);
    assert!(
        ear.messages()
            .iter()
            .all(|message| message.is_public() && message.chat.as_deref() == Some("1457510428359004343:1033044521375764530"))
    );
}
