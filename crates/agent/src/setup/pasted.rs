//! An address of the platform that was pasted where an id is asked for.

use inventory::Instance;

/// Returns the ids in an address of the platform (`https://apisec.ai/application/APP/instance/INSTANCE`): that of the application, and
/// that of the instance if it has one.
pub(super) fn ids(text: &str) -> Option<(String, Option<String>)> {
    let path = text.split(['?', '#']).next()?;
    let mut steps = path.split('/').skip_while(|step| *step != "application").skip(1);
    let app = steps.next().filter(|app| !app.is_empty())?;
    let instance = match steps.next() {
        Some("instance") => steps.next().filter(|instance| !instance.is_empty()),
        _ => None,
    };
    Some((app.to_owned(), instance.map(str::to_owned)))
}

/// Returns both ids of an address that has both.
pub(super) fn both(text: &str) -> Option<Instance> {
    let (app, instance) = ids(text)?;
    Some(Instance { app, instance: instance? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_both_ids_or_one_or_none() {
        let of = |text| both(text).map(|ids| (ids.app, ids.instance));
        let expected = Some(("a-1".to_owned(), "i-2".to_owned()));
        for text in [
            "https://apisec.ai/application/a-1/instance/i-2",
            "apisec.ai/application/a-1/instance/i-2/",
            "https://dev.example.com/x/application/a-1/instance/i-2/endpoints?tab=1#top",
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        assert_eq!(ids("https://apisec.ai/application/a-1"), Some(("a-1".into(), None)));
        for none in ["a-1", "", "https://apisec.ai/", "https://apisec.ai/application/"] {
            assert_eq!(ids(none), None, "{none}");
        }
    }
}
