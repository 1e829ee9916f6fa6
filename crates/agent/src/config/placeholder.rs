//! What the guide and configmap.example.yaml have in the places that are to be filled in.

use push::ApiKey;

/// What stands for the key.
const KEY: &str = "your-api-key-here";
/// The text that stands for it in the README.
const DOTS: &str = "...";
/// What stands for ids and names of Services, each with a number behind it.
const NUMBERED: [&str; 3] = ["application-id-", "instance-id-", "service-name-"];

/// What is to be done about the key.
pub(super) const FILL_IN: &str = "is the placeholder of the example: put the platform's key in its place, or run `traffic-monitor setup`, which asks for it";

/// Returns whether this is the key of an example.
pub(super) fn is_key(text: &str) -> bool {
    [KEY, DOTS].contains(&text.trim())
}

/// Returns whether this is the key of an example, wherever it came from.
pub(crate) fn is_placeholder(key: &ApiKey) -> bool {
    [KEY, DOTS].iter().any(|text| ApiKey::new(text).as_ref() == Some(key))
}

/// Returns whether this is an id or a name of the example.
pub(super) fn is_id(text: &str) -> bool {
    let number = NUMBERED.iter().find_map(|start| text.trim().strip_prefix(start));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_these_and_no_others() {
        let example = include_str!("../../../../configmap.example.yaml");
        let quoted = example.split('"').skip(1).step_by(2);
        let ids: Vec<&str> =
            quoted.filter(|text| is_id(text) || is_id(super::super::mapping::bare(text))).collect();
        let all = [
            "service-name-1",
            "application-id-1",
            "instance-id-1",
            "shop/service-name-2",
            "application-id-2",
            "instance-id-2",
        ];
        assert_eq!(ids, all);
        assert_eq!(example.matches(KEY).count(), 2);
        assert!(
            is_key(" your-api-key-here\n")
                && is_placeholder(&ApiKey::new(KEY).unwrap())
                && is_key("...")
                && is_placeholder(&ApiKey::new("...").unwrap())
                && !is_key("your-api-key-here-2")
        );
        for real in ["application-id-", "application-id-1a", "my-application-id-1", "cart", ""] {
            assert!(!is_id(real), "{real}");
        }
    }
}
