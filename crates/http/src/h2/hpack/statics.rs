//! The static table of HPACK (RFC 7541, appendix A).

use super::kind::Kind;

/// A field of the static table.
pub(super) struct Static {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) value: &'static str,
}

/// How many there are. Indices above this are those of the dynamic table.
pub(super) const COUNT: usize = 61;

const FIELDS: [(&str, &str); COUNT] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[expect(
    clippy::indexing_slicing,
    reason = "computed by the compiler, with indices below the length of both"
)]
const KINDS: [Static; COUNT] = {
    let mut fields = [const { Static { kind: Kind::Other, name: "", value: "" } }; COUNT];
    let mut at = 0;
    while at < COUNT {
        let (name, value) = FIELDS[at];
        fields[at] = Static { kind: Kind::of(name.as_bytes()), name, value };
        at += 1;
    }
    fields
};

static TABLE: [Static; COUNT] = KINDS;

/// The field with this index, from 1 on.
pub(super) fn get(index: usize) -> Option<&'static Static> {
    TABLE.get(index.checked_sub(1)?)
}
