//! The configuration may be late, broken, and changed: capture goes on, and what was learned meanwhile is pushed.

use crate::support::{Agent, HEALTH, Server, Stage, exchange, request};

fn ask(server: &Server, path: &str) {
    exchange(server.address, &request("GET", path, "", b""));
}

#[test]
fn a_configuration_that_comes_late_is_taken_without_a_restart() {
    let stage = Stage::live();
    let (cart, pay) = (Server::start(), Server::start());
    stage.write_services(&[("cart", cart.address), ("pay", pay.address)]);
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("ERROR Configuration: ");
    agent.until("alive", || agent.health("/healthz").0 == 200);
    let (status, body) = agent.health("/readyz");
    assert!(status == 503 && body.contains("config.json"), "{status} {body}");
    ask(&cart, "/early");
    ask(&pay, "/early");
    agent.wait_for("No mapping found for service 'cart'");
    assert!(agent.ask(&["status"]).contains("ERROR: "), "{}", agent.ask(&["status"]));

    // It appears: ready, and what was seen before is pushed.
    stage.write_config(&["cart"]);
    agent.wait_for_push(&stage, "cart", "GET /early");
    assert_eq!(agent.health("/readyz").0, 200);

    // It breaks: the last good one stays, and the line is named.
    stage.write("config.json", "{\n  \"apiKey\": \"x\",\n}\n");
    agent.wait_for("config.json line 3 column");
    ask(&cart, "/meanwhile");
    agent.wait_for_push(&stage, "cart", "GET /meanwhile");
    assert_eq!(agent.health("/readyz").0, 200);
    assert!(agent.ask(&["status"]).contains("config.json line 3"), "{}", agent.ask(&["status"]));

    // A mapping is added: what its Service was asked long ago is pushed. Half right is better than nothing.
    let mut config = stage.config(&["cart", "pay"]);
    config["serviceMappings"]["broken"] = serde_json::json!({"appId": "x"});
    stage.write("config.json", config.to_string());
    agent.wait_for_push(&stage, "pay", "GET /early");
    agent.wait_for("serviceMappings.broken.instanceId");
    assert_eq!(stage.listed("cart"), ["GET /early", "GET /meanwhile"]);
    assert_eq!(stage.listed("pay"), ["GET /early"]);
    stage.assert_contract();
    let log = agent.stop();
    assert_eq!(log.matches("config.json line 3 column").count(), 1, "said once, then each minute:\n{log}");
    assert_eq!(log.matches("config.json: cannot be read").count(), 1, "the same at the start:\n{log}");
}

#[test]
fn what_is_no_file_in_the_place_of_the_configuration_stops_nothing() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.fifo("config.json");
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("config.json: is not a regular file, but a pipe");
    stage.write_config(&["cart"]);
    ask(&cart, "/early");
    agent.wait_for_push(&stage, "cart", "GET /early");

    std::fs::remove_file(stage.path("config.json")).unwrap();
    stage.fifo("config.json");
    agent.wait_for("The last good configuration stays in force");
    ask(&cart, "/meanwhile");
    agent.wait_for_push(&stage, "cart", "GET /meanwhile");
    agent.stop();
}

#[test]
fn what_stands_twice_or_is_the_examples_is_said() {
    let stage = Stage::live();
    stage.write_services(&[]);
    let twice = r#"{"apiKey": "x", "apiKey": "your-api-key-here", "apisecUrl": "http://127.0.0.1:1"}"#;
    stage.write("config.json", twice);
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("WARN Configuration: ");
    agent.until("it is up", || agent.health("/healthz").0 == 200);
    let log = agent.stop();
    for (level, text) in
        [("WARN", "apiKey stands more than once"), ("ERROR", "apiKey is the placeholder of the example")]
    {
        assert!(
            log.lines()
                .any(|line| line.contains(&format!(" {level} Configuration: ")) && line.contains(text)),
            "{log}"
        );
    }
}

#[test]
fn a_key_that_is_missing_or_wrong_is_an_error_and_nothing_is_lost() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    let mut config = stage.config(&["cart"]);
    config["apiKey"] = " ".into();
    stage.write("config.json", config.to_string());
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("ERROR apiKey: ");
    ask(&cart, "/keyless");
    agent.wait_for("HTTP REQUEST: GET /keyless (service=cart)");
    agent.until("ready", || agent.health("/readyz").0 == 200);

    config["apiKey"] = "stage-key-of-another".into();
    stage.write("config.json", config.to_string());
    agent.until("the platform refuses the key", || agent.ask(&["status"]).contains("401"));
    assert!(stage.listed("cart").is_empty());
    assert_eq!(agent.health("/readyz").0, 200);

    stage.write_config(&["cart"]);
    agent.wait_for_push(&stage, "cart", "GET /keyless");
    let log = agent.stop();
    assert!(log.lines().any(|line| line.contains(" ERROR ") && line.contains("401")), "{log}");
    assert!(!log.contains("stage-key-of-another"), "{log}");
}

#[test]
fn a_port_in_use_and_a_url_that_is_not_allowed_are_errors_and_capture_goes_on() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    let mut config = stage.config(&["cart"]);
    config["apisecUrl"] = "http://platform.example:80".into();
    stage.write("config.json", config.to_string());
    let _taken = std::net::TcpListener::bind(HEALTH).unwrap();
    let agent = Agent::start(&stage, &[]);
    agent.wait_for(&format!("ERROR health cannot be served on port {}", HEALTH.port()));
    agent.wait_for("ERROR apisecUrl/devApiUrl: ");
    ask(&cart, "/undisturbed");
    agent.wait_for("HTTP REQUEST: GET /undisturbed (service=cart)");
    stage.write_config(&["cart"]);
    agent.wait_for_push(&stage, "cart", "GET /undisturbed");
    agent.stop();
}

#[test]
fn settings_take_effect_without_a_restart() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    agent.until("metrics", || agent.health("/metrics").0 == 200);
    ask(&cart, "/before?color=blue");
    agent.wait_for_push(&stage, "cart", "GET /before");
    assert_eq!(stage.endpoint("cart", "get", "/before").query_params["color"], "blue");

    let mut config = stage.config(&["cart"]);
    config["monitor"]["examples"] = "synthetic".into();
    config["monitor"]["metrics"] = false.into();
    config["monitor"]["memoryMiB"] = 100.into();
    agent.reconfigure(&stage, &config);
    agent.wait_for("Configuration changed");
    agent.wait_for("monitor.memoryMiB is read at start");
    assert_eq!(agent.health("/metrics").0, 404);
    let shown = agent.ask(&["status"]);
    assert!(shown.contains("in force     configuration 2, change "), "{shown}");
    ask(&cart, "/after?color=blue");
    agent.wait_for_push(&stage, "cart", "GET /after");
    let value = &stage.endpoint("cart", "get", "/after").query_params["color"];
    assert_ne!(value, "blue", "a value that a person chose");
    agent.stop();
}
