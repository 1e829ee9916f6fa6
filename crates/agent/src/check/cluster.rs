//! The cluster: whether names can be learned from it, and the mappings name Services of it.

use std::path::Path;

use futures_util::future::join_all;
use futures_util::join;
use kubernetes::{ApiServer, Kind, VERBS};

use super::bound::answer;
use super::place::Place;
use super::row::Row;
use super::services;
use crate::config::Config;

const SUBJECT: &str = "cluster";
const RIGHTS_SUBJECT: &str = "rights";
const ROLE: &str = "`kubectl apply -f daemonset.yaml`, which has the ClusterRole";
/// The oldest version that is supported, and the first one with `discovery.k8s.io/v1`.
const OLDEST: (u32, u32) = (1, 20);
const SLICES: (u32, u32) = (1, 21);

/// Asks the cluster, if there is one.
pub(super) async fn rows(kubeconfig: Option<&Path>, place: Place, config: &Config) -> Vec<Row> {
    let opened = match kubeconfig {
        Some(path) => answer(ApiServer::from_kubeconfig(path)).await.map(Some),
        None if place.pod => ApiServer::from_service_account().map(Some).map_err(|error| error.to_string()),
        None => answer(ApiServer::from_user()).await,
    };
    let server = match opened {
        Ok(Some(server)) => server,
        Ok(None) => {
            let remedy = "name a kubeconfig file by --kubeconfig, or run this in the pod";
            return vec![Row::warning(
                SUBJECT,
                "no cluster here: Services and rights are not checked",
                remedy,
            )];
        }
        Err(error) => {
            let remedy = match kubeconfig {
                None if place.pod => "`kubectl apply -f daemonset.yaml`, which has the service account",
                _ => "correct it, or name another kubeconfig file by --kubeconfig",
            };
            return vec![Row::error(SUBJECT, error, remedy)];
        }
    };
    let version = match answer(server.version()).await {
        Ok(version) => version,
        Err(error) => {
            let remedy = "see whether `kubectl version` reaches it from here; in the pod, whether the node reaches that address";
            return vec![Row::error(SUBJECT, error, remedy)];
        }
    };
    let mut rows = vec![judge_version(server.address(), &version)];
    // The rights of a person at a desk are not those of the agent.
    let own = place.pod || kubeconfig.is_some();
    let (rights, names) = join!(rights(&server, &version, own), answer(server.services()));
    rows.extend(rights);
    match names {
        Ok(names) => rows.extend(services::rows(&names, &config.mappings, config.onboard)),
        Err(error) => rows.push(Row::error("service", error, ROLE)),
    }
    rows
}

fn judge_version(address: &str, version: &str) -> Row {
    let finding = format!("{address} has version {version}");
    match number(version) {
        Some(number) if number < OLDEST => Row::warning(
            SUBJECT,
            finding,
            "the oldest version that is supported is 1.20: upgrade the cluster",
        ),
        _ => Row::ok(SUBJECT, finding),
    }
}

/// The number of a version: some clusters write `1.27+`.
fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()?))
}

/// Returns the rows about the rights to list and to watch what the agent lists and watches.
async fn rights(server: &ApiServer, version: &str, own: bool) -> Vec<Row> {
    let has_slices = number(version).is_none_or(|number| number >= SLICES);
    // Endpoints are read only where there are no EndpointSlices.
    let unused = if has_slices { Kind::Endpoints } else { Kind::EndpointSlices };
    let needed = Kind::ALL.into_iter().filter(|kind| *kind != unused);
    let each = needed.flat_map(|kind| VERBS.map(|verb| (verb, kind)));
    let asked = each.map(|(verb, kind)| async move { (verb, kind, answer(server.may(verb, kind)).await) });
    judge_rights(&join_all(asked).await, own)
}

type Right = (&'static str, Kind, Result<bool, String>);

fn judge_rights(asked: &[Right], own: bool) -> Vec<Row> {
    let mut rows: Vec<_> = asked.iter().filter_map(|right| lacking(right, own)).collect();
    if rows.is_empty() {
        let mut kinds: Vec<_> = asked.iter().map(|(_, kind, _)| kind.resource()).collect();
        kinds.dedup();
        let whose = if own { "" } else { " (by your kubeconfig; the agent has its own rights)" };
        rows.push(Row::ok(RIGHTS_SUBJECT, format!("list and watch {}{whose}", kinds.join(", "))));
    }
    rows
}

fn lacking((verb, kind, answer): &Right, own: bool) -> Option<Row> {
    let row = match answer {
        Ok(true) => return None,
        Ok(false) if !own => {
            let finding = format!("you may not {verb} {kind}; the agent has rights of its own");
            Row::warning(RIGHTS_SUBJECT, finding, "run this in the pod to check the agent's rights")
        }
        Ok(false) if *kind == Kind::Endpoints => Row::warning(
            RIGHTS_SUBJECT,
            format!("may not {verb} endpoints: Services without a selector are not named"),
            ROLE,
        ),
        Ok(false) => Row::error(RIGHTS_SUBJECT, format!("may not {verb} {kind} in all namespaces"), ROLE),
        Err(error) => {
            let finding = format!("whether it may {verb} {kind} is not known: {error}");
            Row::warning(RIGHTS_SUBJECT, finding, "run `traffic-monitor check` again")
        }
    };
    Some(row)
}

/// Returns the row about the name of the node, which a pod must know.
pub(super) fn node(place: Place, node: Option<&str>) -> Option<Row> {
    const SUBJECT: &str = "node";
    match node.filter(|node| !node.is_empty()) {
        Some(node) => Some(Row::ok(SUBJECT, node)),
        None if place.pod => {
            let finding = "NODE_NAME is not set: which pods are here is not known";
            Some(Row::error(
                SUBJECT,
                finding,
                "`kubectl apply -f daemonset.yaml`, which sets it from spec.nodeName",
            ))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn versions_are_numbers() {
        for (text, state) in [
            ("1.19", State::Warning),
            ("1.20", State::Ok),
            ("1.20+", State::Ok),
            ("1.9", State::Warning),
            ("x", State::Ok),
        ] {
            assert_eq!(judge_version("a", text).state, state, "{text}");
        }
        assert_eq!(number("1.27+"), Some((1, 27)));
    }

    #[test]
    fn each_right_that_is_lacking_is_a_row() {
        let asked = |may: bool| -> Vec<Right> {
            vec![
                ("list", Kind::Services, Ok(true)),
                ("watch", Kind::Services, Ok(may)),
                ("list", Kind::Endpoints, Ok(may)),
            ]
        };
        assert_eq!(
            judge_rights(&asked(true), true),
            [Row::ok("rights", "list and watch services, endpoints")]
        );
        let states = |own| judge_rights(&asked(false), own).iter().map(|row| row.state).collect::<Vec<_>>();
        assert_eq!(states(true), [State::Error, State::Warning]);
        assert_eq!(states(false), [State::Warning; 2]);
        let unknown = judge_rights(&[("list", Kind::Pods, Err("away".into()))], true);
        assert!(unknown.len() == 1 && unknown[0].state == State::Warning, "{unknown:?}");
    }

    #[test]
    fn only_a_pod_must_know_its_node() {
        let [pod, desk] = [true, false].map(|pod| Place { pod, root: true });
        assert_eq!(node(pod, Some("")).unwrap().state, State::Error);
        assert_eq!(node(pod, Some("node-1")).unwrap().state, State::Ok);
        assert_eq!(node(desk, None), None);
    }
}
