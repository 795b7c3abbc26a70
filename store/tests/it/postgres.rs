//! The contract on a throw-away PostgreSQL, started as an ordinary user on a socket of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use domain::ports::{Erasure, People, Privacy};
use store::contract::{CASES, Stage, person};
use store::{Location, Settings, Storage};

use crate::sqlite::settings;

/// A server that ends with the value.
struct Server {
    child: Child,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // A fast shutdown; the process is the server itself, because `setpriv` replaces itself by it.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output().unwrap();
    answer.stdout.starts_with(b"0\n")
}

fn ordinary_user() -> &'static str {
    let known = |user: &str| Command::new("id").arg(user).stderr(Stdio::null()).output().is_ok_and(|answer| answer.status.success());
    if known("postgres") { "postgres" } else { "nobody" }
}

fn command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", ordinary_user(), "--regid", "nogroup", "--clear-groups"]).arg(program);
    command
}

impl Server {
    fn start(binaries: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("rapport-pg").tempdir_in("/tmp").unwrap();
        if is_root() {
            assert!(Command::new("chown").arg(ordinary_user()).arg(folder.path()).status().unwrap().success());
        }
        let data = folder.path().join("data");
        let made = command(&binaries.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let child = command(&binaries.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=fatal"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.path().display())
    }

    async fn pool(&self) -> sqlx::PgPool {
        let options = sqlx::postgres::PgPoolOptions::new().max_connections(2).acquire_timeout(std::time::Duration::from_secs(1));
        for _ in 0..60 {
            match options.clone().connect(&self.url("postgres")).await {
                Ok(pool) => return pool,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
        panic!("PostgreSQL does not answer");
    }
}

/// A database of its own for each case.
async fn fresh(server: &Server, pool: &sqlx::PgPool, name: &str) -> std::sync::Arc<Storage> {
    sqlx::query(sqlx::AssertSqlSafe(format!("create database \"{name}\""))).execute(pool).await.unwrap();
    store::open(settings(Location::Postgres { url: server.url(name) })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_the_contract_and_tells_the_same_story() {
    let Some(binaries) = binaries() else {
        assert!(std::env::var_os("RAPPORT_REQUIRE_POSTGRES").is_none(), "no PostgreSQL server binaries on this machine");
        eprintln!("SKIPPED: no PostgreSQL server binaries under /usr/lib/postgresql; this engine was not tested");
        return;
    };
    let server = Server::start(&binaries);
    let pool = server.pool().await;
    for (number, (name, case)) in CASES.iter().enumerate() {
        println!("{name}");
        case(fresh(&server, &pool, &format!("case_{number}")).await).await;
    }
    let there = store::contract::story(fresh(&server, &pool, "story").await).await;
    let here = store::contract::story(store::open(settings(Location::SqliteMemory)).await.unwrap()).await;
    assert_eq!(there, here);
    let one = fresh(&server, &pool, "shared").await;
    let other = store::open(settings(Location::Postgres { url: server.url("shared") })).await.unwrap();
    store::contract::two_servers(one, other).await;
    plain_text_stays_out(&server).await;
    older_data_honours_the_list(&server, &pool).await;
    for database in ["story", "shared"] {
        let found = store::examine(&settings(Location::Postgres { url: server.url(database) })).await.unwrap().unwrap();
        assert!(found.len() == 10 && found.iter().all(store::Finding::holds), "{database}: {found:#?}");
    }
    sqlx::query("create database empty").execute(&pool).await.unwrap();
    assert_eq!(store::examine(&settings(Location::Postgres { url: server.url("empty") })).await.unwrap(), None);
    the_next_server_waits_for_one_that_is_dying(&server, &pool).await;
    pool.close().await;
}

/// Somebody on the list in the data folder is erased before this server serves, as after an older dump was loaded.
async fn older_data_honours_the_list(server: &Server, pool: &sqlx::PgPool) {
    let stage = Stage::new(fresh(server, pool, "listed").await);
    let sarah = stage.says(&person("+33612345678"), "Hello").await.customer;
    let john = stage.says(&person("+33700000001"), "Hello").await.customer;
    let record = stage.store.customer(&stage.workspace, sarah).await.unwrap().unwrap();
    let erasure = Erasure {
        workspace: stage.workspace.clone(),
        customer: sarah,
        customers: vec![sarah],
        strands: record.strands.iter().map(|strand| strand.id).collect(),
        at: stage.now(),
    };
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join(store::copies::LIST);
    std::fs::write(&list, format!("{}\n", serde_json::to_string(&erasure).unwrap())).unwrap();
    let location = Location::Postgres { url: server.url("listed") };
    let opened = store::open(Settings { folder: Some(folder.path().to_owned()), ..settings(location) }).await.unwrap();
    assert!(opened.customer(&stage.workspace, sarah).await.unwrap().is_none());
    assert!(opened.customer(&stage.workspace, john).await.unwrap().is_some());
    opened.erase(&stage.workspace, john, stage.now()).await.unwrap().unwrap();
    assert_eq!(store::copies::listed(&list).unwrap(), opened.erasures().await.unwrap());
    let left = sqlx::PgPool::connect(&server.url("listed")).await.unwrap();
    let keys: i64 = sqlx::query_scalar("select count(*) from keys.wrapped_key").fetch_one(&left).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from message").fetch_one(&left).await.unwrap();
    assert_eq!((keys, rows), (1, 0), "the workspace's own key is left");
    left.close().await;
}

/// The stored rows of the story hold no words of it.
async fn plain_text_stays_out(server: &Server) {
    let pool = sqlx::PgPool::connect(&server.url("story")).await.unwrap();
    let sealed: i64 =
        sqlx::query_scalar("select count(*) from message where position('Aria'::bytea in body) > 0").fetch_one(&pool).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from message").fetch_one(&pool).await.unwrap();
    let keys: i64 = sqlx::query_scalar("select count(*) from keys.wrapped_key").fetch_one(&pool).await.unwrap();
    assert!(sealed == 0 && rows > 0 && keys > 0);
    pool.close().await;
}

/// The database notices a killed server's end a moment after the next one has started: its leases must be void all the same.
async fn the_next_server_waits_for_one_that_is_dying(server: &Server, pool: &sqlx::PgPool) {
    let stage = Stage::new(fresh(server, pool, "dying").await);
    stage.says(&person("+33612345678"), "One").await;
    let reply = stage.turn("First").await.replies[0].message.id;
    assert!(stage.delivery().await.is_some(), "it is being sent");
    drop(stage);
    let other = sqlx::PgPool::connect(&server.url("dying")).await.unwrap();
    let mut dying = other.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock_shared(7237970109966542)").execute(&mut *dying).await.unwrap();
    let url = server.url("dying");
    let next = tokio::spawn(async move { store::open(settings(Location::Postgres { url })).await.unwrap() });
    let waits = "select count(*) from pg_locks l join pg_database d on d.oid = l.database \
        where l.locktype = 'advisory' and not l.granted and d.datname = 'dying'";
    while !next.is_finished() && sqlx::query_scalar::<_, i64>(waits).fetch_one(&other).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    drop(dying.detach());
    let store = next.await.unwrap();
    let stage = Stage::new(store);
    let message = domain::ports::Desk::message(&*stage.store, &stage.workspace, reply).await.unwrap().unwrap();
    assert_eq!(message.delivery, Some(domain::message::DeliveryState::Unknown), "what was being sent is in doubt at once");
}
