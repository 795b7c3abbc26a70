//! A server under test.

use std::path::Path;
use std::sync::Arc;

use domain::WorkspaceId;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use server::api::teammates;
use server::app::App;
use server::config::{Given, parse};
use server::serving;
use server::wiring::{assemble, available_doors, open_storage};

pub const ADMIN: &str = "admin-token-of-the-tests-000000";
pub const FORM: &str = "whsec_c2VjcmV0LW9mLXRoZS1mb3JtLWluLXRlc3RzLTAwMDAwMDA=";
pub const WHATSAPP: &str = "app-secret-of-whatsapp";
pub const PASSWORD: &str = "a password of the tests";

const CONFIGURATION: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"
data_dir = "."
admin_token = { env = "ADMIN" }
virtual_clock = true

[workspace]
id = "one"
name = "One"
timezone = "Europe/Paris"
join_window_ms = 0

[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["https://shop.example"]

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = "http://127.0.0.1:9/v23.0"
phone_number_id = "1"
phone_number = "+15550000001"
access_token = "t1"
app_secret = { env = "WHATSAPP" }
verify_token = "hello-there"

[[connections]]
id = "form"
channel = "api"
secret = { env = "FORM" }
"#;

const TWO: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:1"
data_dir = "."
admin_token = { env = "ADMIN" }

[workspace]
id = "two"
name = "Two"
"#;

/// A running server; it stops with the value.
pub struct Server {
    pub app: App,
    pub base: String,
    pub http: reqwest::Client,
    folder: tempfile::TempDir,
    configuration: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.stopping.send_replace(true);
    }
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// With more tables of configuration.
    pub async fn start_with(tables: &str) -> Self {
        Self::start_on(tempfile::tempdir().expect("a folder"), format!("{CONFIGURATION}\n{tables}")).await
    }

    /// A business that speaks this language.
    pub async fn start_in(locale: &str) -> Self {
        let text = CONFIGURATION.replacen("[workspace]", &format!("[workspace]\nlocale = \"{locale}\""), 1);
        Self::start_on(tempfile::tempdir().expect("a folder"), text).await
    }

    /// With more keys of the workspace.
    pub async fn start_in_workspace(keys: &str) -> Self {
        let text = CONFIGURATION.replacen("[workspace]", &format!("[workspace]\n{keys}"), 1);
        Self::start_on(tempfile::tempdir().expect("a folder"), text).await
    }

    /// With more keys of the server.
    pub async fn start_in_server(keys: &str) -> Self {
        let text = CONFIGURATION.replacen("[server]", &format!("[server]\n{keys}"), 1);
        Self::start_on(tempfile::tempdir().expect("a folder"), text).await
    }

    /// A business of this region, with more tables of configuration.
    pub async fn start_in_region(region: &str, tables: &str) -> Self {
        let text = CONFIGURATION.replacen("[workspace]", &format!("[workspace]\nregion = \"{region}\""), 1);
        Self::start_on(tempfile::tempdir().expect("a folder"), format!("{text}\n{tables}")).await
    }

    /// On what another server left in a folder, by its configuration; the folder goes with this one.
    pub async fn restart(folder: &Path, text: &str) -> Self {
        let here = tempfile::tempdir().expect("a folder");
        for file in std::fs::read_dir(folder).expect("a folder") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), here.path().join(file.file_name())).expect("a copy");
        }
        Self::start_on(here, text.to_owned()).await
    }

    /// With a certificate of its own, both parts in PEM.
    pub async fn start_encrypted(cert: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("cert.pem", cert), ("key.pem", key)] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let tls = "[server]\ntls = { cert = \"cert.pem\", key = \"key.pem\" }";
        Self::start_on(folder, CONFIGURATION.replacen("[server]", tls, 1)).await
    }

    /// With a bus to other servers, and a master key.
    pub async fn start_on_bus(url: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bus.key");
        std::fs::write(&path, key).expect("a file");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a file of ours");
        let bus = format!("[server]\nnats_url = \"{url}\"\nmaster_key = {{ file = \"bus.key\" }}");
        Self::start_on(folder, CONFIGURATION.replacen("[server]", &bus, 1)).await
    }

    /// With a second workspace, `two`, that has no doors.
    pub async fn start_with_two() -> Self {
        Self::start_them_on(tempfile::tempdir().expect("a folder"), CONFIGURATION.to_owned(), Some(TWO)).await
    }

    async fn start_on(folder: tempfile::TempDir, text: String) -> Self {
        Self::start_them_on(folder, text, None).await
    }

    async fn start_them_on(folder: tempfile::TempDir, text: String, second: Option<&str>) -> Self {
        // A second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let variables: Vec<(String, String)> = [("ADMIN", ADMIN), ("FORM", FORM), ("WHATSAPP", WHATSAPP)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let given = Given { variables: &variables, available: &available_doors() };
        let read = |text: &str| parse(&folder.path().join("rapport.toml"), text, &given).expect("a configuration");
        let mut configuration = read(&text);
        configuration.workspaces.extend(second.into_iter().flat_map(|text| read(text).workspaces));
        let storage = open_storage(&configuration.server).await.expect("a store");
        let app = assemble(configuration, storage, None).await.expect("a server");
        let listener = serving::bind(app.settings.listen).await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(serving::serve(Arc::clone(&app), listener));
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { app, base, http, folder: folder, configuration: text }
    }

    /// Puts the configuration where a command at a terminal finds it.
    pub fn write_configuration(&self) {
        std::fs::write(self.folder().join("rapport.toml"), &self.configuration).expect("a file");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn teammate(&self, workspace: &str, role: &str) -> String {
        let email = format!("{role}@{workspace}.example");
        let workspace = WorkspaceId::from(workspace);
        teammates::add(&self.app, &workspace, role, &email, role, PASSWORD).await.expect("a teammate");
        email
    }

    pub async fn sign_in(&self, email: &str) -> Session {
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = self.http.post(format!("{}/api/v1/session", self.base)).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let object: Value = answer.json().await.expect("json");
        Session { cookie, csrf: object["csrf"].as_str().expect("a word").to_owned(), object }
    }

    /// A request of a program.
    pub async fn program(&self, token: &str, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request).await
    }

    pub async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.program(ADMIN, method, path, body).await
    }
}

pub async fn read(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A signed-in teammate.
pub struct Session {
    pub cookie: String,
    pub csrf: String,
    pub object: Value,
}
