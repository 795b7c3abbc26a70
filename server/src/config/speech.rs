//! `[[speech]]`: who turns sound into words and words into sound, for calls whose sound comes here.

use std::time::Duration;

use domain::ChannelKind;
use domain::settings::ConnectionSettings;
use providers::speech::{SpeechKind, SpeechSettings};

use super::document::{Entry, Node};
use super::keys::{SPEECH, SPEECH_KINDS};
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, Surroundings};
use super::sources::base_url;

/// Sound that is spoken has so many samples a second, where the format does not say it.
const SAMPLE_RATE: i64 = 24_000;

/// Reads `[[speech]]`.
pub fn read(root: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<SpeechSettings> {
    let mut all: Vec<SpeechSettings> = Vec::new();
    for (node, entries) in root.tables("speech", problems) {
        let reader = Reader::open("[[speech]]", &node.origin, entries, &[SPEECH], problems);
        for required in ["id", "kind"] {
            if reader.node(required).is_none() {
                reader.missing(required, "speech needs it", problems);
            }
        }
        let id = reader.text("id", problems);
        let kind = reader.word("kind", SPEECH_KINDS, problems);
        let needed: &[&str] = match kind.as_deref() {
            Some("openai") => &["base_url", "model"],
            Some("deepgram") => &["api_key"],
            Some("elevenlabs") => &["api_key", "voice"],
            _ => &[],
        };
        for required in needed {
            if reader.node(required).is_none() {
                reader.missing(required, "speech of this kind needs it", problems);
            }
        }
        let base_url = base_url(&reader, problems);
        let sample_rate = reader.integer("sample_rate", 8_000, 48_000, problems).unwrap_or(SAMPLE_RATE);
        let of_kind = match kind.as_deref() {
            Some("deepgram") => SpeechKind::Deepgram,
            Some("elevenlabs") => SpeechKind::ElevenLabs,
            Some("espeak") => SpeechKind::Espeak,
            Some("scripted") => SpeechKind::Scripted,
            _ => SpeechKind::OpenAi,
        };
        let settings = SpeechSettings {
            id: id.clone().unwrap_or_default(),
            kind: of_kind,
            base_url: base_url.unwrap_or_else(|| of_kind.base_url().to_owned()),
            model: reader.text("model", problems).unwrap_or_default(),
            voice: reader.text("voice", problems),
            api_key: secrets::read(&reader, "api_key", 0, around, problems).into_iter().next(),
            sample_rate: u32::try_from(sample_rate).unwrap_or(24_000),
            timeout: reader.span("timeout", problems).unwrap_or(Duration::from_secs(10)),
            script: reader.text("script", problems).map(|path| around.folder.join(path)),
        };
        let (Some(id), Some(_)) = (id, kind) else { continue };
        if let (true, Some(at)) = (all.iter().any(|known| known.id == id), reader.node("id")) {
            reader.refuse("id", at, &format!("is {id:?}, which other speech has already"), "choose another id", problems);
        }
        all.push(settings);
    }
    all
}

/// Every name under `hears` and `speaks` is of speech that can do it, and a number has both or neither.
pub fn check(tables: &[(&Node, &[Entry])], doors: &[ConnectionSettings], speech: &[SpeechSettings], problems: &mut Problems) {
    // Doors that could not be read have no settings; those that could are in the order of their tables.
    let mut quiet = Problems::default();
    for (node, entries) in tables {
        let reader = Reader::open("[[connections]]", &node.origin, entries, &[], &mut quiet);
        let id = reader.text("id", &mut quiet).unwrap_or_default();
        let Some(door) = doors.iter().find(|door| door.id.as_str() == id && door.channel == ChannelKind::Voice) else { continue };
        let records = reader.text("record", &mut quiet).filter(|mode| mode != "off").and_then(|_| reader.node("record"));
        if let Some(at) = records.filter(|_| reader.node("hears").is_none()) {
            let remedy = "add hears = [\"…\"] and speaks = [\"…\"], or record at Twilio's";
            reader.refuse("record", at, "is there, but no sound of this number comes here", remedy, problems);
        }
        for (key, other) in [("hears", "speaks"), ("speaks", "hears")] {
            let names = names(door, key);
            let Some(at) = reader.node(key) else { continue };
            for name in &names {
                match speech.iter().find(|speech| speech.id == *name) {
                    None => {
                        let known: Vec<&str> = speech.iter().map(|speech| speech.id.as_str()).collect();
                        let remedy = if known.is_empty() {
                            "add a [[speech]] entry with that id".to_owned()
                        } else {
                            format!("use one of: {}", known.join(", "))
                        };
                        reader.refuse(key, at, &format!("names the speech {name:?}, which is not configured"), &remedy, problems);
                    }
                    Some(found) if key == "speaks" && !found.kind.speaks() => {
                        reader.refuse(key, at, &format!("names {name:?}, which only listens"), "name speech of another kind", problems);
                    }
                    Some(found) if key == "hears" && !found.kind.listens() => {
                        reader.refuse(key, at, &format!("names {name:?}, which only speaks"), "name speech of another kind", problems);
                    }
                    Some(_) => {}
                }
            }
            if names.is_empty() || reader.node(other).is_none() {
                let why = format!("is there without anybody in `{other}`");
                let remedy = "write both, hears = [\"…\"] and speaks = [\"…\"], or neither: then Twilio listens and speaks";
                reader.refuse(key, at, &why, remedy, problems);
            }
        }
    }
}

/// The speech that a door names under a key, in fallback order.
pub fn names(door: &ConnectionSettings, key: &str) -> Vec<String> {
    let list = door.values.get(key).and_then(serde_json::Value::as_array);
    list.map(|all| all.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()).unwrap_or_default()
}
