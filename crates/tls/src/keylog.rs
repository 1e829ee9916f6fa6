//! The format of key logs (RFC 9850): lines of a label, a client's random and a secret.

use memchr::memchr2;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::{Label, MAX_SECRET, RANDOM_LEN, Secret};
use crate::store::Store;

/// The longest line that is read, in bytes. Those with secrets have at most 197.
pub const MAX_LINE: usize = 1024;

/// The most bad lines that are named.
const MAX_NAMED: usize = 8;

/// Labels whose secrets open nothing here: those of other uses (RFC 9850, sections 2.1 and 3), and `RSA` of older key logs,
/// beside which a `CLIENT_RANDOM` stands.
const UNUSED: [&[u8]; 6] = [
    b"EXPORTER_SECRET",
    b"EARLY_EXPORTER_SECRET",
    b"EARLY_EXPORTER_MASTER_SECRET",
    b"ECH_SECRET",
    b"ECH_CONFIG",
    b"RSA",
];

/// Reads a key log in pieces of any size, and fills a store.
pub struct KeyLog {
    line: Zeroizing<Vec<u8>>,
    /// The number of the line that is being read, from 1.
    number: u64,
    /// Whether the last byte was a carriage return: a line feed behind it ends no other line.
    returned: bool,
    secrets: u64,
    bad: u64,
    named: Vec<(u64, BadLine)>,
}

/// Why a line is none of a key log. What stands in it is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// Its first word is no label that is known.
    Label,
    /// It has not three words, parted by one space each.
    Words,
    /// Its second word is not 64 hexadecimal digits.
    Random,
    /// Its third word is not as many hexadecimal digits as the secret has.
    Secret,
    /// It is longer than [`MAX_LINE`].
    TooLong,
}

impl BadLine {
    /// Returns what is wrong, in words that follow on 'line 3: '.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            BadLine::Label => "begins with no known label",
            BadLine::Words => "is not a label, a client random and a secret",
            BadLine::Random => "has a client random that is not 64 hexadecimal digits",
            BadLine::Secret => "has a secret that is not 64 or 96 hexadecimal digits",
            BadLine::TooLong => "is too long",
        }
    }
}

impl Default for KeyLog {
    fn default() -> KeyLog {
        let line = Zeroizing::new(Vec::with_capacity(MAX_LINE + 1));
        KeyLog { line, number: 1, returned: false, secrets: 0, bad: 0, named: Vec::new() }
    }
}

impl KeyLog {
    /// Takes the next bytes of the file, and puts what is in them into a store.
    pub fn read(&mut self, bytes: &[u8], store: &mut Store) {
        self.each(bytes, |random, label, secret| store.add(random, label, secret));
    }

    /// Takes the next bytes of the file, and hands on what is in them.
    pub fn each(&mut self, mut bytes: &[u8], mut take: impl FnMut([u8; RANDOM_LEN], Label, Secret)) {
        if std::mem::take(&mut self.returned) && bytes.first() == Some(&b'\n') {
            bytes = bytes.get(1..).unwrap_or_default();
        }
        while let Some(end) = memchr2(b'\n', b'\r', bytes) {
            self.add(bytes.get(..end).unwrap_or_default());
            self.end_line(&mut take);
            let ended = bytes.get(end..).unwrap_or_default();
            let len = if ended.starts_with(b"\r\n") { 2 } else { 1 };
            self.returned = ended == b"\r";
            bytes = ended.get(len..).unwrap_or_default();
        }
        self.add(bytes);
    }

    /// Takes note that the file has ended: its last line may have no end.
    pub fn end(&mut self, store: &mut Store) {
        if !self.line.is_empty() {
            self.end_line(&mut |random, label, secret| store.add(random, label, secret));
        }
    }

    /// Returns how many secrets were read that may open something.
    #[must_use]
    pub fn secrets(&self) -> u64 {
        self.secrets
    }

    /// Returns how many lines were bad.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.bad
    }

    /// Returns the first bad lines, by their numbers from 1.
    #[must_use]
    pub fn first_bad(&self) -> &[(u64, BadLine)] {
        &self.named
    }

    /// Adds to the line. What is too long stays so, by one byte.
    fn add(&mut self, bytes: &[u8]) {
        let room = (MAX_LINE + 1).saturating_sub(self.line.len());
        self.line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end_line(&mut self, take: &mut impl FnMut([u8; RANDOM_LEN], Label, Secret)) {
        match read_line(&self.line) {
            Ok(Some((random, label, secret))) => {
                self.secrets += 1;
                take(random, label, secret);
            }
            Ok(None) => {}
            Err(why) => {
                self.bad += 1;
                if self.named.len() < MAX_NAMED {
                    self.named.push((self.number, why));
                }
            }
        }
        self.number += 1;
        self.line.zeroize();
    }
}

/// Reads a line. Nothing is in it if it is empty, a comment, or of a secret that opens nothing.
fn read_line(line: &[u8]) -> Result<Option<([u8; RANDOM_LEN], Label, Secret)>, BadLine> {
    if line.len() > MAX_LINE {
        return Err(BadLine::TooLong);
    }
    let line = line.trim_ascii_end();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let mut words = line.split(|&byte| byte == b' ');
    let first = words.next().unwrap_or_default();
    if UNUSED.contains(&first) {
        return Ok(None);
    }
    let label = Label::named(first).ok_or(BadLine::Label)?;
    let (Some(random), Some(secret), None) = (words.next(), words.next(), words.next()) else {
        return Err(BadLine::Words);
    };
    let mut bytes = [0; RANDOM_LEN];
    if random.len() != 2 * RANDOM_LEN || !from_hex(random, &mut bytes) {
        return Err(BadLine::Random);
    }
    let mut buffer = Zeroizing::new([0; MAX_SECRET]);
    let len = secret.len() / 2;
    let whole = secret.len().is_multiple_of(2) && (label != Label::Master || len == MAX_SECRET);
    let value = buffer.get_mut(..len).filter(|_| whole).ok_or(BadLine::Secret)?;
    if !from_hex(secret, value) {
        return Err(BadLine::Secret);
    }
    let secret = Secret::new(value).ok_or(BadLine::Secret)?;
    Ok(Some((bytes, label, secret)))
}

/// Reads pairs of hexadecimal digits, of either case, into `out`. Returns whether all are.
fn from_hex(text: &[u8], out: &mut [u8]) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.chunks(2).zip(out).all(|(pair, out)| match *pair {
        [high, low] => digit(high).zip(digit(low)).map(|(high, low)| *out = high << 4 | low).is_some(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Secrets;

    fn line(label: &str, random: u8, secret: &str) -> String {
        format!("{label} {}{secret}", format!("{random:02x}").repeat(32) + " ")
    }

    fn read(text: &[u8], size: usize) -> (Store, KeyLog) {
        let (mut store, mut log) = (Store::default(), KeyLog::default());
        text.chunks(size).for_each(|piece| log.read(piece, &mut store));
        log.end(&mut store);
        (store, log)
    }

    #[test]
    fn every_label_in_any_cut_and_with_any_line_ends() {
        let lines = [
            line("CLIENT_RANDOM", 1, &"0A".repeat(48)),
            line("CLIENT_EARLY_TRAFFIC_SECRET", 2, &"0b".repeat(32)),
            line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2, &"0c".repeat(48)),
            line("SERVER_HANDSHAKE_TRAFFIC_SECRET", 2, &"0d".repeat(32)),
            line("CLIENT_TRAFFIC_SECRET_0", 2, &"0e".repeat(32)),
            line("SERVER_TRAFFIC_SECRET_0", 2, &"0f".repeat(32)),
            line("EXPORTER_SECRET", 2, &"10".repeat(32)),
            line("ECH_CONFIG", 2, "fe0d"),
            "# a comment".to_owned(),
        ];
        for end in ["\n", "\r\n", "\r"] {
            for size in [1, 7, 100, 10_000] {
                let (mut store, log) = read(lines.join(end).as_bytes(), size);
                assert_eq!((store.len(), log.secrets(), log.bad()), (6, 6, 0), "{end:?} {size}");
                let mut is = |random, label, byte| {
                    let secret = store.secret(&[random; 32], label).unwrap();
                    assert!(secret.bytes().iter().all(|one| *one == byte), "{label:?}");
                };
                is(1, Label::Master, 10);
                is(2, Label::ClientEarly, 11);
                is(2, Label::ClientHandshake, 12);
                is(2, Label::ServerHandshake, 13);
                is(2, Label::Client, 14);
                is(2, Label::Server, 15);
            }
        }
    }

    #[test]
    fn bad_lines_are_counted_with_their_numbers() {
        let text = [
            "",
            "PMS_CLIENT_RANDOM 0011223344556677 00",
            &line("CLIENT_RANDOM", 1, &"0a".repeat(32)),
            &line("CLIENT_RANDOM", 1, &"0a".repeat(48)),
            "CLIENT_RANDOM 00",
            &line("SERVER_TRAFFIC_SECRET_0", 1, &"0g".repeat(32)),
            &line("SERVER_TRAFFIC_SECRET_0", 1, &"0a".repeat(31)),
            "CLIENT_RANDOM 00 00",
            &"x".repeat(MAX_LINE + 1),
            &line("CLIENT_RANDOM", 2, &("0a".repeat(48) + " ")),
        ]
        .join("\n");
        for size in [1, 100, 10_000] {
            let (store, log) = read(text.as_bytes(), size);
            let bad = [
                (2, BadLine::Label),
                (3, BadLine::Secret),
                (5, BadLine::Words),
                (6, BadLine::Secret),
                (7, BadLine::Secret),
                (8, BadLine::Random),
                (9, BadLine::TooLong),
            ];
            assert_eq!((log.first_bad(), log.bad(), store.len()), (&bad[..], 7, 2), "{size}");
        }
    }

    #[test]
    fn of_many_bad_lines_the_first_are_named() {
        let (_, log) = read("?\n".repeat(1000).as_bytes(), 64);
        assert_eq!((log.bad(), log.first_bad().len()), (1000, MAX_NAMED));
    }
}
