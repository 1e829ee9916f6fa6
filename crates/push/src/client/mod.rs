//! The calls of the platform API, one function each.
