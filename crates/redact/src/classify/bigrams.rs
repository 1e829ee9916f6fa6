//! How seldom words have two letters side by side.

/// For each letter, how seldom each other follows it: 3 for less than one pair of letters in 100,000, 2 in 10,000, 1 in 2,500, else 0.
/// Counted in the names and summaries of 250,000 Python packages (November 2026): English and technical text. Other languages that
/// are written with these letters have words of 0.4 on average at most, letters by chance have 1.
const SELDOM: [&[u8; 26]; 26] = [
    b"10001001020000102000000101", // a
    b"01110222012012022001022212", // b
    b"02010120020012002000022202", // c
    b"00100002000011012001011202", // d
    b"00000001021000000000000001", // e
    b"02220022032022023010032213", // f
    b"02110200032010012001022212", // g
    b"01210222022112022010022202", // h
    b"00000002121000001000102120", // i
    b"02220233132223122202032323", // j
    b"02210112022121123201122223", // k
    b"01000112031002003200012202", // l
    b"00010212032002002201022212", // m
    b"01000001010010012100002202", // n
    b"00001001000000002000000012", // o
    b"02110220021012003000022203", // p
    b"23223333233023323222032333", // q
    b"01000002020000002000002202", // r
    b"01000110020001001100011202", // s
    b"01010010021001002000020202", // t
    b"00000102022000103000222122", // u
    b"02220222032222023222223223", // v
    b"02220220032120023002232323", // w
    b"02121222133212203220233213", // x
    b"11110222122110002200122221", // y
    b"02230232133222123322133322", // z
];

/// Returns how seldom words have these two letters, in any case, side by side: from 0 to 3.
pub(super) fn seldom(first: u8, second: u8) -> usize {
    let place = |letter: u8| usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a'));
    let seldom = SELDOM.get(place(first)).and_then(|row| row.get(place(second)));
    seldom.map_or(0, |digit| usize::from(digit - b'0'))
}
