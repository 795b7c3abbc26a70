//! Calls that we make over a trunk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::sip::{Header, StatusCodeKind, Uri};

use super::super::g711::Law;
use super::call::{Call, Port, seed};
use super::rtp::Receiver;
use super::sdp;
use super::settings::{Calls, Over};
use super::streams::{self, NoLine};
use super::trunk::{Counted, Ground};

/// The trunk is found, and a line to it stands, in this time.
const PATIENCE: Duration = Duration::from_secs(8);
/// So long it rings at whom we call.
const RINGS: Duration = Duration::from_secs(30);

/// Why nobody picked up a call of ours.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// It rang, or nothing was heard of it, for too long.
    #[error("nobody picked up")]
    Unanswered,
    /// They, or the trunk, refused it.
    #[error("the call was refused with {0}")]
    Refused(u16),
    /// What was answered is no sound that we speak.
    #[error("no kind of sound is spoken on both sides")]
    NothingInCommon,
    /// There are as many calls as there may be, or no port for their sound.
    #[error("there is no room for another call")]
    NoRoom,
    /// Nobody knows where the trunk is.
    #[error("the trunk is not found")]
    NotFound(#[source] std::io::Error),
    /// It cannot be spoken with encrypted.
    #[error("the trunk is not reached")]
    NoLine(#[source] NoLine),
    /// It could not be sent.
    #[error("the call could not be made")]
    Failed(#[source] rsipstack::Error),
}

/// Makes calls over a trunk.
#[derive(Clone)]
pub struct Dialler {
    pub(super) ground: Arc<Ground>,
    pub(super) calls: Calls,
}

impl Dialler {
    /// Rings somebody, showing this number of ours, until they pick up. Given up, it is taken back.
    pub async fn call(&self, from: &str, to: &str) -> Result<Call, Unreached> {
        let counted = Counted::one_more(&self.ground).ok_or(Unreached::NoRoom)?;
        let port = Port::open(&self.ground, Law::Mu, 0).ok_or(Unreached::NoRoom)?;
        let trunk = tokio::time::timeout(PATIENCE, self.trunk()).await.map_err(|_| Unreached::Unanswered)??;
        let wanted = self.invitation(from, to, trunk, &port).map_err(Unreached::Failed)?;
        let (states, events) = self.ground.layer.new_dialog_state_channel();
        // Dropped before its end, the stack takes the call back.
        let ringing = tokio::time::timeout(RINGS, self.ground.layer.do_invite(wanted, states));
        let (dialog, answer) = ringing.await.map_err(|_| Unreached::Unanswered)?.map_err(Unreached::Failed)?;
        let answer = match answer {
            Some(answer) if answer.status_code.kind() == StatusCodeKind::Successful => answer,
            Some(refused) => return Err(Unreached::Refused(refused.status_code.code())),
            None => return Err(Unreached::Unanswered),
        };
        let agreed = sdp::read(&answer.body).ok().filter(|_| self.ground.clock.keep(&port.outlet).is_ok());
        let spoken = agreed.as_ref().map_or((Law::Mu, Receiver::new(0, None)), |agreed| {
            let receiver = Receiver::new(agreed.kind, agreed.keys);
            (agreed.law, receiver)
        });
        let mut call = Call::on(Arc::clone(&self.ground), dialog, events, port, spoken, counted);
        call.is_over_trunk(trunk, &answer);
        match agreed {
            Some(agreed) => {
                call.begins(&agreed);
                Ok(call)
            }
            None => {
                call.hang_up().await;
                Err(Unreached::NothingInCommon)
            }
        }
    }

    /// Where the trunk is now, with a line to it where one is needed.
    async fn trunk(&self) -> Result<SocketAddr, Unreached> {
        let (ground, calls) = (&self.ground, &self.calls);
        let all: Vec<SocketAddr> = tokio::net::lookup_host((calls.host.as_str(), calls.port)).await.map_err(Unreached::NotFound)?.collect();
        let is_ours = |address: &&SocketAddr| address.is_ipv4() == ground.told.is_ipv4();
        let none = || Unreached::NotFound(std::io::Error::from(std::io::ErrorKind::NotFound));
        let trunk = all.iter().find(is_ours).or(all.first()).copied().ok_or_else(none)?;
        ground.is_reached(trunk.ip());
        if calls.over == Over::Tls {
            ground.outward.open(ground, calls, trunk).await.map_err(Unreached::NoLine)?;
        }
        Ok(trunk)
    }

    fn invitation(&self, from: &str, to: &str, trunk: SocketAddr, port: &Port) -> rsipstack::Result<InviteOption> {
        let (ground, calls) = (&self.ground, &self.calls);
        let address = |user: &str, host: String| Uri::try_from(format!("sip:{user}@{host}").as_str());
        let host = if calls.host.contains(':') { trunk.to_string() } else { format!("{}:{}", calls.host, calls.port) };
        Ok(InviteOption {
            caller: address(from, ground.reached_at(calls.over).to_string())?,
            callee: address(to, host)?,
            contact: ground.contact(calls.over)?,
            destination: Some(streams::address(calls.over, trunk)),
            content_type: Some("application/sdp".to_owned()),
            offer: Some(port.described(None).into_bytes()),
            credential: calls.user.as_ref().map(|(name, word)| Credential {
                username: name.clone(),
                password: word.expose().clone(),
                ..Credential::default()
            }),
            headers: Some(vec![Header::Supported("timer".into())]),
            call_id: Some(format!("{:016x}{:016x}@{}", seed(), seed(), ground.told)),
            ..InviteOption::default()
        })
    }
}
