//! Any bytes are a file, in which a place lies in what is mapped as code, or there is a reason why there is none.

use ::finder::{Call, Found, Random, find};

pub fn elf(data: &[u8]) {
    match find(data) {
        Ok(found) => {
            assert!(!found.points.is_empty() && found.points.len() <= 18, "{found:?}");
            assert!(in_code(data, &found), "{found:?}");
            assert!(found.library.version.is_none_or(|version| version.is_ascii() && version.len() <= 32));
        }
        Err(why) => assert!((1..100).contains(&why.to_string().len())),
    }
}

/// Whether each place is in a segment that is mapped as code (ELF, figure 2-1), and each random in a session.
fn in_code(data: &[u8], found: &Found) -> bool {
    let number = |at: usize, len: usize| {
        let mut bytes = [0; 8];
        bytes[..len].copy_from_slice(&data[at..at + len]);
        u64::from_le_bytes(bytes)
    };
    let (table, count) = (number(32, 8) as usize, number(56, 2) as usize);
    let headers = (0..count).map(|header| table + header * 56);
    let code: Vec<_> = headers
        .filter(|at| number(*at, 4) == 1 && number(at + 4, 4) & 1 != 0)
        .map(|at| number(at + 8, 8)..number(at + 8, 8) + number(at + 32, 8))
        .collect();
    found.points.iter().all(|point| {
        let random = match point.call {
            Call::Log { random: Random::At { pointer, offset }, .. } => {
                offset < 0x8000 && pointer.is_none_or(|pointer| pointer < 0x8000)
            }
            _ => true,
        };
        random && code.iter().any(|segment| segment.contains(&point.offset))
    })
}
