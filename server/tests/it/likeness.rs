//! Recall with vectors from a folder: a tiny encoder of random weights, made here.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const WIDTH: usize = 16;
const WIDE: usize = 32;
const PLACES: usize = 24;
const WORDS: [&str; 14] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "dog", "cat", "chair", "##s", "blue", "when", "is", "it"];

/// Numbers from a seed, between -0.5 and 0.5.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / 16_777_216.0 - 0.5
    }
}

fn encoder(folder: &Path, layers: usize) {
    let mut shapes: Vec<(String, Vec<usize>)> = vec![
        ("embeddings.word_embeddings.weight".into(), vec![WORDS.len(), WIDTH]),
        ("embeddings.position_embeddings.weight".into(), vec![PLACES, WIDTH]),
        ("embeddings.token_type_embeddings.weight".into(), vec![2, WIDTH]),
    ];
    let mut pair = |name: &str, rows: usize, columns: Option<usize>| {
        shapes.push((format!("{name}.weight"), columns.map_or_else(|| vec![rows], |columns| vec![rows, columns])));
        shapes.push((format!("{name}.bias"), vec![rows]));
    };
    pair("embeddings.LayerNorm", WIDTH, None);
    for layer in 0..layers {
        let mut at = |part: &str, rows, columns| pair(&format!("encoder.layer.{layer}.{part}"), rows, columns);
        for part in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
            at(part, WIDTH, Some(WIDTH));
        }
        at("attention.output.LayerNorm", WIDTH, None);
        at("intermediate.dense", WIDE, Some(WIDTH));
        at("output.dense", WIDTH, Some(WIDE));
        at("output.LayerNorm", WIDTH, None);
    }
    let mut numbers = Numbers(7);
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape) in shapes {
        let from = data.len();
        for _ in 0..shape.iter().product() {
            let value = if name.contains("LayerNorm.weight") { 1.0 } else { numbers.next() };
            data.extend(value.to_le_bytes());
        }
        header.insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": [from, data.len()] }));
    }
    let header = Value::Object(header).to_string();
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat();
    std::fs::write(folder.join("model.safetensors"), file).unwrap();
    std::fs::write(folder.join("vocab.txt"), WORDS.join("\n")).unwrap();
    let config = json!({
        "model_type": "bert", "hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": WIDE, "max_position_embeddings": PLACES,
    });
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
}

fn recall(embedder: &str, history: &Value) -> (Vec<Value>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["recall", "--embedder", embedder])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let sent = writeln!(child.stdin.take().unwrap(), "{history}");
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(sent.is_ok() || !output.status.success(), "{told}");
    (String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect(), told)
}

fn history() -> Value {
    let mut long = String::new();
    for _ in 0..80 {
        let _ = write!(long, "the dog is blue ");
    }
    let said = ["the dog is blue", "the cat", "chairs", &long, ""];
    let messages: Vec<Value> = said
        .iter()
        .enumerate()
        .map(|(place, text)| {
            json!({ "id": format!("m{place}"), "at": format!("2027-01-01T10:0{place}:00Z"), "channel": "sms", "author": "Ada", "text": text })
        })
        .collect();
    json!({ "customer": "c1", "messages": messages, "queries": [{ "id": "q1", "text": "is the dog blue" }, { "id": "q2", "text": "zzz" }] })
}

#[test]
fn vectors_from_a_folder_are_mixed_in_and_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    encoder(folder.path(), 2);
    let place = folder.path().to_string_lossy().into_owned();
    let (first, told) = recall(&place, &history());
    assert_eq!(first.len(), 2, "{told}");
    let ids: Vec<&str> = first[0]["ids"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(matches!(ids.first(), Some(&("m0" | "m3"))), "{ids:?}");
    // Words that stand nowhere find nothing by words; likeness ranks all the same.
    assert!(!first[1]["ids"].as_array().unwrap().is_empty());
    assert_eq!(recall(&place, &history()).0, first);
}

#[test]
fn a_folder_that_is_no_encoder_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_string_lossy().into_owned();
    assert!(recall(&place, &history()).1.contains("config.json"));
    encoder(folder.path(), 1);
    let (_, told) = recall(&place, &history());
    assert!(told.contains("there is no tensor encoder.layer.1"), "{told}");
    assert!(recall("/no/such/place", &history()).1.contains("neither a folder nor the URL"));
}
