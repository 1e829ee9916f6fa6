//! The kernel.

use super::row::Row;

/// The oldest kernel whose packet ring (TPACKET_V3) is the one that is used.
const OLDEST: (u32, u32) = (3, 2);

/// Returns the row about the kernel: whether it is new enough.
pub(super) fn kernel() -> Row {
    judge_kernel(&rustix::system::uname().release().to_string_lossy())
}

fn judge_kernel(release: &str) -> Row {
    const SUBJECT: &str = "kernel";
    match number(release) {
        Some(number) if number < OLDEST => {
            Row::error(SUBJECT, format!("Linux {release}"), "the packet ring needs Linux 3.2 or newer")
        }
        _ => Row::ok(SUBJECT, format!("Linux {release}")),
    }
}

fn number(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn releases_are_compared_as_numbers() {
        for (release, state) in [
            ("6.1.0-18-amd64", State::Ok),
            ("3.10.0-1160.el7.x86_64", State::Ok),
            ("3.2", State::Ok),
            ("3.1.9", State::Error),
            ("2.6.32", State::Error),
            ("unknown", State::Ok),
        ] {
            assert_eq!(judge_kernel(release).state, state, "{release}");
        }
    }
}
