//! `/playground/api/…`: no sign-in, this machine only, everything about made-up people.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use domain::ChannelKind;
use domain::message::Button;
use domain::ports::Random;
use serde::Deserialize;
use serde_json::{Value, json};

use super::persona::Bubble;
use super::phones::{FilledIn, Said};
use super::{Playground, state, stream};
use crate::api::answer::{Answer, Body, ok, said, with};
use crate::api::clock;
use crate::app::App;
use crate::auth::cookie::is_own_origin;
use crate::auth::peer::Peer;
use crate::problem::Problem;

/// Ready-made lines to click through.
const JOURNEYS: &str = include_str!("journeys.json");

/// Its routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/playground/api/personas", post(invent))
        .route("/playground/api/personas/{id}", get(show))
        .route("/playground/api/personas/{id}/say", post(say))
        .route("/playground/api/personas/{id}/form", post(fill_in))
        .route("/playground/api/personas/{id}/event", post(happen))
        .route("/playground/api/personas/{id}/stream", get(follow))
        .route("/playground/api/clock", get(clock_now).post(clock_move))
        .route("/playground/api/journeys", get(journeys))
        .layer(from_fn(local_only))
}

/// Only browsers on this machine, and only our own pages; other names of the machine are refused too.
async fn local_only(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let is_local = peer.is_none_or(|peer| peer.0.ip().to_canonical().is_loopback());
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let is_named_local = name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let mut request = request;
    request.extensions_mut().insert(Local(is_local && is_named_local));
    next.run(request).await
}

#[derive(Debug, Clone, Copy)]
struct Local(bool);

fn enter(app: &App, local: Local, method: &Method, headers: &HeaderMap) -> Result<Arc<Playground>, Problem> {
    let Some(playground) = &app.playground else { return Err(Problem::not_found()) };
    if !local.0 && !playground.is_public {
        return Err(Problem::not_found());
    }
    if *method != Method::GET && !is_own_origin(headers, &app.settings.public_url) {
        return Err(Problem::forbidden("The request did not come from the playground."));
    }
    Ok(Arc::clone(playground))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn invent(State(app): State<App>, Extension(local): Extension<Local>, headers: HeaderMap, _body: Body<Nothing>) -> Answer {
    let playground = enter(&app, local, &Method::POST, &headers)?;
    let persona = playground.invent(&app).await?.persona();
    with(
        StatusCode::CREATED,
        &json!({
            "id": persona.id,
            "phone": spaced(&persona.phone_e164),
            "phone_e164": persona.phone_e164,
            "telegram_id": persona.telegram_id,
            "email": persona.email(),
            "name_hint": persona.name_hint,
        }),
    )
}

/// `+33 6 39 98 12 34`.
fn spaced(e164: &str) -> String {
    let Some(rest) = e164.strip_prefix("+33") else { return e164.to_owned() };
    let (first, pairs) = rest.split_at(1);
    let pairs: Vec<String> = pairs.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    format!("+33 {first} {}", pairs.join(" "))
}

async fn show(State(app): State<App>, Extension(local): Extension<Local>, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    let playground = enter(&app, local, &Method::GET, &headers)?;
    let board = playground.board(&app, &id).await?;
    let persona = board.persona();
    let mut view = state::state(&app, &playground.workspace, &board).await?;
    view["persona"] = json!({
        "id": persona.id,
        "phone": spaced(&persona.phone_e164),
        "phone_e164": persona.phone_e164,
        "telegram_id": persona.telegram_id,
        "email": persona.email(),
        "name_hint": persona.name_hint,
    });
    ok(&view)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saying {
    channel: String,
    text: Option<String>,
    button: Option<Button>,
    #[serde(default)]
    share_contact: bool,
    start_token: Option<String>,
}

async fn say(
    State(app): State<App>,
    Extension(local): Extension<Local>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Body(saying): Body<Saying>,
) -> Answer {
    let playground = enter(&app, local, &Method::POST, &headers)?;
    let board = playground.board(&app, &id).await?;
    let channel: ChannelKind = saying.channel.parse().map_err(|_| Problem::bad_request("channel is no channel."))?;
    if matches!(channel, ChannelKind::Widget | ChannelKind::Api) {
        return Err(Problem::bad_request("channel must be whatsapp, telegram, discord, email, sms, rcs, messenger, instagram or voice."));
    }
    let Some(phones) = &playground.phones else {
        return Err(Problem::unavailable("This build carries no simulated phones."));
    };
    let text = saying.text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.is_none() && saying.button.is_none() && !saying.share_contact && saying.start_token.is_none() {
        return Err(Problem::unprocessable("empty", "Nothing is said."));
    }
    if text.as_ref().is_some_and(|text| text.chars().count() > 4_000) {
        return Err(Problem::unprocessable("too_long", "text is longer than 4000 characters."));
    }
    let shown = match (&text, &saying.button) {
        (_, Some(button)) => button.title.clone(),
        (Some(text), None) => text.clone(),
        (None, None) if saying.share_contact => format!("👤 {}", spaced(&board.persona().phone_e164)),
        (None, None) => "/start".to_owned(),
    };
    let said =
        Said { channel, text, button: saying.button, share_contact: saying.share_contact, start_token: saying.start_token, at: app.now() };
    board.add(Bubble::new(channel, "in", &shown, app.now()));
    phones.say(&board.persona().addresses(), &said).await.map_err(|error| {
        tracing::error!("a simulated phone could not send: {error:#}");
        Problem::unavailable("The simulated phone could not send.")
    })?;
    Ok(StatusCode::ACCEPTED.into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    email: Option<String>,
    phone: Option<String>,
    answer_by: String,
    company: Option<String>,
    budget: Option<String>,
    text: String,
}

/// The shop's contact form, as its own program would pass it on with `POST /messages`.
async fn fill_in(
    State(app): State<App>,
    Extension(local): Extension<Local>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Body(form): Body<Form>,
) -> Answer {
    let playground = enter(&app, local, &Method::POST, &headers)?;
    let board = playground.board(&app, &id).await?;
    let Some(phones) = &playground.phones else {
        return Err(Problem::unavailable("This build carries no simulated phones."));
    };
    let given =
        |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty() && text.chars().count() <= 200);
    let named = |label: &str, text: Option<String>| given(text).map(|text| (label.to_owned(), text));
    let filled = FilledIn {
        id: format!("{id}-{:08x}", app.random.bits() >> 96),
        name: said(&form.name, "name", 100)?,
        email: given(form.email),
        phone: given(form.phone),
        answer_by: said(&form.answer_by, "answer_by", 10)?,
        text: said(&form.text, "text", 4_000)?,
        fields: [named("Company", form.company), named("Budget", form.budget)].into_iter().flatten().collect(),
    };
    phones.fill_in(&filled).await.map_err(|error| {
        tracing::error!("the contact form was not taken: {error:#}");
        Problem::unprocessable("not_taken", "Give the address by which you want to be answered.")
    })?;
    board.fill_in(&filled.id).keep(&app).await?;
    board.ring();
    Ok(StatusCode::ACCEPTED.into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Happening {
    r#type: String,
    data: Value,
}

/// What the shop's own programs would tell about this person with `POST /events`.
async fn happen(
    State(app): State<App>,
    Extension(local): Extension<Local>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Body(happening): Body<Happening>,
) -> Answer {
    let playground = enter(&app, local, &Method::POST, &headers)?;
    let board = playground.board(&app, &id).await?;
    let kind = said(&happening.r#type, "type", 100)?;
    let phone = format!("phone:{}", board.persona().phone_e164);
    let who = app.engine().identifier(&playground.workspace, &phone).ok_or_else(Problem::internal)?;
    app.engine().business_event(&playground.workspace, &kind, vec![who], happening.data, None).await?;
    board.ring();
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn follow(
    State(app): State<App>,
    Extension(local): Extension<Local>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let playground = enter(&app, local, &Method::GET, &headers)?;
    let board = playground.board(&app, &id).await?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(stream::follow(App::clone(&app), playground.workspace.clone(), board, last))
}

async fn clock_now(State(app): State<App>, Extension(local): Extension<Local>, headers: HeaderMap) -> Answer {
    enter(&app, local, &Method::GET, &headers)?;
    ok(&json!({ "now": app.now(), "offset_s": app.clock.offset().as_secs() }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: u64,
}

async fn clock_move(State(app): State<App>, Extension(local): Extension<Local>, headers: HeaderMap, Body(body): Body<Advance>) -> Answer {
    let playground = enter(&app, local, &Method::POST, &headers)?;
    let ran = clock::advance(&app, body.advance_s).await?;
    playground.boards().values().for_each(|board| board.ring());
    ok(&json!({ "now": app.now(), "ran": ran }))
}

async fn journeys(State(app): State<App>, Extension(local): Extension<Local>, headers: HeaderMap) -> Answer {
    enter(&app, local, &Method::GET, &headers)?;
    let journeys: Value = serde_json::from_str(JOURNEYS).map_err(|_| Problem::internal())?;
    ok(&journeys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journeys_can_be_read_and_name_doors_that_exist() {
        let journeys: Value = serde_json::from_str(JOURNEYS).expect("the journeys are JSON");
        for journey in journeys["items"].as_array().expect("a list") {
            for line in journey["lines"].as_array().expect("lines") {
                assert!(line["channel"].as_str().is_some_and(|word| word.parse::<ChannelKind>().is_ok()), "{line}");
            }
        }
    }

    #[test]
    fn a_number_is_shown_as_people_write_it() {
        assert_eq!(spaced("+33639981234"), "+33 6 39 98 12 34");
    }
}
