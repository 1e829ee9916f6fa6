//! The ladder of rights for capture at sockets.

use super::place::Place;
use super::row::Row;
use crate::node::cgroups;
use crate::node::ladder::{self, Rung};

const SUBJECT: &str = "sockets";

/// A row for each need. That one is missing is no error: packets are captured then.
pub(super) fn rows() -> Vec<Row> {
    // Those of packets have rows of their own.
    let root = cgroups::root(None);
    ladder::of_sockets(root.as_deref(), Place::find().pod).rungs.iter().map(row).collect()
}

fn row(rung: &Rung) -> Row {
    match &rung.missing {
        None => Row::ok(SUBJECT, format!("{} (Linux {})", rung.need, rung.oldest)),
        Some(why) => Row::warning(
            SUBJECT,
            format!("{} (Linux {}): {why}", rung.need, rung.oldest),
            format!(
                "without it {}; daemonset.yaml gives BPF, NET_ADMIN and the node's cgroups, docs/deployment.md says which \
                 nodes cannot",
                rung.cost
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_its_cost() {
        let rung = |missing: Option<&str>| Rung {
            mode: SUBJECT,
            need: "CAP_BPF",
            oldest: "5.8",
            missing: missing.map(str::to_owned),
            cost: "packets are captured instead",
        };
        assert_eq!(row(&rung(None)), Row::ok(SUBJECT, "CAP_BPF (Linux 5.8)"));
        let missing = row(&rung(Some("missing")));
        assert_eq!((missing.state, &*missing.finding), (State::Warning, "CAP_BPF (Linux 5.8): missing"));
        assert!(missing.remedy.unwrap().contains("packets are captured instead"));
    }
}
