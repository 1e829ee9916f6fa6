//! The Service that a `Host` names.

use std::net::{IpAddr, SocketAddr};

/// The port of HTTP (RFC 9110, section 4.2.1).
const HTTP: u16 = 80;
/// The longest DNS name (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;
/// The longest label of a DNS name (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// A `Host` in one of the forms that name a Service inside a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClusterHost {
    /// The Service.
    pub(crate) name: String,
    /// Its namespace, if the form has one.
    pub(crate) namespace: Option<String>,
    /// Whether the form stands for a Service and nothing else: one label, or `name.namespace.svc[.domain]`.
    pub(crate) certain: bool,
}

/// Parses a `Host` (or `:authority`), with or without a port, in the forms of cluster DNS: `name`, `name.namespace`,
/// `name.namespace.svc` and that with a cluster domain. Returns none for everything else, for addresses and for `localhost`.
pub(crate) fn parse(host: &[u8]) -> Option<ClusterHost> {
    if !may_name(host) {
        return None;
    }
    let host = std::str::from_utf8(host).ok()?;
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.len() > MAX_HOST || host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    let mut labels = host.split('.');
    let (name, namespace, third) = (labels.next()?, labels.next(), labels.next());
    if third.is_some_and(|third| !third.eq_ignore_ascii_case("svc")) || !host.split('.').all(is_label) {
        return None;
    }
    let certain = namespace.is_none() || third.is_some();
    Some(ClusterHost {
        name: name.to_ascii_lowercase(),
        namespace: namespace.map(str::to_ascii_lowercase),
        certain,
    })
}

/// Returns the address, if it is one, and the port of a `Host`; the port of HTTP where it has none.
pub(crate) fn address(host: &[u8]) -> Option<(Option<IpAddr>, u16)> {
    let host = std::str::from_utf8(host).ok()?;
    if let Ok(address) = host.parse::<SocketAddr>() {
        return Some((Some(address.ip()), address.port()));
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some((Some(ip), HTTP));
    }
    let (_, port) = host.rsplit_once(':')?;
    Some((None, port.parse().ok()?))
}

/// Returns whether a host can have one of the forms, by its third label: most are names of the outside world, or IPv4
/// addresses.
fn may_name(host: &[u8]) -> bool {
    let mut dots = host.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
    match dots.nth(1).and_then(|dot| host.get(dot + 1..)) {
        Some(third) => third.get(..3).is_none_or(|label| label.eq_ignore_ascii_case(b"svc")),
        None => true,
    }
}

/// Returns whether this is a label that Kubernetes allows in names of Services (RFC 1035, with digits first as in RFC 1123),
/// in any case.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= MAX_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Returns whether an address is one that only hosts of the same site can have: private (RFC 1918, RFC 4193), shared (RFC
/// 6598, used for pods by some clouds), link-local or loopback.
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(host: &str) -> Option<(String, Option<String>, bool)> {
        parse(host.as_bytes()).map(|h| (h.name, h.namespace, h.certain))
    }

    #[test]
    fn reads_the_forms_of_cluster_dns() {
        assert_eq!(parts("cart"), Some(("cart".into(), None, true)));
        assert_eq!(parts("Cart:8080"), Some(("cart".into(), None, true)));
        assert_eq!(parts("cart.shop"), Some(("cart".into(), Some("shop".into()), false)));
        assert_eq!(parts("cart.shop.svc"), Some(("cart".into(), Some("shop".into()), true)));
        assert_eq!(parts("cart.shop.svc.cluster.local."), Some(("cart".into(), Some("shop".into()), true)));
    }

    #[test]
    fn addresses_and_ports() {
        let ip = |text: &str| text.parse::<IpAddr>().ok();
        for (host, expected) in [
            ("10.96.0.7:8080", Some((ip("10.96.0.7"), 8080))),
            ("10.96.0.7", Some((ip("10.96.0.7"), 80))),
            ("[fd00::1]:81", Some((ip("fd00::1"), 81))),
            ("[fd00::1]", Some((ip("fd00::1"), 80))),
            ("node-1:30080", Some((None, 30080))),
            ("cart", None),
            ("cart:x", None),
            ("cart:99999", None),
            ("\u{e9}:1", Some((None, 1))),
        ] {
            assert_eq!(address(host.as_bytes()), expected, "{host}");
        }
        assert_eq!(address(b"\xff:1"), None);
    }

    #[test]
    fn refuses_what_names_no_service() {
        for host in [
            "",
            ".",
            "10.0.0.1",
            "10.0.0.1:80",
            "[::1]:80",
            "::1",
            "localhost",
            "LOCALHOST:80",
            "api.example.com",
            "a..b",
            "-a",
            "a_b",
            "a b",
            "../x",
            "caf\u{e9}",
        ] {
            assert_eq!(parts(host), None, "{host}");
        }
    }

    #[test]
    fn tells_private_addresses() {
        for ip in
            ["10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "127.0.0.1", "fd00::1", "::1", "fe80::1"]
        {
            assert!(is_private(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1"] {
            assert!(!is_private(ip.parse().unwrap()), "{ip}");
        }
    }
}
