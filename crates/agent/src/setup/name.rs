//! Names of Services as a mapping may have them, and a mapping as `--map` has it.

use inventory::Instance;

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

/// Reads a mapping as `--map` has it.
pub(crate) fn parse_mapping(text: &str) -> Result<(String, Instance), String> {
    let parts = text.split_once('=').and_then(|(name, ids)| Some((name.trim(), ids.split_once(':')?)));
    match parts {
        Some((name, (app, instance))) if ![app.trim(), instance.trim()].contains(&"") => {
            check(name)?;
            Ok((name.to_owned(), Instance { app: app.trim().into(), instance: instance.trim().into() }))
        }
        _ => Err("expected SERVICE=APP_ID:INSTANCE_ID".to_owned()),
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
    }

    #[test]
    fn what_is_no_name_is_told_why() {
        let long = "x".repeat(64);
        for (wrong, why) in [
            ("a/b/c", "more than two parts"),
            ("a.b.c", "more than two parts"),
            ("", "is empty"),
            ("/", "is empty"),
            ("a/", "is empty"),
            (".a", "is empty"),
            (&long, "at most 63"),
            ("Cart", "capital letters"),
            ("a b", "only small letters"),
            ("cart_1", "only small letters"),
            ("é", "only small letters"),
            ("a:80", "only small letters"),
            ("-a", "neither begins nor ends"),
            ("a-", "neither begins nor ends"),
        ] {
            let said = check(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong:?}: {said}");
        }
    }

    #[test]
    fn a_mapping_has_a_name_and_two_ids() {
        let (name, ids) = parse_mapping("shop/cart=app-1:inst-1").unwrap();
        assert_eq!((name.as_str(), &*ids.app, &*ids.instance), ("shop/cart", "app-1", "inst-1"));
        for wrong in ["", "cart", "cart=a", "cart=a:", "cart=:i", "cart= : "] {
            assert_eq!(parse_mapping(wrong).unwrap_err(), "expected SERVICE=APP_ID:INSTANCE_ID", "{wrong}");
        }
        for (wrong, why) in [("=a:i", "is empty"), ("Cart=a:i", "capital letters")] {
            let said = parse_mapping(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
