//! Anthropic Messages. <https://docs.anthropic.com/en/api/messages>
//!
//! A schema is asked for as the input of the one tool, which the model must call; its pieces stream like text.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::ports::{Heard, LanguageModel, ModelAnswer, ModelError, ModelRequest};
use serde_json::{Value, json};

use super::ModelSettings;
use super::call::{Reading, add, ask, tokens, whole};

/// The version of the wire format that this file speaks.
const VERSION: &str = "2023-06-01";
/// The tool whose input is the answer.
const TOOL: &str = "answer";

pub(super) struct Anthropic {
    settings: ModelSettings,
    http: reqwest::Client,
    /// Newer models choose their own.
    no_temperature: AtomicBool,
}

impl Anthropic {
    pub fn new(settings: ModelSettings, http: reqwest::Client) -> Self {
        Self { settings, http, no_temperature: AtomicBool::new(false) }
    }

    fn body(&self, request: &ModelRequest) -> Value {
        let mut body = json!({
            "model": self.settings.model,
            "system": request.system,
            "messages": alternating(request),
            "max_tokens": request.max_tokens,
            "stream": true,
        });
        if !self.no_temperature.load(Ordering::Relaxed) {
            body["temperature"] = json!(0);
        }
        if let Some(schema) = &request.schema {
            body["tools"] = json!([{"name": TOOL, "description": "Gives the answer and what goes with it.", "input_schema": schema}]);
            body["tool_choice"] = json!({"type": "tool", "name": TOOL});
        }
        body
    }
}

#[async_trait]
impl LanguageModel for Anthropic {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn complete(&self, request: &ModelRequest, heard: Heard<'_>) -> Result<ModelAnswer, ModelError> {
        let address = format!("{}/messages", self.settings.base_url);
        let call = || {
            let call = self.http.post(&address).header("anthropic-version", VERSION).json(&self.body(request));
            match &self.settings.api_key {
                Some(key) => call.header("x-api-key", key.expose()),
                None => call,
            }
        };
        let refused = |why: &str| why.contains("temperature") && !self.no_temperature.swap(true, Ordering::Relaxed);
        let mut answer = Answer { answer: ModelAnswer::default(), heard };
        ask(call, refused, &mut answer, request.deadline).await?;
        whole(answer.answer)
    }
}

/// Messages must alternate and begin with the user: neighbours of one role are joined.
fn alternating(request: &ModelRequest) -> Vec<Value> {
    let mut messages: Vec<(&str, String)> = Vec::new();
    for message in &request.messages {
        match messages.last_mut() {
            Some((role, content)) if *role == message.role => {
                content.push('\n');
                content.push_str(&message.content);
            }
            None if message.role != "user" => {}
            _ => messages.push((&message.role, message.content.clone())),
        }
    }
    messages.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

struct Answer<'a> {
    answer: ModelAnswer,
    heard: Heard<'a>,
}

impl Reading for Answer<'_> {
    fn event(&mut self, data: &str) -> Result<bool, ModelError> {
        let event: Value = serde_json::from_str(data).map_err(|error| ModelError::Garbage(error.to_string()))?;
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => self.answer.input_tokens = input(&event["message"]["usage"]),
            "content_block_delta" => {
                let delta = &event["delta"];
                let piece = delta["text"].as_str().or_else(|| delta["partial_json"].as_str()).unwrap_or_default();
                add(&mut self.answer.text, piece, self.heard)?;
            }
            "message_delta" => {
                self.answer.output_tokens = tokens(&event["usage"]["output_tokens"]);
                if event["delta"]["stop_reason"] == "refusal" {
                    return Err(ModelError::Garbage("the model refused".to_owned()));
                }
            }
            "message_stop" => return Ok(true),
            "error" if event["error"]["type"] == "overloaded_error" => return Err(ModelError::RateLimited(None)),
            "error" => return Err(ModelError::Unavailable("an error in the stream".to_owned())),
            // `ping`, the beginnings and ends of blocks, and whatever comes to be.
            _ => {}
        }
        Ok(false)
    }

    fn whole(&mut self, answer: &Value) -> Result<(), ModelError> {
        self.answer.input_tokens = input(&answer["usage"]);
        self.answer.output_tokens = tokens(&answer["usage"]["output_tokens"]);
        for block in answer["content"].as_array().into_iter().flatten() {
            match block["type"].as_str() {
                Some("text") => add(&mut self.answer.text, block["text"].as_str().unwrap_or_default(), self.heard)?,
                Some("tool_use") => add(&mut self.answer.text, &block["input"].to_string(), self.heard)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whatever was read from or written to the vendor's cache is billed as input, too.
fn input(usage: &Value) -> u32 {
    ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"].iter().map(|name| tokens(&usage[name])).sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::ports::ModelMessage;

    use super::*;

    #[test]
    fn roles_alternate_and_the_user_begins() {
        let message = |role: &str, content: &str| ModelMessage { role: role.to_owned(), content: content.to_owned() };
        let request = ModelRequest {
            system: String::new(),
            messages: vec![message("assistant", "hello"), message("user", "a"), message("user", "b"), message("assistant", "c")],
            schema: None,
            max_tokens: 10,
            deadline: Duration::from_secs(1),
        };
        assert_eq!(json!(alternating(&request)), json!([{"role": "user", "content": "a\nb"}, {"role": "assistant", "content": "c"}]));
    }
}
