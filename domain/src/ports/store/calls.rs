//! Phone calls: their records, and what was heard of what we said.

use async_trait::async_trait;

use super::{NewAttachment, Stored};
use crate::call::{Call, CallAbout, CallState};
use crate::fact::{Consent, Promise};
use crate::id::{AttachmentId, CallId, ConnectionId, CustomerId, MessageId, WorkspaceId};
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

/// How far a recording has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The number of its last part.
    pub part: u32,
    /// Bytes so far, its head among them.
    pub size: u64,
}

/// A recording that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingBegun {
    /// Of which call.
    pub call: CallId,
    /// The call's record from now on; names the file and the message that it hangs on.
    pub about: CallAbout,
    /// The file, with its first bytes.
    pub file: NewAttachment,
    /// What the caller was told, or agreed to.
    pub consent: Consent,
}

/// A recording that its caller does not want.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingStopped {
    /// Of which call.
    pub call: CallId,
    /// The call's record from now on.
    pub about: CallAbout,
    /// What the caller said.
    pub consent: Consent,
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

    /// Begins the recording of a call: its file hangs on the message with which the call began, sealed like any file, with
    /// these first bytes as part 0; what was agreed is in the ledger. `false`: the call is over, or that message is gone.
    async fn begin_recording(&self, workspace: &WorkspaceId, begun: RecordingBegun) -> Stored<bool>;

    /// Deletes what was recorded of a call, whole and for good, with what its caller said about it in the ledger. `false`: there
    /// is no such call any more.
    async fn stop_recording(&self, workspace: &WorkspaceId, stopped: RecordingStopped) -> Stored<bool>;

    /// Notes that a customer has agreed to be called, on the strand that their consent names. `false`: there is no such customer.
    async fn agree_to_calls(&self, workspace: &WorkspaceId, customer: CustomerId, consent: Consent) -> Stored<bool>;

    /// Writes a part of a recording, or writes it anew; the file is so large from now on. `false`: it is gone.
    async fn write_recording(&self, workspace: &WorkspaceId, id: AttachmentId, part: u32, bytes: Vec<u8>, size: u64) -> Stored<bool>;

    /// How far a recording has come. `None`: it is gone.
    async fn recorded(&self, workspace: &WorkspaceId, id: AttachmentId) -> Stored<Option<Recorded>>;

    /// Notes what a caller said about being recorded.
    async fn note_consent(&self, workspace: &WorkspaceId, call: CallId, consent: Consent) -> Stored<()>;

    /// Takes away recordings of calls that ended before then, so many at most; how many.
    async fn drop_recordings(&self, before: Timestamp, most: usize) -> Stored<usize>;

    /// Only this much of a message of ours was heard: it is what was said from now on. The rest is kept as the reason
    /// of its delivery and is never given to a turn. `false`: no such message of ours on a call.
    async fn heard(&self, workspace: &WorkspaceId, message: MessageId, heard: &str, at: Timestamp) -> Stored<bool>;
}
