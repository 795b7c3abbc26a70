//! Calls that come in, on top of rsipstack: who may call, what is refused, and what happens on a call.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::call::Attestation;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::DialogId;
use rsipstack::dialog::authenticate::verify_digest;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver, ReferStatus, TransactionHandle};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, StatusCode, StatusCodeKind, Uri};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::TransportLayer;
use rsipstack::transport::udp::UdpConnection;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::g711::Law;
use super::caller::{Said, known};
use super::clock::{Clock, Full, Outlet};
use super::digest::{Questions, REALM};
use super::rtp::{self, Heard, Receiver};
use super::sdp::{self, Offer};
use super::settings::Settings;

/// Calls at the same time; more are told that we are busy.
const MOST_CALLS: usize = 200;
/// Calls that ring and that nobody has taken up yet.
const MOST_RINGING: usize = 64;
/// Our name in addresses.
const USER: &str = "rapport";
/// What a transfer may take until it is given up.
const TRANSFER: Duration = Duration::from_secs(40);
/// The other side answers a request within a call in this time.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why calls cannot come in.
#[derive(Debug, thiserror::Error)]
pub enum TrunkError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: rsipstack::Error,
    },
    /// There is no port for sound.
    #[error("no port for sound is free")]
    NoPort,
    /// It was over before.
    #[error("the call is over")]
    Over,
}

/// What belongs to all calls of a trunk.
struct Ground {
    settings: Settings,
    layer: DialogLayer,
    contact: Uri,
    told: IpAddr,
    questions: Questions,
    clock: Clock,
    calls: Arc<AtomicUsize>,
}

/// Counts a call as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Takes calls as long as it lives.
pub struct Trunk {
    cancel: CancellationToken,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Drop for Trunk {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// A call that rings.
pub struct Incoming {
    /// The other side as it shows itself.
    pub from: String,
    /// E.164, unless it is withheld or none.
    pub number: Option<String>,
    /// Our side.
    pub to: String,
    /// How far the number is vouched for.
    pub attestation: Attestation,
    ground: Arc<Ground>,
    dialog: InviteDialog,
    events: DialogStateReceiver,
    offer: Option<Offer>,
    counted: Counted,
}

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
    dialog: InviteDialog,
    events: DialogStateReceiver,
    socket: tokio::net::UdpSocket,
    ours: SocketAddr,
    session: u64,
    version: u64,
    receiver: Receiver,
    law: Law,
    outlet: Arc<Outlet>,
    marks: mpsc::UnboundedReceiver<u64>,
    left_over: Vec<i16>,
    last: Vec<i16>,
    is_over: bool,
    _counted: Counted,
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.header_value(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Where a request came from: the stack notes it on the topmost Via where that says something else.
fn source(request: &Request) -> Option<IpAddr> {
    let via = header(request, "Via")?;
    let first = via.split(',').next()?;
    if let Some((_, rest)) = first.split_once("received=") {
        return rest.split(';').next()?.trim().trim_matches(['[', ']']).parse().ok();
    }
    let sent_by = first.split_whitespace().nth(1)?.split(';').next()?;
    sent_by.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| sent_by.trim_matches(['[', ']']).parse()).ok()
}

impl Trunk {
    /// Begins to listen; calls that ring come one after the other.
    pub async fn open(settings: Settings) -> Result<(Self, mpsc::Receiver<Incoming>), TrunkError> {
        let cancel = CancellationToken::new();
        let refused = |source| TrunkError::Listen { address: settings.listen, source };
        let external = settings.public.map(|public| SocketAddr::new(public, settings.listen.port()));
        let udp = UdpConnection::create_connection(settings.listen, external, Some(cancel.child_token())).await.map_err(refused)?;
        let bound = udp.get_addr().addr.to_string();
        let address: SocketAddr = bound.parse().unwrap_or(settings.listen);
        let transport = TransportLayer::new(cancel.clone());
        // From anywhere else nothing is even read.
        if settings.user.is_none() {
            let trunks = settings.clone();
            transport.set_whitelist(move |address: IpAddr| {
                let is_one = trunks.is_trunk(address);
                async move { is_one }
            });
        }
        transport.add_transport(udp.into());
        let endpoint = EndpointBuilder::new()
            .with_user_agent(concat!("Rapport/", env!("CARGO_PKG_VERSION")))
            .with_cancel_token(cancel.clone())
            .with_transport_layer(transport)
            .with_allows(vec![
                Method::Invite,
                Method::Ack,
                Method::Cancel,
                Method::Bye,
                Method::Options,
                Method::Info,
                Method::Notify,
                Method::Update,
            ])
            .build();
        let transactions = endpoint.incoming_transactions().map_err(refused)?;
        let told = settings.public.unwrap_or(address.ip());
        let contact = format!("sip:{USER}@{}", SocketAddr::new(told, address.port()));
        let contact = Uri::try_from(contact.as_str()).map_err(|error| refused(error.into()))?;
        let ground = Arc::new(Ground {
            layer: DialogLayer::new(endpoint.inner.clone()),
            settings,
            contact,
            told,
            questions: Questions::default(),
            clock: Clock::default(),
            calls: Arc::default(),
        });
        let (ringing, calls) = mpsc::channel(MOST_RINGING);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { endpoint.serve().await });
        tasks.spawn(take(ground, transactions, ringing));
        Ok((Self { cancel, address, _tasks: tasks }, calls))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn take(ground: Arc<Ground>, mut transactions: mpsc::UnboundedReceiver<Transaction>, ringing: mpsc::Sender<Incoming>) {
    let mut handled = JoinSet::new();
    loop {
        tokio::select! {
            Some(transaction) = transactions.recv() => {
                let (ground, ringing) = (Arc::clone(&ground), ringing.clone());
                handled.spawn(async move {
                    if let Err(error) = handle(&ground, transaction, &ringing).await {
                        tracing::debug!(%error, "a request was not brought to its end");
                    }
                });
            }
            Some(_) = handled.join_next() => {}
            else => return,
        }
    }
}

async fn handle(ground: &Arc<Ground>, mut transaction: Transaction, ringing: &mpsc::Sender<Incoming>) -> rsipstack::Result<()> {
    let has_tag = transaction.original.to_header()?.tag()?.is_some();
    if has_tag {
        return match ground.layer.match_dialog(&transaction) {
            Some(mut dialog) => {
                let is_bye = transaction.original.method == Method::Bye;
                let handled = dialog.handle(&mut transaction).await;
                if is_bye {
                    ground.layer.remove_dialog(&dialog.id());
                }
                handled
            }
            // Without an answer a telephone would stay off the hook.
            None if transaction.original.method == Method::Bye => transaction.reply(StatusCode::OK).await,
            None if transaction.original.method == Method::Ack => Ok(()),
            None => transaction.reply(StatusCode::CallTransactionDoesNotExist).await,
        };
    }
    match transaction.original.method {
        Method::Invite => invite(ground, transaction, ringing).await,
        Method::Options => {
            let headers = vec![Header::Accept("application/sdp".into()), Header::Other("Allow".to_owned(), ALLOW.to_owned())];
            transaction.reply_with(StatusCode::OK, headers, None).await
        }
        Method::Ack => Ok(()),
        Method::Cancel | Method::Bye => transaction.reply(StatusCode::CallTransactionDoesNotExist).await,
        _ => transaction.reply_with(StatusCode::MethodNotAllowed, vec![Header::Other("Allow".to_owned(), ALLOW.to_owned())], None).await,
    }
}

const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, UPDATE";

/// May whoever sends this call us? A refusal that asks for a proof has a header.
fn admitted(ground: &Ground, request: &Request) -> Result<bool, (StatusCode, Vec<Header>)> {
    if source(request).is_some_and(|address| ground.settings.is_trunk(address)) {
        return Ok(true);
    }
    let Some((name, word)) = &ground.settings.user else { return Err((StatusCode::Forbidden, Vec::new())) };
    let ask = || match ground.questions.put(Instant::now()) {
        Some(question) => (StatusCode::Unauthorized, vec![Header::WwwAuthenticate(question.into())]),
        None => (StatusCode::ServerInternalError, Vec::new()),
    };
    let Some(raw) = header(request, "Authorization") else { return Err(ask()) };
    let Ok(answer) = rsipstack::sip::typed::Authorization::parse(&raw) else { return Err(ask()) };
    let is_right = answer.username == *name
        && answer.realm == REALM
        && ground.questions.take(&answer.nonce, Instant::now())
        && verify_digest(&answer, word.expose(), &request.method, &raw);
    if is_right { Ok(false) } else { Err(ask()) }
}

async fn invite(ground: &Arc<Ground>, mut transaction: Transaction, ringing: &mpsc::Sender<Incoming>) -> rsipstack::Result<()> {
    let by_trunk = match admitted(ground, &transaction.original) {
        Ok(by_trunk) => by_trunk,
        Err((status, headers)) => return transaction.reply_with(status, headers, None).await,
    };
    let request = &transaction.original;
    let offer = match (request.body.is_empty(), sdp::read(&request.body)) {
        // The other side waits for our offer.
        (true, _) => None,
        (false, Ok(offer)) => Some(offer),
        (false, Err(sdp::Refused::NothingInCommon)) => return transaction.reply(StatusCode::NotAcceptableHere).await,
        (false, Err(sdp::Refused::Unreadable)) => return transaction.reply(StatusCode::BadRequest).await,
    };
    if ground.calls.fetch_add(1, Ordering::AcqRel) >= MOST_CALLS {
        ground.calls.fetch_sub(1, Ordering::AcqRel);
        return transaction.reply(StatusCode::BusyHere).await;
    }
    let counted = Counted(Arc::clone(&ground.calls));
    let said = Said {
        from: header(request, "From").unwrap_or_default(),
        asserted: header(request, "P-Asserted-Identity"),
        privacy: header(request, "Privacy"),
        indicator: header(request, "P-Attestation-Indicator"),
        by_trunk,
    };
    let (number, attestation) = known(&said);
    let to = request.uri.user().unwrap_or_default().to_owned();
    let (states, events) = ground.layer.new_dialog_state_channel();
    let mut dialog = ground.layer.get_or_create_server_invite(&transaction, states, None, Some(ground.contact.clone()))?;
    let incoming = Incoming {
        from: number.clone().unwrap_or_else(|| "anonymous".to_owned()),
        number,
        to: crate::text::within_bytes(&to, 64).to_owned(),
        attestation,
        ground: Arc::clone(ground),
        dialog: dialog.clone(),
        events,
        offer,
        counted,
    };
    if ringing.try_send(incoming).is_err() {
        ground.layer.remove_dialog(&dialog.id());
        return transaction.reply(StatusCode::ServiceUnavailable).await;
    }
    let handled = dialog.handle(&mut transaction).await;
    if dialog.state().is_terminated() {
        ground.layer.remove_dialog(&dialog.id());
    }
    handled
}

impl Incoming {
    /// It rings at the caller's.
    pub fn ring(&self) {
        if let Err(error) = self.dialog.ringing(None, None) {
            tracing::debug!(%error, "a call could not be made to ring");
        }
    }

    /// Waits until whoever rings gives up.
    pub async fn gone(&mut self) {
        loop {
            match self.events.recv().await {
                Some(DialogState::Terminated(..)) | None => return,
                Some(_) => {}
            }
        }
    }

    /// Nobody can take it now.
    pub fn refuse(self) {
        if let Err(error) = self.dialog.reject(Some(StatusCode::ServiceUnavailable), None) {
            tracing::debug!(%error, "a call could not be refused");
        }
        self.ground.layer.remove_dialog(&self.dialog.id());
    }

    /// Picks up.
    pub fn answer(self) -> Result<Call, TrunkError> {
        let Self { ground, dialog, events, offer, counted, .. } = self;
        if dialog.state().is_terminated() {
            return Err(TrunkError::Over);
        }
        let seed = seed();
        let sockets = bind(&ground, seed);
        let Some((socket, sending, ours)) = sockets else {
            let _ = dialog.reject(Some(StatusCode::ServiceUnavailable), None);
            return Err(TrunkError::NoPort);
        };
        let (law, kind) = offer.as_ref().map_or((Law::Mu, 0), |offer| (offer.law, offer.kind));
        let (outlet, marks) = Outlet::new(sending, law, kind, seed);
        let outlet = Arc::new(outlet);
        if let Some(to) = offer.as_ref().and_then(|offer| offer.to) {
            outlet.to(to);
        }
        let keys = offer.as_ref().map_or(Some(101), |offer| offer.keys);
        let receiver = Receiver::new(kind, keys);
        ground.clock.keep(&outlet).map_err(|_| TrunkError::NoPort)?;
        let body = sdp::write(ours, seed >> 33, 1, offer.as_ref()).into_bytes();
        dialog.accept(Some(vec![Header::ContentType("application/sdp".into())]), Some(body)).map_err(|_| TrunkError::Over)?;
        Ok(Call {
            ground,
            dialog,
            events,
            socket,
            ours,
            session: seed >> 33,
            version: 1,
            receiver,
            law,
            outlet,
            marks,
            left_over: Vec::new(),
            last: Vec::new(),
            is_over: false,
            _counted: counted,
        })
    }
}

/// Numbers that nobody can guess; where the system has none, the time will do: a call is no secret to its own line.
fn seed() -> u64 {
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
                answer(handle, StatusCode::OK, None);
                key_of(&request).map_or(Happened::Nothing, Happened::Key)
            }
            Some(DialogState::Notify(_, _, handle) | DialogState::Options(_, _, handle) | DialogState::Message(_, _, handle)) => {
                answer(handle, StatusCode::OK, None);
                Happened::Nothing
            }
            Some(DialogState::Refer(_, _, handle)) => {
                answer(handle, StatusCode::Forbidden, None);
                Happened::Nothing
            }
            Some(_) => Happened::Nothing,
        }
    }

    fn agree(&mut self, offer: &Offer) {
        if self.law != offer.law {
            self.receiver = Receiver::new(offer.kind, offer.keys);
        }
        self.law = offer.law;
        self.outlet.change(offer.is_held, offer.law, offer.kind);
        if let Some(to) = offer.to
            && self.receiver.from().is_none()
        {
            self.outlet.to(to);
        }
    }

    /// The other side changes what was agreed on: hold, another address, another law.
    fn updated(&mut self, request: &Request, handle: TransactionHandle) {
        self.version += 1;
        if request.body.is_empty() {
            let body = (request.method == Method::Invite).then(|| sdp::write(self.ours, self.session, self.version, None));
            return answer(handle, StatusCode::OK, body);
        }
        match sdp::read(&request.body) {
            Ok(offer) => {
                self.agree(&offer);
                // A telephone that moved sends from elsewhere: its signalling, which is checked, says so.
                if offer.to.is_some_and(|to| self.receiver.from().is_some_and(|from| from != to)) {
                    self.receiver = Receiver::new(offer.kind, offer.keys);
                }
                answer(handle, StatusCode::OK, Some(sdp::write(self.ours, self.session, self.version, Some(&offer))));
            }
            // What was agreed on before stays.
            Err(_) => answer(handle, StatusCode::NotAcceptableHere, None),
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
                        answer(handle, StatusCode::OK, None);
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
    let mut keys = word.chars();
    match (keys.next(), keys.next()) {
        (Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => Some(key),
        _ => None,
    }
}

/// Answers beside the call.
fn answer(handle: TransactionHandle, status: StatusCode, body: Option<String>) {
    let headers = body.as_ref().map(|_| vec![Header::ContentType("application/sdp".into())]);
    tokio::spawn(async move {
        if handle.respond(status, headers, body.map(String::into_bytes)).await.is_err() {
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
