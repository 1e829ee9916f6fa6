//! What cannot be read is said, once, with the direction of the client.

mod support;

use flow::{Direction, End};
use support::{Tested, get, ok};

const FORWARD: Direction = Direction::Forward;

/// A ClientHello with a server name and ALPN.
fn client_hello() -> Vec<u8> {
    let extensions = b"\0\0\0\x0c\0\x0a\0\0\x07a.b.com\0\x10\0\x05\0\x03\x02h2";
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0, 0, 25], extensions].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

#[test]
fn tls_with_its_names_in_any_cut() {
    for step in [1, 7, 50, 1000] {
        let mut tested = Tested::opened();
        for piece in client_hello().chunks(step) {
            tested.client(piece);
        }
        assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())]);
        assert_eq!(tested.names, ("a.b.com".to_owned(), b"\x02h2".to_vec()));
        assert!(tested.verdict.ignore && tested.verdict.held == 0);
    }
}

#[test]
fn tls_without_names() {
    let half = &client_hello()[..60];
    let mut tested = Tested::opened();
    tested.client(half).end(End::Idle);
    assert_eq!((&tested.unreadable[..], &tested.names.0[..]), (&[(FORWARD, "tls".to_owned())][..], ""));
    let mut tested = Tested::opened();
    tested.client(half).client_gap(10);
    assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())]);
    let mut tested = Tested::joined();
    tested.server(b"\x17\x03\x03\0\x20").server([9; 32]).client(b"\x17\x03\x03\0\x03abc");
    assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())]);
}

#[test]
fn other_protocols_and_unknown_ones() {
    let cases: [(&[u8], bool, &str); 6] = [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", true, "ssh"),
        (b"220 mail ESMTP\r\n", false, "smtp_or_ftp"),
        (b"*1\r\n$4\r\nPING\r\n", true, "redis"),
        (b"GET / HTTP/3.7\r\n", true, "unknown"),
        (b"USER anonymous\r\n01234", true, "unknown"),
        (&[0; 40], true, "unknown"),
    ];
    for (bytes, client, label) in cases {
        let mut tested = Tested::opened();
        if client {
            tested.client(bytes)
        } else {
            tested.server(bytes)
        };
        assert_eq!(tested.unreadable, [(FORWARD, label.to_owned())]);
        assert!(tested.verdict.ignore);
    }
    let mut tested = Tested::opened();
    tested.client([1, 2, 3]).end(End::Reset);
    assert_eq!(tested.unreadable, [(FORWARD, "unknown".to_owned())]);
    let mut tested = Tested::opened();
    tested.client("GET /unfin").end(End::Reset);
    assert_eq!(tested.unreadable, []);
}

#[test]
fn a_proxy_header_is_passed_over() {
    let version2 = [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", &[1; 12][..]].concat();
    let headers = [b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".to_vec(), b"PROXY UNKNOWN\r\n".to_vec(), version2];
    for header in headers {
        for step in [1, 5, 1000] {
            let mut tested = Tested::opened();
            for piece in [&header[..], get("/a").as_bytes()].concat().chunks(step) {
                tested.client(piece);
            }
            tested.server(ok("a")).gives(&["GET /a 200 complete 0 1"]);
            assert_eq!(tested.counters.framing_bytes, header.len() as u64);
        }
    }
}
