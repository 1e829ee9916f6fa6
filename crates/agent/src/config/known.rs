//! The keys that a configuration may have, to say which one was meant.

use crate::similar::nearest;

/// Those of the whole.
const TOP: [&str; 6] =
    ["apiKey", "apisecUrl", "devApiUrl", "autoOnboardNewServices", "serviceMappings", "monitor"];
/// Those of a mapping.
const MAPPING: [&str; 2] = ["appId", "instanceId"];
/// Those of `monitor`.
const MONITOR: [&str; 19] = [
    "examples",
    "bodyBytes",
    "endpointsPerService",
    "memoryMiB",
    "storeMiB",
    "settleSeconds",
    "collectSeconds",
    "unseenDays",
    "previewBatch",
    "addBatch",
    "callsPerSecond",
    "port",
    "metrics",
    "tls",
    "caFile",
    "keyLogs",
    "descriptorSets",
    "specs",
    "pathRules",
];

/// Returns which key was meant by one that is not known, as the end of a sentence: `; did you mean "examples"?`. Where nothing is like
/// it, nothing. A key that stands in the wrong object is found too.
pub(super) fn meant(path: &[&str]) -> String {
    let Some((key, above)) = path.split_last() else { return String::new() };
    let (here, elsewhere) = match above {
        [] => (&TOP[..], &MONITOR[..]),
        ["monitor"] => (&MONITOR[..], &TOP[..]),
        _ => (&MAPPING[..], &[][..]),
    };
    if let Some(key) = elsewhere.iter().find(|known| known == &key) {
        let place = if above.is_empty() { "in \"monitor\"" } else { "beside \"monitor\"" };
        return format!("; \"{key}\" stands {place}");
    }
    let near = nearest(key, here.iter().copied());
    near.map(|known| format!("; did you mean \"{known}\"?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn what_was_meant_is_said() {
        for (path, says) in [
            (&["monitor", "exmaples"][..], "; did you mean \"examples\"?"),
            (&["apikey"], "; did you mean \"apiKey\"?"),
            (&["serviceMappings", "cart", "appID"], "; did you mean \"appId\"?"),
            (&["memoryMiB"], "; \"memoryMiB\" stands in \"monitor\""),
            (&["monitor", "apiKey"], "; \"apiKey\" stands beside \"monitor\""),
            (&["monitor", "colour"], ""),
            (&[], ""),
        ] {
            assert_eq!(meant(path), says, "{path:?}");
        }
    }

    #[test]
    fn every_key_that_is_read_is_here() {
        let reader = include_str!("file.rs");
        let (_, monitor) = reader.split_once("fn monitor(").unwrap();
        let (monitor, _) = monitor.split_once("\n    fn ").unwrap();
        let arms = monitor.lines().filter_map(|line| line.trim().split_once("\" =>"));
        let read: Vec<&str> = arms.filter_map(|(key, _)| key.strip_prefix('"')).collect();
        assert_eq!(read, MONITOR);
    }

    #[test]
    fn every_key_here_is_one_that_is_read() {
        let unknown = |text: String| {
            let problems = parse(text.as_bytes(), "c.json").unwrap().problems;
            problems.iter().any(|problem| problem.to_string().contains("is not a key that is known"))
        };
        for key in TOP {
            assert!(!unknown(format!("{{\"{key}\": null}}")), "{key}");
        }
        for key in MONITOR {
            assert!(!unknown(format!("{{\"monitor\": {{\"{key}\": null}}}}")), "{key}");
        }
        assert!(unknown("{\"monitor\": {\"exmaples\": null}}".into()));
    }
}
