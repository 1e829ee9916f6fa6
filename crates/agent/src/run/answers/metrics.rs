//! `/metrics`: what the parts of the agent count, in the OpenMetrics text format. The list stands in `docs/metrics.md`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use decode::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text::encode};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use redact::Owner;
use store::StoreStatus;

use super::errors;
use crate::learn::coverage::Coverage;
use crate::report::clock;
use crate::run::shared::{Shared, TlsAsked};

/// Renders all metrics as they are now.
///
/// # Errors
/// Those of the text format's encoder.
pub(super) fn render(shared: &Arc<Shared>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("traffic_monitor");
    registry.register_collector(Box::new(Parts(Arc::clone(shared))));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

struct Parts(Arc<Shared>);

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts")
    }
}

impl Collector for Parts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Out { encoder: &mut encoder };
        self.capture(&mut out)?;
        self.inventory(&mut out)?;
        self.push(&mut out)?;
        let version = [(env!("CARGO_PKG_VERSION"), 1)];
        out.gauges("build_info", "1, with the version of this program", "version", &version)?;
        out.gauge("errors", "Errors that someone has to do something about", self.errors())
    }
}

impl Parts {
    fn capture(&self, out: &mut Out<'_, '_>) -> fmt::Result {
        let worker = self.0.capture.report();
        out.counter("capture_frames", "Frames that the kernel delivered", worker.capture.frames)?;
        out.counter("capture_kernel_drops", "Frames that the kernel dropped", worker.capture.kernel_drops)?;
        let (sent, seen) = self.0.canary.counts();
        out.counter("canary_sent", "Requests of the agent's own by which it tests whether it sees", sent)?;
        out.counter("canary_seen", "Those that capture saw", seen)?;
        let blind = u64::from(self.0.canary.trouble().is_some());
        out.gauge("canary_blind", "Whether the last two or more were not seen", blind)?;
        for account in &worker.accounts.accounts {
            let seen = format!("{}_seen", account.name);
            out.counter(&seen, "What came in; the sum of the same name with _by_way", account.seen)?;
            let by_way = format!("{}_by_way", account.name);
            out.family(&by_way, "What became of it", "way", &account.ways)?;
        }
        out.family("notes", "What is counted beside the accounts", "what", &worker.accounts.notes)?;
        let unreadable: Vec<_> = worker.coverage.unreadable_total().into_iter().collect();
        out.family("unreadable_connections", "Connections that cannot be read", "reason", &unreadable)?;
        self.tls(out, &worker.coverage)?;
        out.counter(
            "unknown_service_requests",
            "Requests to servers that belong to no known Service",
            worker.coverage.nameless_total(),
        )?;
        out.counter(
            "operations_unread",
            "Requests of endpoints with operations whose bodies there was no allowance for",
            worker.operations_unread,
        )?;
        out.gauge("connections", "Connections followed now", worker.connections as u64)?;
        out.gauge("connection_memory_bytes", "Memory of connections", worker.memory as u64)?;
        out.gauge("queue_exchanges", "Exchanges that wait for the keeper", self.0.queue.len() as u64)
    }

    fn tls(&self, out: &mut Out<'_, '_>, coverage: &Coverage) -> fmt::Result {
        let mapped = self.0.names.mappings();
        let mut of_services: BTreeMap<(String, &str), u64> = BTreeMap::new();
        for (owner, tally) in coverage.owners() {
            let service = match owner {
                Owner::Service(name) if mapped.find(name).is_some() => name.to_string(),
                _ => "other".to_owned(),
            };
            for (outcome, count) in tally.tls() {
                *of_services.entry((service.clone(), outcome)).or_default() += count;
            }
        }
        let connections: Vec<_> = of_services
            .iter()
            .map(|((service, outcome), count)| ((service.as_str(), *outcome), *count))
            .collect();
        let help = "TLS connections by Service and what became of them";
        out.pairs("tls_connections", help, ("service", "outcome"), &connections)?;
        if *self.0.tls.asked() == TlsAsked::No {
            return Ok(());
        }
        let report = self.0.tls.report();
        out.gauge(
            "tls_files_probed",
            "Files with TLS libraries that are probed now",
            report.files.len() as u64,
        )?;
        let secrets = report.counts.ways();
        out.family(
            "tls_secrets",
            "Secrets that libraries handed over, and what became of them",
            "way",
            &secrets,
        )
    }

    fn inventory(&self, out: &mut Out<'_, '_>) -> fmt::Result {
        let instance_of = self.0.names.instance_of();
        let now = clock();
        let (owners, oldest, totals, memory, missing, store) = self.0.learned.read(|inventory| {
            let open = inventory.store_status() == Some(StoreStatus::Open);
            let losses = inventory.losses();
            let store =
                (inventory.store_bytes().unwrap_or(0), u64::from(open), inventory.unsaved() as u64, losses);
            let missing = inventory.bodies_missing() as u64;
            let oldest = inventory.outbox(now, &instance_of, 0).oldest;
            let (totals, memory) = (*inventory.totals(), inventory.memory());
            (inventory.owners(now, instance_of), oldest, totals, memory, missing, store)
        });
        let waits = oldest.map_or(0, |at| now.saturating_since(at).as_secs());
        out.gauge(
            "outbox_oldest_seconds",
            "For how long the oldest that waits to be pushed has waited",
            waits,
        )?;
        out.gauge("inventory_memory_bytes", "Memory of endpoints", memory as u64)?;
        out.gauge("store_bytes", "Size of the store's file", store.0)?;
        out.gauge("store_open", "Whether what is learned is kept on disk", store.1)?;
        out.gauge("store_unsaved", "Endpoints with changes that are in memory only", store.2)?;
        out.counter("store_salvaged", "Records that were salvaged from damaged files", store.3.salvaged)?;
        out.counter("store_lost", "Values that are known to be lost with them", store.3.lost)?;
        out.counter("inventory_observed", "Exchanges that reached the inventory", totals.observed)?;
        out.counter("inventory_recorded", "Those that were counted with an endpoint", totals.recorded)?;
        out.family("inventory_unrecorded", "Those that were not", "reason", &totals.unrecorded.ways())?;
        let unopened = totals.unopened.ways();
        out.family("bodies_without_example", "Request bodies that gave no example", "reason", &unopened)?;
        let unnamed = totals.unnamed_operations.ways();
        out.family("operations_unnamed", "Calls of operations that have no name", "reason", &unnamed)?;
        let dropped = totals.dropped.ways();
        out.family("body_examples_dropped", "Body examples given up", "reason", &dropped)?;
        out.gauge("body_examples_missing", "Endpoints that lack the body example that they had", missing)?;
        out.counter(
            "shapes_dropped",
            "Endpoints whose schemas were given up to make room",
            totals.shapes_dropped,
        )?;
        let names =
            "Names of parameters, headers, cookies and fields that were left out: too many, or no names";
        out.counter("names_left_out", names, totals.names_left_out)?;
        out.family("inventory_evicted", "Endpoints forgotten to make room", "worth", &totals.evicted.ways())?;
        // Services are named by strangers; only those with a mapping become labels.
        let mut other = (0, 0, 0, 0);
        let mut lines = Vec::new();
        for counts in owners {
            let numbers =
                (counts.requests, counts.endpoints as u64, counts.pushed as u64, counts.waiting as u64);
            match (&counts.owner, &counts.instance) {
                (Owner::Service(name), Some(_)) => lines.push((name.to_string(), numbers)),
                _ => {
                    other =
                        (other.0 + numbers.0, other.1 + numbers.1, other.2 + numbers.2, other.3 + numbers.3);
                }
            }
        }
        lines.push(("other".into(), other));
        let column = |pick: fn(&(u64, u64, u64, u64)) -> u64| -> Vec<(&str, u64)> {
            lines.iter().map(|(name, numbers)| (name.as_str(), pick(numbers))).collect()
        };
        out.gauges("service_requests", "Requests, over restarts", "service", &column(|n| n.0))?;
        out.gauges("service_endpoints", "Endpoints known", "service", &column(|n| n.1))?;
        out.gauges("service_pushed", "Endpoints on the platform", "service", &column(|n| n.2))?;
        out.gauges("service_waiting", "Endpoints that wait to be pushed", "service", &column(|n| n.3))
    }

    fn push(&self, out: &mut Out<'_, '_>) -> fmt::Result {
        let push = self.0.push.status();
        let calls: Vec<_> = push
            .calls
            .iter()
            .map(|((call, result), count)| ((call.label(), result.label()), *count))
            .collect();
        out.pairs("platform_calls", "Calls to the platform", ("call", "result"), &calls)?;
        let paused = push.paused.len() as u64 + u64::from(push.key_paused.is_some());
        out.gauge("platform_paused", "Pauses of the push: the key, or instances", paused)?;
        out.gauge(
            "platform_superseded",
            "Literals that templates superseded",
            push.superseded_count() as u64,
        )?;
        if let Some(at) = self.0.push.key_expiry() {
            let at = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            out.gauge("key_expiry_seconds", "When the key expires, in Unix time", at)?;
        }
        let success = push.last_success.map_or(0, Timestamp::as_secs);
        out.gauge("platform_last_success_seconds", "When a call last succeeded, in Unix time", success)
    }

    fn errors(&self) -> u64 {
        errors::all(&self.0, &self.0.capture.report().missing).len() as u64
    }
}

/// Writes metrics with less ceremony.
struct Out<'a, 'b> {
    encoder: &'a mut DescriptorEncoder<'b>,
}

impl Out<'_, '_> {
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let counter = ConstCounter::new(value);
        counter.encode(self.encoder.encode_descriptor(name, help, None, counter.metric_type())?)
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        gauge.encode(self.encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
    }

    fn family(&mut self, name: &str, help: &str, label: &str, values: &[(&str, u64)]) -> fmt::Result {
        let kind = ConstCounter::new(0_u64).metric_type();
        let mut metric = self.encoder.encode_descriptor(name, help, None, kind)?;
        values.iter().try_for_each(|(value, count)| {
            ConstCounter::new(*count).encode(metric.encode_family(&[(label, *value)])?)
        })
    }

    fn gauges(&mut self, name: &str, help: &str, label: &str, values: &[(&str, u64)]) -> fmt::Result {
        let kind = ConstGauge::new(0_u64).metric_type();
        let mut metric = self.encoder.encode_descriptor(name, help, None, kind)?;
        values.iter().try_for_each(|(value, count)| {
            ConstGauge::new(*count).encode(metric.encode_family(&[(label, *value)])?)
        })
    }

    fn pairs(
        &mut self,
        name: &str,
        help: &str,
        labels: (&str, &str),
        values: &[((&str, &str), u64)],
    ) -> fmt::Result {
        let kind = ConstCounter::new(0_u64).metric_type();
        let mut metric = self.encoder.encode_descriptor(name, help, None, kind)?;
        values.iter().try_for_each(|((first, second), count)| {
            let pair = [(labels.0, *first), (labels.1, *second)];
            ConstCounter::new(*count).encode(metric.encode_family(&pair)?)
        })
    }
}
