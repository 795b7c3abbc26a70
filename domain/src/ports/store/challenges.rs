//! One-time codes; a new one is written with the turn that asks for it.

use async_trait::async_trait;

use super::Stored;
use crate::challenge::{Answered, AskedLately, CodeAnswer, Contact, OpenChallenge};
use crate::id::{IdentifierId, MessageId, StrandId, WorkspaceId};
use crate::time::Timestamp;

/// One-time codes.
#[async_trait]
pub trait Challenges {
    /// The newest challenge that is not over and that was put to this strand, or whose code went there: digits in a message may be
    /// its code.
    async fn challenge_of(&self, workspace: &WorkspaceId, strand: StrandId, now: Timestamp) -> Stored<Option<OpenChallenge>>;

    /// Counts a code that a message of this strand brought. The same message gets the same answer however often it is asked about.
    async fn answer_challenge(
        &self,
        workspace: &WorkspaceId,
        answer: &CodeAnswer,
        message: MessageId,
        strand: StrandId,
        now: Timestamp,
    ) -> Stored<Answered>;

    /// How often codes were asked for lately.
    async fn asked_lately(&self, workspace: &WorkspaceId, contact: &Contact, strand: StrandId, now: Timestamp) -> Stored<AskedLately>;

    /// Since when an identifier has the trust it has.
    async fn trusted_since(&self, workspace: &WorkspaceId, identifier: IdentifierId) -> Stored<Option<Timestamp>>;
}
