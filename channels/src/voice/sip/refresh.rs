//! A call says from time to time that it stands, or hears so, where that was agreed on.

use std::time::{Duration, Instant};

use rsipstack::sip::{Header, Method, Request, Response, StatusCode, StatusCodeKind};
use tokio::sync::oneshot;

use super::call::{Call, Happened};
use super::sdp;
use super::timer::{self, Refreshes, SHORTEST, Timer};

/// How a call is kept standing.
#[derive(Default)]
pub(super) struct Standing {
    timer: Option<Timer>,
    /// The other side takes UPDATE.
    takes_updates: bool,
    /// What comes of a refresh of ours.
    asked: Option<oneshot::Receiver<Option<Response>>>,
}

fn allows_updates<'a>(mut headers: impl Iterator<Item = &'a Header>) -> bool {
    headers.any(|header| match header {
        Header::Allow(all) => all.value().split(',').any(|method| method.trim().eq_ignore_ascii_case("UPDATE")),
        _ => false,
    })
}

/// Somebody wants to be refreshed more often than anybody has to: what they are told.
pub(super) fn too_often(request: &Request) -> Option<Vec<Header>> {
    let (asked, _) = timer::asked(request)?;
    (asked.within < SHORTEST).then(|| vec![Header::MinSE(SHORTEST.as_secs().to_string().into())])
}

impl Standing {
    /// Of a call that comes in, with the headers of our answer.
    pub(super) fn asked_by(request: &Request) -> (Self, Vec<Header>) {
        let mut standing = Self { takes_updates: allows_updates(request.headers.iter()), ..Self::default() };
        let headers = standing.renewed_by(request);
        (standing, headers)
    }

    /// Of a call of ours that was answered.
    pub(super) fn answered_by(answer: &Response) -> Self {
        let timer = Timer::answered(answer, Instant::now());
        Self { timer, takes_updates: allows_updates(answer.headers.iter()), asked: None }
    }

    /// The other side says that the call stands, with the headers of our answer.
    pub(super) fn renewed_by(&mut self, request: &Request) -> Vec<Header> {
        let agreed = timer::asked(request).map(|(asked, knows)| (Timer::agreed(asked, knows, Instant::now()), knows));
        self.timer = agreed.map(|(timer, _)| timer);
        agreed.map(|(timer, knows)| timer.told(knows)).unwrap_or_default()
    }

    /// Waits until something is to be done: `None` is a moment that has come, else what came of a refresh.
    pub(super) async fn next(&mut self) -> Option<Option<Response>> {
        let due = self.timer.map(|timer| timer.due());
        let moment = async {
            match due {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        let answer = async {
            match &mut self.asked {
                Some(asked) => asked.await.ok().flatten(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            answer = answer => {
                self.asked = None;
                Some(answer)
            }
            () = moment => None,
        }
    }
}

impl Call {
    /// A moment has come, or a refresh was answered.
    pub(super) fn stands(&mut self, what: Option<Option<Response>>) -> Happened {
        match (what, self.standing.timer) {
            (None, Some(timer)) if timer.refreshes() == Refreshes::Theirs => {
                tracing::info!("the other side has not said for too long that a call stands, it is ended");
                Happened::Over
            }
            (None, _) => {
                self.refresh();
                Happened::Nothing
            }
            (Some(answer), _) => self.refreshed(answer),
        }
    }

    fn refresh(&mut self) {
        let Some(timer) = &mut self.standing.timer else { return };
        timer.refreshed(Instant::now());
        let mut headers = timer.asks();
        let (asked, answer) = oneshot::channel();
        let dialog = self.dialog.clone();
        let body = (!self.standing.takes_updates).then(|| sdp::write(self.ours, self.session, self.version, None).into_bytes());
        tokio::spawn(async move {
            let answered = match body {
                None => dialog.update(Some(headers), None).await,
                Some(body) => {
                    headers.push(Header::ContentType("application/sdp".into()));
                    dialog.reinvite(Some(headers), Some(body)).await
                }
            };
            // The call may have ended meanwhile.
            let _ = asked.send(answered.ok().flatten());
        });
        self.standing.asked = Some(answer);
    }

    fn refreshed(&mut self, answer: Option<Response>) -> Happened {
        let now = Instant::now();
        match answer {
            Some(answer) if answer.status_code.kind() == StatusCodeKind::Successful => {
                self.standing.timer = Timer::answered(&answer, now);
                if let Ok(agreed) = sdp::read(&answer.body) {
                    self.agree(&agreed);
                }
                Happened::Nothing
            }
            Some(answer) if answer.status_code == StatusCode::SessionIntervalTooSmall => {
                let least = answer.headers.iter().find_map(|header| match header {
                    Header::MinSE(least) => least.value().split(';').next()?.trim().parse().ok(),
                    _ => None,
                });
                if let (Some(timer), Some(least)) = (&mut self.standing.timer, least) {
                    timer.lengthen(Duration::from_secs(least));
                }
                self.refresh();
                Happened::Nothing
            }
            // They know of no such call, or nobody is there any more.
            None => Happened::Over,
            Some(answer) if matches!(answer.status_code, StatusCode::CallTransactionDoesNotExist | StatusCode::RequestTimeout) => {
                Happened::Over
            }
            // Something else is under way; there is a second half of the time.
            Some(_) => Happened::Nothing,
        }
    }

    /// Headers of our answer to a request that may refresh the call, or the refusal.
    pub(super) fn renewed(&mut self, request: &Request) -> Result<Vec<Header>, Vec<Header>> {
        match too_often(request) {
            Some(refusal) => Err(refusal),
            None if matches!(request.method, Method::Invite | Method::Update) => Ok(self.standing.renewed_by(request)),
            None => Ok(Vec::new()),
        }
    }
}
