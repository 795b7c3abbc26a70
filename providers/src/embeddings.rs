//! Vectors from an OpenAI-compatible server: hosted, vLLM, Ollama, llama.cpp. <https://platform.openai.com/docs/api-reference/embeddings>

use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use domain::ports::{Embedder, ModelError};
use serde::Deserialize;
use serde_json::json;

/// Nothing longer is read: a few hundred vectors of a few thousand numbers.
const LARGEST_ANSWER: usize = 32 << 20;

/// A server that makes vectors.
#[derive(Debug, Clone)]
pub struct Remote {
    base_url: String,
    model: String,
    api_key: Option<Secret<String>>,
    http: reqwest::Client,
}

impl Remote {
    /// `base_url` without a slash at the end, `model` as the vendor calls it.
    pub fn new(base_url: String, model: String, api_key: Option<Secret<String>>, http: reqwest::Client) -> Self {
        Self { base_url, model, api_key, http }
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[async_trait]
impl Embedder for Remote {
    fn name(&self) -> &str {
        &self.model
    }

    async fn embed(&self, texts: &[String], deadline: Duration) -> Result<Vec<Vec<f32>>, ModelError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let body = json!({"model": self.model, "input": texts, "encoding_format": "float"});
        let mut call = self.http.post(format!("{}/embeddings", self.base_url)).json(&body).timeout(deadline);
        if let Some(key) = &self.api_key {
            call = call.bearer_auth(key.expose());
        }
        let mut answer = call.send().await.map_err(|error| failed(&error))?;
        match answer.status().as_u16() {
            200 => {}
            429 => {
                let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
                return Err(ModelError::RateLimited(after.map(Duration::from_secs)));
            }
            status => return Err(ModelError::Unavailable(format!("status {status}"))),
        }
        let mut read = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| failed(&error))? {
            read.extend_from_slice(&piece);
            if read.len() > LARGEST_ANSWER {
                return Err(ModelError::Garbage("the answer is too long".to_owned()));
            }
        }
        let answer: Answer = serde_json::from_slice(&read).map_err(|error| ModelError::Garbage(error.to_string()))?;
        in_order(answer.data, texts.len())
    }
}

/// As many as were asked for, each in its place, all of one length.
fn in_order(items: Vec<Item>, wanted: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; wanted];
    let length = items.first().map_or(0, |item| item.embedding.len());
    for (place, item) in items.into_iter().enumerate() {
        let is_usable = item.embedding.len() == length && length > 0 && item.embedding.iter().all(|number| number.is_finite());
        match vectors.get_mut(item.index.unwrap_or(place)) {
            Some(free @ None) if is_usable => *free = Some(item.embedding),
            _ => return Err(ModelError::Garbage("the vectors do not match the texts".to_owned())),
        }
    }
    let missing = || ModelError::Garbage("there are fewer vectors than texts".to_owned());
    vectors.into_iter().collect::<Option<Vec<_>>>().ok_or_else(missing)
}

fn failed(error: &reqwest::Error) -> ModelError {
    if error.is_timeout() { ModelError::TimedOut } else { ModelError::Unavailable("cannot be reached".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(index: Option<usize>, embedding: &[f32]) -> Item {
        Item { index, embedding: embedding.to_vec() }
    }

    #[test]
    fn vectors_stand_where_their_texts_stood() {
        let items = vec![item(Some(1), &[1.0, 0.0]), item(Some(0), &[0.0, 1.0])];
        assert_eq!(in_order(items, 2), Ok(vec![vec![0.0, 1.0], vec![1.0, 0.0]]));
        assert_eq!(in_order(vec![item(None, &[1.0])], 1), Ok(vec![vec![1.0]]));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        for items in [
            vec![],
            vec![item(Some(0), &[1.0])],
            vec![item(Some(0), &[1.0]), item(Some(0), &[1.0])],
            vec![item(Some(0), &[1.0]), item(Some(1), &[1.0, 2.0])],
            vec![item(Some(0), &[1.0]), item(Some(7), &[1.0])],
            vec![item(Some(0), &[f32::NAN]), item(Some(1), &[1.0])],
            vec![item(Some(0), &[]), item(Some(1), &[])],
        ] {
            assert!(matches!(in_order(items, 2), Err(ModelError::Garbage(_))));
        }
    }
}
