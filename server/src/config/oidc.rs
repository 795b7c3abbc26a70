//! `[server.oidc]`: an identity provider through which teammates sign in.

use domain::Secret;

use super::connections::is_loopback;
use super::keys::OIDC;
use super::problems::Problems;
use super::reader::Reader;
use super::secrets::{self, Surroundings};

/// Roles that a provider's word may give; nobody becomes an owner by it.
pub const GIVEN_ROLES: &[&str] = &["admin", "teammate", "analyst"];

/// The table.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// The provider's name for itself, an address.
    pub issuer: String,
    /// Ours at the provider.
    pub client_id: String,
    /// What proves to the provider that it is us.
    pub client_secret: Secret<String>,
    /// What the button says.
    pub label: String,
    /// Domains of addresses that are let in; empty: all.
    pub allowed_domains: Vec<String>,
    /// What somebody of an allowed domain becomes whom nobody has invited; `None`: nothing, they are not let in.
    pub default_role: Option<String>,
}

/// Reads the table of `[server]`.
pub fn read(server: &Reader<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<OidcSettings> {
    let (node, entries) = server.table("oidc", problems)?;
    let reader = Reader::open("[server.oidc]", &node.origin, entries, &[OIDC], problems);
    let issuer = issuer(&reader, problems);
    let client_id = reader.text("client_id", problems).filter(|id| !id.trim().is_empty());
    if client_id.is_none() {
        reader.missing("client_id", "the provider gives it when this server is registered there", problems);
    }
    let secret = secrets::read(&reader, "client_secret", 8, around, problems).into_iter().next();
    if secret.is_none() && reader.node("client_secret").is_none() {
        reader.missing("client_secret", "write client_secret = { env = \"OIDC_SECRET\" }, or { file = \"…\" }", problems);
    }
    let allowed_domains = domains(&reader, problems);
    let default_role = reader.word("default_role", GIVEN_ROLES, problems);
    if let (Some(_), true, Some(node)) = (&default_role, allowed_domains.is_empty(), reader.node("default_role")) {
        reader.refuse(
            "default_role",
            node,
            "would let in everybody the provider knows",
            "name your own domains too: allowed_domains = [\"example.com\"]",
            problems,
        );
    }
    let label = reader.text("label", problems).map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
    Some(OidcSettings {
        label: label.unwrap_or_else(|| "single sign-on".to_owned()),
        issuer: issuer?,
        client_id: client_id?,
        client_secret: secret?,
        allowed_domains,
        default_role,
    })
}

fn issuer(reader: &Reader<'_>, problems: &mut Problems) -> Option<String> {
    let Some(text) = reader.text("issuer", problems) else {
        if reader.node("issuer").is_none() {
            reader.missing("issuer", "write the provider's address: issuer = \"https://id.example.com\"", problems);
        }
        return None;
    };
    let node = reader.node("issuer")?;
    let why = match url::Url::parse(&text) {
        Err(_) => "which is no address",
        Ok(url) if url.query().is_some() || url.fragment().is_some() => "which holds more than an address",
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => return Some(text),
        Ok(_) => "not encrypted",
    };
    let remedy = "write \"https://id.example.com\"; plain http is accepted on loopback only";
    reader.refuse("issuer", node, &format!("is {text:?}, {why}"), remedy, problems);
    None
}

fn domains(reader: &Reader<'_>, problems: &mut Problems) -> Vec<String> {
    let written = reader.texts("allowed_domains", problems).unwrap_or_default();
    let mut all = Vec::new();
    for text in written {
        let domain = text.trim().trim_start_matches('@').to_lowercase();
        let is_domain = domain.contains('.') && domain.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '.' | '-'));
        match reader.node("allowed_domains") {
            Some(node) if !is_domain => {
                reader.refuse("allowed_domains", node, &format!("holds {text:?}, which is no domain"), "write \"example.com\"", problems);
            }
            _ => all.push(domain),
        }
    }
    all
}
