//! Where sound may go before any has come from there: what a description says is only what somebody wrote.
//!
//! A stranger who names somebody else's address in an offer would have us send fifty packets a second there.

use std::net::{IpAddr, Ipv4Addr};

/// How sound may go to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// As long as the call lasts.
    Freely,
    /// For a moment: whoever is there answers with sound of their own.
    Briefly,
    /// Not before sound came from there.
    NotYet,
}

/// Into whose hands sound goes: `host` is where the signalling comes from, `is_ours` says that the address is a trunk's.
pub fn aim(to: IpAddr, host: Option<IpAddr>, is_ours: bool) -> Aim {
    let to = to.to_canonical();
    if is_many(to) {
        return Aim::NotYet;
    }
    if is_ours || host.map(|host| host.to_canonical()) == Some(to) {
        return Aim::Freely;
    }
    if is_private(to) { Aim::NotYet } else { Aim::Briefly }
}

/// Nobody, or more than one.
fn is_many(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_unspecified() || address.is_multicast() || address.is_broadcast() || address.octets()[0] == 0,
        IpAddr::V6(address) => address.is_unspecified() || address.is_multicast(),
    }
}

/// Something that is reached from here only, or from nowhere.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            address.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80 || first == 0x2002 || first == 0x64
        }
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || (first == 100 && second & 0xc0 == 64)
        || (first == 198 && second & 0xfe == 18)
        || (first == 192 && second == 0 && third == 0)
        || first >= 240
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_goes_to_whoever_signals_or_is_a_trunk_and_to_others_for_a_moment_or_not_at_all() {
        let check = |to: &str, host: &str, is_ours: bool, expected: Aim| {
            let of = |text: &str| text.parse::<IpAddr>().expect("an address");
            assert_eq!(aim(of(to), Some(of(host)), is_ours), expected, "{to} {host} {is_ours}");
        };
        check("203.0.113.5", "203.0.113.5", false, Aim::Freely);
        check("10.0.0.5", "10.0.0.5", false, Aim::Freely);
        check("10.0.0.5", "10.0.0.6", true, Aim::Freely);
        check("::ffff:203.0.113.5", "203.0.113.5", false, Aim::Freely);
        check("198.51.100.7", "203.0.113.5", false, Aim::Briefly);
        check("2001:db8::7", "2001:db8::5", false, Aim::Briefly);
        for to in [
            "127.0.0.9",
            "127.0.0.1",
            "10.0.0.5",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "240.0.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.5",
            "64:ff9b::a00:5",
        ] {
            check(to, "203.0.113.5", false, Aim::NotYet);
        }
        for to in ["224.0.0.1", "255.255.255.255", "0.0.0.0", "0.1.2.3", "::", "ff02::1"] {
            check(to, to, true, Aim::NotYet);
        }
    }
}
