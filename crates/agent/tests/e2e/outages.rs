//! What `status` says of outages and refusals, and how what was set aside is tried again. No log ever holds the key or a body.

use stand_in::{Action, AnswerBody, Call, Fault};

use crate::support::{Agent, KEY, Server, Stage, exchange, request};

/// In a header and a body: it must not come out anywhere.
const CANARY: &str = "canary-7d1e55aa";

fn refusal(status: u16) -> Action {
    Action::Status { status, body: AnswerBody::Json, retry_after: None, processed: false }
}

#[test]
fn fault_what_is_refused_is_shown_with_its_reason_and_retried_when_asked() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    stage.platform.set_faults(vec![Fault::always(Call::Add, refusal(422))], 0);
    let agent = Agent::start_with(&stage, &[], &[("TRAFFIC_MONITOR_LOG", "trace")]);
    let fields = format!("Content-Type: application/json\r\nAuthorization: Bearer {CANARY}\r\n");
    let body = format!(r#"{{"password": "{CANARY}", "note": "plain"}}"#);
    exchange(cart.address, &request("POST", "/refused", &fields, body.as_bytes()));
    agent.until("set aside", || agent.status()["outbox"]["set_aside"] == 1);
    let status = agent.status();
    let line = &status["set_aside"][0];
    assert_eq!((&line["endpoint"], &line["service"]), (&"POST /refused".into(), &"shop/cart".into()));
    assert!(line["reason"].as_str().unwrap().contains("422"), "{line}");
    assert!(status["last_errors"][0]["text"].as_str().unwrap().starts_with("add: HTTP 422"), "{status}");
    assert_eq!(status["mappings"][0]["state"], "in force");
    let table = agent.ask(&["status"]);
    assert!(
        table.contains("set aside    POST /refused of shop/cart: ")
            && table.contains("traffic-monitor retry"),
        "{table}"
    );

    stage.platform.set_faults(vec![], 0);
    assert!(agent.ask(&["retry", "/nothing"]).starts_with("0 endpoints"));
    assert!(stage.listed("cart").is_empty());
    assert!(agent.ask(&["retry", "/refused"]).starts_with("1 endpoints"));
    agent.wait_for_push(&stage, "cart", "POST /refused");
    agent.until("nothing is set aside", || agent.status()["outbox"]["set_aside"] == 0);

    // A platform that is away: the outbox has a length and an age, and everything is tried at once when asked.
    let away = Action::Status {
        retry_after: Some("600".into()),
        status: 503,
        body: AnswerBody::Html,
        processed: false,
    };
    stage.platform.set_faults(vec![Fault::always(Call::Any, away)], 0);
    exchange(cart.address, &request("POST", "/waits", &fields, body.as_bytes()));
    agent.until("it waits", || {
        let status = agent.status();
        status["outbox"]["waiting"] == 1 && status["mappings"][0]["state"].as_str().unwrap().contains("503")
    });
    agent.until("it has an age", || agent.status()["outbox"]["oldest_seconds"].as_u64() >= Some(1));
    stage.platform.set_faults(vec![], 0);
    assert!(agent.ask(&["retry"]).contains("is tried now"));
    agent.wait_for_push(&stage, "cart", "POST /waits");
    let log = agent.stop();
    for secret in [CANARY, KEY] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn outage_in_all_its_forms_leaves_no_secret_in_any_log_and_loses_nothing() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start_with(&stage, &["--log-format", "json"], &[("TRAFFIC_MONITOR_LOG", "trace")]);
    let forms = [
        refusal(500),
        refusal(429),
        Action::ResetBefore,
        Action::ResetAfter,
        Action::Cut,
        Action::Huge,
        Action::Forget,
        Action::OmitPath,
        Action::EmptyObject,
        Action::Revoked,
        Action::Redirect { location: "https://elsewhere.invalid/".into(), status: 307 },
    ];
    for (number, action) in forms.into_iter().enumerate() {
        stage.platform.set_faults(vec![Fault::times(Call::Any, action, 2)], 0);
        let fields = format!("Content-Type: application/json\r\nCookie: session={CANARY}\r\n");
        let body = format!(r#"{{"token": "{CANARY}", "number": {number}}}"#);
        let path = format!("/form/{}?key={CANARY}", "x".repeat(number + 1));
        let before = stage.platform.recorded().len();
        exchange(cart.address, &request("POST", &path, &fields, body.as_bytes()));
        agent.until("it was met twice", || {
            // A refused key is probed once a minute; someone who knows better need not wait.
            agent.ask(&["retry"]);
            stage.platform.recorded().len() >= before + 2
        });
    }
    stage.platform.set_faults(vec![], 0);
    agent.ask(&["retry"]);
    agent.until("all are there", || stage.listed("cart").len() == 11);
    agent.until("nothing waits", || agent.status()["outbox"]["waiting"] == 0);
    stage.assert_contract();
    let texts = [agent.ask(&["status"]), agent.ask(&["explain", "/form"]), agent.out(), agent.stop()];
    for (text, secret) in texts.iter().flat_map(|text| [(text, CANARY), (text, KEY)]) {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
