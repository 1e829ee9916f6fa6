//! The examples of RFC 7541, appendix C, and what is not right.

use proptest::prelude::*;

use super::*;
use crate::Head;

/// Decodes hexadecimal blocks one after the other; a list as `name: value, ...`.
fn lists(decoder: &mut Decoder, blocks: &[&str]) -> Vec<String> {
    let block = |hex: &&str| list(decoder, &bytes(hex)).unwrap();
    blocks.iter().map(block).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn list(decoder: &mut Decoder, block: &[u8]) -> Result<String, Malformed> {
    let mut text = b"before".to_vec();
    let list = decoder.decode(block, &mut text)?;
    assert_eq!(list.marks.unusual, Head::new(list.fields.of(&text)).marks.unusual);
    let part = |part: Part| String::from_utf8_lossy(part.of(&text)).into_owned();
    let mut all = Vec::new();
    for (name, value) in [("method", list.method), ("path", list.path), ("authority", list.authority)] {
        if !value.is_empty() {
            all.push(format!(":{name}: {}", part(value)));
        }
    }
    if list.status != 0 {
        all.push(format!(":status: {}", list.status));
    }
    all.extend(part(list.fields).lines().map(str::to_owned));
    all.extend((0..list.unknown).map(|_| "?".to_owned()));
    Ok(all.join(", "))
}

#[test]
fn single_fields_c_2() {
    let custom = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    let mut decoder = Decoder::new(true);
    assert_eq!(lists(&mut decoder, &[custom, "be"]), ["custom-key: custom-header"; 2]);
    let mut decoder = Decoder::new(true);
    let path = "040c 2f73 616d 706c 652f 7061 7468";
    assert_eq!(
        lists(&mut decoder, &[path, "1008 7061 7373 776f 7264 0673 6563 7265 74", "82"]),
        [":path: /sample/path", "password: secret", ":method: GET"]
    );
    assert_eq!(list(&mut decoder, &[0xbe]), Err(Malformed));
}

const REQUESTS: [&str; 3] = [
    ":method: GET, :path: /, :authority: www.example.com",
    ":method: GET, :path: /, :authority: www.example.com, cache-control: no-cache",
    ":method: GET, :path: /index.html, :authority: www.example.com, custom-key: custom-value",
];

#[test]
fn requests_c_3_and_c_4() {
    let plain = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    assert_eq!(lists(&mut Decoder::new(true), &plain), REQUESTS);
    let coded = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    assert_eq!(lists(&mut Decoder::new(true), &coded), REQUESTS);
    // The second and third alone: what the first inserted is not known.
    assert_eq!(
        lists(&mut Decoder::new(false), &coded[1..]),
        [
            ":method: GET, :path: /, cache-control: no-cache, ?",
            ":method: GET, :path: /index.html, custom-key: custom-value, ?"
        ]
    );
}

#[test]
fn responses_c_5_and_c_6_with_a_small_table() {
    let (date, later) = ("Mon, 21 Oct 2013 20:13:21 GMT", "Mon, 21 Oct 2013 20:13:22 GMT");
    let location = "location: https://www.example.com";
    let cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    let expected = [
        format!(":status: 302, cache-control: private, date: {date}, {location}"),
        format!(":status: 307, cache-control: private, date: {date}, {location}"),
        format!(
            ":status: 200, cache-control: private, date: {later}, {location}, content-encoding: gzip, {cookie}"
        ),
    ];
    let plain = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e \
         1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d \
         4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 \
         7369 6f6e 3d31",
    ];
    let coded = [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b \
         97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf \
         cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ];
    for blocks in [plain, coded] {
        let mut decoder = Decoder::new(true);
        decoder.table.resize(256);
        assert_eq!(lists(&mut decoder, &blocks), expected);
        // As the RFC shows the table at the end: three entries, 215 bytes.
        assert_eq!(list(&mut decoder, &[0xc0]).unwrap(), format!("date: {later}"));
        assert_eq!(list(&mut decoder, &[0xc1]), Err(Malformed));
    }
}

#[test]
fn blocks_that_are_not_right() {
    for hex in [
        "80",
        "ff",
        "ff80",
        "40",
        "4001",
        "400161",
        "40016105",
        "418cf1",
        "3fffffffffffff",
        "be",
        "7f00",
        "4281ff",
    ] {
        assert_eq!(list(&mut Decoder::new(true), &bytes(hex)), Err(Malformed), "{hex}");
    }
    for hex in ["80", "400161", "418cf1"] {
        assert_eq!(list(&mut Decoder::new(false), &bytes(hex)), Err(Malformed), "{hex}");
    }
    assert_eq!(list(&mut Decoder::new(false), &bytes("be")).unwrap(), "?");
}

#[test]
fn values_that_would_end_their_line_are_passed_over() {
    let mut text = Vec::new();
    let mut decoder = Decoder::new(true);
    let block = [
        &b"\x40\x01a\x03b\nc"[..],
        b"\x44\x03/\r\n",
        b"\x40\x01d\x01e",
        b"\x40\x02x:\x01e",
        b"\xbe\xbf\xc0\xc1",
    ]
    .concat();
    let list = decoder.decode(&block, &mut text).unwrap();
    assert_eq!((list.bad, &text[..]), (6, &b"d: e\nd: e\n"[..]));
    assert!(list.path.is_empty());
}

#[test]
fn a_bomb_is_cut_off_and_costs_no_memory() {
    let mut decoder = Decoder::new(true);
    let value = [b'x'; 3000];
    let mut block = vec![0x40, 1, b'a', 0x7f, 0xb9, 0x16];
    block.extend_from_slice(&value);
    block.extend(std::iter::repeat_n(0xbe, 60_000));
    let mut text = Vec::new();
    let list = decoder.decode(&block, &mut text).unwrap();
    assert!(list.too_large && text.len() <= crate::MAX_HEAD);
    assert!(text.capacity() < 3 * crate::MAX_HEAD);
}

/// A field as an encoder writes it: by an index into what was inserted, as an insertion, or as neither.
#[derive(Clone, Debug)]
enum Field {
    Insert(u8, u8),
    Plain(u8, u8),
    /// By the name of an entry, with another value.
    InsertNamed(usize, u8),
    Indexed(usize),
    Resize(u16),
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        3 => (0u8..5, 0u8..120).prop_map(|(name, len)| Field::Insert(name, len)),
        1 => (0u8..5, 0u8..120).prop_map(|(name, len)| Field::Plain(name, len)),
        1 => (any::<usize>(), 0u8..120).prop_map(|(index, len)| Field::InsertNamed(index, len)),
        6 => any::<usize>().prop_map(Field::Indexed),
        1 => (0u16..600).prop_map(Field::Resize),
    ]
}

/// An encoder that knows which of its blocks inserted what.
#[derive(Default)]
struct Encoder {
    /// Name, value and block, the newest first.
    entries: Vec<(String, String, usize)>,
    limit: usize,
}

impl Encoder {
    /// Writes a block. Gives it with its fields, and the block that each of them, or its name, goes back to.
    fn block(&mut self, number: usize, fields: &[Field]) -> (Vec<u8>, Vec<(String, usize)>) {
        let (mut bytes, mut list) = (Vec::new(), Vec::new());
        let text = |name: u8, len: u8| (format!("x-{name}"), format!("{name}").repeat(usize::from(len)));
        for field in fields {
            let (name, value, since) = match *field {
                Field::Insert(name, len) | Field::Plain(name, len) => {
                    let (name, value) = text(name, len);
                    bytes.push(if matches!(field, Field::Insert(..)) { 0x40 } else { 0 });
                    bytes.extend([&[name.len() as u8], name.as_bytes()].concat());
                    (name, value, usize::MAX)
                }
                Field::InsertNamed(index, len) if !self.entries.is_empty() => {
                    let index = index % self.entries.len();
                    let (name, _, since) = self.entries[index].clone();
                    bytes.extend(number_of(0x40, 6, index + 62));
                    (name, "n".repeat(usize::from(len)), since)
                }
                Field::Indexed(index) if !self.entries.is_empty() => {
                    let index = index % self.entries.len();
                    let (name, value, since) = self.entries[index].clone();
                    bytes.extend(number_of(0x80, 7, index + 62));
                    list.push((format!("{name}: {value}"), since));
                    continue;
                }
                Field::Resize(size) => {
                    self.limit = usize::from(size);
                    bytes.extend(number_of(0x20, 5, self.limit));
                    self.evict();
                    continue;
                }
                Field::InsertNamed(..) | Field::Indexed(_) => continue,
            };
            bytes.extend([&[value.len() as u8][..], value.as_bytes()].concat());
            list.push((format!("{name}: {value}"), since));
            if !matches!(field, Field::Plain(..)) {
                self.entries.insert(0, (name, value, since.min(number)));
                self.evict();
            }
        }
        (bytes, list)
    }

    fn evict(&mut self) {
        let size = |entries: &[(String, String, usize)]| {
            entries.iter().map(|(name, value, _)| name.len() + value.len() + 32).sum::<usize>()
        };
        while size(&self.entries) > self.limit {
            self.entries.pop();
        }
    }
}

fn number_of(first: u8, prefix: u32, value: usize) -> Vec<u8> {
    let full = (1 << prefix) - 1;
    if value < full {
        return vec![first | value as u8];
    }
    let (mut bytes, mut rest) = (vec![first | full as u8], value - full);
    while rest >= 128 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

proptest! {
    #[test]
    fn a_field_is_exact_if_and_only_if_it_was_inserted_after_joining(
        limit in prop_oneof![Just(4096usize), 0usize..400],
        blocks in prop::collection::vec(prop::collection::vec(field(), 0..8), 1..20),
    ) {
        let mut encoder = Encoder { limit, ..Encoder::default() };
        let encoded: Vec<_> = blocks.iter().enumerate().map(|(number, fields)| encoder.block(number, fields)).collect();
        for joined in 0..encoded.len() {
            // A whole one knows the size that the connection began with.
            let mut decoder = Decoder::new(false);
            for (block, fields) in &encoded[joined..] {
                let mut text = Vec::new();
                let list = decoder.decode(block, &mut text).unwrap();
                let known: Vec<_> = fields.iter().filter(|(_, since)| *since >= joined).map(|(field, _)| &field[..]).collect();
                let lines = String::from_utf8(text).unwrap();
                prop_assert_eq!(list.marks.unusual, Head::new(lines.as_bytes()).marks.unusual);
                prop_assert_eq!(lines.lines().collect::<Vec<_>>(), known);
                prop_assert_eq!(list.unknown as usize, fields.iter().filter(|(_, since)| *since < joined).count());
            }
        }
    }
}
