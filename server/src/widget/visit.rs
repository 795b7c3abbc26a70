//! One open page of one visitor.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::event::{InboundEvent, InboundMessage};
use domain::id::LinkId;
use domain::identifier::SeenIdentifier;
use domain::message::{Author, DeliveryState, Direction, Message};
use domain::ports::{Change, VisitorSession};
use domain::{ConnectionId, ConversationId, IdentifierId, IdentifierKind, MessageId, WorkspaceId};
use engine::{Engine, Rating, TokenClaims, Visitor};
use serde_json::{Value, json};

use super::frames::{FromPage, LONGEST_TEXT, Page, number};
use super::greeting;
use super::matters::Matters;
use super::socket::{Ended, Line};
use super::thread::{News, Thread, Whose};
use crate::app::App;
use crate::hooks::real_seconds;
use crate::live::{Following, Missed};
use crate::metrics::Metrics;

/// See the module.
pub struct Visit {
    pub(super) app: App,
    pub(super) connection: ConnectionId,
    pub(super) workspace: WorkspaceId,
    pub(super) token: String,
    pub(super) session: VisitorSession,
    page: Page,
    thread: Thread,
    matters: Matters,
    /// Where this page, which shows several conversations, spoke last: what names none goes on there.
    spoke_in: Option<ConversationId>,
    last_change: u64,
    following: Following,
    own: BTreeSet<MessageId>,
    pub(super) announced: BTreeSet<LinkId>,
    teammate: Option<String>,
    is_ai_typing: bool,
    present: Present,
}

/// What the page says.
struct Said {
    /// The page's own id of it.
    id: String,
    text: String,
    /// What a quick reply carries.
    payload: Option<String>,
    /// In which conversation.
    conversation: Option<String>,
}

/// A page that is open: a link redeemed meanwhile joins at once.
struct Present {
    engine: Arc<Engine>,
    visitor: IdentifierId,
}

impl Present {
    fn enter(engine: Arc<Engine>, visitor: IdentifierId) -> Self {
        engine.presence().enter(visitor);
        Self { engine, visitor }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.engine.presence().leave(self.visitor);
    }
}

impl Visit {
    /// Finds or makes the visitor and sends the welcome and what the page missed.
    pub async fn begin(app: App, connection: ConnectionId, hello: FromPage, line: &mut Line) -> Result<Self, Ended> {
        let FromPage::Hello { session, jwt, last_seq, tag, page } = hello else { return Err(Ended::Gone) };
        let engine = app.engine();
        let Some(workspace) = engine.door(&connection).map(|door| door.settings.workspace.clone()) else {
            return Err(Ended::Gone);
        };
        let token = session.filter(|token| token.len() <= 200);
        let last_change = app.hub.newest();
        let visitor = engine.visitor(&connection, token.as_deref()).await?;
        let present = Present::enter(engine, visitor.session.identifier);
        let following = Following::start(&app, visitor.session.customer);
        let mut visit = Self {
            workspace,
            token: visitor.token,
            session: visitor.session,
            page: page.unwrap_or_default(),
            thread: Thread::default(),
            matters: Matters::default(),
            spoke_in: None,
            last_change,
            following,
            own: BTreeSet::new(),
            announced: BTreeSet::new(),
            teammate: None,
            is_ai_typing: false,
            present,
            connection,
            app,
        };
        let refused = match &jwt {
            Some(jwt) => !visit.identify(jwt).await?,
            None => false,
        };
        if let (Some(playground), Some(tag)) = (&visit.app.playground, &tag) {
            playground.tie(&visit.app, tag, &visit.session.value).await?;
        }
        if visit.app.engine().page_opened(&visit.connection, &visit.session).await? {
            visit.session = visit.app.engine().visitor(&visit.connection, Some(&visit.token)).await?.session;
        }
        visit.welcome(last_seq, line).await?;
        if refused {
            visit.refuse("not_identified", "The sign-in token was not accepted.", line).await?;
        }
        visit.announce_links(line).await?;
        Ok(visit)
    }

    /// A name for limits.
    pub fn name(&self) -> &str {
        &self.session.value
    }

    async fn welcome(&mut self, last_seq: Value, line: &mut Line) -> Result<(), Ended> {
        let engine = self.app.engine();
        let store = Arc::clone(self.app.store());
        let greeting = engine.greeting(&self.connection, &self.session).await?;
        let workspace_id = self.workspace.clone();
        let whose = Whose { workspace: &workspace_id, customer: self.session.customer, strand: self.session.strand };
        self.thread = Thread::resume(store.as_ref(), whose, number(&last_seq)).await?;
        let news = self.thread.news(store.as_ref(), whose).await?;
        let (Some(door), Some(workspace)) = (engine.door(&self.connection), engine.workspace(&self.workspace)) else {
            return Err(Ended::Gone);
        };
        // Whoever is known is met by what we know; everybody else in the owner's words for this page, where there are some.
        let own = greeting::own_words(&door.settings, self.page.url.as_deref()).filter(|_| !greeting.identified);
        let text = own.map(str::to_owned).or(greeting.text);
        line.send(&json!({
            "type": "welcome",
            "session": self.token,
            "seq": self.thread.newest(),
            "identified": greeting.identified,
            "name": greeting.name,
            "greeting": text,
            "settings": greeting::settings(&engine, &workspace, &door.settings, self.page.locale.as_deref(), self.app.now()),
        }))
        .await?;
        if let Some(conversation) = self.thread.resumed {
            self.matters.shown(conversation);
        }
        for item in news {
            if let News::Message(message, _) = &item {
                self.matters.shown(message.conversation);
            }
            line.send(&item.frame()).await?;
        }
        self.tell_ended(line).await
    }

    /// Conversations that have ended.
    async fn tell_ended(&mut self, line: &mut Line) -> Result<(), Ended> {
        for frame in self.matters.news(self.app.store().as_ref(), &self.workspace).await? {
            line.send(&frame).await?;
        }
        Ok(())
    }

    /// Takes a frame of the page.
    pub async fn hear(&mut self, heard: FromPage, line: &mut Line) -> Result<(), Ended> {
        match heard {
            FromPage::Hello { .. } => self.refuse("again", "Hello was said already.", line).await,
            FromPage::Message { id, text, payload, conversation } => self.say(Said { id, text, payload, conversation }, line).await,
            FromPage::Typing => Ok(self.app.engine().typing(&self.connection, self.session.customer).await?),
            FromPage::Read { seq, conversation } => self.read(seq, conversation.as_deref()).await,
            FromPage::Identify { jwt } => {
                if !self.identify(&jwt).await? {
                    return self.refuse("not_identified", "The sign-in token was not accepted.", line).await;
                }
                self.welcome(json!(self.thread.newest()), line).await
            }
            FromPage::Track { event, data } => self.track(&event, data, line).await,
            FromPage::Continue { channel } => self.go_on(&channel, line).await,
            FromPage::NotMe { link } => self.not_me(&link, line).await,
            FromPage::Rate { value, conversation } if (1..=5).contains(&value) => {
                if let Some(who) = self.visitor().await? {
                    let conversation = conversation.and_then(|id| id.parse().ok());
                    let rating = Rating { who, strand: self.session.strand, conversation };
                    self.app.engine().rated(&self.workspace, &rating, value).await?;
                }
                Ok(())
            }
            FromPage::Rate { .. } => self.refuse("out_of_range", "A rating is 1 to 5.", line).await,
            FromPage::Person { conversation } => self.ask_for_person(conversation, line).await,
            FromPage::Ping => Ok(line.send(&json!({ "type": "pong" })).await?),
        }
    }

    /// Says that a frame is not taken; the connection stays.
    pub async fn refuse(&mut self, code: &str, message: &str, line: &mut Line) -> Result<(), Ended> {
        Ok(line.send(&json!({ "type": "error", "code": code, "message": message })).await?)
    }

    async fn say(&mut self, said: Said, line: &mut Line) -> Result<(), Ended> {
        let Said { id, text, payload, conversation } = said;
        let text = text.trim().replace('\0', "");
        let is_id = !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_id || payload.as_ref().is_some_and(|payload| payload.len() > 256) {
            return self.refuse("unreadable", "This frame cannot be read.", line).await;
        }
        if text.is_empty() && payload.is_none() {
            return self.refuse("empty", "The message says nothing.", line).await;
        }
        if text.chars().count() > LONGEST_TEXT {
            return self.refuse("too_long", "The message is too long.", line).await;
        }
        let is_button = payload.is_some();
        let mut more = serde_json::Map::new();
        if let Some(url) = self.page.url.as_ref().filter(|url| url.len() <= 2_000) {
            more.insert(
                "page".to_owned(),
                json!({ "url": url, "title": self.page.title.as_ref().map(|title| title.chars().take(300).collect::<String>()) }),
            );
        }
        let is_named = conversation.is_some();
        let matter = conversation.filter(|word| word.len() <= 64).or_else(|| self.spoke_in.map(|id| id.to_string()));
        more.extend(matter.map(|matter| ("matter".to_owned(), json!(matter))));
        let message = InboundMessage {
            sender: self.session.value.clone(),
            text: Some(text).filter(|text| !text.is_empty()),
            payload,
            // The page's ids are unique within one visitor only.
            dedupe: Some(format!("{}/{id}", self.session.value)),
            provider_message_id: Some(id.clone()),
            locale: self.page.locale.clone().filter(|locale| locale.len() <= 35),
            more,
            ..InboundMessage::default()
        };
        let event = if is_button { InboundEvent::Postback(message) } else { InboundEvent::Message(message) };
        let taken = self.app.engine().receive(&self.connection, vec![event]).await?;
        let Some(taken) = taken.first() else {
            return self.refuse("not_taken", "The message could not be taken.", line).await;
        };
        Metrics::add(&self.app.metrics.accepted);
        self.app.storage.work.notify_one();
        self.own.insert(taken.message);
        self.matters.shown(taken.conversation);
        self.spoke_in = (is_named || self.spoke_in.is_some()).then_some(taken.conversation);
        let stored = self.app.store().message(&self.workspace, taken.message).await?;
        line.send(&json!({
            "type": "ack",
            "id": id,
            "message": taken.message,
            "conversation": taken.conversation,
            "seq": stored.map(|message| message.seq),
        }))
        .await?;
        if !taken.duplicate {
            let row = self.app.store().conversation(&self.workspace, taken.conversation).await?;
            if row.is_some_and(|row| !row.conversation.ai_silent) {
                self.is_ai_typing = true;
                line.send(&json!({ "type": "typing", "author": "ai", "on": true })).await?;
            }
        }
        Ok(())
    }

    async fn ask_for_person(&mut self, conversation: Option<String>, line: &mut Line) -> Result<(), Ended> {
        let language = self.page.locale.as_deref().and_then(|locale| locale.get(..2)).unwrap_or("en").to_lowercase();
        let text = match language.as_str() {
            "fr" => "Je voudrais parler à une personne.",
            "de" => "Ich möchte mit einem Menschen sprechen.",
            "es" => "Quiero hablar con una persona.",
            "it" => "Vorrei parlare con una persona.",
            "pt" => "Quero falar com uma pessoa.",
            "nl" => "Ik wil een mens spreken.",
            _ => "I would like to talk to a person.",
        };
        let id = format!("person-{}", self.app.unguessable());
        let payload = Some("talk_to_person".to_owned());
        self.say(Said { id, text: text.to_owned(), payload, conversation }, line).await
    }

    async fn read(&mut self, seq: i64, conversation: Option<&str>) -> Result<(), Ended> {
        let conversation: Option<ConversationId> = conversation.and_then(|id| id.parse().ok());
        let after = (seq - 20).max(0);
        let messages = self.app.store().strand_messages(&self.workspace, self.session.strand, after, 20).await?;
        let was_shown = |message: &&Message| message.seq <= seq && conversation.is_none_or(|id| message.conversation == id);
        for message in messages.iter().filter(was_shown).filter(|message| message.direction == Direction::Out) {
            if matches!(message.delivery, Some(DeliveryState::Sent | DeliveryState::Delivered)) {
                let id = message.id.to_string();
                let now = self.app.now();
                self.app.store().receipt(&self.workspace, &self.connection, Some(&id), None, DeliveryState::Read, None, now).await?;
            }
        }
        Ok(())
    }

    async fn identify(&mut self, jwt: &str) -> Result<bool, Ended> {
        let wired = self.app.wired.load_full();
        let Some(tokens) = wired.tokens.get(&self.connection) else { return Ok(false) };
        let claims = match tokens.verify(jwt, real_seconds()).await {
            Ok(claims) => claims,
            Err(refusal) => {
                tracing::warn!(connection = %self.connection, %refusal, "a widget token was refused");
                return Ok(false);
            }
        };
        let claims = TokenClaims {
            subject: claims.sub,
            name: claims.name,
            email: claims.email.map(|email| (email, claims.email_verified)),
            phone: claims.phone_number.map(|phone| (phone, claims.phone_number_verified)),
            token_id: claims.jti,
        };
        let engine = self.app.engine();
        let is_taken = engine.identify(&self.connection, &self.session, claims).await?;
        if is_taken {
            self.session = engine.visitor(&self.connection, Some(&self.token)).await?.session;
        }
        Ok(is_taken)
    }

    /// The visitor's own identifier, as the store knows it.
    async fn visitor(&self) -> Result<Option<SeenIdentifier>, Ended> {
        let customer = self.app.store().customer(&self.workspace, self.session.customer).await?;
        Ok(customer.and_then(|customer| {
            customer.identifiers.into_iter().find(|identifier| identifier.id == self.session.identifier).map(|found| SeenIdentifier {
                kind: IdentifierKind::Visitor,
                scope: found.scope,
                value: found.value,
                raw: found.raw,
                trust: found.trust,
                origin: found.origin,
            })
        }))
    }

    async fn track(&mut self, event: &str, data: Value, line: &mut Line) -> Result<(), Ended> {
        let is_name = !event.is_empty()
            && event.len() <= 100
            && event.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if !is_name {
            return self.refuse("unreadable", "This frame cannot be read.", line).await;
        }
        let Some(who) = self.visitor().await? else { return Ok(()) };
        let data = if data.is_object() { data } else { json!({}) };
        self.app.engine().business_event(&self.workspace, event, vec![who], data, None).await?;
        Ok(())
    }

    /// Waits until something changed that may concern this visitor.
    pub async fn rung(&mut self) {
        // Whoever was recognised meanwhile is another customer.
        if self.following.customer() != self.session.customer {
            self.following = Following::start(&self.app, self.session.customer);
        }
        self.following.rung().await;
    }

    /// The page is still open, also under a configuration that was read again.
    pub fn stay(&mut self) {
        let engine = self.app.engine();
        if !Arc::ptr_eq(&engine, &self.present.engine) {
            self.present = Present::enter(engine, self.session.identifier);
        }
    }

    /// Something changed: shows what concerns this visitor.
    pub async fn look(&mut self, line: &mut Line) -> Result<(), Ended> {
        let (concerns, identity) = match self.app.hub.after(self.last_change) {
            Missed::TooMuch(newest) => {
                self.last_change = newest;
                self.matters.changed_all();
                (true, true)
            }
            Missed::Events(events) => {
                let Some(last) = events.last() else { return Ok(()) };
                self.last_change = last.seq;
                let is_mine =
                    |change: &Change| change.workspace == self.workspace && change.customer.is_none_or(|id| id == self.session.customer);
                let mut mine = events.iter().filter(|event| is_mine(&event.change)).peekable();
                let concerns = mine.peek().is_some();
                let mut identity = false;
                for event in mine {
                    self.matters.changed(&event.change);
                    identity |= event.change.kind == "identity.updated";
                }
                (concerns, identity)
            }
        };
        self.stay();
        if !concerns {
            return Ok(());
        }
        if identity {
            let visitor = self.app.engine().visitor(&self.connection, Some(&self.token)).await?;
            if visitor.is_new {
                return self.start_anew(visitor, line).await;
            }
            self.session = visitor.session;
            self.announce_links(line).await?;
        }
        self.push(line).await
    }

    /// Whoever was here has been erased: the page goes on as a stranger's, under a session of its own.
    async fn start_anew(&mut self, visitor: Visitor, line: &mut Line) -> Result<(), Ended> {
        self.present = Present::enter(self.app.engine(), visitor.session.identifier);
        self.token = visitor.token;
        self.session = visitor.session;
        self.own.clear();
        self.matters = Matters::default();
        self.spoke_in = None;
        self.announced.clear();
        self.teammate = None;
        self.is_ai_typing = false;
        self.welcome(Value::Null, line).await
    }

    async fn push(&mut self, line: &mut Line) -> Result<(), Ended> {
        let store = Arc::clone(self.app.store());
        let workspace = self.workspace.clone();
        let whose = Whose { workspace: &workspace, customer: self.session.customer, strand: self.session.strand };
        for item in self.thread.news(store.as_ref(), whose).await? {
            let News::Message(message, _) = &item else {
                line.send(&item.frame()).await?;
                continue;
            };
            self.matters.shown(message.conversation);
            if self.own.remove(&message.id) {
                continue;
            }
            if message.author == Author::Teammate && message.author_name != self.teammate {
                self.teammate.clone_from(&message.author_name);
                line.send(&json!({ "type": "teammate", "name": message.author_name })).await?;
            }
            if self.is_ai_typing && message.direction == Direction::Out {
                self.is_ai_typing = false;
                line.send(&json!({ "type": "typing", "author": "ai", "on": false })).await?;
            }
            line.send(&item.frame()).await?;
        }
        self.tell_ended(line).await
    }
}
