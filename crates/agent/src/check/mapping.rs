//! The mappings, one by one.

use identify::ServiceName;
use inventory::Instance;

use crate::config::Mappings;

/// The keys and what they are mapped to.
pub(super) fn entries(mappings: &Mappings) -> impl Iterator<Item = (&str, &Instance)> {
    // A Service without a namespace has the key itself as its name.
    let name = |key: &str| ServiceName { namespace: String::new(), name: key.to_owned() };
    mappings.keys().filter_map(move |key| Some((key, mappings.find(&name(key))?)))
}

/// Whether a key is about a Service.
pub(super) fn covers(key: &str, service: &ServiceName) -> bool {
    let (namespace, name) = (service.namespace.as_str(), service.name.as_str());
    key == name
        || key.split_once('/') == Some((namespace, name))
        || key.split_once('.') == Some((name, namespace))
}

/// The bare name of a Service in a key of any form.
pub(super) fn bare(key: &str) -> &str {
    match key.split_once('/') {
        Some((_, name)) => name,
        None => key.split('.').next().unwrap_or(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_and_covers_as_the_agent_does() {
        let instance = |text: &str| Instance { app: text.into(), instance: text.into() };
        let service =
            |namespace: &str, name: &str| ServiceName { namespace: namespace.into(), name: name.into() };
        let keys = ["beta.cart", "cart", "cart.shop", "shop/cart"];
        for key in keys {
            let mut one = Mappings::default();
            one.insert(key.into(), instance(key));
            for service in [service("shop", "cart"), service("beta", "cart"), service("cart", "beta")] {
                assert_eq!(covers(key, &service), one.find(&service).is_some(), "{key} {service}");
            }
        }
        let mut all = Mappings::default();
        keys.iter().for_each(|key| all.insert((*key).into(), instance(key)));
        let found: Vec<_> = entries(&all).map(|(key, instance)| (key, instance.app.as_str())).collect();
        assert_eq!(found, keys.map(|key| (key, key)));
        assert_eq!(["shop/cart", "cart.shop", "cart"].map(bare), ["cart"; 3]);
    }
}
