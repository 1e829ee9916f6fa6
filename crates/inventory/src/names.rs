//! Names of parameters and headers: how many are kept.

/// At most so many query parameters of one endpoint: no operation has more, but a client can send any.
pub(crate) const QUERY_NAMES: usize = 64;
/// The same for request headers.
pub(crate) const HEADER_NAMES: usize = 64;
/// At most so many path parameters: as many segments as a path is read to.
pub(crate) const PATH_PARAMS: usize = 64;

/// Names and values as borrowed text.
pub(crate) fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
