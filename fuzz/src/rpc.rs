//! Any body of a call of gRPC, gRPC-Web or Connect says the same in any pieces.

use ::flow::{At, Direction, End, Flow, Origin, Over, Timestamp};
use ::http::{Connection, Counters, Exchange, Grpc, Sink};

const FORMS: [&str; 7] = [
    "application/grpc",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/connect+proto",
    "application/proto",
    "application/json",
    "text/plain",
];

/// The first byte chooses the content type and the status, the second where the body is cut; the rest is the body.
pub fn rpc(data: &[u8]) {
    let Some((&[form, cut], body)) = data.split_first_chunk() else { return };
    let whole = call(form, &[body]);
    if let Some(grpc) = whole {
        assert!(grpc.response_messages as usize <= 1 + body.len() / 5 + body.len() % 5, "{grpc:?}");
    }
    let (one, two) = body.split_at(usize::from(cut).min(body.len()));
    assert_eq!(call(form, &[one, two]), whole);
    assert_eq!(call(form, &body.chunks(1).collect::<Vec<_>>()), whole);
}

/// Returns what is said of a call with this response.
fn call(form: u8, body: &[&[u8]]) -> Option<Grpc> {
    let (media, status) = (FORMS[usize::from(form) % FORMS.len()], if form & 0x80 == 0 { 200 } else { 404 });
    let len: usize = body.iter().map(|part| part.len()).sum();
    let request =
        format!("POST /a.B/C HTTP/1.1\r\nContent-Type: {media}\r\nConnect-Protocol-Version: 1\r\n\r\n");
    let response = format!("HTTP/1.1 {status} X\r\nContent-Length: {len}\r\n\r\n");
    let (first, second) = (([10, 0, 0, 1], 40_000).into(), ([10, 0, 0, 2], 8080).into());
    let flow = Flow { first, second, opened: true, origin: Origin::Wire };
    let (mut connection, mut counters, mut said) = (Connection::default(), Counters::default(), Said(None));
    let time = Timestamp::from_nanos(1);
    let at = |direction| At { flow: &flow, direction, time, sequence: 0, acknowledgment: 0 };
    connection.data(at(Direction::Forward), request.as_bytes(), &mut counters, &mut said);
    connection.data(at(Direction::Backward), response.as_bytes(), &mut counters, &mut said);
    for part in body.iter().filter(|part| !part.is_empty()) {
        connection.data(at(Direction::Backward), part, &mut counters, &mut said);
        assert!(counters.balanced(), "{counters:?}");
    }
    let over = Over { flow: &flow, time, end: End::Stopped, acknowledged: [None, None] };
    connection.end(over, &mut counters, &mut said);
    assert!(counters.balanced(), "{counters:?}");
    said.0.expect("an exchange")
}

/// What the last exchange said of a call.
struct Said(Option<Option<Grpc>>);

impl Sink for Said {
    fn exchange(&mut self, exchange: &Exchange<'_>) {
        assert!(exchange.complete);
        self.0 = Some(exchange.grpc);
    }
}
