//! What the name of a field means here. It is asked once, when the name comes, and kept with the entry of the table.

use crate::message::everyday::is_everyday;

/// The fields that something is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Method,
    Path,
    Authority,
    Scheme,
    Status,
    Protocol,
    Host,
    ContentType,
    UserAgent,
    GrpcStatus,
    /// A name that comes with almost every request.
    Everyday,
    /// Any other name.
    Other,
    /// No name that can be right (RFC 9113, section 8.2.1), or a value that cannot.
    Bad,
    /// Inserted with a name that is not known.
    Unknown,
}

impl Kind {
    /// Returns the kind of a name as captured.
    pub(crate) const fn of(name: &[u8]) -> Kind {
        match name {
            b":method" => Kind::Method,
            b":path" => Kind::Path,
            b":authority" => Kind::Authority,
            b":scheme" => Kind::Scheme,
            b":status" => Kind::Status,
            b":protocol" => Kind::Protocol,
            b"host" => Kind::Host,
            b"content-type" => Kind::ContentType,
            b"user-agent" => Kind::UserAgent,
            b"grpc-status" => Kind::GrpcStatus,
            _ if !is_name(name) => Kind::Bad,
            _ if is_everyday(name) => Kind::Everyday,
            _ => Kind::Other,
        }
    }

    /// Returns whether it is a pseudo-header field (RFC 9113, section 8.3).
    pub(crate) fn is_pseudo(self) -> bool {
        matches!(
            self,
            Kind::Method | Kind::Path | Kind::Authority | Kind::Scheme | Kind::Status | Kind::Protocol
        )
    }
}

/// Printable ASCII without colon and space: capitals, though wrong, are let pass.
const fn is_name(name: &[u8]) -> bool {
    let mut rest = name;
    while let [first, after @ ..] = rest {
        if !matches!(first, b'!'..=b'~') || *first == b':' {
            return false;
        }
        rest = after;
    }
    !name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_kind() {
        assert_eq!(Kind::of(b":path"), Kind::Path);
        assert_eq!(Kind::of(b"x-a"), Kind::Other);
        assert_eq!(Kind::of(b"accept"), Kind::Everyday);
        for bad in [&b""[..], b":other", b"a b", b"a\n", b"a:b", b"\xff"] {
            assert_eq!(Kind::of(bad), Kind::Bad);
        }
        assert!(Kind::of(b":status").is_pseudo() && !Kind::of(b"host").is_pseudo());
    }
}
