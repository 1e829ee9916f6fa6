//! What an earlier version left behind is taken over.

use std::io::Read;

use crate::support::{Agent, Stage};

/// A store that version 0.1.0 wrote: `GET /users/NAME` and `GET /users/NAME/repos` of ten people, seven `GET /issues/SHOP-N`,
/// `GET /orders/{orderId}`, `DELETE /orders/{orderId}`, `POST /orders` and `GET /v1/search`, all pushed to the application of `cart`.
const STORE: &[u8] = include_bytes!("../data/store-0.1.0.redb.gz");

#[test]
fn literals_of_an_earlier_version_become_templates_and_are_told_once() {
    let stage = Stage::live();
    let mut store = Vec::new();
    flate2::read::GzDecoder::new(STORE).read_to_end(&mut store).unwrap();
    std::fs::create_dir(stage.path("state")).unwrap();
    std::fs::write(stage.path("state").join("inventory.redb"), store).unwrap();
    stage.write_services(&[("cart", "127.0.0.1:8081".parse().unwrap())]);
    let mut config = stage.config(&["cart"]);
    config["monitor"].as_object_mut().unwrap().remove("pathRules");
    stage.write("config.json", config.to_string());

    let agent = Agent::start(&stage, &[]);
    let folded = ["GET /issues/{issueId}", "GET /users/{userId}", "GET /users/{userId}/repos"];
    folded.iter().for_each(|endpoint| agent.wait_for_push(&stage, "cart", endpoint));
    agent.until("nothing waits", || agent.service("shop/cart")["waiting"] == 0);
    let cart = agent.service("shop/cart");
    assert_eq!((&cart["endpoints"], &cart["requests"]), (&7.into(), &37.into()), "{cart}");
    assert_eq!(agent.status()["outbox"]["superseded"], 27, "{}", agent.status()["outbox"]);
    assert_eq!(stage.listed("cart"), folded, "what was told before is not told again");
    assert!(!agent.log().contains("WARN"), "{}", agent.log());
    let told = stage.pushes();
    agent.stop();

    let agent = Agent::start(&stage, &[]);
    agent.until("all is there", || agent.service("shop/cart")["endpoints"] == 7);
    agent.settle();
    assert_eq!(agent.service("shop/cart")["waiting"], 0, "nothing is to be told");
    assert_eq!(stage.pushes(), told, "told once");
}
