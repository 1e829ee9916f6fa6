//! The key: where it is from, and how long it lasts. Nothing of it is shown.

use std::time::{Duration, SystemTime};

use super::configuration::Read;
use super::row::Row;
use crate::config::{self, Config, ConfigArgs, KEY_VARIABLE};
use crate::platform::key_expiry;
use crate::report::span;

const SUBJECT: &str = "key";
/// How long before its expiry a key is warned of.
const SOON: Duration = Duration::from_secs(3600);
/// What to do about a key.
pub(super) const RENEW: &str =
    "`traffic-monitor setup` asks for a new one, then `kubectl apply -f configmap.yaml`";

/// Returns the row about the key: whether it may be sent, and for how long.
pub(super) fn row(read: &Read, args: &ConfigArgs) -> Row {
    match (&read.platform, &read.config) {
        (Ok(platform), config) => {
            let place = place(args, config.as_ref(), std::env::var(KEY_VARIABLE).ok().as_deref());
            if config::is_placeholder(&platform.key) {
                return Row::error(
                    SUBJECT,
                    format!("from {place}; it is the placeholder of the example"),
                    RENEW,
                );
            }
            judge(&place, key_expiry(&platform.key), SystemTime::now())
        }
        // The Secret is read along with the configuration.
        (Err(_), None) => Row::warning(
            SUBJECT,
            "not checked, for there is no configuration",
            "correct the configuration first",
        ),
        (Err(problem), _) if problem.place == "apisecUrl/devApiUrl" => {
            Row::error("platform", problem.to_string(), "correct apisecUrl or devApiUrl in the configuration")
        }
        (Err(problem), _) => Row::error(SUBJECT, problem.to_string(), RENEW),
    }
}

/// Returns where the key is from, in the order in which one wins over the other.
fn place(args: &ConfigArgs, config: Option<&Config>, variable: Option<&str>) -> String {
    if let Some(path) = &args.key_file {
        path.display().to_string()
    } else if variable.is_some_and(|text| !text.trim().is_empty()) {
        format!("the variable {KEY_VARIABLE}")
    } else if config.is_some_and(|config| config.secret.key.is_some()) {
        format!("the Secret in {}", args.secret.display())
    } else {
        "the configuration".to_owned()
    }
}

fn judge(place: &str, expiry: Option<SystemTime>, now: SystemTime) -> Row {
    let Some(at) = expiry else {
        return Row::ok(SUBJECT, format!("from {place}; opaque: it does not say when it expires"));
    };
    let date = httpdate::fmt_http_date(at);
    match at.duration_since(now) {
        Ok(left) => {
            let finding = format!("from {place}; a JWT that expires in {}, on {date}", span(left));
            if left < SOON { Row::warning(SUBJECT, finding, RENEW) } else { Row::ok(SUBJECT, finding) }
        }
        Err(past) => {
            let finding =
                format!("from {place}; a JWT that expired {} ago, on {date}", span(past.duration()));
            Row::error(SUBJECT, finding, RENEW)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;
    use crate::platform::date;

    #[test]
    fn a_key_is_judged_by_its_expiry() {
        let judged = |expiry: Option<u64>| judge("there", expiry.map(date), date(1_700_000_000));
        assert_eq!(judged(None).state, State::Ok);
        assert_eq!(judged(Some(u64::MAX)).state, State::Ok);
        for (left, state, says) in [
            (7_200, State::Ok, "expires in 2 h, on Wed, 15 Nov 2023 00:13:20 GMT"),
            (3_600, State::Ok, "expires in 60 min"),
            (3_599, State::Warning, "expires in 59 min"),
            (-1, State::Error, "expired 0 min ago, on Tue, 14 Nov 2023 22:13:19 GMT"),
            (-7_200, State::Error, "expired 2 h ago"),
        ] {
            let row = judged(1_700_000_000_u64.checked_add_signed(left));
            assert_eq!(row.state, state, "{left}");
            assert!(row.finding.contains(says), "{}", row.finding);
            assert_eq!(row.remedy.is_some(), state != State::Ok);
        }
    }

    #[test]
    fn the_place_is_that_of_the_key_that_wins() {
        let mut args = ConfigArgs {
            config: None,
            key_file: None,
            secret: "/secret".into(),
            ca_file: None,
            allow_api_host: Vec::new(),
            allow_http: false,
        };
        let mut config = Config::default();
        assert_eq!(place(&args, Some(&config), Some(" ")), "the configuration");
        config.secret.key = push::ApiKey::new("x");
        assert_eq!(place(&args, Some(&config), None), "the Secret in /secret");
        assert_eq!(place(&args, Some(&config), Some("x")), "the variable APISEC_API_KEY");
        args.key_file = Some("/key".into());
        assert_eq!(place(&args, Some(&config), Some("x")), "/key");
    }
}
