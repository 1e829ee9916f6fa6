//! Connections that are seen before and after a node translated their addresses count once.

mod support;

use std::net::SocketAddr;

use support::*;
use traffic_monitor_flow::Limits;

/// Packets as they are behind a translation: with another client or server.
fn translated(packet: &Packet, client: Option<&str>, server: Option<&str>) -> Packet {
    let end = |to: Option<&str>, before: SocketAddr| to.map_or(before, |to| to.parse().unwrap());
    let from_server = packet.source.port() == 80;
    let (source, destination) = if from_server { (server, client) } else { (client, server) };
    Packet {
        source: end(source, packet.source),
        destination: end(destination, packet.destination),
        ..packet.clone()
    }
}

const CLIENT: &str = "10.0.0.1:40000";
const POD: Option<&str> = Some("10.1.0.7:8080");
const NODE: Option<&str> = Some("192.168.0.1:61000");

/// What the client sends is seen before and after the translation; what the server sends the other way round.
fn both(monitor: &mut Monitor, packet: &Packet, client: Option<&str>, server: Option<&str>) {
    let other = translated(packet, client, server);
    if packet.source.port() == 80 {
        monitor.take(&other).take(packet);
    } else {
        monitor.take(packet).take(&other);
    }
}

fn story(monitor: &Monitor) -> Vec<(String, String)> {
    monitor.seen().iter().map(|seen| (seen.flow.second.to_string(), seen.story.clone())).collect()
}

#[test]
fn before_and_after_a_translation_counts_once() {
    let kinds = [(None, POD, "10.1.0.7:8080"), (NODE, None, "10.0.0.2:80"), (NODE, POD, "10.1.0.7:8080")];
    for (client, server, kept) in kinds {
        for opened in [true, false] {
            let (mut ends, mut monitor) = (Ends::new(CLIENT, 1 << 30, 77), Monitor::new());
            let open = ends.open();
            if opened {
                open.iter().for_each(|packet| both(&mut monitor, packet, client, server));
            }
            for _ in 0..3 {
                both(&mut monitor, &ends.client("ask"), client, server);
                both(&mut monitor, &ends.server("answer"), client, server);
            }
            both(&mut monitor, &ends.client_fin(""), client, server);
            both(&mut monitor, &ends.server_fin(""), client, server);
            both(&mut monitor, &ends.client(""), client, server);
            monitor.finish();
            let expected = (kept.to_owned(), ">ask<answer>ask<answer>ask<answer>.<.".to_owned());
            assert_eq!(story(&monitor), [expected], "opened: {opened}");
            assert_eq!(monitor.table.counters().connections.merged, 1);
        }
    }
}

#[test]
fn what_is_missing_in_one_place_comes_from_the_other() {
    let (mut ends, mut monitor) = (Ends::new(CLIENT, 1 << 30, 77), Monitor::new());
    ends.open().iter().for_each(|packet| both(&mut monitor, packet, None, POD));
    both(&mut monitor, &ends.client("ask"), None, POD);
    // The answer behind the translation only, the next request before it only.
    monitor.take(&translated(&ends.server("answer"), None, POD)).take(&ends.client("again"));
    both(&mut monitor, &ends.server("more"), None, POD);
    monitor.finish();
    assert_eq!(monitor.story(), ">ask<answer>again<moreStopped");
}

#[test]
fn addresses_that_are_used_again_are_a_new_connection() {
    let mut monitor = Monitor::new();
    for (start, server) in [(1 << 30, POD), (1 << 20, Some("10.1.0.8:8080"))] {
        let mut ends = Ends::new(CLIENT, start, !start);
        ends.open().iter().for_each(|packet| both(&mut monitor, packet, None, server));
        both(&mut monitor, &ends.client("ask"), None, server);
        both(&mut monitor, &ends.server("answer"), None, server);
        both(&mut monitor, &ends.client_fin(""), None, server);
        both(&mut monitor, &ends.server_fin(""), None, server);
        monitor.wait(SECOND);
    }
    monitor.finish();
    let told = ">ask<answer>.<.".to_owned();
    let expected = [("10.1.0.7:8080".to_owned(), told.clone()), ("10.1.0.8:8080".to_owned(), told)];
    assert_eq!(story(&monitor), expected);
}

/// Same numbers in several connections, as only files made by programs have them.
#[test]
fn connections_that_only_look_alike_stay_apart() {
    let other_port = (Some("10.0.0.1:40001"), None);
    let other_client = (Some("10.0.0.9:40000"), None);
    for (name, (client, server), ask, later, answered) in [
        ("another port of the client", other_port, "ask", 0, false),
        ("other data", other_client, "ASK", 0, false),
        ("much later", other_client, "ask", SECOND, false),
        ("after the answer", other_client, "ask", 0, true),
    ] {
        let (mut one, mut two) = (Ends::new(CLIENT, 1000, 9000), Ends::new(CLIENT, 1000, 9000));
        let mut monitor = Monitor::new();
        monitor.take_all(&one.open()).take(&one.client("ask"));
        if answered {
            monitor.take(&one.server("answer"));
        }
        monitor.wait(later);
        for packet in two.open().iter().chain([&two.client(ask), &two.server("answer")]) {
            monitor.take(&translated(packet, client, server));
        }
        if !answered {
            monitor.take(&one.server("answer"));
        }
        monitor.finish();
        assert_eq!(monitor.seen().len(), 2, "{name}");
        assert_eq!(monitor.table.counters().connections.merged, 0, "{name}");
    }
}

#[test]
fn memory_for_other_addresses_is_bounded() {
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let mut monitor = Monitor::with(limits);
    for n in 0..20_000_u32 {
        let client = format!("10.{}.{}.1:40000", n >> 8 & 255, n & 255);
        let mut ends = Ends::new(&client, n << 8, !n);
        // `take` looks at the memory each time.
        ends.open().iter().for_each(|packet| both(&mut monitor, packet, None, POD));
        both(&mut monitor, &ends.client("ask"), None, POD);
        both(&mut monitor, &ends.server("answer"), None, POD);
    }
    let counters = monitor.table.counters();
    assert!(counters.connections.merged > 19_000, "{counters:#?}");
}
