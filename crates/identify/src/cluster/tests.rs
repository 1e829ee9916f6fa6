use std::collections::BTreeMap;

use decode::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::{Answer, ServiceName};

fn service(namespace: &str, name: &str) -> Service {
    Service { name: ServiceName { namespace: namespace.into(), name: name.into() }, ..Service::default() }
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn key(namespace: &str, name: &str) -> ObjectName {
    (namespace.into(), name.into())
}

fn port(port: u16, target: Target) -> ServicePort {
    ServicePort { port, target, node_port: None }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[derive(Default)]
struct Shop {
    cluster: Cluster,
    local: HashSet<IpAddr>,
}

impl Shop {
    fn service(mut self, service: Service) -> Shop {
        let key = key(&service.name.namespace, &service.name.name);
        self.cluster.apply(Change::Services(Update::One(key, service)));
        self
    }

    fn pod(mut self, name: &str, pod: Pod) -> Shop {
        self.cluster.apply(Change::Pods(Update::One(key("shop", name), pod)));
        self
    }

    fn backends(mut self, backends: Backends) -> Shop {
        let key = (backends.service.namespace.clone(), format!("{}-abc", backends.service.name));
        self.cluster.apply(Change::Backends(Update::One(key, vec![backends])));
        self
    }

    fn ask(&self, server: &str, host: &str) -> String {
        let directory = self.cluster.directory(&self.local);
        let host = (!host.is_empty()).then_some(host.as_bytes());
        match directory.identify(server.parse().unwrap(), Timestamp::EPOCH, || host) {
            Answer::Service(service, _) => service.to_string(),
            Answer::Ambiguous(all) => {
                all.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join("|")
            }
            Answer::Unknown => "-".into(),
        }
    }
}

fn cart() -> Service {
    Service {
        selector: labels(&[("app", "cart")]),
        ports: vec![port(80, Target::Number(8080)), port(81, Target::Name("admin".into()))],
        cluster_ips: vec![ip("10.96.0.10"), ip("fd00:96::10")],
        ..service("shop", "cart")
    }
}

fn cart_pod() -> Pod {
    Pod {
        labels: labels(&[("app", "cart"), ("version", "2")]),
        addresses: vec![ip("10.0.0.2"), ip("fd00::2")],
        ports: vec![("admin".into(), 9000), ("debug".into(), 6060)],
        ..Pod::default()
    }
}

#[test]
fn pods_match_services_by_selector_and_port() {
    let shop = Shop::default().service(cart()).service(service("shop", "bare")).pod("cart-1", cart_pod());
    for server in ["10.0.0.2:8080", "[fd00::2]:8080", "10.0.0.2:9000", "10.96.0.10:80", "[fd00:96::10]:81"] {
        assert_eq!(shop.ask(server, ""), "shop/cart", "{server}");
    }
    for server in ["10.0.0.2:80", "10.0.0.2:6060", "10.0.0.3:8080", "10.96.0.10:8080"] {
        assert_eq!(shop.ask(server, "cart"), "-", "{server}");
    }
    let moved = shop.pod("cart-1", Pod { labels: labels(&[("app", "old")]), ..cart_pod() });
    assert_eq!(moved.ask("10.0.0.2:8080", ""), "-");
}

#[test]
fn a_pod_of_another_namespace_does_not_match() {
    let mut shop = Shop::default().service(cart());
    shop.cluster.apply(Change::Pods(Update::One(key("beta", "cart-1"), cart_pod())));
    assert_eq!(shop.ask("10.0.0.2:8080", ""), "-");
}

#[test]
fn several_services_of_a_pod_are_told_apart_by_port_then_host() {
    let admin = Service {
        selector: labels(&[("version", "2")]),
        ports: vec![port(80, Target::Number(9000))],
        ..service("shop", "admin")
    };
    let stable = Service { name: ServiceName { namespace: "shop".into(), name: "stable".into() }, ..cart() };
    let shop = Shop::default().service(cart()).pod("cart-1", cart_pod());
    let two = shop.service(admin);
    assert_eq!(two.ask("10.0.0.2:8080", "admin"), "shop/cart", "the port decides");
    assert_eq!(two.ask("10.0.0.2:9000", "admin"), "shop/admin");
    let three = two.service(stable);
    assert_eq!(three.ask("10.0.0.2:8080", "stable.shop"), "shop/stable");
    assert_eq!(three.ask("10.0.0.2:8080", "www.example.com"), "cart|stable");
}

#[test]
fn the_address_that_a_client_asked_tells_services_apart() {
    let stable = Service {
        name: ServiceName { namespace: "shop".into(), name: "stable".into() },
        ports: vec![ServicePort { node_port: Some(30080), ..port(8000, Target::Number(8080)) }],
        cluster_ips: vec![ip("10.96.0.11")],
        ..cart()
    };
    let shop = Shop::default().service(cart()).service(stable).pod("cart-1", cart_pod());
    for (host, expected) in [
        ("10.96.0.11:8000", "shop/stable"),
        ("10.96.0.10", "shop/cart"),
        ("[fd00:96::10]", "shop/cart"),
        ("node-7.example.com:30080", "shop/stable"),
        ("192.0.2.7:30080", "shop/stable"),
        ("10.96.0.11:8001", "cart|stable"),
        ("node-7:30081", "cart|stable"),
        ("", "cart|stable"),
    ] {
        assert_eq!(shop.ask("10.0.0.2:8080", host), expected, "{host}");
    }
    assert_eq!(shop.ask("10.0.0.2:9000", "node-7:30080"), "shop/cart", "the port of the pod decides");
}

#[test]
fn a_cluster_that_was_written_names_the_same_servers() {
    let host = Pod { host_network: true, addresses: vec![ip("127.0.0.1")], ..cart_pod() };
    let backends = Backends {
        service: ServiceName { namespace: "shop".into(), name: "bare".into() },
        addresses: vec![ip("10.0.0.7")],
        ports: vec![80],
        only_without_selector: false,
    };
    let shop = Shop::default().service(cart()).service(service("shop", "bare")).pod("cart-1", cart_pod());
    let shop = shop.pod("host", host).backends(backends);
    let written = serde_json::to_string(&shop.cluster).unwrap();
    let read = Shop { cluster: serde_json::from_str(&written).unwrap(), local: HashSet::new() };
    for server in
        ["10.0.0.2:8080", "10.0.0.2:9000", "127.0.0.1:8080", "10.96.0.10:80", "10.0.0.7:80", "10.0.0.9:80"]
    {
        assert_eq!(read.ask(server, ""), shop.ask(server, ""), "{server}");
    }
}

#[test]
fn pods_that_no_service_selects_are_known() {
    let worker =
        Pod { labels: labels(&[("app", "worker")]), addresses: vec![ip("10.0.0.9")], ..Pod::default() };
    let host = Pod { host_network: true, addresses: vec![ip("192.0.2.1")], ..Pod::default() };
    let shop =
        Shop::default().service(cart()).pod("cart-1", cart_pod()).pod("worker-1", worker).pod("host", host);
    let directory = shop.cluster.directory(&shop.local);
    assert_eq!(directory.unselected(ip("10.0.0.9")).map(|pod| &**pod), Some("shop/worker-1"));
    assert_eq!(directory.unselected(ip("10.0.0.2")), None);
    assert_eq!(
        directory.all_unselected().into_iter().collect::<Vec<_>>(),
        ["shop/worker-1"],
        "the node's network has many"
    );
    let of = |name: &str| ServiceName { namespace: "shop".into(), name: name.into() };
    assert!(!directory.has_pod_of(&of("pay")));
}

#[test]
fn headless_services_are_asked_at_their_pods() {
    let with_port = Service {
        headless: true,
        cluster_ips: Vec::new(),
        ports: vec![port(5000, Target::Number(8080))],
        ..cart()
    };
    let shop = Shop::default().service(with_port.clone()).pod("cart-1", cart_pod());
    assert_eq!(shop.ask("10.0.0.2:8080", ""), "shop/cart");
    assert_eq!(shop.ask("10.0.0.2:5000", ""), "shop/cart");
    assert_eq!(shop.ask("10.0.0.2:6060", ""), "-");
    let any_port = Service { ports: Vec::new(), ..with_port };
    assert_eq!(shop.service(any_port).ask("10.0.0.2:6060", ""), "shop/cart");
}

#[test]
fn host_network_pods_are_asked_at_the_addresses_of_the_node() {
    let pod = Pod { addresses: vec![ip("192.0.2.1")], host_network: true, ..cart_pod() };
    let mut shop = Shop::default().service(cart()).pod("cart-1", pod);
    shop.local = HashSet::from([ip("192.0.2.1"), ip("198.51.100.1"), ip("127.0.0.1")]);
    assert_eq!(shop.ask("192.0.2.1:8080", ""), "shop/cart");
    assert_eq!(shop.ask("198.51.100.1:9000", ""), "shop/cart");
    assert_eq!(shop.ask("127.0.0.1:8080", ""), "-", "any process may listen there");
    // With IPVS the node has the ClusterIPs of all Services.
    let mut pay = service("shop", "pay");
    pay.cluster_ips = vec![ip("10.96.0.77")];
    pay.ports = vec![port(8080, Target::Number(1))];
    shop.local.insert(ip("10.96.0.77"));
    let shop = shop.service(pay);
    assert_eq!(shop.ask("10.96.0.77:8080", ""), "shop/pay", "not the pod of the node's network");
    let directory = shop.cluster.directory(&shop.local);
    assert!(directory.forwards("10.96.0.77:8080".parse().unwrap(), true));
}

#[test]
fn an_address_belongs_to_the_pod_that_lives() {
    let pay = Service {
        selector: labels(&[("app", "pay")]),
        ports: vec![port(80, Target::Number(8080))],
        ..service("shop", "pay")
    };
    let pay_pod = Pod { labels: labels(&[("app", "pay")]), created: 5, ..cart_pod() };
    let shop = Shop::default().service(cart()).service(pay);
    let shop = shop.pod("cart-1", Pod { created: 9, ending: true, ..cart_pod() }).pod("pay-1", pay_pod);
    assert_eq!(shop.ask("10.0.0.2:8080", ""), "shop/pay");
    let shop = shop.pod("cart-2", Pod { created: 6, ..cart_pod() });
    assert_eq!(shop.ask("10.0.0.2:8080", ""), "shop/cart", "the youngest");
}

#[test]
fn backends_without_a_selector() {
    let database = Service { ports: vec![port(80, Target::Number(80))], ..service("shop", "legacy") };
    let backends = Backends {
        service: database.name.clone(),
        addresses: vec![ip("203.0.113.5")],
        ports: vec![8000],
        only_without_selector: true,
    };
    let shop = Shop::default().service(database.clone()).backends(backends.clone());
    assert_eq!(shop.ask("203.0.113.5:8000", ""), "shop/legacy");
    let selects = Service { selector: labels(&[("app", "x")]), ..database };
    let shop = shop.service(selects);
    assert_eq!(shop.ask("203.0.113.5:8000", ""), "-", "an Endpoints object that a selector made");
    let shop = shop.backends(Backends { only_without_selector: false, ..backends });
    assert_eq!(shop.ask("203.0.113.5:8000", ""), "shop/legacy", "an EndpointSlice that someone added");
}

#[test]
fn what_leads_to_a_server_elsewhere_is_forwarded() {
    let mut cart = cart();
    cart.ports[0].node_port = Some(30080);
    let pod = Pod { host_ports: vec![8888], ..cart_pod() };
    let directory = Shop::default().service(cart).pod("cart-1", pod).cluster.directory(&HashSet::new());
    for (address, local, forwarded) in [
        ("10.96.0.10:80", false, true),
        ("192.0.2.1:30080", true, true),
        ("192.0.2.1:30080", false, false),
        ("192.0.2.1:8888", true, true),
        ("10.0.0.2:8080", false, false),
    ] {
        assert_eq!(directory.forwards(address.parse().unwrap(), local), forwarded, "{address}");
    }
}

#[test]
fn a_new_list_replaces_all() {
    let mut shop = Shop::default().service(cart()).pod("cart-1", cart_pod());
    let again = Change::Pods(Update::One(key("shop", "cart-1"), cart_pod()));
    assert!(!shop.cluster.apply(again), "nothing new");
    shop.cluster.apply(Change::Pods(Update::All(vec![])));
    assert_eq!(shop.ask("10.0.0.2:8080", ""), "-");
    shop.cluster.apply(Change::Services(Update::Gone(key("shop", "cart"))));
    assert!(shop.cluster.is_empty());
}

/// A small world, so that objects meet: 2 namespaces, 3 apps, 4 addresses, 3 ports.
fn any_service() -> impl Strategy<Value = (ObjectName, Service)> {
    (0..2_u8, 0..4_u8, 0..4_u8, vec(0..3_u16, 0..3), any::<bool>()).prop_map(
        |(ns, n, app, ports, headless)| {
            let (namespace, name) = (format!("n{ns}"), format!("s{n}"));
            // The fourth app is no selector.
            let selector = if app < 3 { labels(&[("app", &app.to_string())]) } else { BTreeMap::new() };
            let ports = ports.into_iter().map(|at| port(100 + at, Target::Number(200 + at))).collect();
            let name = ServiceName { namespace: namespace.clone(), name };
            (
                (namespace, name.name.clone()),
                Service { name, selector, ports, headless, ..Service::default() },
            )
        },
    )
}

fn any_pod() -> impl Strategy<Value = (ObjectName, Pod)> {
    (0..2_u8, 0..5_u8, 0..3_u8, 0..4_u8, any::<(bool, i8)>()).prop_map(
        |(ns, n, app, address, (ending, created))| {
            let pod = Pod {
                labels: labels(&[("app", &app.to_string()), ("other", "x")]),
                addresses: vec![IpAddr::from([10, 0, 0, address])],
                ending,
                created: created.into(),
                ..Pod::default()
            };
            ((format!("n{ns}"), format!("p{n}")), pod)
        },
    )
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any_service().prop_map(|(key, service)| Change::Services(Update::One(key, service))),
        any_service().prop_map(|(key, _)| Change::Services(Update::Gone(key))),
        any_pod().prop_map(|(key, pod)| Change::Pods(Update::One(key, pod))),
        any_pod().prop_map(|(key, _)| Change::Pods(Update::Gone(key))),
    ]
}

/// The same by the words of the rule, object by object, without any table.
fn brute_force(changes: &[Change], server: SocketAddr) -> Vec<ServiceName> {
    let latest = |wanted: &ObjectName, pods: bool| {
        changes.iter().rev().find(|change| match change {
            Change::Services(Update::One(key, _) | Update::Gone(key)) => !pods && key == wanted,
            Change::Pods(Update::One(key, _) | Update::Gone(key)) => pods && key == wanted,
            _ => false,
        })
    };
    let (mut services, mut pods) = (BTreeMap::new(), BTreeMap::new());
    for change in changes {
        match change {
            Change::Services(Update::One(key, _)) => {
                if let Some(Change::Services(Update::One(_, service))) = latest(key, false) {
                    services.insert(key, service);
                }
            }
            Change::Pods(Update::One(key, _)) => {
                if let Some(Change::Pods(Update::One(_, pod))) = latest(key, true) {
                    pods.insert(key, pod);
                }
            }
            _ => {}
        }
    }
    let has = pods.iter().filter(|(_, pod)| pod.addresses.contains(&server.ip()));
    let Some((key, pod)) = has.max_by_key(|(key, pod)| (!pod.ending, pod.created, **key)) else {
        return Vec::new();
    };
    let behind = services.values().filter(|service| {
        service.name.namespace == key.0
            && !service.selector.is_empty()
            && service.selector.get("app") == pod.labels.get("app")
    });
    let by = |wanted: &dyn Fn(&Service) -> bool| {
        let mut names: Vec<_> =
            behind.clone().filter(|service| wanted(service)).map(|service| service.name.clone()).collect();
        names.sort();
        names
    };
    let asked = by(&|service| {
        service.ports.iter().any(|port| {
            port.target == Target::Number(server.port()) || service.headless && port.port == server.port()
        })
    });
    if asked.is_empty() { by(&|service| service.headless && service.ports.is_empty()) } else { asked }
}

proptest! {
    #[test]
    fn names_are_those_of_the_rule(changes in vec(any_change(), 0..60)) {
        let mut cluster = Cluster::default();
        for change in &changes {
            cluster.apply(change.clone());
        }
        let directory = cluster.directory(&HashSet::new());
        for address in 0..4_u8 {
            for port in [100, 101, 102, 200, 201, 202, 300] {
                let server = SocketAddr::from(([10, 0, 0, address], port));
                prop_assert_eq!(names(&directory, server, Timestamp::EPOCH), brute_force(&changes, server), "{}", server);
            }
        }
    }
}

/// Returns what all names of a server are, in the order of their names.
fn names(directory: &Directory, server: SocketAddr, time: Timestamp) -> Vec<ServiceName> {
    match directory.identify(server, time, || None) {
        Answer::Service(service, _) => vec![(*service).clone()],
        Answer::Ambiguous(all) => all.iter().map(|service| (**service).clone()).collect(),
        Answer::Unknown => Vec::new(),
    }
}

proptest! {
    /// Snapshots follow each other under churn, and packets of all their times are read at the end: each gets the name of
    /// its time, or, when its server was not known then, the first one that became known.
    #[test]
    fn late_packets_get_the_names_of_their_time(batches in vec(vec(any_change(), 0..8), 1..8)) {
        let (mut cluster, mut directory) = (Cluster::default(), Directory::default());
        for (batch, at) in batches.iter().zip(1_u64..) {
            for change in batch {
                cluster.apply(change.clone());
            }
            directory = cluster.directory(&HashSet::new()).succeeding(&directory, Timestamp::from_nanos(at * 100));
        }
        let until = |snapshot: usize| batches[..snapshot].concat();
        for time in (100..batches.len() as u64 * 100 + 100).step_by(50) {
            for (address, port) in (0..4_u8).flat_map(|address| [100, 101, 200, 201, 300].map(|port| (address, port))) {
                let server = SocketAddr::from(([10, 0, 0, address], port));
                let mut since = (time / 100) as usize..=batches.len();
                let expected = since.find_map(|snapshot| {
                    Some(brute_force(&until(snapshot), server)).filter(|names| !names.is_empty())
                });
                let names = names(&directory, server, Timestamp::from_nanos(time));
                prop_assert_eq!(names, expected.unwrap_or_default(), "{} {}", server, time);
            }
        }
    }
}

/// A label that all share must not make every pod a candidate of every Service.
#[test]
fn services_are_found_by_their_rarest_label() {
    let mut cluster = Cluster::default();
    for n in 0..5_000 {
        let selector = labels(&[("app.kubernetes.io/part-of", "shop"), ("zone", &n.to_string())]);
        let ports = vec![port(80, Target::Number(8080))];
        let (key, service) = (key("shop", &format!("s{n}")), service("shop", &format!("s{n}")));
        cluster.apply(Change::Services(Update::One(key, Service { selector, ports, ..service })));
    }
    for n in 0..250_u8 {
        let labels = labels(&[("app.kubernetes.io/part-of", "shop"), ("zone", &n.to_string())]);
        let pod = Pod { labels, addresses: vec![IpAddr::from([10, 0, 0, n])], ..Pod::default() };
        cluster.apply(Change::Pods(Update::One(key("shop", &format!("p{n}")), pod)));
    }
    let selecting = Selecting::new(&cluster.services);
    assert_eq!(selecting.candidates(&cluster.pods), 250, "each pod is compared with its own Service only");
    let directory = cluster.directory(&HashSet::new());
    assert_eq!(
        names(&directory, "10.0.0.7:8080".parse().unwrap(), Timestamp::EPOCH),
        [service("shop", "s7").name]
    );
}
