//! No door refuses what rendering gave it: answers of every shape, written for each door, satisfy its vendor's specification.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use domain::channel::ChannelKind;
use domain::message::{Author, Button, Card, Delivery, Rendered, ServiceWindow};
use domain::settings::{ConnectionSettings, Mode};
use domain::{CustomerId, DeliveryId, MessageId, Secret, Timestamp};
use engine::rendering::phrases::Phrases;
use engine::rendering::plan::{self, Draft};
use serde_json::{Value, json};

/// Answers of each kind of door.
const CASES: u64 = 60;

/// Numbers from a seed; the same seed gives the same answer.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most).expect("a small number")
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let place = self.below(of.len() as u64);
        &of[place]
    }

    /// Some words, marks and signs.
    fn text(&mut self, most: u64) -> String {
        const PIECES: [&str; 24] = [
            "The chair costs 389 EUR. ",
            "Delivery takes three days! ",
            "**Bold** ",
            "[our shop](https://shop.example/a?b=1&c=2) ",
            "`code < 1` ",
            "# Heading\n",
            "\n\n",
            "| Model | Price |\n| --- | --- |\n| Atlas | 449 EUR |\n",
            "- one\n- two\n",
            "👩‍👩‍👧‍👦",
            "é",
            "& ",
            "<b>",
            "</b> ",
            "日本語のとても長い文章です。",
            "https://shop.example/a-very-long-address/that/has/no/blank ",
            "x",
            "2 ** 3 ",
            "```\nlet a = 1;\n```\n",
            "~~never~~ ",
            "**[both](https://shop.example)** ",
            "\u{202e}",
            "a_b_c ",
            "Warum nicht? ",
        ];
        let count = self.below(most) + 1;
        (0..count).map(|_| *self.one(&PIECES)).collect()
    }

    fn answer(&mut self) -> Draft {
        let most = *self.one(&[2, 8, 40, 400]);
        let title = |dice: &mut Self| {
            let title = dice.text(2).replace('\n', " ");
            if title.trim().is_empty() { "Yes".to_owned() } else { title.trim().to_owned() }
        };
        let count = *self.one(&[0, 0, 1, 2, 3, 4, 10, 13]);
        let buttons = (0..count)
            .map(|place| Button { title: format!("{place} {}", title(self)), payload: format!("p{place}{}", "é".repeat(self.below(20))) })
            .collect();
        let cards = (0..self.below(4)).map(|place| Card {
            title: format!("Chair {place}"),
            text: "Price: 449 EUR".to_owned(),
            picture: Some("https://shop.example/c.jpg".to_owned()),
            url: Some(format!("https://shop.example/{place}")),
        });
        Draft {
            cards: cards.collect(),
            parts: (0..=self.below(3)).map(|_| format!("Well. {}", self.text(most))).collect(),
            buttons,
            request_contact: self.below(4) == 0,
            sign_off: (self.below(3) == 0).then(|| "Your team".to_owned()),
        }
    }
}

fn specification(vendor: &str) -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../channels/tests/fixtures/specs/{vendor}.json"));
    serde_json::from_slice(&std::fs::read(file).expect("a specification")).expect("JSON")
}

/// A vendor that takes everything and remembers it.
async fn vendor(answer: Value) -> (String, Arc<Mutex<Vec<(String, Vec<u8>)>>>) {
    let asked: Arc<Mutex<Vec<(String, Vec<u8>)>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let router = Router::new().fallback(move |uri: Uri, body: Bytes| {
        kept.lock().expect("nobody panics").push((uri.path().to_owned(), body.to_vec()));
        let answer = answer.clone();
        async move { (StatusCode::OK, axum::Json(answer)) }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, asked)
}

fn settings(kind: ChannelKind, base: &str) -> ConnectionSettings {
    let (values, secrets): (&[(&str, &str)], &[(&str, &str)]) = match kind {
        ChannelKind::Whatsapp => (
            &[("phone_number_id", "106540352242922"), ("phone_number", "+15550783881")],
            &[("access_token", "EAAB"), ("app_secret", "s"), ("verify_token", "v")],
        ),
        ChannelKind::Telegram => (&[("bot_username", "shop_bot")], &[("bot_token", "123456:ABC-DEF"), ("secret_token", "s")]),
        ChannelKind::Messenger | ChannelKind::Instagram => {
            (&[("page_id", "1906385232743451")], &[("access_token", "EAAB"), ("app_secret", "s"), ("verify_token", "v")])
        }
        ChannelKind::Discord => (
            &[
                ("application_id", "1457469483726668048"),
                ("public_key", "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"),
            ],
            &[("bot_token", "MTQ1.abc.def")],
        ),
        _ => (&[("account_sid", "AC00000000000000000000000000000001"), ("from", "+15017122661")], &[("auth_token", "12345")]),
    };
    ConnectionSettings {
        id: "door".into(),
        workspace: "shop".into(),
        channel: kind,
        mode: Mode::Answer,
        api_base: Some(base.to_owned()),
        values: values.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect(),
        secrets: secrets.iter().map(|(key, value)| ((*key).to_owned(), vec![Secret::new((*value).to_owned())])).collect(),
        public_url: "https://chat.example.com".to_owned(),
    }
}

fn delivery(kind: ChannelKind, seed: u64, rendered: Rendered) -> Delivery {
    let at = Timestamp::from_secs(1_780_000_000);
    Delivery {
        id: DeliveryId::new(at, u128::from(seed)),
        message: MessageId::new(at, 8),
        customer: CustomerId::new(at, 9),
        connection: "door".into(),
        channel: kind,
        // Each is somebody else: nobody is written to too often.
        address: if kind == ChannelKind::Sms { format!("+1555867{seed:04}") } else { format!("1650555{seed:04}") },
        rendered,
        author: Author::Ai,
        attempt: 1,
        last_inbound: Some(at),
        window: ServiceWindow::Open,
        thread: None,
        files: Vec::new(),
    }
}

/// The whole request as the specification sees it.
fn request(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let fields = url::form_urlencoded::parse(body);
        Value::Object(fields.map(|(key, value)| (key.into_owned(), Value::from(value.into_owned()))).collect())
    })
}

/// Telegram counts what is left once its marks are read.
fn unmarked(html: &str) -> String {
    let mut out = String::new();
    for (place, part) in html.split('<').enumerate() {
        out.push_str(if place == 0 { part } else { part.split_once('>').expect("a whole mark").1 });
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

async fn check(kind: ChannelKind, name: &str, operation: &str, answer: Value) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut specification = specification(name);
    let mut schema = specification["requests"][operation].take();
    schema["$defs"] = specification["$defs"].take();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let (base, asked) = vendor(answer).await;
    let door = channels::open(&settings(kind, &base), &reqwest::Client::new()).expect("a door");
    for seed in 1..=CASES {
        let draft = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).answer();
        let plan = plan::plan(&draft, door.capabilities(), &Phrases::new("en"));
        assert!(!plan.messages.is_empty(), "{kind}, seed {seed}: nothing is said");
        let titles = draft.buttons.len().min(door.capabilities().buttons.most);
        let shown: usize = plan.messages.iter().map(|one| one.buttons.len()).sum::<usize>() + plan.choices.len();
        assert_eq!(shown, titles, "{kind}, seed {seed}: every choice is a button or a number");
        for (place, rendered) in plan.messages.into_iter().enumerate() {
            let sent = door.deliver(&delivery(kind, seed * 20 + place as u64 % 20, rendered)).await;
            let sent = match sent {
                // The door's own pace: asked for again when its time has come.
                Err(domain::ports::SendError::NotYet(_)) => continue,
                other => other,
            };
            assert!(sent.is_ok(), "{kind}, seed {seed}: {sent:?}");
        }
        for (path, body) in std::mem::take(&mut *asked.lock().expect("nobody panics")) {
            let mut request = request(&body);
            if kind == ChannelKind::Telegram {
                request["text"] = unmarked(request["text"].as_str().expect("a text")).into();
            }
            // Discord's door first asks for the person's own channel.
            if path.ends_with("/users/@me/channels") {
                continue;
            }
            if let Err(error) = validator.validate(&request) {
                panic!("{kind}, seed {seed}: {error} in {request}");
            }
        }
    }
}

#[tokio::test]
async fn no_door_refuses_what_rendering_gave_it() {
    let discord = json!({ "id": "1457536551830421524", "channel_id": "1457536551830421524" });
    let meta = json!({ "recipient_id": "1", "message_id": "m1" });
    check(ChannelKind::Whatsapp, "whatsapp", "messages", json!({ "messages": [{ "id": "wamid.1" }] })).await;
    check(ChannelKind::Telegram, "telegram", "sendMessage", json!({ "ok": true, "result": { "message_id": 1 } })).await;
    check(ChannelKind::Discord, "discord", "messages", discord).await;
    check(ChannelKind::Messenger, "messenger", "messages", meta.clone()).await;
    check(ChannelKind::Instagram, "instagram", "messages", meta).await;
    check(ChannelKind::Sms, "twilio", "messages", json!({ "sid": "SM00000000000000000000000000000001", "status": "queued" })).await;
}
