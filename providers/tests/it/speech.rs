//! Speech against a server that answers as the vendor's documentation says, and as no vendor should; and the program on
//! this machine.

use std::time::Duration;

use domain::ports::{Listening, Recognised, SAMPLES_A_SECOND, SpeechError, Voiced, Voicing};
use providers::speech::{SpeechKind, SpeechSettings, open_stt, open_tts};

use futures::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::{client, once};

fn settings(kind: SpeechKind, base_url: String) -> SpeechSettings {
    SpeechSettings {
        id: "mine".to_owned(),
        kind,
        base_url,
        model: "whisper-1".to_owned(),
        voice: Some("nova".to_owned()),
        api_key: Some(domain::Secret::new("key-of-the-test".to_owned())),
        sample_rate: 24_000,
        timeout: Duration::from_secs(5),
        script: None,
    }
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn heard(answer: Vec<u8>, sound: &[i16]) -> (Vec<Recognised>, String) {
    let (base, server) = once(answer).await;
    let stt = open_stt(&settings(SpeechKind::OpenAi, base), &client()).expect("it listens");
    let how = Listening { language: "fr-FR".to_owned(), hints: vec!["Contour".to_owned()] };
    let ear = stt.listen(&how).await.expect("an ear");
    ear.hear(&vec![0; 30 * SAMPLES_A_SECOND]).expect("it hears");
    ear.begin();
    ear.hear(sound).expect("it hears");
    ear.finish().expect("it is asked");
    let mut all = vec![ear.next().await];
    if let Recognised::Final { .. } = all[0] {
        all.push(ear.next().await);
    }
    (all, server.await.expect("served"))
}

#[tokio::test]
async fn an_utterance_is_recognised_as_a_file_with_its_language_and_what_is_expected() {
    let (heard, asked) = heard(answer("200 OK", r#"{"text": " Combien coûte le bureau ? "}"#.as_bytes()), &vec![9; 8_000]).await;
    assert_eq!(heard, [Recognised::Final { text: "Combien coûte le bureau ?".to_owned(), confidence: None }, Recognised::Done]);
    assert!(asked.starts_with("POST /v1/audio/transcriptions") && asked.contains("Bearer key-of-the-test"), "{asked}");
    for part in [
        "name=\"model\"\r\n\r\nwhisper-1",
        "name=\"language\"\r\n\r\nfr\r\n",
        "name=\"prompt\"\r\n\r\nContour",
        "filename=\"said.wav\"",
        "RIFF",
    ] {
        assert!(asked.contains(part), "{part}");
    }
    let length: usize =
        asked.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length").trim().parse().expect("a number");
    assert!((22_000..26_000).contains(&length), "the long silence before is not sent: {length}");
}

#[tokio::test]
async fn a_recogniser_that_refuses_or_says_nonsense_is_told_as_a_fault() {
    for (status, body) in [("500 Internal Server Error", "{}"), ("200 OK", "<html>"), ("200 OK", "{}"), ("401 Unauthorized", "")] {
        let (heard, _) = heard(answer(status, body.as_bytes()), &[9; 800]).await;
        assert!(matches!(&heard[..], [Recognised::Fault(_)]), "{status} {body}: {heard:?}");
    }
}

async fn spoken(mut voicing: Box<dyn Voicing>) -> Result<Vec<i16>, SpeechError> {
    let mut all = Vec::new();
    while let Some(voiced) = voicing.next().await? {
        if let Voiced::Sound(sound) = voiced {
            all.extend(sound);
        }
    }
    Ok(all)
}

#[tokio::test]
async fn words_are_spoken_at_the_rate_of_the_telephone() {
    let second: Vec<u8> = (0..24_000_i32).flat_map(|place| i16::try_from(place % 200 * 50).expect("a sample").to_le_bytes()).collect();
    let (base, server) = once(answer("200 OK", &second)).await;
    let tts = open_tts(&settings(SpeechKind::OpenAi, base), &client()).expect("it speaks");
    let sound = spoken(tts.speak(" It costs ten euros.", "en-US").await.expect("a voice")).await.expect("sound");
    assert!((7_980..8_020).contains(&sound.len()), "{}", sound.len());
    let asked = server.await.expect("served");
    assert!(asked.starts_with("POST /v1/audio/speech") && asked.contains(r#""input":"It costs ten euros.""#), "{asked}");
    for part in [r#""voice":"nova""#, r#""response_format":"pcm""#, r#""model":"whisper-1""#] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
}

#[tokio::test]
async fn a_voice_that_refuses_is_no_voice() {
    let (base, _server) = once(answer("429 Too Many Requests", b"")).await;
    let tts = open_tts(&settings(SpeechKind::OpenAi, base), &client()).expect("it speaks");
    assert!(matches!(tts.speak("Hello.", "en").await, Err(SpeechError::Unavailable(_))));
    let tts = open_tts(&settings(SpeechKind::OpenAi, "http://127.0.0.1:9".to_owned()), &client()).expect("it speaks");
    assert!(tts.speak("Hello.", "en").await.is_err());
}

/// Needs the program; where it is missing the test says so.
#[tokio::test]
async fn the_program_on_this_machine_speaks() {
    let mut own = settings(SpeechKind::Espeak, String::new());
    own.voice = None;
    assert!(open_stt(&own, &client()).is_err(), "it does not listen");
    let tts = open_tts(&own, &client()).expect("it speaks");
    let is_there = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
    match tts.speak("It costs ten euros; -x \"quoted\" $HOME.", "fr-FR").await {
        Ok(voicing) => {
            let sound = spoken(voicing).await.expect("sound");
            assert!(sound.len() > SAMPLES_A_SECOND && sound.iter().any(|sample| sample.abs() > 1_000), "{}", sound.len());
        }
        Err(error) => {
            assert!(!is_there, "{error}");
            assert!(std::env::var_os("RAPPORT_REQUIRE_SPEECH").is_none(), "espeak-ng is not installed");
            eprintln!("espeak-ng is not installed: its voice was not tried");
        }
    }
}

/// A vendor that listens as its documentation says: it takes sound, tells what it hears, and ends a turn when it is asked.
async fn listening_vendor() -> (String, tokio::task::JoinHandle<(String, usize, Vec<String>)>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let vendor = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.expect("a caller");
        let mut asked = String::new();
        let look = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, answer| {
            let key = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            asked = format!("{} {key}", request.uri());
            Ok(answer)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(tcp, look).await.expect("a socket");
        let info = |event: &str, transcript: &str| {
            Message::text(json!({"type": "TurnInfo", "event": event, "turn_index": 0, "transcript": transcript}).to_string())
        };
        socket.send(Message::text(r#"{"type":"Connected","request_id":"x"}"#)).await.expect("sent");
        let (mut heard, mut commands) = (0, Vec::new());
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Binary(sound) => {
                    heard += sound.len();
                    if heard == sound.len() {
                        socket.send(info("StartOfTurn", "how much")).await.expect("sent");
                    }
                }
                Message::Text(command) => {
                    commands.push(command.to_string());
                    socket.send(info("EndOfTurn", "How much is it?")).await.expect("sent");
                    // The last that it says.
                    socket.close(None).await.expect("closed");
                }
                _ => {}
            }
        }
        (asked, heard, commands)
    });
    (base, vendor)
}

#[tokio::test]
async fn a_stream_hears_words_while_they_are_said_and_ends_a_turn_when_it_is_asked() {
    let (base, vendor) = listening_vendor().await;
    let mut own = settings(SpeechKind::Deepgram, base);
    own.model = String::new();
    assert!(open_tts(&own, &client()).is_err(), "it does not speak");
    let stt = open_stt(&own, &client()).expect("it listens");
    let how = Listening { language: "en-US".to_owned(), hints: vec!["Contour".to_owned()] };
    let ear = stt.listen(&how).await.expect("an ear");
    ear.finish().expect("it is asked");
    assert_eq!(ear.next().await, Recognised::Done, "nobody spoke");
    for _ in 0..10 {
        ear.hear(&[100; 160]).expect("it hears");
    }
    assert_eq!(ear.next().await, Recognised::Partial("how much".to_owned()));
    ear.finish().expect("it is asked");
    assert_eq!(ear.next().await, Recognised::Final { text: "How much is it?".to_owned(), confidence: None });
    assert_eq!(ear.next().await, Recognised::TurnEnd);
    assert!(matches!(ear.next().await, Recognised::Fault(_)), "it hung up");
    drop(ear);
    let (asked, heard, commands) = vendor.await.expect("it served");
    assert!(asked.starts_with("/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=8000&keyterm=Contour"), "{asked}");
    assert!(asked.ends_with(" Token key-of-the-test"), "{asked}");
    assert_eq!((heard, commands), (10 * 320, vec![r#"{"type":"ForceEndTurn"}"#.to_owned()]));
}

#[tokio::test]
async fn a_vendor_that_lets_nobody_in_does_not_listen() {
    let (base, _server) = once(answer("401 Unauthorized", b"")).await;
    let base = base.trim_end_matches("/v1").to_owned();
    let stt = open_stt(&settings(SpeechKind::Deepgram, base), &client()).expect("it listens");
    assert!(stt.listen(&Listening::default()).await.is_err());
}

#[tokio::test]
async fn a_voice_says_when_each_letter_was_said() {
    use base64::Engine as _;
    let sound = base64::engine::general_purpose::STANDARD.encode(vec![7; 16_000]);
    let lines = [
        json!({"audio_base64": sound, "alignment": {"characters": ["H", "i"], "character_end_times_seconds": [0.2, 0.4]}}),
        json!({"audio_base64": sound, "alignment": null}),
    ];
    let body = lines.map(|line| format!("{line}\n")).concat();
    let (base, server) = once(answer("200 OK", body.as_bytes())).await;
    let mut own = settings(SpeechKind::ElevenLabs, base.trim_end_matches("/v1").to_owned());
    own.model = String::new();
    assert!(open_stt(&own, &client()).is_err(), "it does not listen");
    let mut voicing = open_tts(&own, &client()).expect("it speaks").speak("Hi", "fr-FR").await.expect("a voice");
    let (mut moments, mut samples) = (Vec::new(), 0);
    while let Some(voiced) = voicing.next().await.expect("sound") {
        match voiced {
            Voiced::Said { letters, at } => moments.push((letters, at.as_millis())),
            Voiced::Sound(sound) => samples += sound.len(),
        }
    }
    assert_eq!(moments, [(1, 200), (2, 400)]);
    assert!((7_990..8_010).contains(&samples), "{samples}");
    let asked = server.await.expect("served");
    assert!(asked.starts_with("POST /v1/text-to-speech/nova/stream/with-timestamps?output_format=pcm_16000"), "{asked}");
    assert!(asked.contains("xi-api-key: key-of-the-test") && asked.contains(r#""language_code":"fr""#), "{asked}");
}
