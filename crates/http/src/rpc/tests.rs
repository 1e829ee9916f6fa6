//! Calls as they are written.

use flow::Direction;

use super::*;
use crate::message::{Head, Protocol};

fn rpc(target: &str, fields: &str) -> Option<Rpc> {
    Rpc::of(&RequestHead {
        time: flow::Timestamp::from_nanos(1),
        direction: Direction::Forward,
        protocol: Protocol::Http11,
        method: b"POST",
        target: target.as_bytes(),
        authority: b"",
        headers: Head::new(fields.as_bytes()),
    })
}

fn call(media: &str) -> Rpc {
    rpc("/shop.Cart/Get", &format!("Content-Type: {media}\n")).unwrap()
}

#[test]
fn what_is_a_call() {
    for media in ["application/grpc", "application/grpc-web+proto", "application/connect+json"] {
        assert!(rpc("/any/path", &format!("content-type: {media}\n")).is_some(), "{media}");
    }
    let connect = "Content-Type: application/json\nConnect-Protocol-Version: 1\n";
    assert_eq!(rpc("/shop.Cart/Get", connect).unwrap().form, Form::Unary);
    assert!(rpc("/shop/cart", connect).is_none());
    assert!(rpc("/shop.Cart/Get", "Content-Type: application/json\n").is_none());
    assert!(rpc("/shop.Cart/Get", "Connect-Protocol-Version: 1\n").is_none());
}

#[test]
fn grpc_web_ends_in_its_body() {
    let body = b"\0\0\0\0\x02ab\x01\0\0\0\x01c\x80\0\0\0\x10grpc-status: 5\r\n";
    for cut in 0..body.len() {
        let mut call = call("application/grpc-web+proto");
        call.add_to_request(&body[..7]);
        call.respond(200);
        call.add_to_response(&body[..cut]);
        call.add_to_response(&body[cut..]);
        let expected = Grpc { status: Some(5), request_messages: 1, response_messages: 2, compressed: true };
        assert_eq!(call.grpc(None), expected);
        assert_eq!(call.grpc(Some(7)).status, Some(7));
    }
}

#[test]
fn grpc_web_in_base64() {
    let mut call = call("application/grpc-web-text");
    call.add_to_request(b"AAAAAAJhYg==");
    call.respond(200);
    call.add_to_response(b"AAAAAAJhYg==gAAAAA9ncnBjLXN0YXR1czoxMg0K");
    assert_eq!((call.grpc(None).status, call.request.count, call.response.count), (Some(12), 1, 1));
}

#[test]
fn connect_says_it_in_json_or_by_http() {
    let unary = |http: u16, body: &[u8]| {
        let mut call =
            rpc("/shop.Cart/Get", "Content-Type: application/proto\nConnect-Protocol-Version: 1\n").unwrap();
        call.respond(http);
        call.add_to_response(body);
        call.grpc(None)
    };
    assert_eq!(unary(200, br#"{"code":"not_found"}"#).status, Some(0));
    assert_eq!(unary(404, br#"{"code":"not_found"}"#).status, Some(5));
    assert_eq!(unary(404, b"nothing here").status, Some(12));
    assert_eq!((unary(200, b"").response_messages, unary(503, b"").response_messages), (1, 0));
    let stream = |http: u16, body: &[u8]| {
        let mut call = call("application/connect+proto");
        call.respond(http);
        call.add_to_response(body);
        call.grpc(None).status
    };
    assert_eq!(stream(200, b"\0\0\0\0\x01a\x02\0\0\0\x02{}"), Some(0));
    assert_eq!(stream(200, b"\x02\0\0\0\x1d{\"error\":{\"code\":\"internal\"}}"), Some(13));
    assert_eq!(stream(200, b"\0\0\0\0\x01a"), None);
    assert_eq!(stream(415, b""), Some(2));
}

#[test]
fn an_end_that_was_missed_is_not_known() {
    let mut call = call("application/grpc-web");
    call.respond(200);
    call.add_to_response(b"\0\0\0\x01\0abc");
    call.miss_in_response(253);
    call.add_to_response(b"\x80\0\0\0\x10grpc-");
    call.miss_in_response(3);
    call.add_to_response(b"us: 5\r\n");
    assert_eq!(
        call.grpc(None),
        Grpc { status: None, request_messages: 0, response_messages: 1, compressed: false }
    );
}
