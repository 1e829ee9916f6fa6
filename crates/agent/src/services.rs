//! Reading the services file.

use std::path::Path;

use identify::{Directory, parse_services};

use crate::failure::Failure;
use crate::regular;

/// A services file of 10,000 Services has about 1 MiB; a larger one is something else.
const MAX_SIZE: u64 = 16 << 20;

/// Reads a services file.
pub(crate) fn load(path: &Path) -> Result<Directory, Failure> {
    let place = path.display();
    let failure = |what: &dyn std::fmt::Display| Failure::new(format!("services file {place}: {what}"));
    let bytes = regular::read(path, MAX_SIZE).map_err(|error| failure(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| failure(&"is not UTF-8; save it as UTF-8"))?;
    let entries = parse_services(&text).map_err(|error| failure(&error))?;
    Ok(Directory::new(entries))
}
