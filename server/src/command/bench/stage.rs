//! The server under test with its provider, its folder and its load.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use domain::ports::Random;
use rehearsal::Target;
use rehearsal::bench::sender::{self, Pace};
use rehearsal::bench::webhooks::{Crowd, Prepared, QUESTIONS, Vendor, person, uniform};
use rehearsal::bench::{Figures, Provider, Server, judge};
use rehearsal::simulator::model::{KEY, Mode, ScriptedModel, Takes};
use serde_json::Value;

use super::{Kept, Run, Scenario};
use crate::demo;
use crate::time::SystemRandomness;

/// A server that has not answered by then will not.
const START: Duration = Duration::from_secs(20);
/// The second number's connection, and its id at Meta.
const OTHER: &str = "wb";
const OTHER_NUMBER: &str = "106540352249999";
const DATABASE_URL: &str = "RAPPORT_SERVER__DATABASE_URL";
/// A reply that has not come by then is lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a scenario needs on stage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cast {
    /// What the AI may do.
    pub(super) mode: &'static str,
    /// How long a model takes for an answer, where there is one.
    pub(super) model: Option<Takes>,
    /// A second WhatsApp number, at a provider of its own.
    pub(super) other_door: bool,
}

impl From<Scenario> for Cast {
    fn from(scenario: Scenario) -> Self {
        let mode = if scenario == Scenario::Intake { "off" } else { "answer" };
        Self { mode, model: scenario.takes(), other_door: scenario == Scenario::ProviderDown }
    }
}

/// The PostgreSQL database of one stage, dropped with it.
struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    async fn make(server: &str) -> anyhow::Result<Self> {
        let name = format!("rapport_bench_{:032x}", SystemRandomness::default().bits());
        let url = store::make_database(server, &name).await.context("cannot make a database for the measurement")?;
        Ok(Self { server: server.to_owned(), name, url })
    }
}

/// A server with its provider and its folder.
pub(super) struct Stage {
    pub(super) provider: Provider,
    /// The provider of the second number.
    pub(super) other: Option<Provider>,
    pub(super) server: Option<Server>,
    database: Option<Database>,
    binary: PathBuf,
    config: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    vendor: Vendor,
    secrets: demo::Secrets,
    crowd: Option<Crowd>,
    replies: bool,
    /// Time of each answer that is the model's.
    elsewhere: Duration,
    pub(super) model: Option<ScriptedModel>,
    pub(super) dup: f64,
    state: u64,
    next: u64,
}

impl Stage {
    /// Writes the configuration; nothing runs yet.
    pub(super) async fn set(run: &Run, scenario: Scenario, folder: &Path) -> anyhow::Result<Self> {
        let cast = Cast::from(scenario);
        let database = match run.store {
            Kept::Sqlite => None,
            Kept::Postgres => {
                let url = run.postgres_url.as_deref().context("--store postgres wants --postgres-url")?;
                Some(Database::make(url).await?)
            }
        };
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let secrets = demo::Secrets::make(&SystemRandomness::default());
        let provider = Provider::start(&secrets.whatsapp_token).await?;
        let other = if cast.other_door { Some(Provider::start(&secrets.whatsapp_token).await?) } else { None };
        // Free now; taken again by the server a moment later.
        let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let config = folder.join("rapport.toml");
        let model = match cast.model {
            Some(takes) => Some(ScriptedModel::start_taking(Mode::Good, takes).await.context("cannot start the model")?),
            None => None,
        };
        std::fs::write(&config, configuration(address, &provider.base(), other.as_ref(), cast.mode, model.as_ref()))?;
        demo::write_knowledge(folder)?;
        let binary = run.ground.binary()?;
        let vendor = Vendor {
            connection: "wa".to_owned(),
            app_secret: secrets.whatsapp_app_secret.clone(),
            number_id: demo::ours::WHATSAPP_NUMBER_ID.to_owned(),
            address,
            questions: if model.is_some() { 1 } else { QUESTIONS },
        };
        Ok(Self {
            provider,
            other,
            server: None,
            database,
            binary,
            config,
            folder: folder.to_owned(),
            address,
            vendor,
            secrets,
            crowd: run.users.map(|people| Crowd::new(people, 1.1, run.seed)),
            replies: cast.mode == "answer",
            elsewhere: cast.model.map_or(Duration::ZERO, |takes| takes.first + takes.rest),
            model,
            dup: run.dup,
            state: run.seed | 1,
            next: 0,
        })
    }

    fn spawn(&mut self) -> anyhow::Result<()> {
        let mut variables = vec![
            ("WA_TOKEN", self.secrets.whatsapp_token.clone()),
            ("WA_APP_SECRET", self.secrets.whatsapp_app_secret.clone()),
            ("WA_VERIFY", self.secrets.whatsapp_verify.clone()),
            ("ADMIN_TOKEN", self.secrets.admin_token.clone()),
        ];
        variables.extend(self.database.iter().map(|database| (DATABASE_URL, database.url.clone())));
        let server = Server::spawn(&self.binary, &self.config, &variables, &self.folder.join("server.log"))
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        self.server = Some(server);
        Ok(())
    }

    /// Starts the server and sends webhooks until one is answered 200: how long that took.
    pub(super) async fn raise(&mut self) -> anyhow::Result<Duration> {
        let number = self.number();
        let first = self.vendor.prepare(number, &person(number), now_secs());
        self.spawn()?;
        let taken = self.until(|| sender::knock(self.address, &first.bytes), |status| status == 200).await?;
        // Its reply belongs to no run.
        let end = Instant::now() + PATIENCE;
        while self.replies && self.provider.count() == 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.provider.take();
        Ok(taken)
    }

    /// Starts the server and waits until it says that it is ready.
    pub(super) async fn raise_quietly(&mut self) -> anyhow::Result<Duration> {
        self.spawn()?;
        let request = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.until(|| sender::knock(self.address, request.as_bytes()), |status| status == 200).await
    }

    async fn until<F: Future<Output = Option<u16>>>(&self, ask: impl Fn() -> F, enough: impl Fn(u16) -> bool) -> anyhow::Result<Duration> {
        let spawned = self.server()?.spawned;
        let mut last = None;
        while spawned.elapsed() < START {
            last = ask().await.or(last);
            if last.is_some_and(&enough) {
                return Ok(spawned.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        bail!("the server did not start (last status {last:?}): {}", log.lines().last().unwrap_or("no log"))
    }

    pub(super) fn server(&self) -> anyhow::Result<&Server> {
        self.server.as_ref().context("the server is not running")
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Messages of as many people to the second number.
    pub(super) fn prepared_elsewhere(&mut self, count: usize) -> Vec<Prepared> {
        let vendor = Vendor { connection: OTHER.to_owned(), number_id: OTHER_NUMBER.to_owned(), ..self.vendor.clone() };
        let now = now_secs();
        (0..count)
            .map(|_| {
                let number = self.number();
                vendor.prepare(number, &person(number), now)
            })
            .collect()
    }

    /// Messages whose writers are chosen by their place.
    pub(super) fn prepared_by(&mut self, count: usize, who: impl Fn(usize) -> u64) -> Vec<Prepared> {
        let now = now_secs();
        (0..count)
            .map(|place| {
                let number = self.number();
                self.vendor.prepare(number, &person(who(place)), now)
            })
            .collect()
    }

    /// Messages, each of somebody new unless there is a crowd.
    pub(super) fn prepared(&mut self, count: usize) -> Vec<Prepared> {
        let now = now_secs();
        (0..count)
            .map(|_| {
                let number = self.number();
                let who = self.crowd.as_mut().map_or(number, Crowd::next_rank);
                self.vendor.prepare(number, &person(who), now)
            })
            .collect()
    }

    /// Sends a run's messages and waits for the replies.
    pub(super) async fn load(&mut self, run: &Run, rate: f64, secs: f64, closed: Option<usize>) -> anyhow::Result<Figures> {
        let length = Duration::from_secs_f64(secs);
        let count = if closed.is_some() { (secs * 6_000.0) as usize } else { (secs * rate).ceil() as usize };
        let prepared = Arc::new(self.prepared(count));
        let (pace, connections) = match closed {
            Some(connections) if self.replies => (Pace::Answered(length, self.provider.places(connections)), connections),
            Some(connections) => (Pace::Closed(length), connections),
            None => {
                let mut schedule = sender::steady(rate, count);
                let copies: Vec<(Duration, usize)> = schedule.clone();
                for (due, place) in copies {
                    if uniform(&mut self.state) * 100.0 < self.dup {
                        schedule.push((due + Duration::from_secs_f64(uniform(&mut self.state) * secs / 4.0), place));
                    }
                }
                schedule.sort_by_key(|(due, _)| *due);
                (Pace::Open(schedule), run.connections)
            }
        };
        self.provider.take();
        let sent = sender::send(self.address, Arc::clone(&prepared), pace, connections).await;
        let mut places: Vec<usize> = sent.iter().filter(|one| one.is_acknowledged()).map(|one| one.place).collect();
        places.sort_unstable();
        places.dedup();
        let end = Instant::now() + PATIENCE;
        while self.replies && self.provider.count() < places.len() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if self.replies {
            // A second reply would come now.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        if let Some(model) = &self.model {
            let (asked, refused) = (model.asked(), model.refused());
            if asked < places.len() as u64 || !refused.is_empty() {
                bail!("{} messages, and the model was asked {asked} times; it refused {:?}", places.len(), refused.first());
            }
        }
        Ok(judge(&prepared, &sent, &self.provider.take(), self.replies, self.elsewhere))
    }

    /// Cuts the power under load: how long after it the first reply leaves again.
    pub(super) async fn recover(&mut self, run: &Run, rate: f64) -> anyhow::Result<Duration> {
        // Vendors go on calling while nobody answers, and after the start.
        let prepared = Arc::new(self.prepared((rate * 4.0).ceil() as usize));
        let schedule = sender::steady(rate, prepared.len());
        let sending = tokio::spawn(sender::send(self.address, prepared, Pace::Open(schedule), run.connections));
        tokio::time::sleep(Duration::from_millis(700)).await;
        self.stop();
        let cut = Instant::now();
        self.provider.take();
        self.raise_quietly().await?;
        while self.provider.count() == 0 && cut.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let taken = self.provider.take().first().map_or(PATIENCE, |first| first.at.saturating_duration_since(cut));
        // What was sent into the cut was answered by nobody, and is no figure.
        sending.await.context("the load broke off")?;
        Ok(taken)
    }

    pub(super) async fn ledger(&self) -> anyhow::Result<Value> {
        Ok(self.target()?.read("/ledger?limit=1").await?)
    }

    /// Of these people, how many wait for a teammate because a send of theirs was cut in the middle.
    pub(super) async fn unheard(&self, people: &[&str]) -> anyhow::Result<u64> {
        let target = self.target()?;
        let mut unheard = 0;
        for phone in people {
            let found = target.read(&format!("/customers?identifier=phone:%2B{phone}")).await?;
            for customer in found["items"].as_array().into_iter().flatten() {
                let id = customer["id"].as_str().unwrap_or_default();
                let timeline = target.read(&format!("/customers/{id}/timeline")).await?;
                unheard += u64::from(timeline["items"].as_array().into_iter().flatten().any(|item| item["delivery"] == "unknown"));
            }
        }
        Ok(unheard)
    }

    /// The server as its API shows it.
    pub(super) fn target(&self) -> anyhow::Result<Target> {
        let address = format!("http://{}", self.address);
        Ok(Target::new(&address, &address, &self.secrets.admin_token, crate::simulated::shared(&self.secrets))?)
    }

    /// Ends the server as a power cut would.
    pub(super) fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Where the server keeps what it knows.
    pub(super) fn data(&self) -> &Path {
        &self.folder
    }

    /// The number of whoever wrote last, in digits.
    pub(super) fn last_person(&self) -> String {
        person(self.next)
    }
}

fn configuration(address: SocketAddr, provider: &str, other: Option<&Provider>, mode: &str, model: Option<&ScriptedModel>) -> String {
    let mut rest = format!(
        r#"

[workspace]
id = "bench"
name = "Ergo Chairs"
timezone = "Europe/Paris"
locale = "en"
currency = "EUR"
competitors = ["SitRight", "ChairCo"]
refund_limit = 200
teammates = ["Nora", "Marc"]
join_window_ms = 0

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = "{provider}"
phone_number_id = "{number_id}"
access_token = {{ env = "WA_TOKEN" }}
app_secret = {{ env = "WA_APP_SECRET" }}
verify_token = {{ env = "WA_VERIFY" }}
mode = "{mode}"

[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["http://{address}"]
"#,
        number_id = demo::ours::WHATSAPP_NUMBER_ID,
    );
    if let Some(other) = other {
        rest += &format!(
            "\n[[connections]]\nid = \"{OTHER}\"\nchannel = \"whatsapp\"\napi_base = \"{}\"\nphone_number_id = \"{OTHER_NUMBER}\"\n\
             access_token = {{ env = \"WA_TOKEN\" }}\napp_secret = {{ env = \"WA_APP_SECRET\" }}\nverify_token = {{ env = \"WA_VERIFY\" }}\nmode = \"{mode}\"\n",
            other.base()
        );
    }
    if let Some(model) = model {
        rest += &format!(
            "\n[[models]]\nid = \"main\"\nkind = \"openai\"\nbase_url = \"{}\"\nmodel = \"scripted\"\napi_key = \"{KEY}\"\n\n\
             [agents]\nanswerer = [\"main\"]\nqualifier = [\"main\"]\n",
            model.base()
        );
    }
    demo::throw_away(address, &rest)
}

fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A thread of its own: whoever drops this may be in the middle of another runtime.
        let gone = std::thread::spawn(move || {
            crate::command::runtime()?.block_on(async { store::drop_database(&server, &name).await.map_err(Into::into) })
        });
        if !matches!(gone.join(), Ok(Ok::<(), anyhow::Error>(()))) {
            tracing::warn!(database = self.name, "the database of the measurement could not be dropped");
        }
    }
}

/// A folder that goes when it is dropped.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn make(parent: Option<&Path>) -> anyhow::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let folder = parent.join(format!("rapport-bench-{:032x}", SystemRandomness::default().bits()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
