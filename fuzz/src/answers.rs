//! Whatever the platform answers, reading it takes no more than a multiple of it, and no failure shows the key.

use std::time::{Duration, SystemTime};

use ::push::answers::{applications, first_instance, listing, new_application, new_instance, suggestions};
use ::push::{ApiKey, CallKind, Failure, retry_after};

/// Without the letters of escapes (`\r`, `\n`, `\t`, `\0`), which would make a piece of it longer.
const KEY: &str = "kN7pTq2VxY9wLRB4cZ5mD8sF";
/// As few characters of the key are not shown.
const PIECE: usize = 8;
/// The longest text of a failure, in characters: 300, some of them escaped.
const MAX_SHOWN: usize = 300 * 10 + 100;

const KINDS: [CallKind; 8] = [
    CallKind::Listing,
    CallKind::Preview,
    CallKind::Add,
    CallKind::Commit,
    CallKind::Applications,
    CallKind::Application,
    CallKind::NewApplication,
    CallKind::NewInstance,
];

/// The first byte chooses the call, the next two give the status; the rest is the body, in which each byte 1 stands for the key.
pub fn answers(data: &[u8]) {
    let Some((&[kind, high, low], body)) = data.split_first_chunk() else { return };
    let text = String::from_utf8_lossy(body);
    read(body);
    let key = ApiKey::new(KEY).expect("a key");
    let status = u16::from_be_bytes([high, low]);
    let body = text.replace('\u{1}', KEY);
    let failure = Failure::from_answer(
        KINDS[usize::from(kind) % KINDS.len()],
        status % 700,
        retry_after(&text, Some(&text), SystemTime::UNIX_EPOCH),
        body.as_bytes(),
        &key,
    );
    if let Failure::Retry { after: Some(after), .. } = &failure {
        assert!(*after <= Duration::from_secs(3600), "{failure:?}");
    }
    let shown = failure.to_string();
    assert!(shown.chars().count() <= MAX_SHOWN && !shown.chars().any(char::is_control), "{shown:?}");
    for start in 0..=KEY.len() - PIECE {
        let piece = &KEY[start..start + PIECE];
        assert!(!shown.contains(piece), "{piece} is in {shown}");
    }
}

/// Reads it as the answer of each call.
fn read(body: &[u8]) {
    for one in listing(body).unwrap_or_default() {
        assert!(!one.id.is_empty() && !one.path.is_empty(), "{one:?}");
        assert!(one.id.len() + one.method.len() + one.path.len() <= 4 * body.len(), "{one:?}");
        assert!(one.parameters.is_none_or(|names| names.len() <= 256));
    }
    for one in suggestions(body) {
        assert!(one.id.len() + one.method.len() + one.path.len() <= 4 * body.len(), "{one:?}");
    }
    if let Ok((page, _)) = applications(body) {
        assert!(page.len() <= body.len());
    }
    for id in [new_application(body), new_instance(body), first_instance(body)].into_iter().flatten() {
        assert!(!id.is_empty() && id.len() <= 3 * body.len(), "{id:?}");
    }
}
