//! Which request a response answers where messages are missing: what acknowledgments and the client's habit say, and nothing
//! else.

mod support;

use flow::{Direction, End, Missing};
use proptest::prelude::*;
use support::{Event, Tested, get, ok, post};

/// A response with this status.
fn response(status: usize) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}")
}

/// The statuses by target, as `/a 200 /b -`.
fn statuses(tested: &Tested) -> String {
    let mut got: Vec<_> = tested.got.iter().collect();
    got.sort_by_key(|got| got.time);
    let one = |got: &&support::Got| {
        let status = got.status.map_or("-".into(), |status| status.to_string());
        format!("{} {status}", got.request.split_once(' ').unwrap().1)
    };
    got.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_lost_request_between_lost_responses_costs_no_later_answer() {
    let mut tested = Tested::opened();
    tested.client(get("/4")).server(response(204)).client(get("/5"));
    tested.client_gap(34).server_gap(90);
    for number in 7..10 {
        tested.client(get(&format!("/{number}"))).server(response(200 + number));
    }
    assert_eq!(statuses(&tested), "/4 204 /5 - /7 207 /8 208 /9 209");
}

#[test]
fn a_body_that_no_field_announces_costs_no_later_answer() {
    let mut tested = Tested::opened();
    tested.client([&get("/a"), "{\"size\":1000}"].concat()).server(response(201));
    tested.client(post("/b", "x")).server(response(202)).client(get("/c")).server(response(203));
    assert_eq!(statuses(&tested), "/a 201 /b 202 /c 203");
}

#[test]
fn a_body_that_breaks_off_costs_no_later_answer() {
    let mut tested = Tested::opened();
    tested.client("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe").client_gap(40);
    tested.server(response(201)).client(get("/b")).server(response(202));
    assert_eq!(statuses(&tested), "/a 201 /b 202");
}

#[test]
fn a_client_that_pipelined_once_is_known_again_once_it_waited() {
    let mut tested = Tested::opened();
    tested.client(get("/1")).client(get("/2")).server(response(201)).server(response(202));
    for number in 3..14 {
        tested.client(get(&format!("/{number}"))).server(response(200 + number));
    }
    tested.client(get("/14")).server_gap(40).client(get("/15")).server(response(215));
    tested.client(get("/16")).client_gap(35).server_gap(40).client(get("/18")).server(response(218));
    assert!(statuses(&tested).ends_with("/13 213 /14 - /15 215 /16 - /18 218"), "{}", statuses(&tested));
}

#[test]
fn a_burst_with_a_loss_costs_that_burst_only() {
    let mut tested = Tested::opened();
    for burst in 0..2 {
        tested.client([get(&format!("/{burst}a")), get(&format!("/{burst}b"))].concat());
        tested.server(response(201)).server(response(202));
    }
    tested.client([get("/2a"), get("/2b"), get("/2c")].concat()).server_gap(40).server(response(202));
    tested.client([get("/3a"), get("/3b")].concat()).server(response(201)).server(response(202));
    let ends = "/2a - /2b - /2c - /3a 201 /3b 202";
    assert!(statuses(&tested).ends_with(ends), "{}", statuses(&tested));
}

#[test]
fn the_second_of_two_is_known_when_the_first_response_is_missing() {
    let mut tested = Tested::opened();
    tested.client([get("/1"), get("/2")].concat()).server_gap(40).server(response(202));
    tested.client(get("/3")).server(response(203));
    assert_eq!(statuses(&tested), "/1 - /2 202 /3 203");
}

#[test]
fn a_response_to_a_request_that_is_missing_is_nobodys() {
    // The request that is missing was sent before the one that is there, and nothing was answered between.
    let mut tested = Tested::opened();
    tested.client(get("/1")).server(response(201)).client_gap(34).client(get("/3"));
    tested.server(response(202)).server(response(203)).client(get("/4")).server(response(204));
    assert_eq!(statuses(&tested), "/1 201 /3 - /4 204");

    // Of a connection that was joined in the rest of a head, its response comes first.
    let mut tested = Tested::joined();
    tested.client(["gent: x\r\n\r\n", &get("/b")].concat()).server(response(201)).server(response(202));
    assert_eq!(statuses(&tested), "/b -");
}

#[test]
fn a_response_that_does_not_acknowledge_a_request_is_not_its_own() {
    // A server that waited in vain says so, and its answer crosses the next request.
    let mut tested = Tested::opened();
    tested.client(get("/1")).server_gap(40);
    let acknowledged = tested.stand(Direction::Forward);
    tested.client(get("/2"));
    tested.event_at(Direction::Backward, acknowledged, Event::Data(response(408).as_bytes()));
    tested.end(End::Stopped);
    assert_eq!(statuses(&tested), "/1 - /2 -");
}

#[test]
fn a_text_in_a_body_that_looks_like_a_response_is_none_where_its_head_is_missing() {
    let mut tested = Tested::opened();
    tested.client(get("/log")).server_gap(100).server(response(500)).client(get("/b")).server(ok("b"));
    assert_eq!(statuses(&tested), "/log - /b 200");
}

/// How a client asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Client {
    Serial,
    /// So many at once, and all are answered before it goes on.
    Bursts(usize),
    /// So many are always on their way.
    Streams(usize),
}

/// Runs a conversation in which these messages are missing (request, response), but for the first twelve exchanges. Returns
/// the statuses that were found wrong, and how many of those that can be had were not found.
fn converse(client: Client, missing: &[(bool, bool)]) -> (Vec<String>, usize) {
    let mut tested = Tested::opened();
    let all: Vec<_> = std::iter::repeat_n((false, false), 12).chain(missing.iter().copied()).collect();
    let (mut asked, mut answered) = (0, 0);
    while answered < all.len() {
        let ahead = match client {
            Client::Serial => 1,
            Client::Bursts(size) if asked == answered => size,
            Client::Streams(depth) => (answered + depth).saturating_sub(asked),
            Client::Bursts(_) => 0,
        };
        for _ in 0..ahead.min(all.len() - asked) {
            let request = get(&format!("/{asked}"));
            if all[asked].0 {
                tested.client_gap(request.len() as u64);
            } else {
                tested.client(request);
            }
            asked += 1;
        }
        let response = response(100 + 100 * (answered % 4 + 1) + answered % 90);
        if all[answered].1 {
            tested.event(Direction::Backward, Event::Skip(response.len() as u64, Missing::Gap));
        } else {
            tested.server(response);
        }
        answered += 1;
    }
    tested.end(End::Fin).end(End::Stopped);
    let (mut wrong, mut paired) = (Vec::new(), 0);
    for got in &tested.got {
        let number: usize = got.request.rsplit('/').next().unwrap().parse().unwrap();
        let right = (100 + 100 * (number % 4 + 1) + number % 90) as u16;
        match got.status {
            Some(status) if status != right => wrong.push(format!("/{number} {status}")),
            Some(_) => paired += 1,
            None => {}
        }
    }
    (wrong, all.iter().filter(|one| !one.0 && !one.1).count() - paired)
}

fn missing(share: u32) -> impl Strategy<Value = Vec<(bool, bool)>> {
    let lost = move || prop::sample::select((0..10).map(|number| number < share).collect::<Vec<_>>());
    prop::collection::vec((lost(), lost()), 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn of_a_client_that_waits_every_status_is_found_that_can_be_had(missing in missing(3)) {
        let (wrong, unfound) = converse(Client::Serial, &missing);
        prop_assert!(wrong.is_empty() && unfound == 0, "{wrong:?} {unfound}");
    }

    #[test]
    fn of_a_client_that_pipelines_no_status_is_wrong(missing in missing(2), many in 2..6_usize, bursts: bool) {
        let client = if bursts { Client::Bursts(many) } else { Client::Streams(many) };
        let (wrong, _) = converse(client, &missing);
        prop_assert!(wrong.is_empty(), "{client:?} {wrong:?}");
    }
}
