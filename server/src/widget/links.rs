//! The ways on from a page to other doors, and back.

use std::time::Duration;

use domain::ChannelKind;
use domain::id::LinkId;
use serde_json::json;

use super::socket::{Ended, Line};
use super::visit::Visit;

/// How long a join made by a link is shown with "not you?".
const SHOWN: Duration = Duration::from_hours(24);

impl Visit {
    /// "Continue on …".
    pub(super) async fn go_on(&mut self, channel: &str, line: &mut Line) -> Result<(), Ended> {
        let Ok(kind) = channel.parse::<ChannelKind>() else {
            return self.refuse("no_such_door", "There is no such channel here.", line).await;
        };
        match self.app.engine().create_link(&self.connection, &self.session, kind).await? {
            Some(link) => {
                let qr = qr(&link.url);
                Ok(line
                    .send(&json!({ "type": "link", "channel": kind, "url": link.url, "code": link.code, "qr": qr, "link": link.id }))
                    .await?)
            }
            None => self.refuse("no_such_door", "There is no such channel here.", line).await,
        }
    }

    /// "Not you?".
    pub(super) async fn not_me(&mut self, written: &str, line: &mut Line) -> Result<(), Ended> {
        let Ok(link) = written.parse::<LinkId>() else {
            return self.refuse("not_undone", "This cannot be undone any more.", line).await;
        };
        let engine = self.app.engine();
        if !engine.undo_link(&self.connection, &self.session, link).await? {
            return self.refuse("not_undone", "This cannot be undone any more.", line).await;
        }
        self.session = engine.visitor(&self.connection, Some(&self.token)).await?.session;
        Ok(line.send(&json!({ "type": "undone", "link": link })).await?)
    }

    /// "Connected as +33 … 22, not you?"
    pub(super) async fn announce_links(&mut self, line: &mut Line) -> Result<(), Ended> {
        let now = self.app.now();
        for link in self.app.store().links_of(&self.workspace, self.session.customer).await? {
            let is_fresh = link.redeemed_at.is_some_and(|at| now.since(at) <= SHOWN);
            let is_mine = link.identifier == self.session.identifier;
            let Some(shown_as) = link.shown_as.filter(|_| is_fresh && is_mine && link.merge.is_some()) else { continue };
            if self.announced.insert(link.id) {
                line.send(&json!({ "type": "connected", "link": link.id, "as": shown_as, "channel": link.channel })).await?;
            }
        }
        Ok(())
    }
}

/// The address as a QR code.
pub fn qr(url: &str) -> Option<String> {
    use fast_qr::convert::Builder;
    let code = fast_qr::QRBuilder::new(url).build().ok()?;
    Some(fast_qr::convert::svg::SvgBuilder::default().margin(1).to_str(&code))
}
