//! `/voice/{connection}/…`: what the vendor asks about calls. Verified over the raw bytes, answered in its own language,
//! and never slower than a caller waits.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use channels::voice::{Greeting, Line, Ringing, Transfer};
use domain::call::{Call, CallAbout, CallState, RecordMode};
use domain::ports::{HookAnswer, HookRequest, Refusal};
use domain::settings::{Mode, WorkspaceSettings};
use domain::{CallId, ConnectionId, MessageId, Timestamp, WorkspaceId};
use engine::decision::hours;
use engine::rendering::phrases::Phrases;
use engine::rendering::spoken::SpokenText;
use engine::{Arrival, Outcome};

use super::ending::{finish, workspace_of};
use super::sound::Speech;
use super::switchboard::{Greeted, Pass, Replies};
use crate::app::App;
use crate::hooks::{Knock, answered, refused};
use crate::problem::Problem;

/// A call is picked up after this time, with a greeting of its own or the neutral one.
const PICK_UP: Duration = Duration::from_millis(1_200);
/// A line that breaks more often than this is not tried again.
const MOST_BREAKS: u32 = 3;

/// What a verified request is answered with.
type Answered = Result<Response, Problem>;

/// A number and what it belongs to.
pub struct Place {
    pub app: App,
    pub connection: ConnectionId,
    pub workspace: WorkspaceId,
    pub settings: Arc<WorkspaceSettings>,
    pub line: Arc<Line>,
    /// Who listens and speaks here; `None`: the vendor does.
    pub speech: Option<Arc<Speech>>,
}

impl Place {
    pub fn of(app: &App, connection: &str) -> Option<Self> {
        let connection = ConnectionId::from(connection);
        let wired = app.wired.load();
        let line = wired.lines.get(&connection).cloned()?;
        let speech = wired.speech.get(&connection).cloned();
        let workspace = workspace_of(app, &connection)?;
        let settings = app.workspace(&workspace)?;
        Some(Self { app: App::clone(app), connection, workspace, settings, line, speech })
    }

    pub(super) fn words(&self, language: &str) -> Phrases {
        Phrases::new(language.get(..2).unwrap_or(&self.settings.locale))
    }

    /// "by 15:00", as it is said.
    pub(super) fn due(&self, words: &Phrases, now: Timestamp) -> String {
        let due = hours::after(&self.settings, now, self.settings.escalation_wait);
        hours::spoken(&self.settings, due, now, words)
    }

    /// Are people of the business there now?
    pub(super) fn is_open(&self) -> bool {
        hours::is_open(&self.settings, self.app.now())
    }

    /// Whether this call is still to be recorded, and how that begins. Where no sound comes here there is nothing to record,
    /// and a line that was taken up again goes on with what the one before began.
    pub(super) fn recording(&self, call: &Call) -> RecordMode {
        let is_new = call.state == CallState::Ringing && call.about.recording.is_none();
        if self.speech.is_none() || !is_new {
            return RecordMode::Off;
        }
        self.line.record().in_region(&self.settings.region)
    }

    /// A key to this call's line, with what is said first.
    fn connect(&self, vendor_id: &str, language: &str, greeting: Option<Greeted>) -> HookAnswer {
        self.line_of(vendor_id, language, greeting, false)
    }

    fn line_of(&self, vendor_id: &str, language: &str, greeting: Option<Greeted>, takes_message: bool) -> HookAnswer {
        let token = self.app.unguessable();
        let text = greeting.as_ref().map(|greeting| greeting.text.clone());
        let (connection, vendor_id, is_sound) = (self.connection.clone(), vendor_id.to_owned(), self.speech.is_some());
        let pass = Pass { connection, vendor_id, language: language.to_owned(), is_sound, greeting, takes_message };
        self.app.switchboard.issue(&token, pass, self.app.steady());
        if is_sound {
            return self.line.stream(&token);
        }
        self.line.relay(&Greeting { text, language: tag(language) }, &token)
    }

    /// How somebody is asked for a message.
    pub(super) fn asks_for_message(&self, words: &Phrases) -> Greeted {
        self.aside(words, &words.with("call.leave_message", &[("workspace", &self.settings.name)]))
    }

    /// Words that are no message of a turn.
    pub(super) fn aside(&self, words: &Phrases, text: &str) -> Greeted {
        Greeted { message: None, text: SpokenText::of(text, words.language()).text() }
    }
}

/// The vendor wants a country with each language.
fn tag(language: &str) -> String {
    match language {
        "en" => "en-US".to_owned(),
        "fr" => "fr-FR".to_owned(),
        "de" => "de-DE".to_owned(),
        "es" => "es-ES".to_owned(),
        "pt" => "pt-PT".to_owned(),
        "it" => "it-IT".to_owned(),
        "nl" => "nl-NL".to_owned(),
        other => other.to_owned(),
    }
}

/// Reads and verifies a request of the vendor's.
async fn verified<T>(
    app: &App,
    connection: &str,
    knock: Knock,
    read: impl FnOnce(&Line, &HookRequest<'_>) -> Result<T, Refusal>,
) -> Result<(Place, T), Problem> {
    let place = Place::of(app, connection).ok_or_else(Problem::not_found)?;
    let engine = app.engine();
    let door = engine.door(&place.connection).ok_or_else(Problem::not_found)?;
    let heard = knock.read(app, door).await?;
    match read(&place.line, &heard.request()) {
        Ok(found) => Ok((place, found)),
        Err(refusal) => Err(refused(app, door, &refusal, &heard.body, &heard.address)
            .await?
            .unwrap_or_else(|| Problem::bad_request("The request cannot be read."))),
    }
}

/// A call rings: placed, greeted and picked up in less than two seconds, whatever the database does.
pub async fn call(State(app): State<App>, Path(connection): Path<String>, knock: Knock) -> Answered {
    let (place, ringing) = verified(&app, &connection, knock, Line::ringing).await?;
    match pick_up(&place, &ringing).await {
        Some(PickedUp::Greeted(language, greeting)) => Ok(answered(place.connect(&ringing.call, &language, greeting))),
        Some(PickedUp::Silent(call)) => Ok(answered(closed(&place, &call).await?)),
        Some(PickedUp::Replayed) => {
            tracing::warn!(connection = %place.connection, "a request about a call that has begun already was refused");
            Err(Problem::conflict("call_begun", "This call has begun already."))
        }
        None => Err(Problem::unavailable("There are too many calls.")),
    }
}

/// What becomes of a call that rings.
pub(super) enum PickedUp {
    /// It is picked up, with these words.
    Greeted(String, Option<Greeted>),
    /// Nobody speaks here now.
    Silent(Call),
    /// It has begun before.
    Replayed,
}

/// Places a call that rings and waits for its greeting, but not for long. `None`: there are too many calls.
pub(super) async fn pick_up(place: &Place, ringing: &Ringing) -> Option<PickedUp> {
    let app = &place.app;
    let replies = app.switchboard.expect(&place.connection, &ringing.call)?;
    let arrival = Arrival {
        vendor_id: ringing.call.clone(),
        from: ringing.from.clone(),
        number: ringing.number.clone(),
        attestation: ringing.attestation,
        direction: ringing.direction,
        language: place.line.language().map(str::to_owned),
    };
    // It goes on when the caller is picked up before it has ended.
    let placing = tokio::spawn({
        let (app, connection) = (App::clone(app), place.connection.clone());
        async move {
            let placed = app.engine().ring(&connection, arrival).await;
            app.storage.work.notify_one();
            placed
        }
    });
    let neutral = || {
        let language = place.line.language().unwrap_or(&place.settings.locale).to_owned();
        let words = place.words(&language);
        let text = words.with("call.neutral", &[("workspace", &place.settings.name)]);
        let greeting = place.aside(&words, &text);
        PickedUp::Greeted(language, Some(greeting))
    };
    Some(match tokio::time::timeout(PICK_UP, greeted(place, ringing, placing, &replies)).await {
        Ok(Ok(placed)) => placed,
        Ok(Err(problem)) => {
            tracing::error!(detail = problem.detail, "a call could not be placed, it is picked up without knowing who it is");
            neutral()
        }
        Err(_) => {
            tracing::warn!(connection = %place.connection, "a call was not placed in time, it is picked up with the neutral greeting");
            neutral()
        }
    })
}

async fn greeted(
    place: &Place,
    ringing: &Ringing,
    placing: tokio::task::JoinHandle<domain::ports::Stored<Option<(Call, bool)>>>,
    replies: &Replies,
) -> Result<PickedUp, Problem> {
    let placed = placing.await.map_err(|_| Problem::internal())??;
    let Some((call, is_new)) = placed else { return Err(Problem::not_found()) };
    if !is_new && call.state != CallState::Ringing {
        if call.state == CallState::Ended {
            place.app.switchboard.forget(&place.connection, &ringing.call);
        }
        return Ok(PickedUp::Replayed);
    }
    if !speaks(place) {
        return Ok(PickedUp::Silent(call));
    }
    loop {
        let decided = replies.next().await;
        if decided.is_whole {
            let language = spoken_on(place, &call, decided.message).await?;
            let greeting = Greeted { message: Some(decided.message), text: decided.text };
            return Ok(PickedUp::Greeted(language, Some(greeting)));
        }
    }
}

/// The language of a call: that of the number where it has one, else the one in which its caller was greeted.
async fn spoken_on(place: &Place, call: &Call, greeting: MessageId) -> Result<String, Problem> {
    let store = place.app.store();
    let greeted = store.message(&place.workspace, greeting).await?.and_then(|message| message.language);
    let Some(language) = greeted.filter(|language| place.line.language().is_none() && *language != call.about.language) else {
        return Ok(call.about.language.clone());
    };
    let about = CallAbout { language: language.clone(), ..call.about.clone() };
    store.move_call(&place.workspace, call.id, &[CallState::Ringing], CallState::Ringing, Some(about)).await?;
    Ok(language)
}

/// Does the AI speak on this number now? Drafts cannot be approved while somebody listens.
fn speaks(place: &Place) -> bool {
    let engine = place.app.engine();
    let Some(door) = engine.door(&place.connection) else { return false };
    match engine.mode(&door.settings) {
        Mode::Answer => true,
        Mode::OutOfHours => !hours::is_open(&place.settings, place.app.now()),
        Mode::Off | Mode::Draft => false,
    }
}

/// The AI does not speak here now: a person is rung where one can be, else a call back is promised.
async fn closed(place: &Place, call: &Call) -> Result<HookAnswer, Problem> {
    if let Some(to) = place.line.transfer_to().filter(|_| hours::is_open(&place.settings, place.app.now())) {
        place.app.store().move_call(&place.workspace, call.id, &[CallState::Ringing], CallState::Transferring, None).await?;
        let transfer = Transfer { farewell: None, language: tag(&call.about.language), to: to.to_owned() };
        return Ok(place.line.transfer(&transfer, &call.id.to_string()));
    }
    nobody(place, call).await
}

/// Nobody is there: a message is taken where the number takes them, and a call back is promised either way.
async fn nobody(place: &Place, call: &Call) -> Result<HookAnswer, Problem> {
    let words = place.words(&call.about.language);
    if place.line.takes_messages() && place.app.switchboard.expect(&place.connection, &call.about.vendor_id).is_some() {
        let asks = place.asks_for_message(&words);
        return Ok(place.line_of(&call.about.vendor_id, &call.about.language, Some(asks), true));
    }
    let when = place.due(&words, place.app.now());
    let text = words.with("call.closed", &[("workspace", &place.settings.name), ("when", &when)]);
    finish(&place.app, &place.workspace, call, Outcome::NobodyFree).await?;
    Ok(place.line.farewell(&place.aside(&words, &text).text, &tag(&call.about.language)))
}

/// The line of a call has ended, and the vendor asks what comes next.
pub async fn action(State(app): State<App>, Path(connection): Path<String>, knock: Knock) -> Answered {
    let (place, ended) = verified(&app, &connection, knock, Line::session_end).await?;
    let found = app.store().call(&place.workspace, &place.connection, &ended.call).await?;
    let Some(call) = found.filter(|call| call.state != CallState::Ended) else { return Ok(answered(place.line.nothing())) };
    app.switchboard.connect(&place.connection, &ended.call, false);
    if ended.is_over {
        // Whoever hangs up before anybody is rung is called back.
        let is_rung = matches!(call.state, CallState::Transferring | CallState::Cut);
        let outcome = if is_rung { Outcome::NobodyFree } else { Outcome::Completed };
        finish(&app, &place.workspace, &call, outcome).await?;
        return Ok(answered(place.line.nothing()));
    }
    if call.state == CallState::Transferring {
        let language = tag(&call.about.language);
        return Ok(answered(match call.about.through_to.as_deref().or(place.line.transfer_to()) {
            Some(to) => {
                let transfer = Transfer { farewell: call.about.farewell.clone(), language, to: to.to_owned() };
                place.line.transfer(&transfer, &call.id.to_string())
            }
            None => return back(&place, &call).await,
        }));
    }
    let ours = app.switchboard.take_note(&place.connection, &ended.call);
    if let Some(outcome) = ended.note.as_deref().or(ours).and_then(outcome_of) {
        finish(&app, &place.workspace, &call, outcome).await?;
        return Ok(answered(place.line.nothing()));
    }
    if ours == Some("mute") {
        return mute(&place, &call).await;
    }
    // A stream of sound has no word for how it ended: without a note of ours it broke.
    if !ended.has_failed && place.speech.is_none() {
        finish(&app, &place.workspace, &call, Outcome::Completed).await?;
        return Ok(answered(place.line.nothing()));
    }
    tracing::warn!(call = %call.id, code = ended.code.as_deref().unwrap_or_default(), "the line of a call broke");
    let words = place.words(&call.about.language);
    if app.switchboard.expect(&place.connection, &ended.call).is_none()
        || app.switchboard.broke(&place.connection, &ended.call) > MOST_BREAKS
    {
        let when = place.due(&words, app.now());
        let text = words.with("call.nobody_free", &[("when", &when)]);
        finish(&app, &place.workspace, &call, Outcome::Cut).await?;
        return Ok(answered(place.line.farewell(&place.aside(&words, &text).text, &tag(&call.about.language))));
    }
    let resumed = place.aside(&words, &words.say("call.resumed"));
    Ok(answered(place.connect(&ended.call, &call.about.language, Some(resumed))))
}

/// Nobody here can speak: the vendor's voice says so, and the caller is put through or promised a call.
async fn mute(place: &Place, call: &Call) -> Answered {
    let words = place.words(&call.about.language);
    let language = tag(&call.about.language);
    tracing::error!(call = %call.id, "no voice speaks on a call, the vendor's takes over");
    if let Some(to) = place.line.transfer_to().filter(|_| hours::is_open(&place.settings, place.app.now())) {
        place.app.store().move_call(&place.workspace, call.id, &[CallState::Live], CallState::Transferring, None).await?;
        let farewell = Some(place.aside(&words, &words.say("call.through")).text);
        return Ok(answered(place.line.transfer(&Transfer { farewell, language, to: to.to_owned() }, &call.id.to_string())));
    }
    let when = place.due(&words, place.app.now());
    let text = words.with("call.closed", &[("workspace", &place.settings.name), ("when", &when)]);
    finish(&place.app, &place.workspace, call, Outcome::NobodyFree).await?;
    Ok(answered(place.line.farewell(&place.aside(&words, &text).text, &language)))
}

/// What our own note at the end of a line means.
pub(super) fn outcome_of(note: &str) -> Option<Outcome> {
    match note {
        "silent" => Some(Outcome::Silent),
        "too_long" | "hung_up" => Some(Outcome::Completed),
        "deaf" | "stuck" | "message" => Some(Outcome::NobodyFree),
        "machine" => Some(Outcome::NotReached),
        _ => None,
    }
}

/// A person of the business was rung.
pub async fn dialled(State(app): State<App>, Path(connection): Path<String>, knock: Knock) -> Answered {
    let (place, dialled) = verified(&app, &connection, knock, Line::dialled).await?;
    let found = app.store().call(&place.workspace, &place.connection, &dialled.call).await?;
    let is_rung = |call: &Call| matches!(call.state, CallState::Transferring | CallState::Cut);
    let Some(call) = found.filter(is_rung) else { return Ok(answered(place.line.nothing())) };
    if dialled.was_answered {
        finish(&app, &place.workspace, &call, Outcome::Transferred).await?;
        return Ok(answered(place.line.farewell("", &tag(&call.about.language))));
    }
    if dialled.is_over || call.state == CallState::Cut {
        finish(&app, &place.workspace, &call, Outcome::NobodyFree).await?;
        return Ok(answered(place.line.nothing()));
    }
    back(&place, &call).await
}

/// Nobody was free: the caller comes back to us, who know everything still, and is promised a call.
async fn back(place: &Place, call: &Call) -> Answered {
    if !speaks(place) {
        place.app.store().move_call(&place.workspace, call.id, &[CallState::Transferring], CallState::Live, None).await?;
        return Ok(answered(nobody(place, call).await?));
    }
    place.app.store().move_call(&place.workspace, call.id, &[CallState::Transferring], CallState::Live, None).await?;
    let words = place.words(&call.about.language);
    let when = place.due(&words, place.app.now());
    let text = words.with("call.nobody_free", &[("when", &when)]);
    if place.app.switchboard.expect(&place.connection, &call.about.vendor_id).is_none() {
        return Err(Problem::unavailable("There are too many calls."));
    }
    Ok(answered(place.connect(&call.about.vendor_id, &call.about.language, Some(place.aside(&words, &text)))))
}

/// What the person who was rung hears before the caller does: the brief.
pub async fn whisper(State(app): State<App>, Path((connection, call)): Path<(String, String)>, knock: Knock) -> Answered {
    let (place, ()) = verified(&app, &connection, knock, Line::asked).await?;
    let found = match call.parse::<CallId>() {
        Ok(call) => app.store().call_by_id(&place.workspace, call).await?,
        Err(_) => None,
    };
    let text = found.filter(|(call, _)| call.connection == place.connection).and_then(|(call, _)| call.about.whisper);
    Ok(answered(match text {
        Some(text) => place.line.whisper(&text, &tag(&place.settings.locale)),
        None => place.line.nothing(),
    }))
}

/// A call of ours was answered: a machine has nothing to say to us, nor we to it.
pub async fn answered_by(State(app): State<App>, Path(connection): Path<String>, knock: Knock) -> Answered {
    let (place, found) = verified(&app, &connection, knock, Line::answered).await?;
    if found.by_machine
        && let Some(call) = app.store().call(&place.workspace, &place.connection, &found.call).await?
    {
        if place.line.hang_up(&found.call).await.is_err() {
            tracing::warn!(call = %call.id, "a call that a machine answered could not be ended, its line is closed");
        }
        finish(&app, &place.workspace, &call, Outcome::NotReached).await?;
    }
    Ok(answered(place.line.nothing()))
}

/// The call has got somewhere.
pub async fn status(State(app): State<App>, Path(connection): Path<String>, knock: Knock) -> Answered {
    let (place, status) = verified(&app, &connection, knock, Line::status).await?;
    if status.is_final
        && let Some(call) = app.store().call(&place.workspace, &place.connection, &status.call).await?
    {
        let outcome = match call.state {
            CallState::Ringing => Outcome::NotReached,
            CallState::Transferring | CallState::Cut => {
                // Whether somebody picked up is told by itself, before or after this. Until then the line is gone: the watch
                // over calls promises a call where nobody tells.
                let state = [CallState::Transferring];
                app.store().move_call(&place.workspace, call.id, &state, CallState::Cut, None).await?;
                app.switchboard.connect(&place.connection, &status.call, false);
                return Ok(answered(place.line.nothing()));
            }
            CallState::Live | CallState::Ended => Outcome::Completed,
        };
        finish(&app, &place.workspace, &call, outcome).await?;
    }
    Ok(answered(place.line.nothing()))
}
