//! What the agent and its child that finds libraries tell each other: one packet of a socket each, as JSON, with descriptors
//! beside it.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::finding::Finding;

/// The most bytes of a packet. What is longer does not fit into a socket's buffer, as systems have it.
const MAX_BYTES: usize = 160 << 10;
/// The most descriptors in a packet.
const MAX_DESCRIPTORS: usize = 4;

/// What the agent tells the child.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Order {
    /// Something new may be there: look, now and some times soon.
    Look,
    /// Whether libraries are to be probed.
    Probe(bool),
}

/// What the child tells the agent.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum News {
    /// The programs are loaded: with the descriptors of the ring, of the monitored cgroups, of the counts and of the points.
    Loaded,
    /// Nothing can be probed, and why.
    Failed(String),
    /// A file is probed, until the descriptor that comes along is closed.
    Attached(Attached),
    /// The file with this number is not to be probed any longer.
    Detached(u64),
    /// What was found.
    Seen(Seen),
}

/// A file that is probed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Attached {
    /// Its number, which no other one ever gets.
    pub(super) file: u64,
    /// Its name, and the library in it.
    pub(super) name: String,
    /// The numbers of its points.
    pub(super) points: Vec<u32>,
}

/// What was found in the processes of monitored cgroups.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Seen {
    /// The cgroups that were looked at, and whether a library in them gives secrets, where that is known.
    pub(super) targets: Vec<(u32, bool)>,
    /// Their processes, some of each kind.
    pub(super) processes: Vec<Process>,
    /// What kept the child from finding more.
    pub(super) troubles: Vec<String>,
}

/// Processes of a cgroup that have the same name and the same library.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Process {
    /// The number of the cgroup.
    pub(crate) target: u32,
    /// The name of the processes.
    pub(crate) command: String,
    /// The name of the file that has the library, or would have.
    pub(crate) file: String,
    /// What is in it.
    pub(crate) finding: Finding,
}

/// One end of the socket.
pub(super) struct Channel(OwnedFd);

impl Channel {
    /// Makes both ends.
    ///
    /// # Errors
    /// The system has no socket for it.
    pub(super) fn pair() -> io::Result<(Channel, OwnedFd)> {
        let (one, other) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Channel(one), other))
    }

    /// Takes over an end.
    pub(super) fn of(end: OwnedFd) -> Channel {
        Channel(end)
    }

    /// Returns the socket, to wait for.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Sends a message. Waits for room, with `SendFlags::DONTWAIT` it does not.
    ///
    /// # Errors
    /// It is too long, the other end is closed, or there is no room.
    pub(super) fn send(
        &self,
        message: &impl Serialize,
        descriptors: &[BorrowedFd<'_>],
        flags: SendFlags,
    ) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        let fits = descriptors.is_empty() || beside.push(SendAncillaryMessage::ScmRights(descriptors));
        if bytes.len() > MAX_BYTES || !fits {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        sendmsg(&self.0, &[IoSlice::new(&bytes)], &mut beside, flags | SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Receives a message with its descriptors; none once the other end is closed. Waits for it.
    ///
    /// # Errors
    /// It is none that is known, or the system's.
    pub(super) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let mut bytes = vec![0; MAX_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let received =
            recvmsg(&self.0, &mut [IoSliceMut::new(&mut bytes)], &mut beside, RecvFlags::CMSG_CLOEXEC)?;
        let mut descriptors = Vec::new();
        for message in beside.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                descriptors.extend(rights);
            }
        }
        if received.bytes == 0 {
            return Ok(None);
        }
        if received.flags.contains(ReturnFlags::TRUNC) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        bytes.truncate(received.bytes);
        Ok(Some((serde_json::from_slice(&bytes)?, descriptors)))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use super::*;

    #[test]
    fn a_message_comes_with_its_descriptors_and_the_end_is_seen() {
        let (here, there) = Channel::pair().unwrap();
        let there = Channel::of(there);
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        here.send(&News::Detached(7), &[file.as_fd()], SendFlags::empty()).unwrap();
        here.send(&News::Loaded, &[], SendFlags::empty()).unwrap();
        let (news, mut descriptors) = there.receive::<News>().unwrap().unwrap();
        assert_eq!((news, descriptors.len()), (News::Detached(7), 1));
        let mut beginning = [0; 4];
        File::from(descriptors.remove(0)).read_exact(&mut beginning).unwrap();
        assert_eq!(&beginning, b"\x7fELF");
        assert_eq!(there.receive::<News>().unwrap().unwrap().0, News::Loaded);
        there.send(&News::Loaded, &[], SendFlags::empty()).unwrap();
        assert!(here.receive::<Order>().is_err(), "no order");
        let long = News::Failed("x".repeat(MAX_BYTES));
        assert!(here.send(&long, &[], SendFlags::empty()).is_err());
        drop(here);
        assert!(there.receive::<News>().unwrap().is_none());
    }
}
