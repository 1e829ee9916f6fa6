//! Any bytes of two directions, with any secrets and losses, end in bytes or in a reason, within bounds.

use ::tls::{KeyLog, Sender, Session, Step, Store};

/// What a session may hold: two directions of 64 KiB that wait, in buffers that may be twice as large, and a record each.
const MAX_HELD: usize = 400 << 10;

/// Two bytes are the length of a key log, which follows. Then come pieces: a byte that says whose they are (1: the server's) and
/// whether they are missing (2), two bytes with their length, and the bytes, unless they are missing.
pub fn sealed(data: &[u8]) {
    let Some((key_log, mut rest)) = piece(data) else { return };
    let (mut store, mut log) = (Store::default(), KeyLog::default());
    log.read(key_log, &mut store);
    log.end(&mut store);
    let (mut session, mut came, mut gave) = (Session::default(), 0, 0);
    while let Some((&how, after)) = rest.split_first() {
        let from = if how & 1 == 0 { Sender::Client } else { Sender::Server };
        let over = if how & 2 != 0 {
            let Some((len, after)) = after.split_first_chunk() else { return };
            rest = after;
            session.lose(from, u64::from(u16::from_be_bytes(*len)) + 1).is_err()
        } else {
            let Some((mut bytes, after)) = piece(after) else { return };
            rest = after;
            came += bytes.len();
            [(from, true), (from.other(), false), (from, false)].into_iter().any(|(from, first)| {
                let bytes = if first { &mut bytes } else { &mut &[][..] };
                (first || session.waits(from)) && drain(&mut session, from, bytes, &mut store, &mut gave)
            })
        };
        assert!(gave <= came && session.held() <= MAX_HELD, "{gave} {came} {}", session.held());
        if over {
            return;
        }
    }
}

/// Takes all that bytes give. Returns whether nothing more can be opened.
fn drain(
    session: &mut Session,
    from: Sender,
    bytes: &mut &[u8],
    store: &mut Store,
    gave: &mut usize,
) -> bool {
    loop {
        match session.next(from, bytes, store) {
            Step::More => {
                assert!(bytes.is_empty());
                return false;
            }
            Step::Data(data) => *gave += data.len(),
            Step::Lost | Step::Closed => {}
            Step::GivenUp(_) => return true,
        }
    }
}

/// A length of two bytes, and so many bytes or what there is.
fn piece(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = data.split_first_chunk()?;
    let len = usize::from(u16::from_be_bytes(*len)).min(rest.len());
    rest.split_at_checked(len)
}
