//! The two wire formats against a server that answers as the vendors' documentation says, and as no vendor should.

mod speech;

use std::time::Duration;

use domain::ports::{ModelError, ModelMessage, ModelRequest};
use providers::{ModelSettings, open};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Answers one request with these bytes and gives back what was asked.
async fn once(answer: impl AsRef<[u8]> + Send + 'static) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a caller");
        let mut asked = Vec::new();
        let mut buffer = [0; 8_192];
        loop {
            let count = socket.read(&mut buffer).await.expect("bytes");
            asked.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&asked).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if length.is_none_or(|length| body.len() >= length.trim().parse().unwrap_or(0)) || count == 0 {
                break;
            }
        }
        socket.write_all(answer.as_ref()).await.expect("written");
        String::from_utf8_lossy(&asked).into_owned()
    });
    (base, server)
}

/// A client with our one TLS provider.
fn client() -> reqwest::Client {
    // A second installation of the same provider changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

fn model(kind: &str, base_url: String) -> std::sync::Arc<dyn domain::ports::LanguageModel> {
    let settings = ModelSettings {
        id: "main".to_owned(),
        kind: kind.to_owned(),
        base_url,
        model: "test-model".to_owned(),
        api_key: Some(domain::Secret::new("key-of-the-test".to_owned())),
    };
    open(settings, &client()).expect("a known kind")
}

fn request() -> ModelRequest {
    ModelRequest {
        system: "answer".to_owned(),
        messages: vec![ModelMessage { role: "user".to_owned(), content: "hi".to_owned() }],
        schema: None,
        max_tokens: 10,
        deadline: Duration::from_secs(5),
    }
}

#[tokio::test]
async fn an_openai_compatible_server_is_understood() {
    let (base, server) = once("HTTP/1.1 200 OK\r\ncontent-length: 104\r\nconnection: close\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"Hello\"}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}         ").await;
    let answer = model("openai", base).complete(&request(), &mut |_| {}).await.expect("an answer");
    assert_eq!((answer.text.as_str(), answer.input_tokens, answer.output_tokens), ("Hello", 7, 2));
    let asked = server.await.expect("served");
    assert!(asked.starts_with("POST /v1/chat/completions"));
    assert!(asked.contains("Bearer key-of-the-test"));
}

#[tokio::test]
async fn an_anthropic_server_is_understood() {
    let (base, server) = once("HTTP/1.1 200 OK\r\ncontent-length: 90\r\nconnection: close\r\n\r\n{\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}],\"usage\":{\"input_tokens\":7,\"output_tokens\":2}}  ").await;
    let answer = model("anthropic", base).complete(&request(), &mut |_| {}).await.expect("an answer");
    assert_eq!((answer.text.as_str(), answer.input_tokens, answer.output_tokens), ("Hello", 7, 2));
    let asked = server.await.expect("served");
    assert!(asked.starts_with("POST /v1/messages"));
    assert!(asked.to_lowercase().contains("x-api-key: key-of-the-test"));
}

#[tokio::test]
async fn garbage_is_an_error_and_never_an_answer() {
    for (bytes, is_expected) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
            (|error: &ModelError| matches!(error, ModelError::Garbage(_))) as fn(&ModelError) -> bool,
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}", |error| matches!(error, ModelError::Garbage(_))),
        ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", |error| matches!(error, ModelError::Unavailable(_))),
        ("HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", |error| {
            *error == ModelError::RateLimited(Some(Duration::from_secs(3)))
        }),
        ("HTTP/1.1 200 OK\r\ncontent-length: 500\r\nconnection: close\r\n\r\n{\"choices\"", |error| {
            matches!(error, ModelError::Unavailable(_))
        }),
    ] {
        let (base, _server) = once(bytes).await;
        let error = model("openai", base).complete(&request(), &mut |_| {}).await.expect_err("no answer");
        assert!(is_expected(&error), "{error:?} for {bytes:?}");
    }
}

/// A stream as the vendor sends it: head, events, end.
fn stream(events: &str) -> &'static str {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n{events}").leak()
}

#[tokio::test]
async fn both_streams_are_heard_piece_by_piece() {
    let openai = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n\
        data: [DONE]\n\n";
    let anthropic = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n\
        event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
        event: ping\ndata: {\"type\":\"ping\"}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"lo\"}}\n\n\
        event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    for (kind, events) in [("openai", openai), ("anthropic", anthropic)] {
        let (base, server) = once(stream(events)).await;
        let mut pieces: Vec<String> = Vec::new();
        let mut heard = |piece: &str| pieces.push(piece.to_owned());
        let answer = model(kind, base).complete(&request(), &mut heard).await.expect("an answer");
        assert_eq!((answer.text.as_str(), answer.input_tokens, answer.output_tokens), ("Hello", 7, 2), "{kind}");
        assert_eq!(pieces, ["Hel", "lo"], "{kind}");
        assert!(server.await.expect("served").contains("\"stream\":true"), "{kind}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_or_fails_is_no_answer() {
    let begun = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n";
    let (base, _server) = once(stream(begun)).await;
    let error = model("openai", base).complete(&request(), &mut |_| {}).await.expect_err("cut");
    assert!(matches!(error, ModelError::Unavailable(_)), "{error:?}");
    let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";
    let (base, _server) = once(stream(overloaded)).await;
    let error = model("anthropic", base).complete(&request(), &mut |_| {}).await.expect_err("overloaded");
    assert_eq!(error, ModelError::RateLimited(None));
}

const VECTORS: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
    {\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":1,\"embedding\":[0.5,-1.0]},\
    {\"object\":\"embedding\",\"index\":0,\"embedding\":[1.0,0.25]}],\"model\":\"small\",\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}";

#[tokio::test]
async fn vectors_come_back_in_the_order_of_their_texts() {
    use domain::ports::Embedder;
    let (base, server) = once(VECTORS).await;
    let key = Some(domain::Secret::new("key-of-the-test".to_owned()));
    let embedder = providers::embeddings::Remote::new(base, "small".to_owned(), key, client());
    let texts = ["my back hurts".to_owned(), "the oak desk".to_owned()];
    let vectors = embedder.embed(&texts, Duration::from_secs(5)).await.expect("vectors");
    assert_eq!(vectors, [vec![1.0, 0.25], vec![0.5, -1.0]]);
    assert_eq!(embedder.name(), "small");
    let asked = server.await.expect("a request");
    assert!(asked.starts_with("POST /v1/embeddings ") && asked.contains("Bearer key-of-the-test"), "{asked}");
    assert!(asked.contains("\"input\":[\"my back hurts\",\"the oak desk\"]"), "{asked}");
}

#[tokio::test]
async fn vectors_that_do_not_match_are_garbage() {
    use domain::ports::Embedder;
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"data\":[{\"embedding\":[1.0]}]}";
    let (base, _server) = once(answer).await;
    let embedder = providers::embeddings::Remote::new(base, "small".to_owned(), None, client());
    let texts = ["one".to_owned(), "two".to_owned()];
    let refused = embedder.embed(&texts, Duration::from_secs(5)).await;
    assert!(matches!(refused, Err(ModelError::Garbage(_))), "{refused:?}");
}
