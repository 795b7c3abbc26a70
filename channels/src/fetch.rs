//! Files that vendors name: fetched from the vendor with what proves who we are, from anywhere else without it, and never
//! from inside our own network, wherever a redirect or a name may lead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use domain::Secret;
use domain::event::Content;
use domain::ports::{FetchError, Fetched};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use url::{Host, Url};

use crate::text;

/// Addresses that a file may be handed on to before it comes.
const MOST_HOPS: usize = 4;
/// How long all of it may take.
const DEADLINE: Duration = Duration::from_mins(1);

/// What proves to a vendor who we are.
pub(crate) enum Proof<'a> {
    /// Nothing: the address itself is the secret.
    None,
    /// A token.
    Bearer(&'a Secret<String>),
    /// A name and a password.
    Basic(&'a str, &'a Secret<String>),
}

/// Whose file it is.
pub(crate) struct Vendor<'a> {
    pub(crate) http: &'a reqwest::Client,
    /// The configured address: the only one that may lie on this machine.
    pub(crate) base: &'a str,
    /// Domains that get the proof too.
    pub(crate) domains: &'static [&'static str],
    pub(crate) proof: Proof<'a>,
}

/// Fetches what is published on a website, of at most `largest` bytes. Only `site` itself may lie on this machine.
pub async fn published(http: &reqwest::Client, site: &str, address: &str, largest: usize) -> Result<Fetched, FetchError> {
    get(&Vendor { http, base: site, domains: &[], proof: Proof::None }, address, largest).await
}

/// Fetches a file of at most `largest` bytes.
pub(crate) async fn get(vendor: &Vendor<'_>, address: &str, largest: usize) -> Result<Fetched, FetchError> {
    let never = |why: &str| FetchError::Never(why.to_owned());
    let fetching = follow(vendor, address, largest);
    tokio::time::timeout(DEADLINE, fetching).await.map_err(|_| FetchError::NotNow("it took too long".to_owned()))?.map_err(|error| {
        // An address may hold a token: it is not repeated.
        match error {
            Stop::Never(why) => never(why),
            Stop::NotNow(why) => FetchError::NotNow(why),
        }
    })
}

enum Stop {
    Never(&'static str),
    NotNow(String),
}

async fn follow(vendor: &Vendor<'_>, address: &str, largest: usize) -> Result<Fetched, Stop> {
    let mut url = Url::parse(address).map_err(|_| Stop::Never("its address cannot be read"))?;
    for _ in 0..MOST_HOPS {
        let response = request(vendor, &url)?.send().await.map_err(|error| {
            let is_inside = std::error::Error::source(&error).is_some_and(|_| format!("{error:?}").contains(INSIDE));
            if is_inside { Stop::Never(FROM_INSIDE) } else { Stop::NotNow("no answer".to_owned()) }
        })?;
        let status = response.status().as_u16();
        match status {
            200..=299 => return read(response, largest).await,
            301 | 302 | 303 | 307 | 308 => {
                let next = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let next = next.and_then(|next| url.join(next).ok());
                url = next.ok_or(Stop::Never("it was handed on to nowhere"))?;
            }
            401 | 403 if matches!(vendor.proof, Proof::None) => return Err(Stop::Never("it is not for everybody")),
            401 | 403 => return Err(Stop::Never("the vendor does not let us have it: look at the connection's token")),
            404 | 410 => return Err(Stop::Never("it is no longer there")),
            408 | 425 | 429 | 500..=599 => return Err(Stop::NotNow(format!("the vendor answered {status}"))),
            _ => return Err(Stop::Never("the vendor refused it")),
        }
    }
    Err(Stop::Never("it was handed on too often"))
}

fn request(vendor: &Vendor<'_>, url: &Url) -> Result<reqwest::RequestBuilder, Stop> {
    let is_vendors = Url::parse(vendor.base).is_ok_and(|base| base.origin() == url.origin());
    let proven = |request: reqwest::RequestBuilder| match &vendor.proof {
        Proof::None => request,
        Proof::Bearer(token) => request.bearer_auth(token.expose()),
        Proof::Basic(user, password) => request.basic_auth(user, Some(password.expose())),
    };
    if is_vendors {
        return Ok(proven(vendor.http.get(url.clone())));
    }
    if url.scheme() != "https" {
        return Err(Stop::Never("its address is not encrypted"));
    }
    match url.host() {
        Some(Host::Domain(name)) => {
            let request = OUTSIDE.as_ref().map_err(|()| Stop::NotNow("no client".to_owned()))?.get(url.clone());
            let name = name.to_ascii_lowercase();
            let is_known = |domain: &str| name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
            Ok(if vendor.domains.iter().any(|domain| is_known(domain)) { proven(request) } else { request })
        }
        // A name can be checked when it is looked up; nobody publishes files under a bare number.
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => Err(Stop::Never(FROM_INSIDE)),
    }
}

async fn read(mut response: reqwest::Response, largest: usize) -> Result<Fetched, Stop> {
    let header = |name| response.headers().get(name).and_then(|value: &reqwest::header::HeaderValue| value.to_str().ok());
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > largest) {
        return Err(Stop::Never("it is too large"));
    }
    let mime = header(CONTENT_TYPE).and_then(text::mime);
    let mut content = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|_| Stop::NotNow("it was cut off".to_owned()))? {
        if content.len() + chunk.len() > largest {
            return Err(Stop::Never("it is too large"));
        }
        content.extend_from_slice(&chunk);
    }
    if announced.is_some_and(|length| length != content.len()) {
        return Err(Stop::NotNow("it was cut off".to_owned()));
    }
    Ok(Fetched { content: Content(content.into()), mime, filename: None })
}

const FROM_INSIDE: &str = "it lies where nothing is fetched from";
const INSIDE: &str = "an address inside";

/// For addresses that anybody may have written; made when the first one comes.
static OUTSIDE: LazyLock<Result<reqwest::Client, ()>> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(Outside))
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("Rapport/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| tracing::error!(%error, "no client for files could be made"))
});

/// Finds addresses of names and drops those inside: what is connected to is what was checked.
struct Outside;

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|address| is_outside(address.ip())).collect();
            if outside.is_empty() {
                return Err(INSIDE.into());
            }
            Ok(Box::new(outside.into_iter()) as Addrs)
        })
    }
}

/// Is this an address of the open internet?
fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_outside_v4(address),
        IpAddr::V6(address) => is_outside_v6(address),
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>
fn is_outside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && matches!(b, 18 | 19)))
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>
fn is_outside_v6(address: Ipv6Addr) -> bool {
    if let Some(address) = address.to_ipv4_mapped() {
        return is_outside_v4(address);
    }
    let [a, b, c, ..] = address.segments();
    let octets = address.octets();
    let within = |from: usize| Ipv4Addr::new(octets[from], octets[from + 1], octets[from + 2], octets[from + 3]);
    match (a, b) {
        // Translated and tunnelled addresses lead to the one inside them.
        (0x64, 0xff9b) => is_outside_v4(within(12)),
        (0x2002, _) => is_outside_v4(within(2)),
        (0x2001, 0 | 0xdb8) => false,
        _ => a & 0xe000 == 0x2000 && !(a == 0x3fff && b & 0xf000 == 0) && (a, b, c) != (0, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_is_an_address_to_fetch_from() {
        let check = |address: &str, outside: bool| assert_eq!(is_outside(address.parse().expect("an address")), outside, "{address}");
        for inside in [
            "127.0.0.1",
            "10.0.0.5",
            "172.16.9.9",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.192",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            check(inside, false);
        }
        for outside in ["157.240.1.35", "8.8.8.8", "2a03:2880:f10c::1", "2606:4700::1111", "64:ff9b::808:808"] {
            check(outside, true);
        }
    }

    #[tokio::test]
    async fn bare_numbers_and_unencrypted_addresses_are_never_fetched() {
        // Whoever opens doors has chosen who does the cryptography; a test is nobody.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        let vendor = Vendor { http: &http, base: "https://graph.facebook.com/v23.0", domains: &[], proof: Proof::None };
        for address in [
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/",
            "https://[::1]/",
            "https://0x7f.1/",
            "http://graph.facebook.com/v23.0/1",
            "file:///etc/passwd",
            "https://localhost/x",
            "nonsense",
        ] {
            let found = get(&vendor, address, 10).await;
            assert!(matches!(found, Err(FetchError::Never(_))), "{address}: {found:?}");
        }
    }
}
