//! `GET /playground/api/personas/{id}/stream`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::WorkspaceId;
use futures::stream::{self, Stream};
use serde_json::json;
use tokio::sync::watch;

use super::persona::{Beat, Board};
use super::state;
use crate::app::App;

struct Follower {
    app: App,
    workspace: WorkspaceId,
    board: Arc<Board>,
    last: u64,
    changes: usize,
    typed: u64,
    beat: watch::Receiver<Beat>,
    changed: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    waiting: VecDeque<Event>,
    state_due: bool,
    shown: String,
}

/// Bubbles from `last` on, the state after each change, typing.
pub fn follow(app: App, workspace: WorkspaceId, board: Arc<Board>, last: u64) -> Response {
    let follower = Follower {
        beat: board.beat(),
        changed: app.hub.bell(),
        stopping: app.stopping.subscribe(),
        changes: board.after(u64::MAX, 0).1,
        typed: 0,
        waiting: VecDeque::new(),
        state_due: true,
        shown: String::new(),
        app,
        workspace,
        board,
        last,
    };
    Sse::new(events(follower)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

fn events(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(follower, |mut follower| async move {
        loop {
            if let Some(event) = follower.waiting.pop_front() {
                return Some((Ok(event), follower));
            }
            if *follower.stopping.borrow() {
                return None;
            }
            follower.state_due |= heeded(&mut follower.changed) || heeded(&mut follower.beat);
            let beat = *follower.beat.borrow();
            follower.gather(beat).await;
            if !follower.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                rung = follower.beat.changed() => rung.ok()?,
                rung = follower.changed.changed() => rung.ok()?,
                _ = follower.stopping.changed() => return None,
            }
            follower.state_due = true;
        }
    })
}

/// Takes note of a ring, also of one that came while something else was done.
fn heeded<T>(bell: &mut watch::Receiver<T>) -> bool {
    let rung = bell.has_changed().unwrap_or(false);
    bell.mark_unchanged();
    rung
}

impl Follower {
    async fn gather(&mut self, beat: Beat) {
        let (bubbles, changes) = self.board.after(self.last, self.changes);
        self.changes = changes;
        for bubble in bubbles {
            self.last = self.last.max(bubble.seq);
            self.waiting.push_back(Event::default().id(bubble.seq.to_string()).event("bubble").data(json!(bubble).to_string()));
        }
        if let Some((channel, count)) = beat.typing.filter(|(_, count)| *count > self.typed) {
            self.typed = count;
            self.waiting.push_back(Event::default().event("typing").data(json!({ "channel": channel }).to_string()));
        }
        if std::mem::take(&mut self.state_due) {
            match state::state(&self.app, &self.workspace, &self.board).await {
                Ok(mut state) => {
                    // The clock runs on; only what is known makes a new state.
                    let clock = state["clock"].take();
                    let text = state.to_string();
                    if text != self.shown {
                        self.shown = text;
                        state["clock"] = clock;
                        self.waiting.push_back(Event::default().event("state").data(state.to_string()));
                    }
                }
                Err(problem) => tracing::warn!(code = problem.code, "the playground's state cannot be shown"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_while_events_were_handed_out_makes_the_state_due() {
        let (bell, mut heard) = watch::channel(0);
        assert!(!heeded(&mut heard));
        bell.send_replace(1);
        assert!(heeded(&mut heard), "rung between two looks");
        assert!(!heeded(&mut heard), "and heeded once");
    }
}
