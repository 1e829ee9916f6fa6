//! Fuzz targets: one module each, with one function of the same name from any bytes to nothing, which panics when
//! something is wrong.
//!
//! To add one: the module here, a line of `fuzz_targets/NAME.rs`, its `[[bin]]` in `Cargo.toml`, a few seeds in
//! `corpus/NAME/`, and a test of the crate it belongs to that replays them (as `crates/decode/tests/corpus.rs`).
//!
//! `cargo +nightly fuzz run --features libfuzzer --sanitizer none NAME` in this folder's parent looks for more; what needs
//! `push` or `agent` takes the feature `agent` too.

#[cfg(feature = "agent")]
pub mod answers;
pub mod body;
#[cfg(feature = "agent")]
pub mod config;
pub mod decode;
pub mod elf;
pub mod file;
pub mod flow;
pub mod hpack;
pub mod http1;
pub mod http2;
pub mod keylog;
#[cfg(feature = "agent")]
pub mod manifest;
pub mod operations;
mod posted;
pub mod records;
pub mod redaction;
pub mod rpc;
pub mod sealed;
