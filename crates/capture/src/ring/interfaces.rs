//! Which interfaces are captured: names that come and go, and the numbers that the kernel gives them.

use std::io;
use std::os::fd::BorrowedFd;

use super::filter;
use super::socket::{self, LinkChanges, PacketSocket};
use super::{OpenError, RingOptions};

/// The longest name of an interface (`IFNAMSIZ` less the zero at its end).
const MAX_NAME_BYTES: usize = 15;

/// The interfaces asked for, and those that exist.
#[derive(Debug)]
pub(super) struct Interfaces {
    named: Vec<Named>,
    mirrors: Vec<Named>,
    vxlan_ports: Vec<u16>,
    /// Nothing when no name is asked for: all interfaces, whatever comes.
    changes: Option<LinkChanges>,
}

#[derive(Debug)]
struct Named {
    name: String,
    /// The kernel's number; nothing while there is no such interface.
    index: Option<u32>,
}

impl Interfaces {
    /// Checks the names; which of them exist is known after [`Interfaces::refresh`].
    pub(super) fn open(options: &RingOptions) -> Result<Interfaces, OpenError> {
        let named = checked(&options.interfaces)?;
        let mirrors = checked(&options.mirrors)?;
        // Listening begins before the first look, so that no change falls between them.
        let changes = if named.is_empty() && mirrors.is_empty() { None } else { Some(LinkChanges::open()?) };
        let vxlan_ports = options.vxlan_ports.clone();
        if vxlan_ports.len() > filter::MAX_PORTS {
            return Err(OpenError::TooManyPorts { named: vxlan_ports.len(), limit: filter::MAX_PORTS });
        }
        Ok(Interfaces { named, mirrors, vxlan_ports, changes })
    }

    /// Looks the names up and gives the socket the filter for them.
    pub(super) fn refresh(&mut self, socket: &PacketSocket) -> Result<(), OpenError> {
        for named in &mut self.named {
            named.index = socket::index_of(&named.name);
        }
        for mirror in &mut self.mirrors {
            let index = socket::index_of(&mirror.name);
            if let Some(new) = index.filter(|_| index != mirror.index) {
                socket.make_promiscuous(new)?;
            }
            mirror.index = index;
        }
        let mirrors = indices(&self.mirrors);
        let program = match self.named.as_slice() {
            [] => filter::program(None, &mirrors, &self.vxlan_ports),
            named => filter::program(Some(&indices(named)), &mirrors, &self.vxlan_ports),
        };
        socket.attach_filter(&program)
    }

    pub(super) fn mirrors(&self) -> Vec<u32> {
        indices(&self.mirrors)
    }

    pub(super) fn missing(&self) -> Vec<String> {
        let all = self.named.iter().chain(&self.mirrors);
        all.filter(|named| named.index.is_none()).map(|named| named.name.clone()).collect()
    }

    /// Returns whether names were asked for and none of them exists.
    pub(super) fn none_exists(&self) -> bool {
        let mut all = self.named.iter().chain(&self.mirrors).peekable();
        all.peek().is_some() && all.all(|named| named.index.is_none())
    }

    /// Returns what becomes readable when interfaces come, go or are renamed.
    pub(super) fn changes(&self) -> Option<BorrowedFd<'_>> {
        self.changes.as_ref().map(LinkChanges::as_fd)
    }

    /// Returns whether interfaces have come, gone or been renamed since the last call.
    pub(super) fn have_changed(&self) -> bool {
        self.changes.as_ref().is_some_and(LinkChanges::drain)
    }
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> io::Error {
        io::Error::other(error)
    }
}

fn indices(named: &[Named]) -> Vec<u32> {
    named.iter().filter_map(|named| named.index).collect()
}

fn checked(names: &[String]) -> Result<Vec<Named>, OpenError> {
    if names.len() > filter::MAX_INTERFACES {
        return Err(OpenError::TooManyInterfaces { named: names.len(), limit: filter::MAX_INTERFACES });
    }
    let bad = |c: u8| c == 0 || c == b'/' || c.is_ascii_whitespace();
    let named = |name: &String| match name.bytes().any(bad) || name.is_empty() || name.len() > MAX_NAME_BYTES
    {
        true => Err(OpenError::BadName { name: name.clone() }),
        false => Ok(Named { name: name.clone(), index: None }),
    };
    names.iter().map(named).collect()
}
