//! How the reading of TLS does: for `status` and `explain`.

use capture::SecretCounts;
use identify::ServiceName;
use redact::Owner;
use serde::{Deserialize, Serialize};

use crate::learn::coverage::Tally;
use crate::pipeline::targets::{Target, Targets};
use crate::run::secrets::{Finding, Process};
use crate::run::shared::{Shared, TlsAsked, TlsReport};

/// A line of what there is to say.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct TlsLine {
    pub(crate) text: String,
    /// Whether it says that something is not read.
    pub(crate) wrong: bool,
}

impl TlsLine {
    fn right(text: impl Into<String>) -> TlsLine {
        TlsLine { text: text.into(), wrong: false }
    }

    fn wrong(text: impl Into<String>) -> TlsLine {
        TlsLine { text: text.into(), wrong: true }
    }
}

/// Returns what there is to say of it, for `status`: nothing where nobody asked for it.
pub(super) fn lines(shared: &Shared) -> Vec<TlsLine> {
    match shared.tls.asked() {
        TlsAsked::No => Vec::new(),
        TlsAsked::InVain(why) => vec![TlsLine::wrong(format!("not read: {why}"))],
        TlsAsked::Yes => {
            let mut lines = of_report(&shared.tls.report(), &shared.capture.targets());
            let worker = shared.capture.report();
            let mut owners: Vec<_> = worker.coverage.owners().filter_map(of_owner).collect();
            owners.sort_unstable();
            lines.extend(owners.into_iter().map(TlsLine::right));
            lines
        }
    }
}

/// `shop/cart: connections: 3 opened, 1 no_key`.
pub(super) fn of_owner((owner, tally): (&Owner, &Tally)) -> Option<String> {
    let counts: Vec<_> = tally.tls().map(|(label, count)| format!("{count} {label}")).collect();
    (!counts.is_empty()).then(|| format!("{owner}: connections: {}", counts.join(", ")))
}

/// Returns what the processes of Services have, for `explain`; `is_meant` says of which Services.
pub(super) fn of_services(shared: &Shared, is_meant: impl Fn(&ServiceName) -> bool) -> Vec<String> {
    let (report, targets) = (shared.tls.report(), shared.capture.targets());
    let meant =
        |process: &&Process| services(&targets, process.target).iter().any(|service| is_meant(service));
    report
        .processes
        .iter()
        .filter(meant)
        .map(|process| format!("TLS: {}", shown(process, &targets)))
        .collect()
}

fn of_report(report: &TlsReport, targets: &Targets) -> Vec<TlsLine> {
    if !report.on {
        return vec![TlsLine::wrong("not read: monitor.tls is false")];
    }
    let SecretCounts { given, foreign, other, unreadable, ring_full } = report.counts;
    let mut lines = vec![TlsLine::right(format!(
        "secrets {given} taken, {foreign} of others left, {unreadable} not readable, {ring_full} lost, {other} of another kind"
    ))];
    lines.extend(
        report
            .files
            .iter()
            .map(|(name, hits)| TlsLine::right(format!("{name}: probed, reached {hits} times"))),
    );
    lines.extend(report.processes.iter().map(|process| TlsLine {
        text: shown(process, targets),
        wrong: matches!(process.finding, Finding::Unread(_)),
    }));
    lines.extend(report.doubt.map(|doubt| TlsLine::wrong(doubt.to_string())));
    lines.extend(report.troubles.iter().map(TlsLine::wrong));
    lines
}

/// `shop/cart: nginx: libssl.so.3: OpenSSL 3.0.17: can be read`.
fn shown(process: &Process, targets: &Targets) -> String {
    let names: Vec<_> = services(targets, process.target).iter().map(ToString::to_string).collect();
    let whose = if names.is_empty() { "a pod without a Service".to_owned() } else { names.join(", ") };
    let file = if process.file.is_empty() { String::new() } else { format!("{}: ", process.file) };
    format!("{whose}: {}: {file}{}", process.command, process.finding)
}

fn services(targets: &Targets, number: u32) -> Vec<&ServiceName> {
    match targets.0.get(&number) {
        Some(Target::Service(service)) => vec![service],
        Some(Target::Pod(services, _)) => services.services().map(|service| &**service).collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_process_stands_with_its_service_and_what_it_has() {
        let service = ServiceName { namespace: "shop".into(), name: "cart".into() };
        let targets = Targets([(1, Target::Service(Arc::new(service)))].into());
        let process = |target, file: &str, finding| Process {
            target,
            command: "nginx".into(),
            file: file.into(),
            finding,
        };
        let processes = vec![
            process(1, "libssl.so.3", Finding::Library("OpenSSL 3.0.17".into())),
            process(2, "", Finding::None),
        ];
        let report = TlsReport { on: true, processes, ..TlsReport::default() };
        let lines = of_report(&report, &targets);
        assert_eq!(lines[1].text, "shop/cart: nginx: libssl.so.3: OpenSSL 3.0.17: can be read");
        assert_eq!(lines[2].text, "a pod without a Service: nginx: no TLS library that is known");
        let off = of_report(&TlsReport { on: false, ..report }, &targets);
        assert_eq!(off, [TlsLine::wrong("not read: monitor.tls is false")]);
    }
}
