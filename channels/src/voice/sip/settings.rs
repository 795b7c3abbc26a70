//! How a number is reached straight over SIP.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use domain::Secret;
use domain::settings::ConnectionSettings;

use crate::OpenError;
use crate::settings::Setup;

/// The port of SIP, and that of SIP over TLS.
const PORT: u16 = 5_060;
const ENCRYPTED: u16 = 5_061;
/// Ports of sound, unless others are configured.
const PORTS: RangeInclusive<u16> = 10_000..=10_999;

/// See the module.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where calls come in over UDP.
    pub listen: SocketAddr,
    /// Where they come in over TCP.
    pub listen_tcp: Option<SocketAddr>,
    /// Where they come in over TLS, and with which certificate.
    pub listen_tls: Option<Encrypted>,
    /// Networks whose calls are taken as they come, and whose word about the caller counts.
    pub trunks: Vec<Network>,
    /// Who else may call, by a name and a word.
    pub user: Option<(String, Secret<String>)>,
    /// The address that is told to others, where it is not the one listened on.
    pub public: Option<IpAddr>,
    /// Ports of sound.
    pub ports: RangeInclusive<u16>,
    /// Where calls of ours go; nowhere: none are made.
    pub calls: Option<Calls>,
}

/// Where calls come in over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The address.
    pub listen: SocketAddr,
    /// The certificate chain, in PEM.
    pub cert: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// What carries signalling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Over {
    /// Packets.
    #[default]
    Udp,
    /// A line.
    Tcp,
    /// An encrypted line.
    Tls,
}

/// The trunk that takes calls of ours.
#[derive(Debug, Clone)]
pub struct Calls {
    /// Its name, which is that on its certificate, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What carries them.
    pub over: Over,
    /// Certificates in PEM that vouch for it, where they are not those of this machine.
    pub trusts: Option<PathBuf>,
    /// Our name and word there, where it asks for them.
    pub user: Option<(String, Secret<String>)>,
}

/// A network, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(most), |length| length.parse().ok()).filter(|length| *length <= most)?;
        Some(Self { address, length })
    }

    /// Is this address one of them?
    pub fn holds(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 4),
            IpAddr::V6(address) => (u128::from(address), 6),
        };
        let ((own, family), (other, of)) = (bits(self.address), bits(address));
        let rest = 128 - u32::from(self.length);
        family == of && (self.length == 0 || own >> rest == other >> rest)
    }
}

impl Calls {
    fn of(setup: &Setup<'_>) -> Result<Option<Self>, OpenError> {
        let Some(text) = setup.optional("calls_to") else { return Ok(None) };
        let over = match setup.optional("calls_over").as_deref() {
            None | Some("udp") => Over::Udp,
            Some("tcp") => Over::Tcp,
            Some("tls") => Over::Tls,
            Some(_) => return Err(setup.unusable("calls_over", "is none of udp, tcp and tls")),
        };
        let usual = if over == Over::Tls { ENCRYPTED } else { PORT };
        let (host, port) = host_and_port(&text, usual)
            .ok_or_else(|| setup.unusable("calls_to", "is no name or address with a port, such as sip.example.com:5060"))?;
        setup.required("from")?;
        let trusts = setup.optional("calls_trust").map(PathBuf::from);
        let word = setup.optional_secrets("calls_password")?.into_iter().next();
        let user = match (setup.optional("calls_username"), word) {
            (Some(name), Some(word)) => Some((name, word)),
            (None, None) => None,
            (Some(_), None) => return Err(setup.missing("calls_password")),
            (None, Some(_)) => return Err(setup.missing("calls_username")),
        };
        Ok(Some(Self { host, port, over, trusts, user }))
    }
}

/// `name`, `name:5060`, `203.0.113.10:5060`, `[2001:db8::1]:5060`.
fn host_and_port(text: &str, usual: u16) -> Option<(String, u16)> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some((address.ip().to_string(), address.port()));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some((address.to_string(), usual));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (text, usual),
    };
    let is_name = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_name.then(|| (host.to_owned(), port))
}

fn encrypted(setup: &Setup<'_>) -> Result<Option<Encrypted>, OpenError> {
    let file = |key: &'static str| setup.optional(key).map(PathBuf::from).ok_or_else(|| setup.missing(key));
    let Some(listen) = address(setup, "listen_tls")? else { return Ok(None) };
    Ok(Some(Encrypted { listen, cert: file("tls.cert")?, key: file("tls.key")? }))
}

fn address(setup: &Setup<'_>, key: &'static str) -> Result<Option<SocketAddr>, OpenError> {
    let unusable = |_| setup.unusable(key, "is no address with a port, such as 0.0.0.0:5060");
    setup.optional(key).map(|text| text.parse().map_err(unusable)).transpose()
}

impl Settings {
    /// Reads them.
    pub fn of(settings: &ConnectionSettings) -> Result<Self, OpenError> {
        let setup = Setup::new(settings);
        let listen = address(&setup, "listen")?.ok_or_else(|| setup.missing("listen"))?;
        let listen_tcp = address(&setup, "listen_tcp")?;
        let listen_tls = encrypted(&setup)?;
        let list = settings.values.get("trunks").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
        let read = |network: &serde_json::Value| network.as_str().and_then(Network::parse);
        let trunks = list.iter().map(read).collect::<Option<Vec<_>>>();
        let trunks = trunks.ok_or_else(|| setup.unusable("trunks", "holds what is no address or network, such as 203.0.113.0/24"))?;
        let password = setup.optional_secrets("password")?.into_iter().next();
        let user = match (setup.optional("username"), password) {
            (Some(name), Some(word)) => Some((name, word)),
            (None, None) => None,
            (Some(_), None) => return Err(setup.missing("password")),
            (None, Some(_)) => return Err(setup.missing("username")),
        };
        if trunks.is_empty() && user.is_none() {
            return Err(setup.unusable("trunks", "is empty and there is no username: nobody could call"));
        }
        let public = setup.optional("public_address").map(|text| text.parse()).transpose();
        let public = public.map_err(|_| setup.unusable("public_address", "is no IP address"))?;
        let ports = match setup.optional("rtp_ports") {
            None => PORTS,
            Some(text) => {
                let parsed = text.split_once('-').and_then(|(first, last)| Some((first.trim().parse().ok()?, last.trim().parse().ok()?)));
                let (first, last): (u16, u16) = parsed
                    .filter(|(first, last)| *first >= 1_024 && first <= last)
                    .ok_or_else(|| setup.unusable("rtp_ports", "is no range of ports, such as 10000-10999"))?;
                first..=last
            }
        };
        let calls = Calls::of(&setup)?;
        Ok(Self { listen, listen_tcp, listen_tls, trunks, user, public, ports, calls })
    }

    /// Would it listen in the same way?
    pub fn is_same(&self, other: &Self) -> bool {
        let plain = |user: &Option<(String, Secret<String>)>| user.as_ref().map(|(name, word)| (name.clone(), word.expose().clone()));
        let calls = |settings: &Self| {
            let calls = settings.calls.clone()?;
            Some((calls.host, calls.port, calls.over, calls.trusts, plain(&calls.user)))
        };
        (self.listen, self.listen_tcp, &self.listen_tls) == (other.listen, other.listen_tcp, &other.listen_tls)
            && (&self.trunks, self.public, &self.ports) == (&other.trunks, other.public, &other.ports)
            && (plain(&self.user), calls(self)) == (plain(&other.user), calls(other))
    }

    /// Does this address belong to a trunk?
    pub fn is_trunk(&self, address: IpAddr) -> bool {
        self.trunks.iter().any(|network| network.holds(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trunk_is_found_by_name_or_address_with_a_port_or_without() {
        let check = |text: &str, expected: Option<(&str, u16)>| {
            assert_eq!(host_and_port(text, PORT), expected.map(|(host, port)| (host.to_owned(), port)), "{text}");
        };
        check("sip.example.com", Some(("sip.example.com", 5_060)));
        check("sip.example.com:5080", Some(("sip.example.com", 5_080)));
        check("203.0.113.10", Some(("203.0.113.10", 5_060)));
        check("203.0.113.10:5062", Some(("203.0.113.10", 5_062)));
        check("[2001:db8::1]:5062", Some(("2001:db8::1", 5_062)));
        check("2001:db8::1", Some(("2001:db8::1", 5_060)));
        for text in ["", ":5060", "sip:desk@example.com", "example.com:phone", "a b"] {
            check(text, None);
        }
    }

    #[test]
    fn an_address_belongs_to_its_network() {
        let check = |network: &str, address: &str, expected: bool| {
            let network = Network::parse(network).unwrap_or_else(|| panic!("{network}"));
            assert_eq!(network.holds(address.parse().expect("an address")), expected, "{network:?} {address}");
        };
        check("203.0.113.0/24", "203.0.113.77", true);
        check("203.0.113.0/24", "203.0.114.1", false);
        check("203.0.113.5", "203.0.113.5", true);
        check("203.0.113.5", "203.0.113.6", false);
        check("2001:db8::/32", "2001:db8::1", true);
        check("0.0.0.0/0", "8.8.8.8", true);
        check("0.0.0.0/0", "::1", false);
        for text in ["", "x", "1.2.3.4/33", "1.2.3.4/", "1.2.3/8"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
