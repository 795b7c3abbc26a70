//! Numbers that are reached straight over SIP: calls that ring are placed and greeted like any other, and their sound is
//! ours from the first to the last word.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use channels::voice::Ringing;
use channels::voice::sip::{Call, Dialler, Encrypts, Happened, Incoming, Over, Refusals, Settings, Transferred, Trunk};
use domain::ConnectionId;
use domain::call::{Attestation, CallDirection, CallState};
use domain::ports::Listening;
use engine::Outcome;
use engine::calls::sound::Given;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::ending::finish;
use super::last_words::{mute, say_somehow};
use super::sound::{Brought, Line, Sound};
use super::switchboard::{Greeted, Pass};
use super::talk::talk;
use super::webhooks::{PickedUp, Place, outcome_of, pick_up};
use super::wire::{Ended, Wire};
use crate::app::App;
use crate::tls::{Tls, TlsFiles};

/// How often the wiring is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// An address that is taken is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);

/// Calls of ours that wait to be made on one number; more are refused.
const MOST_WANTED: usize = 16;

/// A number over SIP that stands.
#[derive(Debug, Clone)]
struct Open {
    /// Over UDP, TCP and TLS.
    addresses: [SocketAddr; 3],
    /// Numbers that are to be called; nothing: none are.
    wanted: Option<mpsc::Sender<String>>,
    /// What was refused there.
    refusals: Arc<Refusals>,
}

/// Where numbers over SIP listen.
#[derive(Debug, Default)]
pub struct Trunks {
    open: Mutex<HashMap<ConnectionId, Open>>,
}

/// Why nobody is called over SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDialled {
    /// This number makes no calls.
    NoTrunk,
    /// Not now.
    Busy,
}

impl Trunks {
    /// Where this one listens; `None`: it does not, or not yet.
    pub fn address(&self, connection: &ConnectionId, over: Over) -> Option<SocketAddr> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()?;
        let [udp, tcp, tls] = open.addresses;
        Some(match over {
            Over::Udp => udp,
            Over::Tcp => tcp,
            Over::Tls => tls,
        })
    }

    /// What was refused on all numbers that stand, by its reason.
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = BTreeMap::new();
        for (why, count) in open.values().flat_map(|open| open.refusals.all()) {
            *all.entry(why).or_default() += count;
        }
        all
    }

    /// Calls this number as soon as may be.
    pub fn dial(&self, connection: &ConnectionId, number: &str) -> Result<(), NotDialled> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned();
        let wanted = open.ok_or(NotDialled::Busy)?.wanted.ok_or(NotDialled::NoTrunk)?;
        wanted.try_send(number.to_owned()).map_err(|_| NotDialled::Busy)
    }

    fn set(&self, connection: &ConnectionId, found: Option<Open>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(found) => open.insert(connection.clone(), found),
            None => open.remove(connection),
        };
    }
}

/// Runs until the server stops. What a new configuration leaves as it was goes on, with its calls.
pub async fn run(app: App) {
    let mut running: HashMap<ConnectionId, (Settings, tokio::task::AbortHandle)> = HashMap::new();
    let mut tasks = JoinSet::new();
    loop {
        let wanted: HashMap<ConnectionId, Settings> =
            app.wired.load().lines.iter().filter_map(|(id, line)| Some((id.clone(), line.sip()?.clone()))).collect();
        running.retain(|connection, (settings, task)| {
            let is_same = wanted.get(connection).is_some_and(|wanted| wanted.is_same(settings));
            if !is_same || task.is_finished() {
                task.abort();
                app.trunks.set(connection, None);
            }
            is_same && !task.is_finished()
        });
        for (connection, settings) in wanted {
            if !running.contains_key(&connection) {
                let task = tasks.spawn(listen(App::clone(&app), connection.clone(), settings.clone()));
                running.insert(connection, (settings, task));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            Some(_) = tasks.join_next() => {}
            () = app.stopped() => break,
        }
    }
    // Calls say goodbye to their other side before their trunk is gone.
    let goodbyes = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(3), goodbyes).await.is_err() {
        tasks.shutdown().await;
    }
}

async fn listen(app: App, connection: ConnectionId, settings: Settings) {
    let (trunk, mut ringing, tls) = loop {
        match open(&settings).await {
            Ok(open) => break open,
            Err(error) => {
                tracing::error!(%connection, error = format!("{error:#}"), "calls cannot come in");
                tokio::select! {
                    () = tokio::time::sleep(AGAIN) => {}
                    () = app.stopped() => return,
                }
            }
        }
    };
    tracing::info!(%connection, address = %trunk.address(), "calls come in over SIP");
    let dialler = trunk.dialler();
    // The sender lives as long as the entry, which goes with this task.
    let (wanted, mut to_call) = mpsc::channel(MOST_WANTED);
    let addresses = [Over::Udp, Over::Tcp, Over::Tls].map(|over| trunk.reached_at(over));
    app.trunks.set(&connection, Some(Open { addresses, wanted: dialler.is_some().then_some(wanted), refusals: trunk.refusals() }));
    let mut aside = JoinSet::new();
    if let Some(tls) = tls {
        aside.spawn(async move { tls.follow().await });
    }
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            Some(number) = to_call.recv() => {
                let Some(dialler) = dialler.clone() else { continue };
                let (app, connection) = (App::clone(&app), connection.clone());
                calls.spawn(async move { call_out(&app, &connection, &dialler, number).await });
            }
            Some(incoming) = ringing.recv() => {
                let (app, connection) = (App::clone(&app), connection.clone());
                calls.spawn(async move { take(&app, &connection, incoming).await });
            }
            Some(_) = calls.join_next() => {}
            () = app.stopped() => break,
        }
    }
    // Each call hears of the stop by itself.
    while calls.join_next().await.is_some() {}
    drop(trunk);
}

/// Begins to listen, with the certificate that is shown to those who come over TLS.
async fn open(settings: &Settings) -> anyhow::Result<(Trunk, mpsc::Receiver<Incoming>, Option<Arc<Tls>>)> {
    let files = settings.listen_tls.as_ref().map(|tls| TlsFiles { cert: tls.cert.clone(), key: tls.key.clone() });
    let tls = files.map(|files| Tls::open(files, &[])).transpose()?.map(Arc::new);
    let encrypts = tls.clone().map(|tls| tls as Arc<dyn Encrypts>);
    let (trunk, ringing) = Trunk::open(settings.clone(), encrypts).await?;
    Ok((trunk, ringing, tls))
}

async fn take(app: &App, connection: &ConnectionId, mut incoming: Incoming) {
    let Some(place) = Place::of(app, connection.as_str()) else { return incoming.refuse() };
    let Some(speech) = place.speech.clone() else { return incoming.refuse() };
    incoming.read_by(|digits| engine::identity::normalise::shown(digits, &place.settings.region));
    incoming.ring();
    // The other side's own name of the call is not ours to trust.
    let ringing = Ringing {
        call: app.unguessable(),
        from: incoming.from.clone(),
        number: incoming.number.clone(),
        to: incoming.to.clone(),
        attestation: incoming.attestation,
        direction: CallDirection::Inbound,
    };
    let picked_up = tokio::select! {
        picked_up = pick_up(&place, &ringing) => picked_up,
        () = incoming.gone() => {
            over(&place, &ringing.call, Outcome::NotReached).await;
            return;
        }
    };
    let (language, greeting) = match picked_up {
        Some(PickedUp::Greeted(language, greeting)) => (language, greeting),
        Some(PickedUp::Silent(_)) => {
            let call = match incoming.answer() {
                Ok(call) => call,
                Err(_) => return over(&place, &ringing.call, Outcome::NotReached).await,
            };
            return closed(&place, &ringing.call, call, &speech).await;
        }
        Some(PickedUp::Replayed) | None => return incoming.refuse(),
    };
    let call = match incoming.answer() {
        Ok(call) => call,
        Err(error) => {
            tracing::warn!(%connection, %error, "a call could not be picked up");
            return over(&place, &ringing.call, Outcome::NotReached).await;
        }
    };
    converse(&place, &speech, &ringing.call, Begun { language, greeting, call }).await;
}

/// Rings a customer; whoever picks up is greeted with where things stand.
async fn call_out(app: &App, connection: &ConnectionId, dialler: &Dialler, number: String) {
    let Some(place) = Place::of(app, connection.as_str()) else { return };
    let Some(speech) = place.speech.clone() else { return };
    let ringing = Ringing {
        call: app.unguessable(),
        from: number.clone(),
        number: Some(number.clone()),
        to: place.line.number().to_owned(),
        attestation: Attestation::Full,
        direction: CallDirection::Outbound,
    };
    // What is said first is known before it rings: nobody who picks up waits for it.
    let Some(PickedUp::Greeted(language, greeting)) = pick_up(&place, &ringing).await else {
        return over(&place, &ringing.call, Outcome::NotReached).await;
    };
    let answered = tokio::select! {
        answered = dialler.call(place.line.number(), &number) => answered,
        () = app.stopped() => return over(&place, &ringing.call, Outcome::NotReached).await,
    };
    match answered {
        Ok(call) => converse(&place, &speech, &ringing.call, Begun { language, greeting, call }).await,
        Err(error) => {
            tracing::info!(%connection, error = format!("{:#}", anyhow::Error::from(error)), "a call of ours was not picked up");
            over(&place, &ringing.call, Outcome::NotReached).await;
        }
    }
}

/// A call that was picked up, on whichever side.
struct Begun {
    language: String,
    greeting: Option<Greeted>,
    call: Call,
}

/// Talks until the call is over, over every transfer that comes to nothing.
async fn converse(place: &Place, speech: &super::sound::Speech, name: &str, begun: Begun) {
    let Begun { language, greeting, call } = begun;
    let app = &place.app;
    let how = Listening { language: language.clone(), hints: place.line.hints() };
    let mut sound = Sound::new(App::clone(app), Telephone(call), speech, how);
    let mut pass =
        Pass { connection: place.connection.clone(), vendor_id: name.to_owned(), language, is_sound: true, greeting, takes_message: false };
    let outcome = loop {
        let ended = talk(place, &pass, &mut sound).await;
        match after(place, &pass, &mut sound, &ended).await {
            Next::Again(greeting) => pass.greeting = Some(greeting),
            Next::Over(outcome) => {
                sound.close(ended).await;
                break outcome;
            }
        }
    };
    app.switchboard.connect(&place.connection, name, false);
    over(place, name, outcome).await;
}

/// What comes after a stretch of a call.
enum Next {
    /// The call goes on, with these words.
    Again(Greeted),
    /// It is over.
    Over(Outcome),
}

async fn after(place: &Place, pass: &Pass, sound: &mut Sound<Telephone>, ended: &Ended) -> Next {
    let note = place.app.switchboard.take_note(&pass.connection, &pass.vendor_id);
    match ended {
        Ended::Gone => return Next::Over(Outcome::Completed),
        Ended::Mute => return Next::Over(mute(place, &pass.vendor_id, &pass.language, sound).await),
        Ended::Close(..) => return Next::Over(note.and_then(outcome_of).unwrap_or(Outcome::Cut)),
        Ended::Over => {}
    }
    let found = place.app.store().call(&place.workspace, &pass.connection, &pass.vendor_id).await;
    let call = match found {
        Ok(Some(call)) if call.state == CallState::Transferring => call,
        _ => return Next::Over(note.and_then(outcome_of).unwrap_or(Outcome::Completed)),
    };
    let Some(to) = call.about.through_to.as_deref().or(place.line.transfer_to()) else { return Next::Over(Outcome::NobodyFree) };
    // A voice that fails here leaves a person to be rung all the same.
    if let Some(farewell) = call.about.farewell.as_deref()
        && (sound.greet(farewell).await.is_err() || sound.settle().await.is_err())
    {
        return Next::Over(Outcome::NobodyFree);
    }
    match sound.line().0.transfer(to).await {
        Transferred::Answered => Next::Over(Outcome::Transferred),
        // Nobody told that somebody picked up: whoever hangs up while it rings is called back.
        Transferred::Over => Next::Over(Outcome::NobodyFree),
        Transferred::Unanswered => {
            let moved = place.app.store().move_call(&place.workspace, call.id, &[CallState::Transferring], CallState::Live, None).await;
            let words = place.words(&call.about.language);
            let when = place.due(&words, place.app.now());
            let text = words.with("call.nobody_free", &[("when", &when)]);
            match moved {
                Ok(_) => {
                    sound.again();
                    Next::Again(place.aside(&words, &text))
                }
                Err(_) => Next::Over(Outcome::Cut),
            }
        }
    }
}

/// The AI does not speak on this number now: the caller is put through, or promised a call, in a voice of ours.
async fn closed(place: &Place, vendor_id: &str, call: Call, speech: &super::sound::Speech) {
    let language = place.line.language().unwrap_or(&place.settings.locale).to_owned();
    let words = place.words(&language);
    let when = place.due(&words, place.app.now());
    let how = Listening { language: language.clone(), hints: Vec::new() };
    let mut sound = Sound::new(App::clone(&place.app), Telephone(call), speech, how);
    let to = place.line.transfer_to().filter(|_| place.is_open());
    let transferred = match to {
        Some(to) => sound.line().0.transfer(to).await,
        None => Transferred::Unanswered,
    };
    let outcome = if transferred == Transferred::Answered { Outcome::Transferred } else { Outcome::NobodyFree };
    let mut is_told = transferred != Transferred::Unanswered;
    if !is_told && place.line.takes_messages() {
        let (connection, greeting) = (place.connection.clone(), Some(place.asks_for_message(&words)));
        let pass = Pass { connection, vendor_id: vendor_id.to_owned(), language, is_sound: true, greeting, takes_message: true };
        let ended = talk(place, &pass, &mut sound).await;
        place.app.switchboard.connect(&place.connection, vendor_id, false);
        // What thanks for it is heard to its end.
        is_told = !matches!(ended, Ended::Mute) && (!matches!(ended, Ended::Over) || sound.settle().await.is_ok());
    }
    if !is_told {
        let text = place.aside(&words, &words.with("call.closed", &[("workspace", &place.settings.name), ("when", &when)])).text;
        say_somehow(&mut sound, &text, words.language()).await;
    }
    sound.close(Ended::Gone).await;
    over(place, vendor_id, outcome).await;
}

/// The call is over: its record, and what was never heard.
async fn over(place: &Place, vendor_id: &str, outcome: Outcome) {
    let ended = async {
        match place.app.store().call(&place.workspace, &place.connection, vendor_id).await? {
            Some(call) if call.state != CallState::Ended => finish(&place.app, &place.workspace, &call, outcome).await,
            Some(_) | None => {
                place.app.switchboard.forget(&place.connection, vendor_id);
                Ok(())
            }
        }
    };
    if let Err(error) = ended.await {
        tracing::error!(%error, "the end of a call could not be stored, it is found by the watch over calls");
    }
}

/// A call over SIP as a line of sound.
pub(super) struct Telephone(pub(super) Call);

#[async_trait]
impl Line for Telephone {
    async fn next(&mut self) -> Result<Brought, Ended> {
        Ok(match self.0.next().await {
            Happened::Frames(frames) => Brought::Frames(frames),
            Happened::Key(key) => Brought::Key(key),
            Happened::Played(mark) => Brought::Mark(mark),
            Happened::Nothing => Brought::Nothing,
            Happened::Over => return Err(Ended::Gone),
        })
    }

    fn give(&mut self, given: Given) -> Result<(), Ended> {
        let taken = match given {
            Given::Frame(frame) => self.0.play(frame),
            Given::Mark(mark) => self.0.mark(mark),
        };
        taken.map_err(|_| Ended::Close(1013, "the line takes nothing"))
    }

    fn clear(&mut self) -> Result<(), Ended> {
        self.0.clear();
        Ok(())
    }

    fn duck(&mut self, is_wanted: bool) {
        self.0.soft(is_wanted);
    }

    async fn close(&mut self, _ended: Ended) {
        self.0.hang_up().await;
    }
}
