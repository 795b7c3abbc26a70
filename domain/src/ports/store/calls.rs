//! Phone calls: their records, and what was heard of what we said.

use async_trait::async_trait;

use super::Stored;
use crate::call::{Call, CallAbout, CallState};
use crate::fact::Promise;
use crate::id::{CallId, ConnectionId, CustomerId, MessageId, WorkspaceId};
use crate::message::Message;
use crate::time::Timestamp;
use crate::turn::{Task, Timer};

/// The end of a call, written as one.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEnding {
    /// Which.
    pub call: CallId,
    /// What it came to.
    pub about: CallAbout,
    /// The line on the timeline.
    pub event: Message,
    /// What a person has to do now.
    pub task: Option<Task>,
    /// What was promised to the caller.
    pub promise: Option<Promise>,
    /// When the promise is due.
    pub timer: Option<Timer>,
    /// When.
    pub at: Timestamp,
}

/// Phone calls.
#[async_trait]
pub trait Calls {
    /// Keeps a call that begins to ring. `false`: there is one with this vendor's id on this connection already.
    async fn open_call(&self, workspace: &WorkspaceId, call: Call) -> Stored<bool>;

    /// A call by the vendor's id.
    async fn call(&self, workspace: &WorkspaceId, connection: &ConnectionId, vendor_id: &str) -> Stored<Option<Call>>;

    /// A call by its own id, with whose it is.
    async fn call_by_id(&self, workspace: &WorkspaceId, call: CallId) -> Stored<Option<(Call, CustomerId)>>;

    /// Moves a call on. `false`: it is not in one of these states, and nothing was changed.
    async fn move_call(
        &self,
        workspace: &WorkspaceId,
        call: CallId,
        from: &[CallState],
        to: CallState,
        about: Option<CallAbout>,
    ) -> Stored<bool>;

    /// Ends a call: its record, the line on the timeline, the task and the promise in one transaction. `false`: it had
    /// ended, and nothing was written.
    async fn end_call(&self, workspace: &WorkspaceId, ending: CallEnding) -> Stored<bool>;

    /// Calls that have not ended, oldest first.
    async fn open_calls(&self) -> Stored<Vec<(WorkspaceId, Call)>>;

    /// What was said on a call so far, oldest first, at most this many of the first ones.
    async fn call_messages(&self, workspace: &WorkspaceId, call: &Call, most: usize) -> Stored<Vec<Message>>;

    /// Only this much of a message of ours was heard: it is what was said from now on. The rest is kept as the reason
    /// of its delivery and is never given to a turn. `false`: no such message of ours on a call.
    async fn heard(&self, workspace: &WorkspaceId, message: MessageId, heard: &str, at: Timestamp) -> Stored<bool>;
}
