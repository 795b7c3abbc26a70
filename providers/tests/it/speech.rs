//! Speech against a server that answers as the vendor's documentation says, and as no vendor should; and the program on
//! this machine.

use std::time::Duration;

use domain::ports::{Listening, Recognised, SAMPLES_A_SECOND, SpeechError, Voiced, Voicing};
use providers::speech::{SpeechKind, SpeechSettings, open_stt, open_tts};

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
