//! Every body example arrives: more of them than memory has room for, over an outage and a restart.

mod support;

use std::path::Path;
use std::time::Duration;

use decode::Timestamp;
use inventory::Settings;
use stand_in::{Action, AnswerBody, Call, Fault, Running};
use support::learn::*;
use support::now;

const ENDPOINTS: usize = 1500;
/// What the agent gives the inventory of its usual budget.
const MEMORY: usize = 24 << 20;
const HOUR: Duration = Duration::from_hours(1);

fn agent(platform: &Running, state: &Path) -> Agent {
    Agent::with(platform, state, &["cart"], Settings { memory: MEMORY, ..Settings::default() })
}

/// Asks for endpoints with 8 KB of body each.
fn ask(agent: &mut Agent, numbers: std::ops::Range<usize>, at: Timestamp) {
    for n in numbers {
        let fields: Vec<_> = (0..200).map(|i| format!(r#""field{i}": "some words of text, {i}""#)).collect();
        let body = format!(r#"{{"number": {n}, {}}}"#, fields.join(", "));
        assert!((7000..10_000).contains(&body.len()), "{}", body.len());
        let fields = "Content-Type: application/json\r\nAccept: */*\r\n";
        agent.ask("cart", "POST", &format!("/area{}/r{n}x", n % 7), fields, &body, at);
        if n % 50 == 49 {
            agent.inventory.flush(at, PATIENCE);
        }
    }
}

/// How many are listed, and how many of them with all of their body.
fn arrived(platform: &Running) -> (usize, usize) {
    let at = place("cart");
    let listing = platform.listing(&at.app, &at.instance);
    let whole = |body: &stand_in::BodyExample| body.content.len() > 6000;
    (listing.len(), listing.iter().filter(|endpoint| endpoint.body.as_ref().is_some_and(whole)).count())
}

#[tokio::test]
async fn bodies_of_many_endpoints_all_arrive() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = agent(&platform, state.path());
    let begin = now();
    ask(&mut agent, 0..ENDPOINTS, begin);
    assert!(agent.inventory.memory() < MEMORY, "{}", agent.inventory.memory());
    agent.settle(begin, begin + HOUR).await;
    assert_eq!(arrived(&platform), (ENDPOINTS, ENDPOINTS));
    assert_eq!(agent.inventory.bodies_missing(), 0);
}

#[tokio::test]
async fn outage_of_the_key_and_a_restart_lose_no_body() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let refused = Action::Status { status: 401, body: AnswerBody::Json, retry_after: None, processed: false };
    let mut agent = agent(&platform, state.path());
    let mut at = now();
    ask(&mut agent, 0..100, at);
    agent.round(at).await;
    platform.set_faults(vec![Fault::always(Call::Any, refused)], 0);
    for step in 1..15 {
        ask(&mut agent, step * 100..(step + 1) * 100, at);
        at += 5 * SECOND;
        agent.round(at).await;
        if step == 7 {
            agent.inventory.flush_all(at, PATIENCE);
            drop(agent);
            agent = self::agent(&platform, state.path());
        }
    }
    assert!(arrived(&platform).0 < ENDPOINTS / 2, "{:?}", arrived(&platform));
    platform.set_faults(vec![], 0);
    agent.settle(at, at + HOUR).await;
    assert_eq!(arrived(&platform), (ENDPOINTS, ENDPOINTS));
    assert!(platform.violations().is_empty(), "{:?}", platform.violations().first());
}
