//! What the status of an answer says about what was asked for.

/// What the status of an answer says about what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// There is such an endpoint.
    Exists,
    /// Nothing: servers refuse, send elsewhere or fail whatever is asked for.
    Refused,
    /// There is none, or not with this method: what a server says to a guess.
    Absent,
}

impl Says {
    /// Returns what a status says (RFC 9110, sections 15.4 to 15.6; RFC 6585, section 4).
    #[must_use]
    pub fn of(status: u16) -> Says {
        match status {
            400 | 404 | 405 | 501 => Says::Absent,
            300..=303 | 305..=399 | 401 | 403 | 406 | 410 | 415 | 421 | 426 | 429 | 500..=599 => {
                Says::Refused
            }
            _ => Says::Exists,
        }
    }
}
