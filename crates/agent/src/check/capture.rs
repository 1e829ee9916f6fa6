//! Whether packets can be captured here.

use capture::{OpenError, Ring, RingOptions};

use super::place::Place;
use super::row::{Row, State};
use crate::node::capabilities::{Capabilities, NET_RAW};

const SUBJECT: &str = "capture";

/// Opens the socket and the ring as the agent does, and closes them again.
pub(super) fn row(place: Place) -> Row {
    let has = Capabilities::effective().is_some_and(|capabilities| capabilities.have(NET_RAW));
    judge(Ring::open(&RingOptions::default()).map(drop), has, place)
}

fn judge(opened: Result<(), OpenError>, has: bool, place: Place) -> Row {
    let (finding, remedy) = match opened {
        Ok(()) => return Row::ok(SUBJECT, "a packet socket with its ring can be opened (CAP_NET_RAW)"),
        Err(OpenError::NotPermitted) if has => (
            "packet sockets are forbidden although CAP_NET_RAW is in force".to_owned(),
            "the seccomp profile or the security module of the node (AppArmor, SELinux) must allow AF_PACKET",
        ),
        Err(OpenError::NotPermitted) => (
            "CAP_NET_RAW is missing: no packet socket can be opened".to_owned(),
            "in Kubernetes run as uid 0 with `capabilities.add: [\"NET_RAW\"]` (daemonset.yaml has it); elsewhere run as \
             root, or `setcap cap_net_raw+ep traffic-monitor`",
        ),
        Err(error) => {
            (error.to_string(), "until this is put right, `traffic-monitor run` ends with the same message")
        }
    };
    place.fault(SUBJECT, finding, remedy)
}

/// The same where sockets can be captured: then packets are only what would be captured instead.
pub(super) fn beside_sockets(row: Row) -> Row {
    match row.state {
        State::Error => {
            let remedy = "needed only where traffic cannot be captured at sockets, as it can be here";
            Row::warning(row.subject, row.finding, remedy)
        }
        State::Ok | State::Warning => row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_from_capture_is_told_apart() {
        let node = Place { pod: true, root: true };
        assert_eq!(judge(Ok(()), true, node).state, State::Ok);
        let missing = judge(Err(OpenError::NotPermitted), false, node);
        assert!(missing.state == State::Error && missing.remedy.unwrap().contains("NET_RAW"));
        let forbidden = judge(Err(OpenError::NotPermitted), true, node);
        assert!(forbidden.state == State::Error && forbidden.remedy.unwrap().contains("seccomp"));
        let desk = Place { pod: false, root: false };
        assert_eq!(judge(Err(OpenError::NotPermitted), false, desk).state, State::Warning);
    }
}
