//! A call that was picked up: its sound both ways, and what happens on it.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver, ReferStatus, TransactionHandle};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Method, Request, Response, StatusCode, StatusCodeKind, Uri};
use tokio::sync::mpsc;

use super::super::frames::only_key;
use super::super::g711::Law;
use super::clock::{Full, Outlet};
use super::refresh::Standing;
use super::rtp::{self, Heard, Receiver};
use super::sdp::{self, Offer};
use super::trunk::{Counted, Ground, TrunkError, header, source};

/// What a transfer may take until it is given up.
const TRANSFER: Duration = Duration::from_secs(40);
/// The other side answers a request within a call in this time.
const PATIENCE: Duration = Duration::from_secs(8);

/// What happens on a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Frames of the caller's voice.
    Frames(Vec<Vec<i16>>),
    /// A key.
    Key(char),
    /// Everything before this mark has been played.
    Played(u64),
    /// Nothing of interest.
    Nothing,
    /// It is over.
    Over,
}

/// What came of putting somebody through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transferred {
    /// They speak with each other.
    Answered,
    /// Nobody picked up, or it was refused.
    Unanswered,
    /// The caller is gone.
    Over,
}

/// A call that was picked up.
pub struct Call {
    ground: Arc<Ground>,
    pub(super) dialog: InviteDialog,
    events: DialogStateReceiver,
    socket: tokio::net::UdpSocket,
    pub(super) ours: SocketAddr,
    pub(super) session: u64,
    pub(super) version: u64,
    receiver: Receiver,
    law: Law,
    outlet: Arc<Outlet>,
    marks: mpsc::UnboundedReceiver<u64>,
    left_over: Vec<i16>,
    last: Vec<i16>,
    is_over: bool,
    /// The trunk of a call of ours.
    far: Option<SocketAddr>,
    pub(super) standing: Standing,
    _counted: Counted,
}

/// Where the sound of a call comes in and goes out.
pub(super) struct Port {
    socket: tokio::net::UdpSocket,
    ours: SocketAddr,
    pub(super) outlet: Arc<Outlet>,
    marks: mpsc::UnboundedReceiver<u64>,
    session: u64,
}

impl Port {
    /// Opens one; `None`: all are taken.
    pub(super) fn open(ground: &Ground, law: Law, kind: u8) -> Option<Self> {
        let seed = seed();
        let (socket, sending, ours) = bind(ground, seed)?;
        let (outlet, marks) = Outlet::new(sending, law, kind, seed);
        Some(Self { socket, ours, outlet: Arc::new(outlet), marks, session: seed >> 33 })
    }

    /// What we say of it: everything that is spoken here, or what suits an offer.
    pub(super) fn described(&self, offer: Option<&Offer>) -> String {
        sdp::write(self.ours, self.session, 1, offer)
    }
}

/// Numbers that nobody can guess; where the system has none, the time will do: a call is no secret to its own line.
pub(super) fn seed() -> u64 {
    use ring::rand::SecureRandom;
    let mut bytes = [0; 8];
    match ring::rand::SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => 1,
    }
}

/// Two handles of one port, and how it is told to others.
fn bind(ground: &Ground, seed: u64) -> Option<(tokio::net::UdpSocket, UdpSocket, SocketAddr)> {
    let ports = ground.settings.ports.clone();
    let count = u64::from(ports.end() - ports.start()) + 1;
    let listen = ground.settings.listen.ip();
    for place in 0..count.min(2_000) {
        let port = ports.start() + u16::try_from((seed.wrapping_add(place * 2 + place / count)) % count).unwrap_or(0);
        // Sound has even ports by custom, the next is for reports on it.
        let port = if count > 1 { (port & !1).max(*ports.start()) } else { port };
        let Ok(socket) = UdpSocket::bind((listen, port)) else { continue };
        let sending = socket.try_clone().ok()?;
        socket.set_nonblocking(true).ok()?;
        let receiving = tokio::net::UdpSocket::from_std(socket).ok()?;
        return Some((receiving, sending, SocketAddr::new(ground.told, port)));
    }
    None
}

impl Call {
    /// Answers a call that rings.
    pub(super) fn pick_up(
        ground: Arc<Ground>,
        dialog: InviteDialog,
        events: DialogStateReceiver,
        offer: Option<&Offer>,
        counted: Counted,
    ) -> Result<Self, TrunkError> {
        if dialog.state().is_terminated() {
            return Err(TrunkError::Over);
        }
        let (law, kind) = offer.map_or((Law::Mu, 0), |offer| (offer.law, offer.kind));
        let Some(port) = Port::open(&ground, law, kind) else {
            let _ = dialog.reject(Some(StatusCode::ServiceUnavailable), None);
            return Err(TrunkError::NoPort);
        };
        if let Some(to) = offer.and_then(|offer| offer.to) {
            ground.aims(&port.outlet, to, source(&dialog.initial_request()));
        }
        let receiver = Receiver::new(kind, offer.map_or(Some(101), |offer| offer.keys));
        ground.clock.keep(&port.outlet).map_err(|_| TrunkError::NoPort)?;
        let body = port.described(offer).into_bytes();
        let (standing, mut headers) = Standing::asked_by(&dialog.initial_request());
        headers.push(Header::ContentType("application/sdp".into()));
        dialog.accept(Some(headers), Some(body)).map_err(|_| TrunkError::Over)?;
        let mut call = Self::on(ground, dialog, events, port, (law, receiver), counted);
        call.standing = standing;
        Ok(call)
    }

    pub(super) fn on(
        ground: Arc<Ground>,
        dialog: InviteDialog,
        events: DialogStateReceiver,
        port: Port,
        (law, receiver): (Law, Receiver),
        counted: Counted,
    ) -> Self {
        let Port { socket, ours, outlet, marks, session } = port;
        Self {
            ground,
            dialog,
            events,
            socket,
            ours,
            session,
            version: 1,
            receiver,
            law,
            outlet,
            marks,
            left_over: Vec::new(),
            last: Vec::new(),
            is_over: false,
            far: None,
            standing: Standing::default(),
            _counted: counted,
        }
    }

    /// It is a call of ours, over this trunk, which answered so.
    pub(super) fn is_over_trunk(&mut self, far: SocketAddr, answer: &Response) {
        self.far = Some(far);
        self.standing = Standing::answered_by(answer);
    }

    /// The other side picked up and answered our offer. What a trunk played while it rang is nobody's voice.
    pub(super) fn begins(&mut self, agreed: &Offer) {
        let mut bytes = [0; rtp::LARGEST];
        while self.socket.try_recv_from(&mut bytes).is_ok() {}
        self.agree(agreed);
    }

    /// What comes next. Nothing is lost when the waiting is given up.
    pub async fn next(&mut self) -> Happened {
        if self.is_over {
            return Happened::Over;
        }
        let mut bytes = [0; rtp::LARGEST + 1];
        tokio::select! {
            biased;
            event = self.events.recv() => self.event(event),
            Some(mark) = self.marks.recv() => Happened::Played(mark),
            what = self.standing.next() => self.stands(what),
            received = self.socket.recv_from(&mut bytes) => match received {
                Ok((size, from)) => self.received(&bytes[..size], from),
                // The network said that the other side is not there, for the moment.
                Err(_) => Happened::Nothing,
            },
        }
    }

    fn received(&mut self, bytes: &[u8], from: SocketAddr) -> Happened {
        let Some(heard) = self.receiver.take(bytes, from) else { return Happened::Nothing };
        // Whatever was agreed on: behind a router it is where sound comes from that it must go to.
        if let Some(from) = self.receiver.from() {
            self.outlet.to(from);
        }
        let mut key = None;
        for heard in heard {
            match heard {
                Heard::Sound(bytes) => {
                    self.last = self.law.decode(&bytes);
                    self.left_over.extend_from_slice(&self.last);
                }
                Heard::Lost(length) => {
                    // What is lost sounds like what was before, more softly.
                    self.last.iter_mut().for_each(|sample| *sample = *sample / 2);
                    self.last.resize(length, 0);
                    self.left_over.extend_from_slice(&self.last);
                }
                Heard::Key(pressed) => key = Some(pressed),
            }
        }
        if let Some(key) = key {
            return Happened::Key(key);
        }
        let whole = self.left_over.len() / 160 * 160;
        Happened::Frames(self.left_over.drain(..whole).collect::<Vec<i16>>().chunks(160).map(<[i16]>::to_vec).collect())
    }

    fn event(&mut self, event: Option<DialogState>) -> Happened {
        match event {
            None | Some(DialogState::Terminated(..)) => {
                self.is_over = true;
                Happened::Over
            }
            Some(DialogState::Confirmed(..)) => {
                // An answer to our own offer.
                if let Some(answer) = self.dialog.last_remote_ack().and_then(|ack| sdp::read(&ack.body).ok()) {
                    self.agree(&answer);
                }
                Happened::Nothing
            }
            Some(DialogState::Updated(_, request, handle)) => {
                self.updated(&request, handle);
                Happened::Nothing
            }
            Some(DialogState::Info(_, request, handle)) => {
                answer(handle, StatusCode::OK, Vec::new(), None);
                key_of(&request).map_or(Happened::Nothing, Happened::Key)
            }
            Some(DialogState::Notify(_, _, handle) | DialogState::Options(_, _, handle) | DialogState::Message(_, _, handle)) => {
                answer(handle, StatusCode::OK, Vec::new(), None);
                Happened::Nothing
            }
            Some(DialogState::Refer(_, _, handle)) => {
                answer(handle, StatusCode::Forbidden, Vec::new(), None);
                Happened::Nothing
            }
            Some(_) => Happened::Nothing,
        }
    }

    pub(super) fn agree(&mut self, offer: &Offer) {
        if self.law != offer.law {
            self.receiver = Receiver::new(offer.kind, offer.keys);
        }
        self.law = offer.law;
        self.outlet.change(offer.is_held, offer.law, offer.kind);
        if let Some(to) = offer.to
            && self.receiver.from().is_none()
        {
            self.ground.aims(&self.outlet, to, self.remote_address());
        }
    }

    /// Where its signalling comes from.
    fn remote_address(&self) -> Option<IpAddr> {
        self.far.map(|far| far.ip()).or_else(|| source(&self.dialog.initial_request()))
    }

    /// The other side changes what was agreed on (hold, another address, another law), or says that the call stands.
    fn updated(&mut self, request: &Request, handle: TransactionHandle) {
        let mut headers = match self.renewed(request) {
            Ok(headers) => headers,
            Err(refusal) => return answer(handle, StatusCode::SessionIntervalTooSmall, refusal, None),
        };
        self.version += 1;
        if request.body.is_empty() {
            let body = (request.method == Method::Invite).then(|| sdp::write(self.ours, self.session, self.version, None));
            return answer(handle, StatusCode::OK, headers, body);
        }
        match sdp::read(&request.body) {
            Ok(offer) => {
                self.agree(&offer);
                // A telephone that moved sends from elsewhere: its signalling, which is checked, says so.
                if offer.to.is_some_and(|to| self.receiver.from().is_some_and(|from| from != to)) {
                    self.receiver = Receiver::new(offer.kind, offer.keys);
                }
                answer(handle, StatusCode::OK, headers, Some(sdp::write(self.ours, self.session, self.version, Some(&offer))));
            }
            // What was agreed on before stays.
            Err(_) => {
                headers.clear();
                answer(handle, StatusCode::NotAcceptableHere, headers, None);
            }
        }
    }

    /// Plays it after what it got before.
    pub fn play(&self, frame: Vec<i16>) -> Result<(), Full> {
        self.outlet.play(frame)
    }

    /// Tells when everything before has been played.
    pub fn mark(&self, mark: u64) -> Result<(), Full> {
        self.outlet.mark(mark)
    }

    /// Drops what has not been played.
    pub fn clear(&self) {
        self.outlet.clear();
    }

    /// Softly, or as before.
    pub fn soft(&self, is_wanted: bool) {
        self.outlet.soft(is_wanted);
    }

    /// Puts the caller through to a SIP address, or to a number at where the call came from.
    pub async fn transfer(&mut self, to: &str) -> Transferred {
        let target = if to.starts_with("sip:") { to.to_owned() } else { format!("sip:{to}@{}", self.remote_host()) };
        let Ok(target) = Uri::try_from(target.as_str()) else { return Transferred::Unanswered };
        if !self.dialog.state().is_confirmed() {
            return if self.dialog.state().is_terminated() { Transferred::Over } else { Transferred::Unanswered };
        }
        let asked = tokio::time::timeout(PATIENCE, self.dialog.refer(target, None, None)).await;
        let is_taken = matches!(asked, Ok(Ok(Some(answer))) if answer.status_code.kind() == StatusCodeKind::Successful);
        if !is_taken {
            return Transferred::Unanswered;
        }
        tokio::time::timeout(TRANSFER, self.told()).await.unwrap_or(Transferred::Unanswered)
    }

    /// What the other side tells of the transfer. The caller hears silence meanwhile, or the ringing of their own side.
    async fn told(&mut self) -> Transferred {
        let mut bytes = [0; rtp::LARGEST];
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(DialogState::Notify(_, request, handle)) => {
                        answer(handle, StatusCode::OK, Vec::new(), None);
                        let status = ReferStatus::parse(&request).map(|status| status.status_code).or_else(|| status_of(&request));
                        let came = match status.map(|status| status.kind()) {
                            Some(StatusCodeKind::Successful) => Transferred::Answered,
                            None | Some(StatusCodeKind::Provisional) => continue,
                            Some(_) => Transferred::Unanswered,
                        };
                        // What was told is acknowledged before anything else is said; that it was is an event.
                        let _ = tokio::time::timeout(PATIENCE, self.acknowledged()).await;
                        return came;
                    }
                    // Whoever was put through often hangs up on us before they tell.
                    None | Some(DialogState::Terminated(..)) => {
                        self.is_over = true;
                        return Transferred::Over;
                    }
                    other => drop(self.event(other)),
                },
                received = self.socket.recv_from(&mut bytes) => drop(received),
            }
        }
    }

    async fn acknowledged(&mut self) {
        match self.events.recv().await {
            None | Some(DialogState::Terminated(..)) => self.is_over = true,
            other => drop(self.event(other)),
        }
    }

    fn remote_host(&self) -> String {
        if let Some(far) = self.far {
            return far.to_string();
        }
        let request = self.dialog.initial_request();
        source(&request).map_or_else(String::new, |address| if address.is_ipv6() { format!("[{address}]") } else { address.to_string() })
    }

    /// Hangs up.
    pub async fn hang_up(&mut self) {
        // Before its acknowledgement a call cannot be ended; the stack gives up waiting for it by itself.
        let waited = async {
            while !self.is_over && !self.dialog.state().is_confirmed() {
                let event = self.events.recv().await;
                self.event(event);
            }
        };
        if tokio::time::timeout(PATIENCE, waited).await.is_ok() && !self.is_over {
            let _ = tokio::time::timeout(PATIENCE, self.dialog.bye()).await;
        }
        self.is_over = true;
        self.ground.layer.remove_dialog(&self.dialog.id());
    }
}

/// `message/sipfrag`: the first line of the answer that the other side got.
fn status_of(request: &Request) -> Option<StatusCode> {
    let body = std::str::from_utf8(&request.body).ok()?;
    let code: u16 = body.strip_prefix("SIP/2.0 ")?.split_whitespace().next()?.parse().ok()?;
    Some(StatusCode::from(code))
}

/// A key as some telephones send it. <https://www.rfc-editor.org/rfc/rfc6086>
fn key_of(request: &Request) -> Option<char> {
    let kind = header(request, "Content-Type")?.to_ascii_lowercase();
    let body = std::str::from_utf8(&request.body).ok()?;
    let word = match kind.as_str() {
        "application/dtmf-relay" => body.lines().find_map(|line| line.trim().strip_prefix("Signal"))?.trim().strip_prefix('=')?.trim(),
        "application/dtmf" => body.trim(),
        _ => return None,
    };
    only_key(word)
}

/// Answers beside the call.
fn answer(handle: TransactionHandle, status: StatusCode, mut headers: Vec<Header>, body: Option<String>) {
    headers.extend(body.as_ref().map(|_| Header::ContentType("application/sdp".into())));
    tokio::spawn(async move {
        if handle.respond(status, Some(headers), body.map(String::into_bytes)).await.is_err() {
            tracing::debug!("a request within a call is not waited for any more");
        }
    });
}

/// The name of a call for the log.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id: DialogId = self.dialog.id();
        f.debug_struct("Call").field("dialog", &id.local_tag).finish_non_exhaustive()
    }
}
