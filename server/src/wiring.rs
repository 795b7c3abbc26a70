//! Introduces the crates to each other: store, doors, sources, models, engine.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use domain::ports::{Channel, Knowledge, Store};
use domain::{ChannelKind, MonotonicTime, Secret};
use engine::{Engine, Models, OpenDoor, Parts};
use ring::rand::SecureRandom;

use crate::app::{App, Limits, Shared, Wired};
use crate::auth::limits::{Limiter, UnderWay};
use crate::auth::password::Passwords;
use crate::config::{Configuration, MasterKey, ServerSettings};
use crate::jobs::crew::Waits;
use crate::jobs::listening::Ears;
use crate::library::Sources;
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::playground::Playground;
use crate::presence::Presence;
use crate::storage::Storage;
use crate::time::{BusinessClock, SteadyTime, SystemRandomness, real_now};
use crate::voice::{Phone, Switchboard};
use crate::widget::door::Mailbox;

/// Name of the kept monotonic time.
const STEADY_NOTE: &str = "steady.micros";

/// Doors that this version has.
pub fn available_doors() -> Vec<ChannelKind> {
    channels::DOORS.iter().map(|door| door.kind).collect()
}

/// The client for vendors: a redirected send would be a second send.
pub fn vendor_client() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .user_agent(concat!("Rapport/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("cannot make the HTTP client")
}

/// Opens the store with its bells, to serve from it.
pub async fn open_storage(settings: &ServerSettings) -> anyhow::Result<Storage> {
    let opened = store::open(store_settings(settings)?).await.context("cannot open the store")?;
    Ok(with_bells(opened))
}

/// Opens the store for a command, beside a server that may be running on it.
pub async fn open_storage_beside(settings: &ServerSettings) -> anyhow::Result<Storage> {
    let opened = store::open_beside(store_settings(settings)?).await.context("cannot open the store")?;
    Ok(with_bells(opened))
}

/// Holds the data folder of the embedded store for one server, as long as the value lives and at most as long as the
/// process does. Two servers on it would give numbers of the timeline twice and end each other's leases; PostgreSQL is
/// there for several.
pub fn occupy(settings: &ServerSettings) -> anyhow::Result<Option<std::fs::File>> {
    if settings.database_url.is_some() {
        return Ok(None);
    }
    make_folder(&settings.data_dir)?;
    let path = settings.data_dir.join("rapport.lock");
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => bail!(
            "another server runs on the data folder {}: stop it first, or use database_url for several servers",
            settings.data_dir.display()
        ),
        Err(std::fs::TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// Looks at what is stored without a change to it, also while a server runs on it; `None`: nothing is stored yet.
pub async fn examine_storage(settings: &ServerSettings) -> anyhow::Result<Option<Vec<store::Finding>>> {
    store::examine(&store_settings(settings)?).await.context("cannot look into the store")
}

fn store_settings(settings: &ServerSettings) -> anyhow::Result<store::Settings> {
    make_folder(&settings.data_dir)?;
    let location = match &settings.database_url {
        Some(url) => store::Location::Postgres { url: url.expose().clone() },
        None => store::Location::Sqlite { folder: settings.data_dir.clone() },
    };
    Ok(store::Settings { location, master_key: master_key(settings)?, folder: Some(settings.data_dir.clone()) })
}

/// Gives the store's bells the form in which the server holds them.
pub fn with_bells(opened: Arc<store::Storage>) -> Storage {
    let port: Arc<dyn Store> = Arc::<store::Storage>::clone(&opened);
    let (work, post, ticks, files) = (opened.work(), opened.post(), opened.ticks(), opened.files());
    let alerts = opened.alerts();
    let broken = opened.broken();
    let (listened, rung) = (Arc::clone(&opened), Arc::clone(&opened));
    Storage {
        store: port,
        work,
        post,
        ticks,
        files,
        alerts,
        broken,
        changes: Arc::new(move || opened.changes()),
        rings: Arc::new(move || listened.rings()),
        ring_here: Arc::new(move |ring| rung.ring_here(ring)),
    }
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    // A trailing dot cannot be made.
    let folder: &Path = &folder.components().collect::<std::path::PathBuf>();
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("cannot make the data folder {}", folder.display()))
}

/// Where servers on one database meet on the bus: apart from other installations on it, by the key that only they share.
pub fn bus_subject(settings: &ServerSettings) -> anyhow::Result<String> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, master_key(settings)?.expose());
    Ok(format!("rapport.{}", crate::auth::hex(&ring::hmac::sign(&key, b"bus").as_ref()[..16])))
}

/// The master key: configured, or a file of its own in the data folder, made on the first day.
fn master_key(settings: &ServerSettings) -> anyhow::Result<Secret<[u8; 32]>> {
    let default = settings.data_dir.join("master.key");
    let (path, may_make) = match &settings.master_key {
        Some(MasterKey::Value(value)) => return Ok(Secret::new(key_of(value.expose()))),
        Some(MasterKey::File(path)) => (path.clone(), false),
        None => (default, !settings.data_dir.join("rapport.db").exists()),
    };
    if path.exists() {
        return read_key(&path);
    }
    if !may_make {
        bail!("the master key {} is missing; restore it from your copy: without it the data cannot be read", path.display());
    }
    let mut key = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut key).ok().context("the system gives no randomness")?;
    let text = crate::auth::hex(&key);
    write_private(&path, &text)?;
    tracing::info!(path = %path.display(), "a master key was made; keep a copy of it apart from the data");
    Ok(Secret::new(key_of(&text)))
}

/// The configured master key; none is made.
pub fn master_key_of(settings: &ServerSettings) -> anyhow::Result<Secret<[u8; 32]>> {
    match &settings.master_key {
        Some(MasterKey::Value(value)) => Ok(Secret::new(key_of(value.expose()))),
        Some(MasterKey::File(path)) => read_key(path),
        None => read_key(&settings.data_dir.join("master.key")),
    }
}

/// The master key in a file.
pub fn read_key(path: &Path) -> anyhow::Result<Secret<[u8; 32]>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the master key {}", path.display()))?;
    if let Ok(raw) = <[u8; 32]>::try_from(bytes.as_slice()) {
        return Ok(Secret::new(raw));
    }
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    if text.len() < 32 {
        bail!("the master key {} has fewer than 32 characters; restore it from your copy", path.display());
    }
    Ok(Secret::new(key_of(&text)))
}

/// 64 hexadecimal digits are the key itself; any other text is hashed into one.
fn key_of(text: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let is_hex = text.len() == 64
        && key.iter_mut().enumerate().all(|(place, byte)| {
            text.get(place * 2..place * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).map(|read| *byte = read).is_some()
        });
    if is_hex { key } else { sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), text)).into() }
}

/// Writes a file that only this user can read.
pub fn write_private(path: &Path, text: impl AsRef<[u8]>) -> anyhow::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Under its own name only once it is whole: a server killed in between must not find half a key.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let write = || -> std::io::Result<()> {
        let mut file = options.open(unfinished)?;
        file.write_all(text.as_ref())?;
        file.sync_all()?;
        std::fs::rename(unfinished, path)?;
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// What the wiring is made with.
pub struct Ground<'a> {
    /// The store.
    pub storage: &'a Storage,
    /// The sources.
    pub library: &'a Arc<Sources>,
    /// Business time.
    pub clock: &'a Arc<BusinessClock>,
    /// Time nobody moves.
    pub monotonic: &'a Arc<SteadyTime>,
    /// Randomness.
    pub random: &'a Arc<SystemRandomness>,
    /// Phone calls under way.
    pub switchboard: &'a Arc<Switchboard>,
    /// Turns that wait for somebody else: a model, or the vendor that takes their reply.
    pub waiting_turns: &'a Arc<Waits>,
}

/// Wires a configuration; nothing is changed when it fails.
pub fn wire(configuration: Configuration, ground: &Ground<'_>) -> anyhow::Result<Wired> {
    let http = vendor_client()?;
    let mut doors = Vec::new();
    let mut tokens = HashMap::new();
    let mut lines = HashMap::new();
    let mut hooks = HashMap::new();
    let mut speech = HashMap::new();
    let mut knowledge = Vec::new();
    let mut models = HashMap::new();
    let mut tools = HashMap::new();
    for workspace in &configuration.workspaces {
        for settings in &workspace.connections {
            let opened = channels::open(settings, &http)?;
            let channel: Arc<dyn Channel> = match settings.channel {
                ChannelKind::Widget => Arc::new(Mailbox(opened)),
                ChannelKind::Voice => {
                    lines.insert(settings.id.clone(), Arc::new(channels::voice::Line::of(settings, &http)?));
                    if let Some(of_line) = crate::speech::of(workspace, settings, &http)? {
                        speech.insert(settings.id.clone(), Arc::new(of_line));
                    }
                    let switchboard = Arc::clone(ground.switchboard);
                    Arc::new(Phone { door: opened, connection: settings.id.clone(), switchboard })
                }
                _ => opened,
            };
            let is_widget = settings.channel == ChannelKind::Widget;
            let verifier = if is_widget { channels::widget::Tokens::of(settings, &http)? } else { None };
            if let Some(verifier) = verifier {
                tokens.insert(settings.id.clone(), verifier);
            }
            doors.push(OpenDoor { settings: settings.clone(), channel });
        }
        for source in &workspace.knowledge {
            let folder = source.folder(&configuration.server.data_dir, &workspace.settings.id);
            knowledge.push((workspace.settings.id.clone(), source.id.clone(), folder));
        }
        models.insert(workspace.settings.id.clone(), crate::models::of(workspace, &http, ground.waiting_turns)?);
        if !workspace.tools.is_empty() {
            tools.insert(workspace.settings.id.clone(), providers::tools::open(workspace.tools.clone())?);
        }
        for webhook in &workspace.settings.alerts.webhooks {
            let opened = channels::AlertHook::new(&http, webhook.url.expose(), &webhook.secrets);
            let opened = opened.map_err(|why| anyhow::anyhow!("the address of the webhook {} {why}", webhook.id))?;
            hooks.insert((workspace.settings.id.clone(), webhook.id.clone()), Arc::new(opened));
        }
    }
    let workspaces = configuration.workspaces.iter().map(|workspace| workspace.settings.id.clone()).collect();
    let port: Arc<dyn Knowledge> = Arc::<Sources>::clone(ground.library);
    let embedder = configuration.server.embedder.as_ref().map(|settings| crate::embedder::open(settings, &http)).transpose()?;
    let engine = Engine::new(Parts {
        store: Arc::clone(&ground.storage.store),
        knowledge: port,
        clock: Arc::<BusinessClock>::clone(ground.clock),
        monotonic: Arc::<SteadyTime>::clone(ground.monotonic),
        random: Arc::<SystemRandomness>::clone(ground.random),
        doors,
        workspaces: configuration.workspaces.iter().map(|workspace| workspace.settings.clone()).collect(),
        models: models
            .into_iter()
            .filter(|(_, models): &(_, Models)| !models.answerer.is_empty() || !models.qualifier.is_empty())
            .collect(),
        tools,
        embedder,
    });
    engine.write_documents(crate::documents::written);
    ground.library.keep(&knowledge);
    Ok(Wired { engine, workspaces, knowledge, tokens, lines, speech, hooks, configuration })
}

/// Puts the server's state together over open storage.
pub async fn assemble(configuration: Configuration, storage: Storage, playground: Option<Arc<Playground>>) -> anyhow::Result<App> {
    let settings = configuration.server.clone();
    for workspace in &configuration.workspaces {
        storage.store.ensure_workspace(&workspace.settings.id, &workspace.settings.name, real_now()).await?;
    }
    let offset = match storage.store.note(crate::api::clock::NOTE).await? {
        Some(kept) if settings.virtual_clock || playground.is_some() => kept.parse().unwrap_or(0),
        Some(_) | None => 0,
    };
    let kept = storage.store.note(STEADY_NOTE).await?.and_then(|text| text.parse().ok()).map(MonotonicTime::from_micros);
    let clock = Arc::new(BusinessClock::with_offset(Duration::from_micros(offset)));
    let monotonic = Arc::new(SteadyTime::starting_from(kept));
    storage.store.keep_time(&*monotonic).await?;
    let random = Arc::new(SystemRandomness::default());
    let library = Arc::new(Sources::default());
    let switchboard = Arc::new(Switchboard::default());
    let waiting_turns = Arc::new(Waits::default());
    let ground = Ground {
        storage: &storage,
        library: &library,
        clock: &clock,
        monotonic: &monotonic,
        random: &random,
        switchboard: &switchboard,
        waiting_turns: &waiting_turns,
    };
    let wired = wire(configuration, &ground)?;
    let oidc = settings.oidc.clone().map(crate::auth::oidc::Provider::new).transpose()?;
    let app = Arc::new(Shared {
        settings,
        wired: ArcSwap::from_pointee(wired),
        storage,
        library,
        clock,
        monotonic,
        random,
        hub: Hub::default(),
        presence: Presence::default(),
        ears: Ears::default(),
        templates: std::sync::Mutex::default(),
        switchboard,
        trunks: crate::voice::sip::Trunks::default(),
        metrics: Metrics::default(),
        waiting_turns,
        passwords: Passwords::default(),
        limits: Limits {
            signatures: Limiter::new(20, Duration::from_mins(1)),
            sign_ins: Limiter::new(20, Duration::from_mins(1)),
            accounts: Limiter::new(10, Duration::from_mins(5)),
            frames: Limiter::new(120, Duration::from_secs(10)),
            files: Limiter::new(20, Duration::from_mins(10)),
            uploads: UnderWay::new(8),
            megabytes: Limiter::new(100, Duration::from_mins(10)),
            looks: Limiter::new(1, Duration::from_mins(10)),
            sockets: std::sync::Mutex::default(),
        },
        oidc,
        playground,
        synced: tokio::sync::watch::Sender::new(false),
        stopping: tokio::sync::watch::Sender::new(false),
        started: std::time::Instant::now(),
    });
    crate::api::channels::restore(&app).await?;
    crate::choices::restore(&app).await?;
    Ok(app)
}

/// Wires a new configuration into a running server; on any fault the old one stays.
pub async fn rewire(app: &App, configuration: Configuration) -> anyhow::Result<()> {
    for workspace in &configuration.workspaces {
        app.store().ensure_workspace(&workspace.settings.id, &workspace.settings.name, real_now()).await?;
    }
    let ground = Ground {
        storage: &app.storage,
        library: &app.library,
        clock: &app.clock,
        monotonic: &app.monotonic,
        random: &app.random,
        switchboard: &app.switchboard,
        waiting_turns: &app.waiting_turns,
    };
    app.wired.store(Arc::new(wire(configuration, &ground)?));
    crate::api::channels::restore(app).await?;
    crate::choices::restore(app).await?;
    Ok(())
}

/// Keeps the monotonic time, so that the next start goes on from it.
pub async fn keep_time(app: &App) {
    let micros = app.steady().as_micros().to_string();
    if let Err(error) = app.store().put_note(STEADY_NOTE, Some(&micros)).await {
        tracing::warn!(%error, "the steady time could not be kept, the next start takes real time");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server killed while it writes its master key must find a whole one or none at its next start.
    #[test]
    fn a_private_file_is_never_there_by_halves() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        let written = std::thread::spawn({
            let path = path.clone();
            move || (0..60).for_each(|number| write_private(&path, &format!("{:064x}", number % 2)).expect("it is written"))
        });
        let mut seen = 0;
        while !written.is_finished() {
            if let Ok(text) = std::fs::read_to_string(&path) {
                assert_eq!(text.len(), 64, "{text:?} after {seen} looks");
                seen += 1;
            }
        }
        written.join().expect("the writer ends");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing is left beside it");
    }
}
