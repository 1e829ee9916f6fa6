//! Where a request of the agent's own passes what captures.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use capture::Attacher;

use crate::cli::GivenCgroup;
use crate::node::cgroups;
use crate::node::self_test::{ADDRESS, NUMBER};

/// The address at which the agent asks itself; or why none is of use.
pub(super) type Place = Result<IpAddr, String>;

/// Returns the place where these interfaces are captured; all of them if there are none. Whatever address of this host
/// is asked, its packets pass loopback.
pub(super) fn of_packets(interfaces: &[String]) -> Place {
    if interfaces.is_empty() || interfaces.iter().any(|name| name == "lo") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    Err(format!("only {} is captured, and what the agent asks itself passes lo", interfaces.join(", ")))
}

/// Captures the agent's own cgroup beside those that are captured, under a number that nothing else gets, and returns the
/// place.
pub(super) fn of_cgroups(attacher: &mut Attacher, given: &[GivenCgroup], root: Option<&Path>) -> Place {
    let root = root.ok_or("no tree of cgroups (version 2) is mounted")?;
    let own = cgroups::own(root)
        .ok_or_else(|| format!("the cgroup of the agent is not below {}", root.display()))?;
    let inode = |path: &Path| fs::metadata(path).ok().map(|meta| meta.ino());
    let is_captured = |path: &Path| given.iter().any(|given| inode(&given.path) == inode(path));
    if own.ancestors().any(is_captured) {
        return Ok(ADDRESS.into());
    }
    if cgroups::has_others_below(&own) {
        // Their packets would show twice.
        return Err(format!(
            "the agent runs in the cgroup {}, which holds others; start it in one of its own",
            own.display()
        ));
    }
    attacher.attach_without_secrets(&own, NUMBER).map_err(|error| error.to_string())?;
    Ok(ADDRESS.into())
}

/// Says to the kernel that the place is the agent's, where sockets are told by their addresses, and returns it.
pub(super) fn of_addresses(attacher: &mut Attacher) -> Place {
    attacher.own(ADDRESS.into(), NUMBER).map_err(|error| error.to_string())?;
    Ok(ADDRESS.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_show_it_where_loopback_is_captured() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let here = Ok(Ipv4Addr::LOCALHOST.into());
        assert_eq!((of_packets(&[]), of_packets(&names(&["eth0", "lo"]))), (here.clone(), here));
        assert!(of_packets(&names(&["eth0"])).unwrap_err().starts_with("only eth0 is captured"));
    }
}
