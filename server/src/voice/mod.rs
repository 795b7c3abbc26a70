//! Phone calls: webhooks answered in the vendor's own language, and the sockets over which a call is text or sound.

mod door;
pub mod ending;
mod last_words;
mod listening;
mod relay;
pub mod sip;
pub mod sound;
mod switchboard;
mod talk;
mod webhooks;
mod wire;

use axum::Router;
use axum::routing::{any, post};

pub use self::door::Phone;
pub use self::sip::NotDialled;
pub use self::switchboard::{KEY_LIVES, Order, Switchboard, Unsaid};
use crate::app::App;

/// Everything under `/voice/{connection}`.
pub fn router() -> Router<App> {
    Router::new()
        .route("/voice/{connection}/call", post(webhooks::call))
        .route("/voice/{connection}/action", post(webhooks::action))
        .route("/voice/{connection}/dialled", post(webhooks::dialled))
        .route("/voice/{connection}/whisper/{call}", post(webhooks::whisper))
        .route("/voice/{connection}/status", post(webhooks::status))
        .route("/voice/{connection}/answered", post(webhooks::answered_by))
        .route("/voice/{connection}/relay/{token}", any(relay::handle))
        .route("/voice/{connection}/media/{token}", any(sound::handle))
        .route("/listen/{token}", any(listening::handle))
}
