//! The services file: names and addresses where there is no Kubernetes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use crate::{Entry, ServiceName};

/// Why a services file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicesError(String);

impl fmt::Display for ServicesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServicesError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    services: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    name: String,
    namespace: String,
    addresses: Vec<String>,
}

/// Parses a services file, in YAML or JSON: `services: [{name: cart, namespace: shop, addresses: ["10.0.0.2:8080",
/// "10.0.0.3", "[::1]:80"]}]`. An address without a port means every port.
///
/// # Errors
/// The text is not YAML, a key is unknown or missing, Kubernetes would not allow a name, or an address is none. The message
/// says where, and what is expected.
pub fn parse_services(text: &str) -> Result<Vec<Entry>, ServicesError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file: File = serde_saphyr::from_str(text).map_err(|error| {
        ServicesError(format!(
            "{error}\nexpected: services: [{{name: cart, namespace: shop, addresses: [\"10.0.0.2:8080\"]}}]"
        ))
    })?;
    file.services.iter().map(entry).collect()
}

fn entry(service: &Service) -> Result<Entry, ServicesError> {
    let Service { name, namespace, addresses } = service;
    for (key, value) in [("name", name), ("namespace", namespace)] {
        if value.is_empty()
            || value.len() > 253
            || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        {
            return Err(ServicesError(format!(
                "service '{}': the {key} is empty, too long, or has a character that Kubernetes does not allow in names",
                name.escape_default()
            )));
        }
    }
    let addresses = addresses
        .iter()
        .map(|text| {
            address(text).ok_or_else(|| {
                ServicesError(format!(
                    "service '{name}': '{}' is not an address; expected 10.0.0.2:8080, 10.0.0.2, [fd00::2]:80 or fd00::2",
                    text.escape_default()
                ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let service = ServiceName { namespace: namespace.clone(), name: name.clone() };
    Ok(Entry { service, addresses, ..Entry::default() })
}

fn address(text: &str) -> Option<(IpAddr, Option<u16>)> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some((address.ip(), Some(address.port())));
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    Some((bare.parse().ok()?, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_yaml_and_json() {
        let yaml = "services:\n- name: cart\n  namespace: shop\n  addresses: [\"10.0.0.2:8080\", 10.0.0.3, \"[::1]:80\", \"::2\"]\n";
        let json = r#"{"services": [{"name": "cart", "namespace": "shop", "addresses": ["10.0.0.2:8080", "10.0.0.3", "[::1]:80", "[::2]"]}]}"#;
        let entries = parse_services(yaml).unwrap();
        assert_eq!(entries, parse_services(json).unwrap());
        assert_eq!(entries[0].service.to_string(), "shop/cart");
        assert_eq!(
            entries[0].addresses,
            vec![
                ("10.0.0.2".parse().unwrap(), Some(8080)),
                ("10.0.0.3".parse().unwrap(), None),
                ("::1".parse().unwrap(), Some(80)),
                ("::2".parse().unwrap(), None)
            ]
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let error = |text: &str| parse_services(text).unwrap_err().to_string();
        assert!(
            error("services: [{name: cart, namespace: shop, addresses: [\"10.0.0.2:http\"]}]")
                .contains("10.0.0.2:http")
        );
        assert!(error("services: [{name: \"\", namespace: shop, addresses: []}]").contains("name"));
        assert!(error("services: [{name: cart, addresses: []}]").contains("namespace"));
        assert!(error("servces: []").contains("servces"));
        assert!(error("services: [\n").contains("line"));
    }
}
