//! The names of the mappings among the Services of the cluster.

use identify::ServiceName;

use super::row::Row;
use crate::config::Mappings;
use crate::config::{bare, covers};
use crate::similar::nearest;

const SUBJECT: &str = "service";

/// Returns the rows about mappings, each of which should name one Service, and about the Services that none names.
pub(super) fn rows(services: &[ServiceName], mappings: &Mappings, onboard: bool) -> Vec<Row> {
    let keys: Vec<&str> = mappings.keys().collect();
    let mapped = keys.iter().map(|key| row(key, services, &keys));
    mapped.chain(others(services, &keys, onboard)).collect()
}

fn others(services: &[ServiceName], keys: &[&str], onboard: bool) -> Option<Row> {
    let is_other = |service: &&ServiceName| !keys.iter().any(|key| covers(key, service));
    let count = services.iter().filter(is_other).count();
    let then = if onboard {
        "each that is asked gets the platform's application of its name, or a new one (autoOnboardNewServices)"
    } else {
        "their endpoints are kept and not pushed, unless annotations map them"
    };
    let has = if count == 1 { "Service has" } else { "Services have" };
    (count > 0).then(|| Row::ok(SUBJECT, format!("{count} {has} no mapping: {then}")))
}

fn row(key: &str, services: &[ServiceName], keys: &[&str]) -> Row {
    let covered: Vec<_> = services.iter().filter(|service| covers(key, service)).collect();
    // A key that says more takes its Service from the bare name.
    let apart = |service: &ServiceName| {
        let full = [service.to_string(), format!("{}.{}", service.name, service.namespace)];
        full.iter().any(|full| full != key && keys.contains(&full.as_str()))
    };
    let meant: Vec<_> = covered.iter().filter(|service| key != service.name || !apart(service)).collect();
    match (&covered[..], &meant[..]) {
        ([], _) => {
            Row::error(SUBJECT, format!("{key}: the cluster has no such Service"), guess(key, services))
        }
        (_, []) => Row::warning(
            SUBJECT,
            format!("{key}: other mappings say more of every Service with this name"),
            "remove it",
        ),
        (_, [one]) => Row::ok(SUBJECT, format!("{key}: {one}")),
        (_, [first, second, ..]) => Row::warning(
            SUBJECT,
            format!("{key}: {} Services have this name, and all go to one instance", meant.len()),
            format!("to tell them apart, use '{first}' and '{second}' as keys"),
        ),
    }
}

fn guess(key: &str, services: &[ServiceName]) -> String {
    let full: Vec<String> = services.iter().map(ToString::to_string).collect();
    let short = services.iter().map(|service| service.name.as_str());
    let elsewhere = services.iter().position(|service| service.name == bare(key));
    let guess = match elsewhere.and_then(|at| full.get(at)) {
        Some(name) => Some(name.as_str()),
        None => nearest(key, full.iter().map(String::as_str).chain(short)),
    };
    match guess {
        Some(name) => format!("did you mean '{name}'?"),
        None => "names are case-sensitive: `kubectl get services --all-namespaces` lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    fn judged(key: &str, others: &[&str]) -> Row {
        let service =
            |namespace: &str, name: &str| ServiceName { namespace: namespace.into(), name: name.into() };
        let services = [service("beta", "cart"), service("shop", "cart"), service("shop", "pay")];
        row(key, &services, &[&[key], others].concat())
    }

    #[test]
    fn one_service_for_a_key_is_ok() {
        assert_eq!(judged("pay", &[]), Row::ok("service", "pay: shop/pay"));
        for (key, others) in [("cart.beta", &[][..]), ("cart", &["beta/cart"]), ("cart", &["cart.beta"])] {
            assert_eq!(judged(key, others).state, State::Ok, "{key}");
        }
    }

    #[test]
    fn services_without_a_mapping_are_counted() {
        let names = ["cart", "pay"].map(|name| ServiceName { namespace: "shop".into(), name: name.into() });
        let finding = |keys: &[&str], onboard| others(&names, keys, onboard).map(|row| row.finding);
        assert!(finding(&["pay"], false).unwrap().starts_with("1 Service has no mapping: their endpoints"));
        assert!(finding(&[], true).unwrap().contains("autoOnboardNewServices"));
        assert_eq!(finding(&["shop/cart", "pay"], true), None);
    }

    #[test]
    fn a_name_of_several_is_a_warning() {
        let row = judged("cart", &[]);
        assert_eq!(row.state, State::Warning);
        assert!(row.remedy.unwrap().contains("'beta/cart' and 'shop/cart'"));
        assert_eq!(judged("cart", &["shop/cart", "cart.beta"]).state, State::Warning, "it is never used");
    }

    #[test]
    fn an_unknown_name_is_an_error_with_a_guess() {
        for (key, says) in [
            ("crat", "'cart'"),
            ("Pay", "'pay'"),
            ("beta/pay", "'shop/pay'"),
            ("shop/pya", "'shop/pay'"),
            ("orders", "kubectl get services"),
        ] {
            let row = judged(key, &[]);
            assert_eq!(row.state, State::Error);
            assert!(row.remedy.as_ref().unwrap().contains(says), "{row:?}");
        }
    }
}
