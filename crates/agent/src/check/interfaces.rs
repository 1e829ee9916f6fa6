//! The interfaces that are captured on, and whether they are the node's.

use super::place::Place;
use super::row::Row;
use crate::node::network::{FOLDER, Network, Whose};

/// Returns what there is, and in a pod whether it is the node's network.
pub(super) fn rows(place: Place, node: Option<&str>) -> Vec<Row> {
    const SUBJECT: &str = "interfaces";
    match Network::find() {
        Ok(network) => {
            let mut rows = vec![Row::ok(SUBJECT, network.to_string())];
            rows.extend(place.pod.then(|| judge(network.whose(node))));
            rows
        }
        Err(error) => {
            let finding = format!("{FOLDER} cannot be read: {error}");
            vec![Row::warning(SUBJECT, finding, "mount /sys, read-only is enough")]
        }
    }
}

fn judge(whose: Whose) -> Row {
    const SUBJECT: &str = "hostNetwork";
    if whose.is_the_nodes() {
        Row::ok(SUBJECT, whose.to_string())
    } else {
        let remedy = "set `hostNetwork: true` in the pod's spec (daemonset.yaml has it)";
        Row::error(SUBJECT, whose.to_string(), remedy)
    }
}
