//! Calls that come in, on top of rsipstack: who may call, what is refused, and what happens on a call.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use domain::call::Attestation;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::authenticate::verify_digest;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, StatusCode, Transport, Uri};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipConnection, TransportLayer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::aim::{Aim, aim};
use super::call::Call;
use super::caller::{Said, Shown, known};
use super::clock::{Clock, Outlet};
use super::dial::Dialler;
use super::digest::{Questions, REALM};
use super::gate::{A_WRONG_PROOF, FIRST, Gate, OF_A_CALL, Refusals, Why, is_scanner};
use super::refresh::too_often;
use super::sdp::{self, Offer};
use super::settings::{Over, Settings};
use super::streams::{self, Encrypts, LONGEST_SILENCE, Outward};

/// Calls at the same time; more are told that we are busy.
const MOST_CALLS: usize = 200;
/// Calls that ring and that nobody has taken up yet.
const MOST_RINGING: usize = 64;
/// Our name in addresses.
const USER: &str = "rapport";

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
pub(super) struct Ground {
    pub(super) settings: Settings,
    pub(super) layer: DialogLayer,
    pub(super) cancel: CancellationToken,
    pub(super) told: IpAddr,
    pub(super) outward: Outward,
    reached: Reached,
    /// Ports over UDP, TCP and TLS.
    ports: [u16; 3],
    questions: Questions,
    pub(super) gate: Arc<Gate>,
    pub(super) clock: Clock,
    calls: Arc<AtomicUsize>,
}

/// Addresses of the trunk that takes our calls, as far as they were found out.
#[derive(Clone, Default)]
pub(super) struct Reached(Arc<Mutex<HashSet<IpAddr>>>);

impl Reached {
    fn is_one(&self, address: IpAddr) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&address)
    }
}

impl Ground {
    /// May this address speak with us at all? Whoever may call with a name and a word may do so from anywhere.
    pub(super) fn may_speak(&self, address: IpAddr) -> bool {
        self.settings.user.is_some() || self.settings.is_trunk(address) || self.reached.is_one(address)
    }

    /// Sound of a call goes there, as far as whoever signals from `host` may say so.
    pub(super) fn aims(&self, outlet: &Outlet, to: SocketAddr, host: Option<IpAddr>) {
        let is_ours = self.settings.is_trunk(to.ip()) || self.reached.is_one(to.ip());
        match aim(to.ip(), host, is_ours) {
            Aim::Freely => outlet.to(to),
            Aim::Briefly => outlet.briefly_to(to),
            Aim::NotYet => {
                tracing::info!("sound of a call goes to the address of its description only once some has come from there");
                outlet.nowhere();
            }
        }
    }

    /// What this address answers is read from now on.
    pub(super) fn is_reached(&self, address: IpAddr) {
        self.reached.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address);
    }

    /// Where others find us.
    pub(super) fn reached_at(&self, over: Over) -> SocketAddr {
        let port = match over {
            Over::Udp => self.ports[0],
            Over::Tcp => self.ports[1],
            Over::Tls => self.ports[2],
        };
        SocketAddr::new(self.told, port)
    }

    /// The same as an address of SIP.
    pub(super) fn contact(&self, over: Over) -> rsipstack::Result<Uri> {
        let at = self.reached_at(over);
        let transport = match over {
            Over::Udp => "",
            Over::Tcp => ";transport=tcp",
            Over::Tls => ";transport=tls",
        };
        Ok(Uri::try_from(format!("sip:{USER}@{at}{transport}").as_str())?)
    }
}

/// Counts a call as long as it lives.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// `None`: there are as many as there may be.
    pub(super) fn one_more(ground: &Ground) -> Option<Self> {
        let counted = Self(Arc::clone(&ground.calls));
        (ground.calls.fetch_add(1, Ordering::AcqRel) < MOST_CALLS).then_some(counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Takes calls as long as it lives.
pub struct Trunk {
    cancel: CancellationToken,
    address: SocketAddr,
    ground: Arc<Ground>,
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
    /// Digits that are shown without their country, where the number is not known by itself.
    pub digits: Option<String>,
    ground: Arc<Ground>,
    dialog: InviteDialog,
    events: DialogStateReceiver,
    offer: Option<Offer>,
    counted: Counted,
}

pub(super) fn header(request: &Request, name: &str) -> Option<String> {
    request.header_value(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Where a request came from: the stack notes it on the topmost Via where that says something else.
pub(super) fn source(request: &Request) -> Option<IpAddr> {
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
    pub async fn open(settings: Settings, tls: Option<Arc<dyn Encrypts>>) -> Result<(Self, mpsc::Receiver<Incoming>), TrunkError> {
        let cancel = CancellationToken::new();
        let refused = |source| TrunkError::Listen { address: settings.listen, source };
        let tcp = listen(settings.listen_tcp).await?;
        let encrypted = listen(settings.listen_tls.as_ref().map(|tls| tls.listen)).await?;
        let external = settings.public.map(|public| SocketAddr::new(public, settings.listen.port()));
        let udp = UdpConnection::create_connection(settings.listen, external, Some(cancel.child_token())).await.map_err(refused)?;
        let bound = udp.get_addr().addr.to_string();
        let address: SocketAddr = bound.parse().unwrap_or(settings.listen);
        let transport = TransportLayer::new(cancel.clone());
        transport.set_stream_idle_timeout(LONGEST_SILENCE);
        let reached = Reached::default();
        let gate = Arc::new(Gate::default());
        // From anywhere else nothing is even read; nor of a stranger who asks too much, where strangers may call.
        let (trunks, known, watched) = (settings.clone(), reached.clone(), Arc::clone(&gate));
        transport.set_whitelist(move |address: IpAddr| {
            let is_one = trunks.is_trunk(address) || known.is_one(address);
            let may = is_one || trunks.user.is_some() && watched.is_open(address, Instant::now());
            if !may {
                watched.refused(if trunks.user.is_some() { Why::Limited } else { Why::Stranger });
            }
            async move { may }
        });
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
        // Without a listener of its own a line of ours is answered on the line itself.
        let port =
            |listener: &Option<TcpListener>| listener.as_ref().and_then(|it| Some(it.local_addr().ok()?.port())).unwrap_or(address.port());
        let ground = Arc::new(Ground {
            layer: DialogLayer::new(endpoint.inner.clone()),
            ports: [address.port(), port(&tcp), port(&encrypted)],
            settings,
            cancel: cancel.clone(),
            told,
            outward: Outward::default(),
            reached,
            questions: Questions::default(),
            gate,
            clock: Clock::default(),
            calls: Arc::default(),
        });
        let (ringing, calls) = mpsc::channel(MOST_RINGING);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { endpoint.serve().await });
        tasks.spawn(take(Arc::clone(&ground), transactions, ringing));
        if let Some(tcp) = tcp {
            tasks.spawn(streams::take(Arc::clone(&ground), tcp, None));
        }
        if let (Some(encrypted), Some(tls)) = (encrypted, tls) {
            tasks.spawn(streams::take(Arc::clone(&ground), encrypted, Some(tls)));
        }
        Ok((Self { cancel, address, ground, _tasks: tasks }, calls))
    }

    /// Makes calls over it. `None`: none are made here.
    pub fn dialler(&self) -> Option<Dialler> {
        let calls = self.ground.settings.calls.clone()?;
        Some(Dialler { ground: Arc::clone(&self.ground), calls })
    }

    /// What was refused here.
    pub fn refusals(&self) -> Arc<Refusals> {
        Arc::clone(&self.ground.gate.refusals)
    }

    /// Where it listens over UDP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where others find it over this.
    pub fn reached_at(&self, over: Over) -> SocketAddr {
        self.ground.reached_at(over)
    }
}

async fn listen(address: Option<SocketAddr>) -> Result<Option<TcpListener>, TrunkError> {
    let Some(address) = address else { return Ok(None) };
    let refused = |error: std::io::Error| TrunkError::Listen { address, source: error.into() };
    TcpListener::bind(address).await.map(Some).map_err(refused)
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
    let stranger = source(&transaction.original).filter(|address| !ground.settings.is_trunk(*address) && !ground.reached.is_one(*address));
    if let Some(stranger) = stranger {
        // What breaks in learns nothing, not even that somebody is here.
        if is_scanner(&header(&transaction.original, "User-Agent").unwrap_or_default()) {
            ground.gate.refused(Why::Scanner);
            return Ok(());
        }
        if !ground.gate.spend(stranger, if has_tag { OF_A_CALL } else { FIRST }, Instant::now()) {
            ground.gate.refused(Why::Limited);
            return Ok(());
        }
    }
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
            None => {
                ground.gate.refused(Why::Other);
                transaction.reply(StatusCode::CallTransactionDoesNotExist).await
            }
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
        _ => {
            ground.gate.refused(Why::Other);
            let headers = vec![Header::Other("Allow".to_owned(), ALLOW.to_owned())];
            transaction.reply_with(StatusCode::MethodNotAllowed, headers, None).await
        }
    }
}

const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, UPDATE";

/// May whoever sends this call us? A refusal that asks for a proof has a header.
fn admitted(ground: &Ground, request: &Request) -> Result<bool, (StatusCode, Vec<Header>)> {
    if source(request).is_some_and(|address| ground.settings.is_trunk(address)) {
        return Ok(true);
    }
    let Some((name, word)) = &ground.settings.user else {
        ground.gate.refused(Why::Stranger);
        return Err((StatusCode::Forbidden, Vec::new()));
    };
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
    if is_right {
        return Ok(false);
    }
    ground.gate.refused(Why::Proof);
    if let Some(address) = source(request) {
        ground.gate.spend(address, A_WRONG_PROOF, Instant::now());
    }
    tracing::warn!(target: "security", "somebody gave a wrong proof over SIP");
    Err(ask())
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
        (false, Err(why)) => {
            ground.gate.refused(Why::Unreadable);
            return transaction.reply(refusal_of(why)).await;
        }
    };
    if let Some(refusal) = too_often(request) {
        return transaction.reply_with(StatusCode::SessionIntervalTooSmall, refusal, None).await;
    }
    let Some(counted) = Counted::one_more(ground) else {
        ground.gate.refused(Why::Other);
        return transaction.reply(StatusCode::BusyHere).await;
    };
    let said = Said {
        from: header(request, "From").unwrap_or_default(),
        asserted: header(request, "P-Asserted-Identity"),
        privacy: header(request, "Privacy"),
        indicator: header(request, "P-Attestation-Indicator"),
        by_trunk,
    };
    let (shown, attestation) = known(&said);
    let (number, digits) = match shown {
        Shown::Hidden => (None, None),
        Shown::Number(number) => (Some(number), None),
        Shown::Digits(digits) => (None, Some(digits)),
    };
    let to = request.uri.user().unwrap_or_default().to_owned();
    let (states, events) = ground.layer.new_dialog_state_channel();
    let over = match transaction.connection.as_ref().map(SipConnection::transport) {
        Some(Transport::Tcp) => Over::Tcp,
        Some(Transport::Tls) => Over::Tls,
        _ => Over::Udp,
    };
    let mut dialog = ground.layer.get_or_create_server_invite(&transaction, states, None, Some(ground.contact(over)?))?;
    let incoming = Incoming {
        from: number.clone().unwrap_or_else(|| "anonymous".to_owned()),
        number,
        to: crate::text::within_bytes(&to, 64).to_owned(),
        attestation,
        digits,
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

fn refusal_of(why: sdp::Refused) -> StatusCode {
    match why {
        sdp::Refused::NothingInCommon => StatusCode::NotAcceptableHere,
        sdp::Refused::Unreadable => StatusCode::BadRequest,
    }
}

impl Incoming {
    /// Reads digits without their country as they are read where this is; what is no number there is none.
    pub fn read_by(&mut self, read: impl FnOnce(&str) -> Option<String>) {
        let Some(digits) = self.digits.take() else { return };
        match read(&digits) {
            Some(number) => (self.from, self.number) = (number.clone(), Some(number)),
            None => self.attestation = Attestation::Withheld,
        }
    }

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
        Call::pick_up(ground, dialog, events, offer.as_ref(), counted)
    }
}
