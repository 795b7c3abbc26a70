//! OpenAI-compatible chat completions: hosted, vLLM, Ollama, llama.cpp. <https://platform.openai.com/docs/api-reference/chat>
//!
//! Servers differ in what they take: some want `max_completion_tokens`, some no temperature, some no schema. What a
//! server refuses by name is left out from then on.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::ports::{Heard, LanguageModel, ModelAnswer, ModelError, ModelRequest};
use serde_json::{Value, json};

use super::ModelSettings;
use super::call::{Reading, add, ask, tokens, whole};

pub(super) struct OpenAi {
    settings: ModelSettings,
    http: reqwest::Client,
    habits: Habits,
}

/// What this server was found not to take.
#[derive(Default)]
struct Habits {
    counts_completion: AtomicBool,
    no_temperature: AtomicBool,
    no_schema: AtomicBool,
    no_usage: AtomicBool,
}

impl Habits {
    /// Learns from a refusal. `true`: it is worth asking again.
    fn learn(&self, why: &str) -> bool {
        let names = [
            ("max_tokens", &self.counts_completion),
            ("temperature", &self.no_temperature),
            ("response_format", &self.no_schema),
            ("json_schema", &self.no_schema),
            ("stream_options", &self.no_usage),
        ];
        names.iter().any(|(name, habit)| why.contains(name) && !habit.swap(true, Ordering::Relaxed))
    }
}

impl OpenAi {
    pub fn new(settings: ModelSettings, http: reqwest::Client) -> Self {
        Self { settings, http, habits: Habits::default() }
    }

    fn body(&self, request: &ModelRequest) -> Value {
        let has = |habit: &AtomicBool| habit.load(Ordering::Relaxed);
        let mut messages = vec![json!({"role": "system", "content": request.system})];
        messages.extend(request.messages.iter().map(|message| json!({"role": message.role, "content": message.content})));
        let mut body = json!({"model": self.settings.model, "messages": messages, "stream": true});
        let most = if has(&self.habits.counts_completion) { "max_completion_tokens" } else { "max_tokens" };
        body[most] = json!(request.max_tokens);
        if !has(&self.habits.no_temperature) {
            body["temperature"] = json!(0);
        }
        if !has(&self.habits.no_usage) {
            body["stream_options"] = json!({"include_usage": true});
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| !has(&self.habits.no_schema)) {
            body["response_format"] = json!({"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": schema}});
        }
        body
    }
}

#[async_trait]
impl LanguageModel for OpenAi {
    fn id(&self) -> &str {
        &self.settings.id
    }

    async fn complete(&self, request: &ModelRequest, heard: Heard<'_>) -> Result<ModelAnswer, ModelError> {
        let address = format!("{}/chat/completions", self.settings.base_url);
        let call = || {
            let call = self.http.post(&address).json(&self.body(request));
            match &self.settings.api_key {
                Some(key) => call.bearer_auth(key.expose()),
                None => call,
            }
        };
        let mut answer = Answer { answer: ModelAnswer::default(), is_finished: false, heard };
        ask(call, |why| self.habits.learn(why), &mut answer, request.deadline).await?;
        whole(answer.answer)
    }
}

struct Answer<'a> {
    answer: ModelAnswer,
    is_finished: bool,
    heard: Heard<'a>,
}

impl Answer<'_> {
    fn usage(&mut self, usage: &Value) {
        if usage.is_object() {
            self.answer.input_tokens = tokens(&usage["prompt_tokens"]);
            self.answer.output_tokens = tokens(&usage["completion_tokens"]);
        }
    }

    fn message(&mut self, message: &Value) -> Result<(), ModelError> {
        if message["refusal"].as_str().is_some_and(|refusal| !refusal.is_empty()) {
            return Err(ModelError::Garbage("the model refused".to_owned()));
        }
        add(&mut self.answer.text, message["content"].as_str().unwrap_or_default(), self.heard)
    }
}

impl Reading for Answer<'_> {
    fn event(&mut self, data: &str) -> Result<bool, ModelError> {
        if data.trim() == "[DONE]" {
            return Ok(true);
        }
        let event: Value = serde_json::from_str(data).map_err(|error| ModelError::Garbage(error.to_string()))?;
        if !event["error"].is_null() {
            return Err(ModelError::Unavailable("an error in the stream".to_owned()));
        }
        self.usage(&event["usage"]);
        let choice = &event["choices"][0];
        self.message(&choice["delta"])?;
        self.is_finished |= choice["finish_reason"].is_string();
        // The last event of a finished answer has the usage and no choice; then `[DONE]`, which some servers leave out.
        Ok(self.is_finished && event["usage"].is_object() && choice.is_null())
    }

    fn whole(&mut self, answer: &Value) -> Result<(), ModelError> {
        self.usage(&answer["usage"]);
        self.message(&answer["choices"][0]["message"])
    }
}
