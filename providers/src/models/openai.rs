//! OpenAI-compatible chat completions: hosted, vLLM, Ollama, llama.cpp. <https://platform.openai.com/docs/api-reference/chat>

use async_trait::async_trait;
use domain::ports::{LanguageModel, ModelAnswer, ModelError, ModelRequest};
use serde_json::{Value, json};

use super::{ModelSettings, post, tokens};

pub(super) struct OpenAi {
    pub settings: ModelSettings,
    pub http: reqwest::Client,
}

#[async_trait]
impl LanguageModel for OpenAi {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn complete(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let mut call = self.http.post(format!("{}/chat/completions", self.settings.base_url)).json(&body(&self.settings.model, request));
        if let Some(key) = &self.settings.api_key {
            call = call.bearer_auth(key.expose());
        }
        let answer = post(call, request.deadline).await?;
        let text = answer["choices"][0]["message"]["content"].as_str().unwrap_or_default().trim().to_owned();
        if text.is_empty() {
            return Err(ModelError::Garbage("an empty answer".to_owned()));
        }
        Ok(ModelAnswer {
            text,
            input_tokens: tokens(&answer["usage"]["prompt_tokens"]),
            output_tokens: tokens(&answer["usage"]["completion_tokens"]),
        })
    }
}

fn body(model: &str, request: &ModelRequest) -> Value {
    let mut messages = vec![json!({"role": "system", "content": request.system})];
    messages.extend(request.messages.iter().map(|message| json!({"role": message.role, "content": message.content})));
    let mut body = json!({"model": model, "messages": messages, "max_tokens": request.max_tokens, "temperature": 0});
    if let Some(schema) = &request.schema {
        body["response_format"] = json!({"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": schema}});
    }
    body
}
