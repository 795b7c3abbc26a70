//! How long a turn waits for the next message of a burst.

use std::time::Duration;

use domain::ChannelKind;
use domain::message::WaitingKind;
use domain::settings::WorkspaceSettings;

/// The window after this message: shorter when it is a whole question, longer after a bare greeting.
pub fn window(workspace: &WorkspaceSettings, channel: ChannelKind, text: &str, kind: WaitingKind) -> Duration {
    let base = workspace.join_window(channel);
    match kind {
        WaitingKind::Postback | WaitingKind::OptOut | WaitingKind::OptIn => Duration::ZERO,
        WaitingKind::Message | WaitingKind::Referral => {
            let text = text.trim();
            if text.ends_with('?') && text.split_whitespace().count() > 3 {
                base / 2
            } else if text.split_whitespace().count() <= 2 && !text.ends_with(['?', '.', '!']) {
                base * 3 / 2
            } else {
                base
            }
        }
    }
}
