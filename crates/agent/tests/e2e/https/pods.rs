//! Pods of a node, by their cgroups.

use serde_json::json;

use super::server::{Server, is_read, lines};
use crate::node::service;
use crate::sockets::pods::{Kubelet, pod, uid};
use crate::support::{Agent, Cluster, Stage, eventually};

#[test]
fn pods_of_mapped_services_are_read_from_their_start_and_others_give_nothing() {
    let (stage, kubelet) = (Stage::live(), Kubelet::new());
    let cluster = Cluster::start(&stage);
    let api = &cluster.server;
    let [(cart, _cart), (pay, _pay)] = [1, 2].map(|number| kubelet.pod(&uid(number)));
    let (cart, pay) = (Server::nginx_in(cart, &stage, 8443), Server::nginx_in(pay, &stage, 8444));
    for (number, name, port) in [(1, "cart", 8443), (2, "pay", 8444)] {
        api.put(service(name, "10.96.0.10", 443, &json!(port), None));
        api.put(pod(&format!("{name}-1"), name, &uid(number)));
    }
    stage.write_config(&["cart"]);
    let agent = Agent::start_for_pods_with(&stage, &["--tls"]);
    is_read(&agent, "cart");
    cart.ask(&[], &["/api/v1/orders"]);
    pay.ask(&[], &["/api/v1/invoices"]);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/orders");
    let said = lines(&agent);
    assert!(!said.iter().any(|line| line.starts_with("shop/pay")), "{said:?}");

    // The image is known: from the first handshake on.
    api.put(pod("cart-2", "cart", &uid(3)));
    agent.until("it is known", || agent.status()["names"].as_str().unwrap().contains(" 3 pods"));
    agent.settle();
    let (inside, late_pod) = kubelet.pod(&uid(3));
    eventually("the new pod is captured", || late_pod.programs() == 2, || agent.log());
    let late = Server::nginx_in(inside, &stage, 8445);
    api.put(service("cart", "10.96.0.10", 443, &json!(8445), None));
    agent.settle();
    late.ask(&[], &["/api/v1/late"]);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/late");
    agent.until("all were opened", || lines(&agent).contains(&"shop/cart: connections: 2 opened".into()));
    let log = agent.stop();
    assert_eq!(super::server::tls(&log, "no_key"), 0, "{log}");
}
