//! Any file is a configuration or there is a reason why not, and neither shows the key.

use ::agent::config::parse;

const KEY: &str = "kN7pTq2VxY9wLrB4cZ0mD8sF";

/// The bytes are a file; and they are the rest of one that begins with a key. Elsewhere than as a key it may be shown.
pub fn config(data: &[u8]) {
    read(data);
    if data.windows(KEY.len()).any(|piece| piece == KEY.as_bytes()) {
        return;
    }
    let shown = read(&[br#"{"apiKey":""#, KEY.as_bytes(), br#"","#, data].concat());
    assert!(!shown.contains(KEY), "{shown}");
}

/// Returns what is shown of a configuration, or of the reason why it is none.
fn read(bytes: &[u8]) -> String {
    match parse(bytes, "service_config.json") {
        Ok(config) => format!("{config:?}"),
        Err(problem) => {
            let shown = problem.to_string();
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
            shown
        }
    }
}
