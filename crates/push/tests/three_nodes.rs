//! Three nodes of one Service, each of which sees a third of its users: the platform gets one endpoint for each operation,
//! and no name of a user.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use decode::Timestamp;
use support::learn::{Agent, SECOND, folder, listed, platform};

const USERS: [&str; 30] = [
    "annabel",
    "boris",
    "cdupont",
    "dieter",
    "elif",
    "farouk",
    "giulia",
    "hvidal",
    "ingrid",
    "jmeyer",
    "kowalski",
    "lucille",
    "mtanaka",
    "nadia",
    "olufemi",
    "pedersen",
    "quentin",
    "rsingh",
    "svetlana",
    "thorsten",
    "umberto",
    "vkrishnan",
    "wilhelmina",
    "xiulan",
    "yannick",
    "zbigniew",
    "amahle",
    "bjorn",
    "chidera",
    "dragana",
];

/// What the Service has, with a blank for the user and one for a number.
const OPERATIONS: [(&str, &str, &str); 8] = [
    ("GET", "/api/v1/users/@", "GET /api/v1/users/{userId}"),
    ("GET", "/api/v1/users/@/repos", "GET /api/v1/users/{userId}/repos"),
    ("POST", "/api/v1/users/@/keys", "POST /api/v1/users/{userId}/keys"),
    ("DELETE", "/api/v1/users/@/keys/#", "DELETE /api/v1/users/{userId}/keys/{keyId}"),
    ("GET", "/api/v1/orders/#", "GET /api/v1/orders/{orderId}"),
    ("GET", "/api/v1/orders", "GET /api/v1/orders"),
    ("POST", "/api/v1/orders", "POST /api/v1/orders"),
    ("GET", "/api/v1/search", "GET /api/v1/search"),
];

#[tokio::test]
async fn nodes_that_see_other_users_agree_on_one_endpoint() {
    let platform = platform(&["shop"]).await;
    let folders = [folder(), folder(), folder()];
    let mut agents: Vec<Agent> =
        folders.iter().map(|folder| Agent::new(&platform, folder.path(), &["shop"])).collect();
    let begin = Timestamp::from_secs(1_790_000_000);
    for second in 0..300_u64 {
        let now = begin + SECOND * u32::try_from(second).unwrap();
        for (node, agent) in agents.iter_mut().enumerate() {
            // A request every other second, of another user each time round; nodes begin one after the other.
            let turn = usize::try_from(second / 2).unwrap();
            if second % 2 == 0 && turn < 20 * OPERATIONS.len() / 3 && second >= 20 * node as u64 {
                let (method, path, _) = OPERATIONS[turn % OPERATIONS.len()];
                let user = USERS[node * 10 + turn / OPERATIONS.len() % 10];
                let path = path.replace('@', user).replace('#', &(1000 + 37 * turn).to_string());
                agent.hear("shop", method, &path, now);
            }
            agent.judge(now);
            agent.round(now).await;
            agent.take_places(node, now);
            if second % 60 == 59 {
                agent.look_at_listing(now).await;
            }
        }
    }
    let mut expected: Vec<_> = OPERATIONS.iter().map(|(.., endpoint)| (*endpoint).to_owned()).collect();
    expected.sort();
    assert_eq!(listed(&platform, "shop"), expected);
    for call in platform.recorded() {
        let text = format!("{} {:?} {}", call.path, call.query, String::from_utf8_lossy(&call.body));
        let named = USERS.iter().find(|user| text.contains(*user));
        assert_eq!(named, None, "{text}");
    }
}
