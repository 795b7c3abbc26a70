//! Session timers: a call that one side has lost without a word is found, because somebody has to say again and again
//! that it stands.
//!
//! <https://www.rfc-editor.org/rfc/rfc4028>

use std::time::{Duration, Instant};

use rsipstack::sip::{Header, Request, Response};

/// Nobody is made to refresh more often.
pub const SHORTEST: Duration = Duration::from_secs(90);

/// Who says that the call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshes {
    /// We do.
    Ours,
    /// They do.
    Theirs,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// After so long without a refresh the call is over.
    pub within: Duration,
    /// Who is to refresh, where that was said: whoever sent the request?
    pub by_sender: Option<bool>,
}

/// Reads `Session-Expires: 1800;refresher=uac`.
pub fn read(value: &str) -> Option<Asked> {
    let mut parts = value.split(';').map(str::trim);
    let within = Duration::from_secs(parts.next()?.parse::<u32>().ok()?.into());
    let by = parts.find_map(|part| part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("refresher")));
    let by_sender = by.map(|(_, who)| who.trim().eq_ignore_ascii_case("uac"));
    Some(Asked { within, by_sender })
}

/// What a request asks for, and whether whoever sent it knows timers; nothing: it asks for none.
pub fn asked(request: &Request) -> Option<(Asked, bool)> {
    let knows = request.headers.iter().any(|header| match header {
        Header::Supported(all) => all.value().split(',').any(|one| one.trim().eq_ignore_ascii_case("timer")),
        _ => false,
    });
    expires(request.headers.iter()).map(|asked| (asked, knows))
}

fn expires<'a>(mut headers: impl Iterator<Item = &'a Header>) -> Option<Asked> {
    headers.find_map(|header| match header {
        Header::SessionExpires(value) => read(value.value()),
        _ => None,
    })
}

/// The timer of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    within: Duration,
    refreshes: Refreshes,
    /// Of the last refresh.
    at: Instant,
}

impl Timer {
    /// What we agree to when we are asked; the other side knows timers, or only somebody in between does.
    pub fn agreed(asked: Asked, knows_timers: bool, now: Instant) -> Self {
        let theirs = knows_timers && asked.by_sender != Some(false);
        Self { within: asked.within, refreshes: if theirs { Refreshes::Theirs } else { Refreshes::Ours }, at: now }
    }

    /// What the other side answered to a request of ours; nothing: there is no timer.
    pub fn answered(answer: &Response, now: Instant) -> Option<Self> {
        let asked = expires(answer.headers.iter())?;
        let refreshes = if asked.by_sender == Some(false) { Refreshes::Theirs } else { Refreshes::Ours };
        Some(Self { within: asked.within.max(Duration::from_secs(2)), refreshes, at: now })
    }

    /// Who refreshes.
    pub fn refreshes(&self) -> Refreshes {
        self.refreshes
    }

    /// When something is due: our refresh after half of the time, or the end, a little before the time is over.
    pub fn due(&self) -> Instant {
        self.at
            + match self.refreshes {
                Refreshes::Ours => self.within / 2,
                Refreshes::Theirs => self.within - (self.within / 3).min(Duration::from_secs(32)),
            }
    }

    /// It was refreshed, or is being so.
    pub fn refreshed(&mut self, now: Instant) {
        self.at = now;
    }

    /// The other side wants to be asked less often.
    pub fn lengthen(&mut self, least: Duration) {
        self.within = self.within.max(least);
    }

    /// Headers of an answer to the side that asked.
    pub fn told(&self, knows_timers: bool) -> Vec<Header> {
        let by = match self.refreshes {
            Refreshes::Ours => "uas",
            Refreshes::Theirs => "uac",
        };
        let mut headers = vec![Header::SessionExpires(format!("{};refresher={by}", self.within.as_secs()).into())];
        if knows_timers {
            headers.push(Header::Require("timer".into()));
        }
        headers
    }

    /// Headers of a refresh of ours.
    pub fn asks(&self) -> Vec<Header> {
        vec![
            Header::Supported("timer".into()),
            Header::SessionExpires(format!("{};refresher=uac", self.within.as_secs()).into()),
            Header::MinSE(SHORTEST.as_secs().min(self.within.as_secs()).to_string().into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_timer_is_read_and_whoever_may_refresh_does() {
        let check = |value: &str, expected: Option<(u64, Option<bool>)>| {
            let read = read(value).map(|asked| (asked.within.as_secs(), asked.by_sender));
            assert_eq!(read, expected, "{value}");
        };
        check("1800", Some((1_800, None)));
        check("1800;refresher=uac", Some((1_800, Some(true))));
        check("90 ; Refresher = UAS", Some((90, Some(false))));
        check("", None);
        check("soon;refresher=uac", None);
        check("99999999999", None);

        let now = Instant::now();
        let agreed = |by_sender, knows_timers| {
            let timer = Timer::agreed(Asked { within: Duration::from_secs(90), by_sender }, knows_timers, now);
            (timer.refreshes(), timer.due().duration_since(now).as_secs())
        };
        assert_eq!(agreed(None, true), (Refreshes::Theirs, 60));
        assert_eq!(agreed(Some(true), true), (Refreshes::Theirs, 60));
        assert_eq!(agreed(Some(false), true), (Refreshes::Ours, 45));
        assert_eq!(agreed(None, false), (Refreshes::Ours, 45), "somebody in between asked");
    }
}
