//! HTTP Archives: exchanges as browsers and proxies record them, one JSON document a file
//! (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>).

pub(super) mod document;
mod read;

pub(super) use read::{is_archive, read};
