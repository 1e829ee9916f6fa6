//! The last view of the cluster, kept beside the store: the names of servers, until the API server answers after a restart.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use decode::Timestamp;
use identify::cluster::Cluster;
use serde::{Deserialize, Serialize};

use crate::regular::{self, ReadError};

const FILE: &str = "names.json";

/// The largest view that is read or written, in bytes: 10,000 Services and 250 pods have some 5 MB.
const MAX_SIZE: u64 = 32 << 20;

/// The form of the file. Another one is passed over.
const FORM: u32 = 1;

/// A view of the cluster from one node.
#[derive(Debug, Deserialize)]
pub(super) struct LastView {
    form: u32,
    /// The node that it is of.
    node: String,
    /// When the API server sent the last of it, in seconds since the Unix epoch.
    at: u64,
    pub(super) cluster: Cluster,
}

/// The same as it is written.
#[derive(Serialize)]
struct View<'a> {
    form: u32,
    node: &'a str,
    at: u64,
    cluster: &'a Cluster,
}

/// Returns the bytes of a view of this node. The cluster may be large, so it is not copied.
///
/// # Errors
/// It is larger than is kept.
pub(super) fn bytes(node: &str, at: Timestamp, cluster: &Cluster) -> std::io::Result<Vec<u8>> {
    let bytes = serde_json::to_vec(&View { form: FORM, node, at: at.as_secs(), cluster })?;
    match bytes.len() as u64 {
        0..=MAX_SIZE => Ok(bytes),
        len => Err(std::io::Error::other(format!("it has {} MB, more than is kept", len / 1_000_000))),
    }
}

/// Writes the bytes of a view. The file that was there stays until the new one is whole.
///
/// # Errors
/// What the system said.
pub(super) fn write(state: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let permissions = std::fs::Permissions::from_mode(0o600);
    let mut file = tempfile::Builder::new().prefix(".names-").permissions(permissions).tempfile_in(state)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(place(state))?;
    File::open(state)?.sync_all()
}

impl LastView {
    /// Returns when it was true.
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_secs(self.at)
    }

    /// Reads the view of this node; none where there is none that can be used, which is said.
    pub(super) fn read(state: &Path, node: &str) -> Option<LastView> {
        let path = place(state);
        let bytes = match regular::read(&path, MAX_SIZE) {
            Ok(bytes) => bytes,
            Err(ReadError::System(error)) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!("The last view of Kubernetes {}: {error}; it is made anew", path.display());
                return None;
            }
        };
        match serde_json::from_slice::<LastView>(&bytes) {
            Ok(view) if view.form == FORM && view.node == node => Some(view),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(
                    "The last view of Kubernetes {} is damaged ({error}); it is made anew",
                    path.display()
                );
                None
            }
        }
    }
}

fn place(state: &Path) -> PathBuf {
    state.join(FILE)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use identify::ServiceName;
    use identify::cluster::{Change, Service, Update};

    use super::*;

    fn cluster() -> Cluster {
        let mut cluster = Cluster::default();
        let name = ServiceName { namespace: "shop".into(), name: "cart".into() };
        let service = Service { name, ..Service::default() };
        cluster.apply(Change::Services(Update::One(("shop".into(), "cart".into()), service)));
        cluster
    }

    #[test]
    fn a_view_comes_back_for_its_node_alone() {
        let state = tempfile::tempdir().unwrap();
        assert!(LastView::read(state.path(), "n1").is_none());
        write(state.path(), &bytes("n1", Timestamp::from_secs(7), &cluster()).unwrap()).unwrap();
        let view = LastView::read(state.path(), "n1").unwrap();
        assert_eq!((view.at(), view.cluster.len()), (Timestamp::from_secs(7), (1, 0)));
        assert!(LastView::read(state.path(), "n2").is_none());
        assert_eq!(std::fs::metadata(place(state.path())).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_view_is_passed_over() {
        let state = tempfile::tempdir().unwrap();
        for bytes in [
            &b""[..],
            b"{",
            b"[]",
            br#"{"form":9,"node":"n1","at":1,"cluster":{"services":[],"pods":[],"backends":[]}}"#,
        ] {
            std::fs::write(place(state.path()), bytes).unwrap();
            assert!(LastView::read(state.path(), "n1").is_none());
        }
    }
}
