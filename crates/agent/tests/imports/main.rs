//! No two files of a crate import each other, straight or through others: what a file needs can be read before it.
//!
//! The files are read as text, so this is quick, and has limits. It takes every `a::b` that begins with `crate`, `self`,
//! `super` or a child module for an import. It follows `pub use` to the file that has the item; a `pub use` alone does not
//! count, for it hands a name on. It does not see: imports by a glob of what another glob hands on, paths that a macro
//! makes, and methods, which need no import. A module of tests is part of its file: what only tests import may be anywhere.

mod circles;
mod house;
mod paths;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use house::House;

/// The crates of the workspace that are read.
fn crates() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = ["crates", "tests"].iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let mut crates: Vec<_> = folders.map(|entry| entry.unwrap().path()).collect();
    crates.retain(|folder| folder.join("Cargo.toml").exists());
    crates.sort();
    crates
}

#[test]
fn no_crate_has_a_circle_of_files() {
    let crates = crates();
    assert!(crates.len() > 8, "{crates:?}");
    let mut found = String::new();
    for folder in &crates {
        let house = House::read(&folder.join("src"));
        let name = folder.file_name().unwrap().to_string_lossy();
        for circle in circles::find(&house.imports()) {
            found.push_str(&format!("{name}: {circle}\n"));
        }
    }
    assert!(found.is_empty(), "files that import each other:\n{found}");
}
