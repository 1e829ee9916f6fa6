//! The configuration file, and what it decides.

use std::path::Path;

use super::row::Row;
use crate::config::descriptors::DescriptorSets;
use crate::config::{self, Config, ConfigArgs, Platform, Problem};
use crate::environment;

const SUBJECT: &str = "configuration";
const APPLY: &str = "`kubectl apply -f configmap.yaml`";
const REPAIR: &str =
    "correct it (`traffic-monitor setup` makes a new one), then `kubectl apply -f configmap.yaml`";
const MISSING: &str = "in a cluster `kubectl get configmap -n kube-system traffic-monitor-config` says whether it is \
                       there; if not, `traffic-monitor setup`, then `kubectl apply -f configmap.yaml`. Elsewhere name \
                       the file by --config";

/// What was read.
pub(super) struct Read {
    /// None when nothing of it can be used.
    pub(super) config: Option<Config>,
    /// Where to push.
    pub(super) platform: Result<Platform, Problem>,
    pub(super) rows: Vec<Row>,
}

/// Reads configuration and key as the agent would.
pub(super) fn read(args: &ConfigArgs) -> Read {
    let path = args.path();
    let loaded = config::load(args);
    let mut rows = match &loaded {
        Ok(config) => found(&path, config),
        Err(_) if !path.exists() => {
            vec![Row::error(SUBJECT, format!("{} is not there", path.display()), MISSING)]
        }
        Err(problem) => vec![Row::error(SUBJECT, problem.to_string(), REPAIR)],
    };
    if let Some(name) = environment::shows_only() {
        let finding = format!("the variable {name} switches the integration off: nothing is pushed");
        rows.push(Row::warning(SUBJECT, finding, format!("remove {name} from the DaemonSet")));
    }
    let config = loaded.ok();
    let platform = config::platform(config.as_ref().unwrap_or(&Config::default()), args);
    Read { config, platform, rows }
}

fn found(path: &Path, config: &Config) -> Vec<Row> {
    let place = path.display();
    let count = config.mappings.len();
    let mut rows = Vec::new();
    if count == 0 {
        let finding =
            format!("{place} maps no Service: nothing is pushed, but for Services that annotations map");
        rows.push(Row::warning(SUBJECT, finding, format!("`traffic-monitor setup`, then {APPLY}")));
    } else {
        rows.push(Row::ok(SUBJECT, format!("{place}; mappings: {count}")));
    }
    let remedy = format!("correct it (`traffic-monitor setup`, or in configmap.yaml), then {APPLY}");
    let descriptors = DescriptorSets::read(&config.monitor.descriptor_sets);
    for problem in config.problems.iter().chain(&descriptors.problems) {
        let row = if problem.error { Row::error } else { Row::warning };
        rows.push(row(SUBJECT, problem.to_string(), remedy.clone()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    fn states(text: &str) -> Vec<State> {
        let config = config::parse(text.as_bytes(), "c.json").unwrap();
        found(Path::new("c.json"), &config).iter().map(|row| row.state).collect()
    }

    #[test]
    fn each_problem_is_a_row() {
        let good = r#"{"serviceMappings": {"cart": {"appId": "a", "instanceId": "i"}}}"#;
        assert_eq!(states(good), [State::Ok]);
        assert_eq!(states("{}"), [State::Warning], "no mapping");
        let bad =
            r#"{"apiKey": 1, "typo": 2, "serviceMappings": {"cart": {"appId": "a", "instanceId": "i"}}}"#;
        assert_eq!(states(bad), [State::Ok, State::Error, State::Warning]);
    }
}
