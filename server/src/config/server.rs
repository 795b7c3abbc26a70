//! `[server]`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::Secret;

use crate::tls::TlsFiles;

use super::connections::is_loopback;
use super::document::Entry;
use super::embedder::{self, EmbedderSettings};
use super::keys::{BACKUPS, SERVER, TLS};
use super::oidc::{self, OidcSettings};
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, MasterKey, Surroundings};

/// The server's own settings.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Where it serves.
    pub listen: SocketAddr,
    /// Its public address, without a slash at the end.
    pub public_url: String,
    /// Folder of everything it keeps.
    pub data_dir: PathBuf,
    /// Bearer tokens of the operator, the current one first.
    pub admin_tokens: Vec<Secret<String>>,
    /// Where the master key is; `None`: a file in the data folder.
    pub master_key: Option<MasterKey>,
    /// PostgreSQL; `None`: SQLite in the data folder.
    pub database_url: Option<Secret<String>>,
    /// NATS, over which servers on one database wake each other.
    pub nats_url: Option<Secret<String>>,
    /// Its own certificate; `None`: it speaks plainly.
    pub tls: Option<TlsFiles>,
    /// Does a proxy in front end TLS?
    pub behind_proxy: bool,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Address of `/metrics` alone.
    pub metrics_listen: Option<SocketAddr>,
    /// May a rehearsal move business time?
    pub virtual_clock: bool,
    /// Most widget connections from one address; loopback is free.
    pub sockets_per_address: usize,
    /// Copies that the server takes by itself.
    pub backups: Option<BackupSettings>,
    /// Where teammates sign in besides here.
    pub oidc: Option<OidcSettings>,
    /// What makes vectors for recall; `None`: words alone.
    pub embedder: Option<EmbedderSettings>,
}

/// `[server.backups]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSettings {
    /// How often.
    pub every: Duration,
    /// How many of the newest stay.
    pub keep: usize,
    /// Where to.
    pub folder: PathBuf,
}

/// A network in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse::<u8>().ok()?)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(longest);
        (bits <= longest).then_some(Self { address, bits })
    }

    /// Is the address in this network?
    pub fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(theirs)) => {
                let shift = 32 - u32::from(self.bits);
                mine.to_bits().checked_shr(shift).unwrap_or(0) == theirs.to_bits().checked_shr(shift).unwrap_or(0)
            }
            (IpAddr::V6(mine), IpAddr::V6(theirs)) => {
                let shift = 128 - u32::from(self.bits);
                mine.to_bits().checked_shr(shift).unwrap_or(0) == theirs.to_bits().checked_shr(shift).unwrap_or(0)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Reads the table; defaults stand in where something is wrong, so that everything else is still checked.
pub fn read(root: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> ServerSettings {
    let nothing: Vec<Entry> = Vec::new();
    let (origin, entries) = match root.table("server", problems) {
        Some((node, entries)) => (node.origin.clone(), entries),
        None => (root.origin().clone(), nothing.as_slice()),
    };
    let reader = Reader::open("[server]", &origin, entries, &[SERVER], problems);

    let listen = listen(&reader, "listen", problems).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let behind_proxy = reader.flag("behind_proxy", problems).unwrap_or(false);
    let virtual_clock = reader.flag("virtual_clock", problems).unwrap_or(false);
    let tls = tls(&reader, around, problems);
    if !listen.ip().is_loopback() {
        let is_plain = !behind_proxy && reader.node("tls").is_none();
        if let (true, Some(node)) = (is_plain, reader.node("listen")) {
            reader.refuse(
                "listen",
                node,
                "is open to the network without TLS",
                "set tls = { cert = \"…\", key = \"…\" }, or put a proxy that ends TLS in front and set behind_proxy = true, or listen on 127.0.0.1",
                problems,
            );
        }
        if let (true, Some(node)) = (virtual_clock, reader.node("virtual_clock")) {
            reader.refuse(
                "virtual_clock",
                node,
                "is on while `listen` is not loopback",
                "listen on 127.0.0.1, or remove virtual_clock",
                problems,
            );
        }
    }
    let data_dir = around.folder.join(reader.text("data_dir", problems).unwrap_or_else(|| "data".to_owned()));
    ServerSettings {
        oidc: oidc::read(&reader, around, problems),
        embedder: embedder::read(&reader, around, problems),
        backups: backups(&reader, &data_dir, around, problems),
        public_url: public_url(&reader, listen, tls.is_some(), problems),
        data_dir,
        admin_tokens: secrets::read(&reader, "admin_token", 24, around, problems),
        master_key: secrets::read_master_key(&reader, around, problems),
        database_url: database_url(&reader, around, problems),
        nats_url: nats_url(&reader, around, problems),
        trusted_proxies: trusted_proxies(&reader, problems),
        metrics_listen: self::listen(&reader, "metrics_listen", problems),
        sockets_per_address: usize::try_from(reader.integer("sockets_per_address", 1, 1_000_000, problems).unwrap_or(200)).unwrap_or(200),
        listen,
        tls,
        behind_proxy,
        virtual_clock,
    }
}

/// A certificate that can be used now: a server that cannot speak must not start.
fn tls(reader: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<TlsFiles> {
    let (node, entries) = reader.table("tls", problems)?;
    let inner = Reader::open("`tls` of [server]", &node.origin, entries, &[TLS], problems);
    if let Some(node) = inner.node("acme") {
        let remedy =
            "name the files that certbot or another client keeps: tls = { cert = \"…\", key = \"…\" }; what they renew is taken over";
        inner.refuse("acme", node, "is not in this version yet", remedy, problems);
        return None;
    }
    let mut file = |key: &str| {
        let text = inner.text(key, problems);
        if text.is_none() && inner.node(key).is_none() {
            inner.missing(key, "name a PEM file", problems);
        }
        text.map(|text| around.folder.join(text))
    };
    let (cert, key) = (file("cert"), file("key"));
    let files = TlsFiles { cert: cert?, key: key? };
    if let Err(problem) = files.read() {
        let key = if problem.is_key { "key" } else { "cert" };
        if let Some(node) = inner.node(key) {
            inner.refuse(key, node, &problem.why, "name a certificate chain and its private key, both in PEM", problems);
        }
    }
    Some(files)
}

fn backups(reader: &Reader<'_>, data_dir: &Path, around: &Surroundings<'_>, problems: &mut Problems) -> Option<BackupSettings> {
    let (node, entries) = reader.table("backups", problems)?;
    if reader.node("database_url").is_some() {
        reader.refuse("backups", node, "cannot copy a PostgreSQL database", "let pg_dump do it, as `rapport backup` says", problems);
        return None;
    }
    let inner = Reader::open("[server.backups]", &node.origin, entries, &[BACKUPS], problems);
    let every = inner.span("every", problems).unwrap_or(Duration::from_hours(24));
    if let (true, Some(node)) = (every < Duration::from_mins(10), inner.node("every")) {
        inner.refuse("every", node, "is less than ten minutes", "write \"24h\"", problems);
    }
    let keep = inner.integer("keep", 1, 1_000, problems).unwrap_or(7);
    let folder = inner.text("folder", problems).map_or_else(|| data_dir.join("backups"), |folder| around.folder.join(folder));
    Some(BackupSettings { every, keep: usize::try_from(keep).unwrap_or(7), folder })
}

fn listen(reader: &Reader<'_>, key: &str, problems: &mut Problems) -> Option<SocketAddr> {
    let text = reader.text(key, problems)?;
    let spelled = text.replace("localhost:", "127.0.0.1:");
    let parsed = spelled.parse().ok();
    if let (None, Some(node)) = (parsed, reader.node(key)) {
        reader.refuse(key, node, &format!("is {text:?}, which is no address with a port"), "write \"127.0.0.1:8080\"", problems);
    }
    parsed
}

fn public_url(reader: &Reader<'_>, listen: SocketAddr, is_encrypted: bool, problems: &mut Problems) -> String {
    let default = format!("{}://{listen}", if is_encrypted { "https" } else { "http" });
    let Some(text) = reader.text("public_url", problems) else { return default };
    let Some(node) = reader.node("public_url") else { return default };
    match url::Url::parse(&text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() => {
            reader.refuse("public_url", node, &format!("is {text:?}"), "write \"https://chat.example.com\"", problems);
            default
        }
        Ok(url) if url.scheme() == "http" && !is_loopback(&url) => {
            reader.refuse(
                "public_url",
                node,
                &format!("is {text:?}, not encrypted"),
                "write https://…; plain http is accepted on loopback only",
                problems,
            );
            default
        }
        Ok(_) => text.trim_end_matches('/').to_owned(),
        Err(_) => {
            reader.refuse("public_url", node, &format!("is {text:?}, which is no address"), "write \"https://chat.example.com\"", problems);
            default
        }
    }
}

fn database_url(reader: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Secret<String>> {
    let url = secrets::read(reader, "database_url", 0, around, problems).into_iter().next()?;
    let is_known = url.expose().starts_with("postgres://") || url.expose().starts_with("postgresql://");
    if let (false, Some(node)) = (is_known, reader.node("database_url")) {
        reader.refuse(
            "database_url",
            node,
            "is no PostgreSQL address",
            "write \"postgres://user@host/database\", or remove it to use SQLite",
            problems,
        );
    }
    Some(url)
}

fn nats_url(reader: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Secret<String>> {
    let url = secrets::read(reader, "nats_url", 0, around, problems).into_iter().next()?;
    let is_address = url::Url::parse(url.expose()).is_ok_and(|url| matches!(url.scheme(), "nats" | "tls") && url.has_host());
    if let (false, Some(node)) = (is_address, reader.node("nats_url")) {
        reader.refuse("nats_url", node, "is no address of NATS", "write \"nats://user:word@host:4222\", or tls://…", problems);
    }
    is_address.then_some(url)
}

fn trusted_proxies(reader: &Reader<'_>, problems: &mut Problems) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in reader.texts("trusted_proxies", problems).unwrap_or_default() {
        match (Network::parse(&text), reader.node("trusted_proxies")) {
            (Some(network), _) => networks.push(network),
            (None, Some(node)) => {
                reader.refuse("trusted_proxies", node, &format!("holds {text:?}, which is no network"), "write \"10.0.0.0/8\"", problems);
            }
            (None, None) => {}
        }
    }
    networks
}

#[cfg(test)]
impl ServerSettings {
    /// Settings on loopback for unit tests.
    pub fn for_tests() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            data_dir: PathBuf::from("unused"),
            admin_tokens: Vec::new(),
            master_key: None,
            database_url: None,
            nats_url: None,
            tls: None,
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            metrics_listen: None,
            virtual_clock: false,
            sockets_per_address: 200,
            backups: None,
            oidc: None,
            embedder: None,
        }
    }
}
