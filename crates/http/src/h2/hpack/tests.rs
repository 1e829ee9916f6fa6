//! The examples of RFC 7541, appendix C, and what is not right.

use super::*;

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
