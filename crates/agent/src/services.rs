//! Reading the services file.

use std::fs;
use std::path::Path;

use identify::{Directory, parse_services};

use crate::failure::Failure;

/// A services file of 10,000 Services has about 1 MiB; a larger one is something else.
const MAX_SIZE: u64 = 16 << 20;

/// Reads a services file.
pub(crate) fn load(path: &Path) -> Result<Directory, Failure> {
    let place = path.display();
    let failure = |what: &dyn std::fmt::Display| Failure::new(format!("services file {place}: {what}"));
    let size = fs::metadata(path).map_err(|error| failure(&error))?.len();
    if size > MAX_SIZE {
        return Err(failure(&format!("is larger than {} MiB", MAX_SIZE >> 20)));
    }
    let text = fs::read_to_string(path).map_err(|error| failure(&error))?;
    let entries = parse_services(&text).map_err(|error| failure(&error))?;
    Ok(Directory::new(entries))
}
