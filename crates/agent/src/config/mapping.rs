//! Which Service goes to which instance of which application.

use std::collections::BTreeMap;

use identify::{Directory, ServiceName};
use inventory::Instance;

/// The entries of `serviceMappings`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mappings(BTreeMap<String, Instance>);

impl Mappings {
    /// Adds an entry. A key is `service`, `namespace/service` or `service.namespace`.
    pub(crate) fn insert(&mut self, key: String, instance: Instance) {
        self.0.insert(key, instance);
    }

    /// The instance of a Service. The key that says more wins.
    pub(crate) fn find(&self, service: &ServiceName) -> Option<&Instance> {
        let ServiceName { namespace, name } = service;
        self.0
            .get(&format!("{namespace}/{name}"))
            .or_else(|| self.0.get(&format!("{name}.{namespace}")))
            .or_else(|| self.0.get(name))
    }

    /// These and, for Services that they say nothing about, what annotations say.
    pub(crate) fn with_annotations(&self, directory: &Directory) -> Mappings {
        let mut all = self.clone();
        for service in directory.services().iter().filter(|service| self.find(service).is_none()) {
            if let Some(annotation) = directory.annotation(service) {
                let instance =
                    Instance { app: annotation.application.clone(), instance: annotation.instance.clone() };
                all.insert(service.to_string(), instance);
            }
        }
        all
    }

    /// These and, for Services that they say nothing about, what onboarding learned.
    pub(crate) fn with_learned<'a>(
        mut self,
        learned: impl Iterator<Item = (&'a ServiceName, &'a Instance)>,
    ) -> Mappings {
        for (service, instance) in learned {
            if self.find(service).is_none() {
                self.insert(service.to_string(), instance.clone());
            }
        }
        self
    }

    /// The keys, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// The keys and what they are mapped to, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Instance)> {
        self.0.iter().map(|(key, instance)| (key.as_str(), instance))
    }

    /// Returns the number of mappings.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Returns whether a key, in any of its forms, means this Service.
pub(crate) fn covers(key: &str, service: &ServiceName) -> bool {
    let (namespace, name) = (service.namespace.as_str(), service.name.as_str());
    key == name
        || key.split_once('/') == Some((namespace, name))
        || key.split_once('.') == Some((name, namespace))
}

/// The bare name of the Service that a key means.
pub(crate) fn bare(key: &str) -> &str {
    match key.split_once('/') {
        Some((_, name)) => name,
        None => key.split('.').next().unwrap_or(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_give_what_the_config_does_not_name() {
        let entry = |name: &str| identify::Entry {
            service: ServiceName { namespace: "shop".into(), name: name.into() },
            annotation: Some(identify::Annotation { application: "noted".into(), instance: "i".into() }),
            ..identify::Entry::default()
        };
        let mut config = Mappings::default();
        config.insert("cart".into(), instance("written"));
        let all = config.with_annotations(&Directory::new([entry("cart"), entry("pay")]));
        let app = |name: &str| all.find(&entry(name).service).map(|instance| instance.app.as_str());
        assert_eq!((app("cart"), app("pay"), all.len()), (Some("written"), Some("noted"), 2));
    }

    #[test]
    fn what_was_learned_never_wins_over_what_was_written() {
        let service = |name: &str| ServiceName { namespace: "shop".into(), name: name.into() };
        let mut config = Mappings::default();
        config.insert("cart".into(), instance("written"));
        let (cart, pay, learned) = (service("cart"), service("pay"), instance("learned"));
        let all = config.with_learned([(&cart, &learned), (&pay, &learned)].into_iter());
        let app = |service: &ServiceName| all.find(service).map(|instance| instance.app.as_str());
        assert_eq!((app(&cart), app(&pay)), (Some("written"), Some("learned")));
        let beta = ServiceName { namespace: "beta".into(), name: "pay".into() };
        assert_eq!(app(&beta), None, "learned for one namespace");
    }

    #[test]
    fn a_key_covers_what_is_found_by_it() {
        let service =
            |namespace: &str, name: &str| ServiceName { namespace: namespace.into(), name: name.into() };
        for key in ["beta.cart", "cart", "cart.shop", "shop/cart", "pay", "shop.cart", "cart/shop"] {
            let mut one = Mappings::default();
            one.insert(key.into(), instance(key));
            for service in [service("shop", "cart"), service("beta", "cart"), service("cart", "beta")] {
                assert_eq!(covers(key, &service), one.find(&service).is_some(), "{key} {service}");
            }
        }
        assert_eq!(["shop/cart", "cart.shop", "cart"].map(bare), ["cart"; 3]);
    }

    fn instance(text: &str) -> Instance {
        Instance { app: text.into(), instance: text.into() }
    }

    #[test]
    fn the_key_that_says_more_wins() {
        let mut mappings = Mappings::default();
        for key in ["cart", "shop/cart", "cart.beta", "pay"] {
            mappings.insert(key.into(), instance(key));
        }
        let find = |namespace: &str, name: &str| {
            let service = ServiceName { namespace: namespace.into(), name: name.into() };
            mappings.find(&service).map(|i| i.app.clone())
        };
        assert_eq!(find("shop", "cart").as_deref(), Some("shop/cart"));
        assert_eq!(find("beta", "cart").as_deref(), Some("cart.beta"));
        assert_eq!(find("other", "cart").as_deref(), Some("cart"));
        assert_eq!(find("any", "pay").as_deref(), Some("pay"));
        assert_eq!(find("shop", "Cart"), None, "names are case-sensitive");
    }
}
