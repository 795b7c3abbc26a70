//! Calls that are over, and calls of which nobody told us that they are.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use domain::call::{Call, CallState};
use domain::ports::Stored;
use domain::{CallId, ConnectionId, WorkspaceId};
use engine::Outcome;

use crate::app::Shared;

/// A call without a line for so long is over, whatever we were told.
const GRACE: Duration = Duration::from_secs(45);
/// A call that a person of the business took over goes on without us.
const LONGEST_TRANSFER: Duration = Duration::from_hours(3);

/// Ends a call: its record, the timeline, and what was never heard.
pub async fn finish(app: &Shared, workspace: &WorkspaceId, call: &Call, outcome: Outcome) -> Stored<()> {
    let left = app.switchboard.forget(&call.connection, &call.about.vendor_id);
    for decided in left.unsaid {
        app.engine().heard_on_call(workspace, decided.message, "").await?;
    }
    if app.engine().end_call(workspace, call.id, outcome, left.turns).await? {
        tracing::info!(call = %call.id, outcome = outcome.as_str(), "call.end");
    }
    Ok(())
}

/// Does the line of this call end with this server? Then it did with the one before.
fn is_ours(app: &Shared, call: &Call) -> bool {
    app.wired.load().lines.get(&call.connection).is_some_and(|line| line.sip().is_some())
}

/// The workspace of a connection.
pub fn workspace_of(app: &Shared, connection: &ConnectionId) -> Option<WorkspaceId> {
    app.engine().door(connection).map(|door| door.settings.workspace.clone())
}

/// Looks for calls that nobody is on: those of a server that was killed, and those whose end was never told.
#[derive(Debug, Default)]
pub struct Watch {
    silent_since: HashMap<CallId, Instant>,
}

impl Watch {
    /// Ends what is over at this moment; how many calls that were.
    pub async fn look(&mut self, app: &Shared, now: Instant) -> Stored<usize> {
        let open = app.store().open_calls().await?;
        self.silent_since.retain(|id, _| open.iter().any(|(_, call)| call.id == *id));
        let mut ended = 0;
        for (workspace, call) in open {
            if app.switchboard.is_connected(&call.connection, &call.about.vendor_id) {
                self.silent_since.remove(&call.id);
                continue;
            }
            let since = *self.silent_since.entry(call.id).or_insert(now);
            let silence = now.saturating_duration_since(since);
            let (longest, outcome) = match call.state {
                CallState::Ringing => (GRACE, Outcome::NotReached),
                // Nobody tells any more whether a person picked up: better called back once too often.
                CallState::Transferring if is_ours(app, &call) => (GRACE, Outcome::NobodyFree),
                CallState::Transferring => (LONGEST_TRANSFER, Outcome::NobodyFree),
                CallState::Live | CallState::Cut => (GRACE, Outcome::Cut),
                CallState::Ended => continue,
            };
            if silence >= longest {
                finish(app, &workspace, &call, outcome).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }
}
