//! The address a request came from.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::ServerSettings;

/// The other end of the connection; put into every request by the listener.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The caller's address: that of the connection, or what a trusted proxy says.
pub fn address(peer: SocketAddr, headers: &HeaderMap, settings: &ServerSettings) -> IpAddr {
    let mut address = peer.ip().to_canonical();
    let is_trusted = |address: IpAddr| settings.trusted_proxies.iter().any(|network| network.contains(address));
    if !is_trusted(address) {
        return address;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let mut hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    // The last hop was written by the nearest proxy: go back as long as the hops are ours.
    while let Some(hop) = hops.pop() {
        let Ok(parsed) = hop.parse::<IpAddr>() else { break };
        address = parsed.to_canonical();
        if !is_trusted(address) {
            break;
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Network;

    #[test]
    fn only_a_trusted_proxy_may_name_another_address() {
        let mut settings = ServerSettings::for_tests();
        let peer: SocketAddr = "10.1.2.3:4".parse().expect("an address");
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.9.9.9".parse().expect("a header"));
        assert_eq!(address(peer, &headers, &settings).to_string(), "10.1.2.3");
        settings.trusted_proxies = vec![Network::parse("10.0.0.0/8").expect("a network")];
        assert_eq!(address(peer, &headers, &settings).to_string(), "203.0.113.9");
    }
}
