//! What someone has to do something about: for `status`, `explain`, the metrics, and the log, once a minute.

use std::time::{Duration, SystemTime};

use decode::Timestamp;
use inventory::Instance;
use push::{Pause, PauseKind};
use redact::printable;
use store::{KeptInventory, StoreStatus};

use crate::report::clock;
use crate::run::push::key::RENEW;
use crate::run::secrets::Doubt;
use crate::run::shared::{Shared, TlsAsked};

/// How long a platform may be away before someone has to know.
const AWAY: Duration = Duration::from_secs(30);

/// Returns what someone has to do something about.
pub(in crate::run) fn all(shared: &Shared, missing_interfaces: &[String]) -> Vec<String> {
    let mut errors = Vec::new();
    errors.extend(shared.config.problem().map(|problem| problem.to_string()));
    errors.extend(shared.health.trouble());
    errors.extend(shared.canary.trouble());
    errors.extend(shared.canary.not_made());
    errors.extend(tls(shared));
    errors.extend(shared.push.problem().map(|problem| problem.to_string()));
    errors.extend(shared.config.descriptor_problems().iter().map(ToString::to_string));
    errors.extend(shared.config.key_log_troubles());
    let push = shared.push.status();
    let expired = shared.push.key_expiry().is_some_and(|at| at <= SystemTime::now());
    errors.extend(expired.then(|| format!("the API key has expired: {RENEW}")));
    let key = |pause: &Pause| format!("nothing is pushed ({}): {}", pause.reason, RENEW);
    errors.extend(push.key_paused.as_ref().map(key));
    errors.extend(instances(shared, |_| true));
    errors.extend(shared.view.errors(shared.started.elapsed()));
    errors.extend(match shared.learned.read(KeptInventory::store_status) {
        Some(StoreStatus::Away(why) | StoreStatus::Refused(why)) => {
            Some(format!("nothing is kept on disk: {why}"))
        }
        _ => None,
    });
    let config = shared.config.load();
    errors.extend(config.problems.iter().filter(|problem| problem.error).map(ToString::to_string));
    errors.extend(missing_interfaces.iter().map(|name| format!("interface '{name}' does not exist (yet)")));
    errors
}

/// Returns what keeps TLS from being read.
fn tls(shared: &Shared) -> Vec<String> {
    if let TlsAsked::InVain(why) = shared.tls.asked() {
        return vec![format!("HTTPS is not read, though --tls asks for it: {why}")];
    }
    let report = shared.tls.report();
    let ended = report.ended.as_ref().map(|how| {
        format!(
            "TLS: the process that finds libraries has ended ({how}): what is probed stays so, and what starts from now on is not \
             read until the agent starts again"
        )
    });
    let silent = report.silent.map(|silent| {
        format!("TLS: the process that finds libraries has said nothing for {} s: what starts from now on is not read", silent.as_secs())
    });
    // That nothing is reached may have its reasons: it is a line of `status`.
    let doubt = report
        .doubt
        .filter(|doubt| matches!(doubt, Doubt::NothingOpened { .. }))
        .map(|doubt| doubt.to_string());
    ended.into_iter().chain(silent).chain(doubt).collect()
}

/// Returns what is said of platforms that are away: nobody says it when it begins, since it may be over at once.
pub(in crate::run) fn away(shared: &Shared) -> Vec<String> {
    instances(shared, |kind| kind == PauseKind::Away)
}

/// Returns what is said of the instances that cannot be pushed to for a reason of this kind.
fn instances(shared: &Shared, wanted: impl Fn(PauseKind) -> bool) -> Vec<String> {
    let (mappings, push) = (shared.names.mappings(), shared.push.status());
    let paused =
        push.paused.iter().filter(|(_, pause)| wanted(pause.kind)).filter_map(|(instance, pause)| {
            let services = mappings.iter().filter(|(_, to)| *to == instance).map(|(key, _)| key);
            paused(&services.collect::<Vec<_>>(), instance, pause, clock())
        });
    paused.collect()
}

/// Returns what is said of an instance that cannot be pushed to. A platform that was away for a moment is nothing to do
/// about.
fn paused(services: &[&str], instance: &Instance, pause: &Pause, now: Timestamp) -> Option<String> {
    let lasts = now.saturating_since(pause.since) >= AWAY;
    let remedy = match pause.kind {
        PauseKind::Mapping => "its endpoints are kept; mend serviceMappings",
        PauseKind::Away if lasts => {
            "everything is kept and tried again; check the platform's URL, the name service, the firewall and the proxy on the way"
        }
        PauseKind::Away | PauseKind::Key => return None,
    };
    Some(format!(
        "application {}, instance {} of service '{}': {}; {remedy}",
        printable(instance.app.as_bytes()),
        printable(instance.instance.as_bytes()),
        printable(services.join("', '").as_bytes()),
        pause.reason
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_that_stays_away_is_an_error_with_names_and_a_remedy() {
        let instance = Instance { app: "a-1".into(), instance: "i-1".into() };
        let [since, until] = [5, 9].map(Timestamp::from_secs);
        let said = |kind, seconds| {
            let pause = Pause { kind, reason: "HTTP 503".into(), since, until };
            paused(&["cart", "pay"], &instance, &pause, since + Duration::from_secs(seconds))
        };
        assert_eq!((said(PauseKind::Away, 29), said(PauseKind::Key, 600)), (None, None));
        let away = said(PauseKind::Away, 30).unwrap();
        assert!(
            away.starts_with("application a-1, instance i-1 of service 'cart', 'pay': HTTP 503; "),
            "{away}"
        );
        assert!(away.contains("check the platform's URL"), "{away}");
        assert!(said(PauseKind::Mapping, 0).unwrap().contains("mend serviceMappings"));
    }
}
