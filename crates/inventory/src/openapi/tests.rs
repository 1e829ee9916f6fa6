//! Tests of documents as a whole.

use redact::auth::{Carrier, Credentials, Place, Scheme};
use redact::by_hand::Exchange;

use super::*;
use crate::testing::{at, exchange};
use crate::{Inventory, Settings};

fn seen(method: &str, template: &str) -> Exchange {
    Exchange {
        fingerprint: crate::testing::fingerprint(&format!("{method} {template}")),
        ..exchange("cart", method, template, at(1_760_000_000))
    }
}

fn of(exchanges: impl IntoIterator<Item = Exchange>) -> Vec<Document> {
    let mut inventory = Inventory::new(Settings::default());
    exchanges.into_iter().for_each(|one| drop(inventory.see(one)));
    let all = inventory.endpoints().map(|endpoint| (endpoint, inventory.state(endpoint, at(1), |_| None)));
    documents(all)
}

fn json(document: &Document) -> Value {
    serde_json::to_value(document).unwrap()
}

/// The document of one Service, which a reader that we did not write takes.
fn only(exchanges: impl IntoIterator<Item = Exchange>) -> Value {
    let documents = of(exchanges);
    assert_eq!(documents.len(), 1);
    let text = serde_json::to_string(&documents[0]).unwrap();
    let read = oas3::from_json(&text).unwrap();
    assert_eq!(read.openapi, "3.1.1");
    assert_eq!(read.paths.map_or(0, |paths| paths.len()), documents[0].paths.len());
    json(&documents[0])
}

#[test]
fn an_operation_has_what_is_known_of_it() {
    let query = vec![("page".to_owned(), "2".to_owned())];
    let found = only([Exchange { query, ..seen("GET", "/users/{userId}") }]);
    let operation = &found["paths"]["/users/{userId}"]["get"];
    assert_eq!(operation["operationId"], "get_users_userId");
    assert_eq!(operation["x-first-seen"], "2025-10-09T08:53:20Z");
    assert_eq!((&operation["x-requests"], &operation["x-state"]), (&json!(1), &json!("unmapped")));
    assert_eq!((&operation["x-confidence"], &operation["tags"]), (&json!("high"), &json!(["users"])));
    let parameters = operation["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|one| format!("{} {}", one["in"], one["name"])).collect();
    assert_eq!(names, ["\"path\" \"userId\"", "\"query\" \"page\""]);
    assert_eq!(parameters[0]["required"], true);
    assert_eq!(operation["responses"]["200"]["content"], json!({ "application/json": { "schema": {} } }));
    assert_eq!(found["servers"], json!([{ "url": "http://cart.shop" }]));
}

#[test]
fn security_is_what_was_accepted() {
    let asked = |credentials, status, carriers: &[(Place, &str)]| Exchange {
        fingerprint: crate::testing::fingerprint(&format!("{credentials} {status}")),
        credentials,
        status: Some(status),
        carriers: carriers
            .iter()
            .map(|(place, name)| Carrier { place: *place, name: (*name).into() })
            .collect(),
        ..seen("GET", "/users")
    };
    let key = Credentials::NONE.with(Place::Header);
    let both = Credentials::of(Scheme::Jwt).with(Place::Cookie);
    let found = only([
        asked(key, 200, &[(Place::Header, "x-api-key")]),
        asked(both, 200, &[(Place::Cookie, "sid"), (Place::Cookie, "auth_token")]),
        asked(Credentials::of(Scheme::Basic), 401, &[]),
        asked(Credentials::NONE, 204, &[]),
    ]);
    let operation = &found["paths"]["/users"]["get"];
    let expected = json!([{ "bearerJwt": [], "cookie.sid": [] }, { "header.x-api-key": [] }, {}]);
    assert_eq!((&operation["security"], &operation["x-protection"]), (&expected, &json!("optional")));
    let schemes = found["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.keys().collect::<Vec<_>>(), ["bearerJwt", "cookie.sid", "header.x-api-key"]);
    assert_eq!(schemes["header.x-api-key"], json!({ "type": "apiKey", "in": "header", "name": "x-api-key" }));
    let refused = only([asked(Credentials::of(Scheme::Basic), 401, &[]), asked(Credentials::NONE, 401, &[])]);
    assert_eq!(
        refused["paths"]["/users"]["get"]["security"],
        json!([{ "basic": [] }]),
        "nothing else is known"
    );
}

#[test]
fn paths_that_are_one_for_openapi_are_one_item() {
    let found = only([
        seen("GET", "/users/{userId}"),
        seen("POST", "/users/{id}"),
        seen("GET", "/users/{id}"),
        seen("GET", "/users/{id}"),
        seen("PROPFIND", "/users/{id}"),
        seen("OPTIONS", "*"),
    ]);
    let paths = found["paths"].as_object().unwrap();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/users/{id}"]);
    let item = paths["/users/{id}"].as_object().unwrap();
    assert_eq!(item.keys().collect::<Vec<_>>(), ["get", "post", "x-method-propfind"]);
    assert_eq!((&item["get"]["x-requests"], &found["info"]["x-left-out"]), (&json!(2), &json!(2)));
    assert!(item.values().all(|one| one["parameters"][0]["name"] == "id"), "{item:?}");
}

#[test]
fn names_of_operations_stand_once() {
    let found =
        only([seen("GET", "/a/b"), seen("GET", "/a-b"), seen("GET", "/a_b"), seen("GET", "/a.b/{id}")]);
    let mut ids: Vec<_> = found["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|item| item["get"]["operationId"].to_string())
        .collect();
    assert!(
        ids.iter()
            .all(|id| id.trim_matches('"').bytes().all(|one| one.is_ascii_alphanumeric() || one == b'_'))
    );
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4, "{ids:?}");
}

/// What is not decided has another key in each process.
#[test]
fn keys_of_what_is_not_decided_change_nothing() {
    let made = |keys: [&str; 3]| {
        let exchanges = keys.iter().zip(1..).map(|(key, second)| Exchange {
            time: at(second),
            query: vec![(format!("q{second}"), "1".into())],
            ..seen("GET", &format!("/a/{{?{key}}}"))
        });
        serde_json::to_string(&of(exchanges)).unwrap()
    };
    assert_eq!(made(["1", "2", "3"]), made(["f", "e", "d"]));
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let all = ["/b", "/a/{id}", "/a/{id}:stop", "/f/{id}.json", "/Users({id})", "/a/{?1f}", "/c"];
    let forward = of(all.map(|path| seen("GET", path)));
    let backward = of(all.iter().rev().map(|path| seen("GET", path)));
    assert_eq!(serde_json::to_string(&forward).unwrap(), serde_json::to_string(&backward).unwrap());
    let read: Vec<Document> = serde_json::from_str(&serde_json::to_string(&forward).unwrap()).unwrap();
    assert_eq!(read, forward, "as it comes through the socket");
    only(all.map(|path| seen("GET", path)));
}
