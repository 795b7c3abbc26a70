//! Anthropic Messages. <https://docs.anthropic.com/en/api/messages>

use async_trait::async_trait;
use domain::ports::{LanguageModel, ModelAnswer, ModelError, ModelRequest};
use serde_json::{Value, json};

use super::{ModelSettings, post, tokens};

/// The version of the wire format that this file speaks.
const VERSION: &str = "2023-06-01";

pub(super) struct Anthropic {
    pub settings: ModelSettings,
    pub http: reqwest::Client,
}

#[async_trait]
impl LanguageModel for Anthropic {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn complete(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let mut call = self
            .http
            .post(format!("{}/messages", self.settings.base_url))
            .header("anthropic-version", VERSION)
            .json(&body(&self.settings.model, request));
        if let Some(key) = &self.settings.api_key {
            call = call.header("x-api-key", key.expose());
        }
        let answer = post(call, request.deadline).await?;
        let text: String = answer["content"].as_array().into_iter().flatten().filter_map(|block| block["text"].as_str()).collect();
        if text.trim().is_empty() {
            return Err(ModelError::Garbage("an empty answer".to_owned()));
        }
        Ok(ModelAnswer {
            text: text.trim().to_owned(),
            input_tokens: tokens(&answer["usage"]["input_tokens"]),
            output_tokens: tokens(&answer["usage"]["output_tokens"]),
        })
    }
}

/// Messages must alternate and begin with the user: neighbours of one role are joined.
fn body(model: &str, request: &ModelRequest) -> Value {
    let mut messages: Vec<(String, String)> = Vec::new();
    for message in &request.messages {
        match messages.last_mut() {
            Some((role, content)) if *role == message.role => {
                content.push('\n');
                content.push_str(&message.content);
            }
            None if message.role != "user" => {}
            _ => messages.push((message.role.clone(), message.content.clone())),
        }
    }
    let messages: Vec<Value> = messages.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect();
    json!({"model": model, "system": request.system, "messages": messages, "max_tokens": request.max_tokens, "temperature": 0})
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
        let body = body("m", &request);
        assert_eq!(body["messages"], json!([{"role": "user", "content": "a\nb"}, {"role": "assistant", "content": "c"}]));
    }
}
