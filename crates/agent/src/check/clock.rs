//! The clock of this machine against that of the platform.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};

use super::bound::{PATIENCE, answer};
use super::row::Row;
use crate::platform::MAX_CERTIFICATES;
use crate::regular;

const SUBJECT: &str = "clock";
/// How far off a clock may be: more, and a key looks valid that has expired.
const MOST: Duration = Duration::from_secs(300);

/// Asks the platform for its date. The key is not sent for that.
pub(super) async fn row(url: Option<String>, ca_file: Option<PathBuf>) -> Row {
    let Some(url) = url else {
        return not_compared("there is no platform to ask");
    };
    match answer(date(&url, ca_file.as_deref())).await {
        Ok(Some(there)) => judge(there, SystemTime::now()),
        Ok(None) => not_compared("the platform says no date"),
        Err(error) => not_compared(&error),
    }
}

async fn date(url: &str, ca_file: Option<&Path>) -> Result<Option<SystemTime>, String> {
    let mut builder =
        Client::builder().user_agent(push::USER_AGENT).timeout(PATIENCE).redirect(Policy::none());
    if url.starts_with("http:") {
        // Only loopback may be plain: there is nothing to verify, and no proxy on the way.
        builder = builder.tls_certs_only([]).no_proxy();
    } else if let Some(path) = ca_file {
        let pem =
            regular::read(path, MAX_CERTIFICATES).map_err(|error| format!("{} {error}", path.display()))?;
        let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string())?;
        builder = builder.tls_certs_merge(certificates);
    }
    let client = builder.build().map_err(|error| error.to_string())?;
    let response = client.head(url).send().await.map_err(|error| innermost(&error))?;
    let date = response.headers().get("date").and_then(|date| date.to_str().ok());
    Ok(date.and_then(|date| httpdate::parse_http_date(date).ok()))
}

/// The error at the bottom: those above only say that a request was made.
fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

fn not_compared(why: &str) -> Row {
    Row::warning(
        SUBJECT,
        format!("not compared with the platform: {why}"),
        "see whether the node's clock is kept by NTP",
    )
}

fn judge(there: SystemTime, here: SystemTime) -> Row {
    let (off, word) = match here.duration_since(there) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    // The date has no fractions of a second, and the answer took its time.
    match off.as_secs() {
        0..=2 => Row::ok(SUBJECT, "agrees with the platform"),
        seconds if off <= MOST => Row::ok(SUBJECT, format!("{seconds} s {word} the platform")),
        seconds => {
            let finding = format!("{} min {word} the platform", seconds / 60);
            Row::warning(SUBJECT, finding, "set the clock of the node, and have it kept by NTP")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn five_minutes_are_too_much_either_way() {
        let here = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (off, state) in [(0, State::Ok), (2, State::Ok), (300, State::Ok), (301, State::Warning)] {
            let off = Duration::from_secs(off);
            assert_eq!(judge(here - off, here).state, state, "{off:?}");
            assert_eq!(judge(here + off, here).state, state, "{off:?}");
        }
        assert_eq!(judge(here + Duration::from_secs(660), here).finding, "11 min behind the platform");
    }
}
