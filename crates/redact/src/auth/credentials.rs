//! The kinds of credentials that a request carries, in one byte.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a request proves who asks: the scheme of its `Authorization` (RFC 9110, section 11.6.2), or a signature elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Scheme {
    /// There is none.
    None,
    /// `Basic` (RFC 7617).
    Basic,
    /// `Bearer` (RFC 6750) with a token that is no JWT.
    Bearer,
    /// `Bearer` with a signed or encrypted JWT (RFC 7519).
    Jwt,
    /// `Bearer` with a JWT that nobody signed (`alg: none`; RFC 7519, section 6).
    UnsignedJwt,
    /// `Digest` (RFC 7616).
    Digest,
    /// A signature with a shared key: `HMAC`, `Signature`, `SharedKey`, or a field or parameter of such a name.
    Signature,
    /// Signature version 4 of AWS, in a field or as a presigned URL.
    SigV4,
    /// `Hawk`.
    Hawk,
    /// `OAuth` with a signature (RFC 5849).
    OAuth1,
    /// `Negotiate` (RFC 4559) or `NTLM`.
    Negotiate,
    /// Any other scheme.
    Other,
    /// It was not looked at: there were too many new names at once.
    Unread,
}

impl Scheme {
    const ALL: [Scheme; 13] = [
        Scheme::None,
        Scheme::Basic,
        Scheme::Bearer,
        Scheme::Jwt,
        Scheme::UnsignedJwt,
        Scheme::Digest,
        Scheme::Signature,
        Scheme::SigV4,
        Scheme::Hawk,
        Scheme::OAuth1,
        Scheme::Negotiate,
        Scheme::Other,
        Scheme::Unread,
    ];

    /// Returns the name as printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scheme::None => "none",
            Scheme::Basic => "Basic",
            Scheme::Bearer => "Bearer token",
            Scheme::Jwt => "Bearer JWT",
            Scheme::UnsignedJwt => "Bearer JWT without a signature",
            Scheme::Digest => "Digest",
            Scheme::Signature => "HMAC signature",
            Scheme::SigV4 => "AWS SigV4",
            Scheme::Hawk => "Hawk",
            Scheme::OAuth1 => "OAuth 1",
            Scheme::Negotiate => "Negotiate",
            Scheme::Other => "another scheme",
            Scheme::Unread => "not read",
        }
    }
}

/// Where in a request a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A header field other than those that have a meaning of their own.
    Header,
    /// A parameter of the query.
    Query,
    /// A cookie.
    Cookie,
    /// A field in which a proxy or mesh says which certificate a client showed.
    Certificate,
}

impl Place {
    /// All places.
    pub const ALL: [Place; 4] = [Place::Header, Place::Query, Place::Cookie, Place::Certificate];

    /// Returns the name as printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Place::Header => "header",
            Place::Query => "query",
            Place::Cookie => "cookie",
            Place::Certificate => "certificate",
        }
    }

    /// The bit of the place.
    fn bit(self) -> u8 {
        match self {
            Place::Header => 0x10,
            Place::Query => 0x20,
            Place::Cookie => 0x40,
            Place::Certificate => 0x80,
        }
    }
}

/// The kinds of credentials that a request carries: its scheme, and the places in which there are others.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credentials(u8);

impl Credentials {
    /// Those of a request that carries none.
    pub const NONE: Credentials = Credentials(0);

    const SCHEME: u8 = 0x0F;

    /// A scheme alone.
    #[must_use]
    pub const fn of(scheme: Scheme) -> Credentials {
        Credentials(scheme as u8)
    }

    /// The same with one in this place.
    #[must_use]
    pub fn with(self, place: Place) -> Credentials {
        Credentials(self.0 | place.bit())
    }

    /// The same, with this scheme if it has none yet.
    pub(crate) fn or(self, scheme: Scheme) -> Credentials {
        if self.0 & Self::SCHEME == 0 { Credentials(self.0 | scheme as u8) } else { self }
    }

    /// The same with the places of others.
    pub(crate) fn and_places_of(self, other: Credentials) -> Credentials {
        Credentials(self.0 | other.0 & !Self::SCHEME)
    }

    /// Returns the scheme. That of a byte from elsewhere that stands for none is [`Scheme::Unread`].
    #[must_use]
    pub fn scheme(self) -> Scheme {
        Scheme::ALL.get(usize::from(self.0 & Self::SCHEME)).copied().unwrap_or(Scheme::Unread)
    }

    /// Returns whether there is one in this place.
    #[must_use]
    pub fn has(self, place: Place) -> bool {
        self.0 & place.bit() != 0
    }

    /// Returns whether the request carries none at all.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Returns whether the request was looked at.
    #[must_use]
    pub fn was_read(self) -> bool {
        self.scheme() != Scheme::Unread
    }

    /// As a number.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }
}

/// For people: `Bearer JWT, cookie`; `none`.
impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = Place::ALL.into_iter().filter(|place| self.has(*place));
        let names = places.map(|place| match place {
            Place::Header => "key in a header",
            Place::Query => "in the query",
            Place::Cookie => "cookie",
            Place::Certificate => "client certificate",
        });
        let scheme = (self.scheme() != Scheme::None || self.is_none()).then(|| self.scheme().name());
        for (number, name) in scheme.into_iter().chain(names).enumerate() {
            write!(f, "{}{name}", if number > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_holds_a_scheme_and_places() {
        for scheme in Scheme::ALL {
            let both = Credentials::of(scheme).with(Place::Query).with(Place::Certificate);
            assert_eq!(both.scheme(), scheme);
            assert!(both.has(Place::Query) && both.has(Place::Certificate) && !both.has(Place::Cookie));
        }
        assert_eq!(Credentials(0x0F).scheme(), Scheme::Unread, "a byte that another version wrote");
    }

    #[test]
    fn for_people() {
        let said = |credentials: Credentials| credentials.to_string();
        assert_eq!(said(Credentials::NONE), "none");
        assert_eq!(said(Credentials::of(Scheme::Jwt).with(Place::Cookie)), "Bearer JWT, cookie");
        assert_eq!(said(Credentials::NONE.with(Place::Header)), "key in a header");
        assert_eq!(said(Credentials::of(Scheme::SigV4).with(Place::Query)), "AWS SigV4, in the query");
    }
}
