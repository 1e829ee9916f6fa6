//! Names of Services as a mapping may have them.

use identify::ServiceName;

/// The longest name of a Service or namespace (RFC 1123, section 2.1).
const LONGEST: usize = 63;

/// Checks a name: `service`, `namespace/service` or `service.namespace`.
///
/// # Errors
/// What is wrong with it. The text is not quoted: it may be a key at the wrong place.
pub(super) fn check(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split(['/', '.']).collect();
    let wrong = if parts.len() > 2 {
        "it has more than two parts"
    } else if parts.iter().any(|part| part.is_empty()) {
        "a part of it is empty"
    } else if parts.iter().any(|part| part.len() > LONGEST) {
        "it is too long: a name has at most 63 characters"
    } else if text.chars().any(|c| c.is_ascii_uppercase()) {
        "it has capital letters, and names in Kubernetes have none"
    } else if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-/.".contains(&b)) {
        "a name has only small letters, digits and -"
    } else if parts.iter().any(|part| part.starts_with('-') || part.ends_with('-')) {
        "a name neither begins nor ends with -"
    } else {
        return Ok(());
    };
    Err(format!("not a Service name: {wrong}; write service, namespace/service or service.namespace"))
}

/// Whether a mapping of this name is about the Service.
pub(super) fn covers(name: &str, service: &ServiceName) -> bool {
    let (namespace, bare) = (service.namespace.as_str(), service.name.as_str());
    name == bare
        || name.split_once('/') == Some((namespace, bare))
        || name.split_once('.') == Some((bare, namespace))
}

/// The bare name of a Service in any of the three forms.
pub(super) fn bare(name: &str) -> &str {
    match name.split_once('/') {
        Some((_, bare)) => bare,
        None => name.split('.').next().unwrap_or(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_are_names() {
        for good in ["cart", "shop/cart", "cart.shop", "a", "a-1", "1st", &"x".repeat(63)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for wrong in ["", "/", "a/", ".a", "a/b/c", "a.b.c", "a b", "Cart", "cart_1", "-a", "a-", "é", "a:80"]
        {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert!(check(&"x".repeat(64)).is_err());
    }

    #[test]
    fn each_form_covers_its_service() {
        let cart = ServiceName { namespace: "shop".into(), name: "cart".into() };
        for name in ["cart", "shop/cart", "cart.shop"] {
            assert!(covers(name, &cart), "{name}");
            assert_eq!(bare(name), "cart");
        }
        for name in ["pay", "beta/cart", "cart.beta", "shop.cart", "cart/shop"] {
            assert!(!covers(name, &cart), "{name}");
        }
    }
}
