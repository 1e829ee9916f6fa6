//! Pods that have no cgroup of version 2: the program stands at the root of the tree, and is told their addresses.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;

use capture::Attacher;

/// The addresses that the kernel's side knows, and the numbers of their pods.
#[derive(Default)]
pub(super) struct Addresses(HashMap<IpAddr, u32>);

impl Addresses {
    /// Tells it these and no others. An address may go from one pod to another at once.
    ///
    /// # Errors
    /// The last error of the kernel: that address is told at the next time.
    pub(super) fn tell(&mut self, attacher: &mut Attacher, wanted: &HashMap<IpAddr, u32>) -> io::Result<()> {
        self.0.retain(|address, _| {
            let stays = wanted.contains_key(address);
            if !stays {
                attacher.disown(*address);
            }
            stays
        });
        let mut result = Ok(());
        for (address, number) in wanted {
            if self.0.get(address) == Some(number) {
                continue;
            }
            match attacher.own(*address, *number) {
                Ok(()) => drop(self.0.insert(*address, *number)),
                Err(error) => result = Err(error),
            }
        }
        result
    }
}
