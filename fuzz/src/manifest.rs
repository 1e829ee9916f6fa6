//! Any text is a manifest or there is a reason why not, which quotes nothing of it; and what is written is read as the same.

use ::agent::config;
use ::agent::setup::Manifest;

const KEY: &str = "kN7pTq2VxY9wLrB4cZ0mD8sF";

/// The bytes are the text; each byte 1 stands for the key.
pub fn manifest(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace('\u{1}', KEY);
    let manifest = match Manifest::parse(&text) {
        Ok(manifest) => manifest,
        Err(why) => {
            assert!(!why.contains(KEY), "{why}");
            return;
        }
    };
    if let Some(text) = manifest.config() {
        // What it says is judged by the target for configurations.
        let _ = config::parse(text.as_bytes(), "service_config.json");
    }
    let Ok(written) = manifest.render() else { return };
    let again = Manifest::parse(&written).unwrap_or_else(|why| panic!("{why}: {written}"));
    assert_eq!(again.config(), manifest.config());
    assert_eq!(again.render().as_ref(), Ok(&written));
}
