//! Planted secrets: in every place that a request has, none may come out anywhere.

use std::fs;

use crate::support::{Agent, KEY, Server, Stage, conversation, exchange, gzip, monitor, pcap, request, text};

const TOKEN: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkLWpvZSJ9.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const GITHUB: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// A token for `https://jwt-user:jwt-pw-92@login.planted.test/`, of `jwt-sub-91`, with an address and a signature.
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2p3dC11c2VyOmp3dC1wdy05MkBsb2dpbi5wbGFudGVkLnRlc3QvIiwic3ViIjoiand0LXN1Yi05MSIsImVtYWlsIjoiand0Lm1haWxAcGxhbnRlZC5leGFtcGxlIiwiaWF0IjoxMDAwLCJleHAiOjQ2MDB9.and-jwt-sig-93";

/// All that is planted: what stands in requests, and what it means.
const SECRETS: [&str; 45] = [
    // Paths and queries.
    TOKEN,
    "path.mail@planted.example",
    "path.mail%40planted.example",
    "4111111111111111",
    "qk-3f9d2a77",
    "query.mail@planted.example",
    "query.mail%40planted.example",
    "tok-query-88",
    "frag-tok-89",
    // Headers and cookies.
    "hdr-tok-55aa",
    "YWRtaW46YmFzaWMtcHctMTIz",
    "basic-pw-123",
    "hdr-key-66bb",
    "ck-sess-77cc",
    "ck-csrf-78dd",
    GITHUB,
    "ref-tok-11ee",
    "hdr.mail@planted.example",
    // JSON.
    "json-pw-hunter2",
    "5500000000000004",
    "json.mail@planted.example",
    "json-at-13ff",
    "DE89370400440532013000",
    "AKIAIOSFODNN7EXAMPLE",
    // Forms.
    "form-pw-14aa",
    "378282246310005",
    "form.mail@planted.example",
    "form.mail%40planted.example",
    // Multipart.
    "mp-pw-15bb",
    "mp.mail@planted.example",
    "mp-file-content-16cc",
    // Compressed.
    "gz-secret-17dd",
    "gz.mail@planted.example",
    "gz-cvv-9374",
    // XML and text.
    "xml-pw-18ee",
    "xml.mail@planted.example",
    "text-secret-19ff",
    // Answers.
    JWT,
    "jwt-sub-91",
    "jwt.mail@planted.example",
    "jwt-pw-92",
    "and-jwt-sig-93",
    "planted-in-answer-31",
    "planted-cookie-of-answer-32",
    "planted-joe",
];

/// Requests with all of them, below `prefix`.
fn requests(prefix: &str) -> Vec<Vec<u8>> {
    let at = |path: &str| format!("{prefix}{path}");
    let json = format!(
        r#"{{"password": "json-pw-hunter2", "card": 5500000000000004, "user": {{"email": "json.mail@planted.example", "access_token": "json-at-13ff"}}, "accounts": ["DE89370400440532013000"], "note": "use AKIAIOSFODNN7EXAMPLE for {GITHUB}"}}"#
    );
    let form = "user=ann&password=form-pw-14aa&card=378282246310005&email=form.mail%40planted.example";
    let multipart = "--XX\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nmp-pw-15bb\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"contact\"\r\n\r\nmp.mail@planted.example\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"mp.mail@planted.example.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nsecret: mp-file-content-16cc\r\n--XX--\r\n";
    let zipped =
        br#"{"client_secret": "gz-secret-17dd", "email": "gz.mail@planted.example", "cvv": "gz-cvv-9374"}"#;
    let xml = "<login><password>xml-pw-18ee</password><mail>xml.mail@planted.example</mail></login>";
    let fields = format!(
        "Authorization: Bearer hdr-tok-55aa\r\nProxy-Authorization: Basic YWRtaW46YmFzaWMtcHctMTIz\r\n\
         X-Api-Key: hdr-key-66bb\r\nCookie: session=ck-sess-77cc; csrftoken=ck-csrf-78dd\r\nX-Trace: {GITHUB}\r\n\
         Referer: http://127.0.0.1/a?token=ref-tok-11ee\r\nX-User: hdr.mail@planted.example\r\n"
    );
    let kind = |kind: &str| format!("Content-Type: {kind}\r\n");
    vec![
        request("GET", at(&format!("/reset/{TOKEN}")), "", b""),
        request("GET", at("/people/path.mail@planted.example/profile"), "", b""),
        request("GET", at("/people/path.mail%40planted.example/profile"), "", b""),
        request("GET", at("/cards/4111111111111111/balance"), "", b""),
        request("GET", at("/search?q=x&api_key=qk-3f9d2a77&email=query.mail@planted.example"), "", b""),
        request("GET", at("/search?email=query.mail%40planted.example&token=tok-query-88"), "", b""),
        request("GET", at("/callback?next=%2Fa%3Ftoken%3Dfrag-tok-89"), "", b""),
        request("GET", at(&format!("/find?{TOKEN}=1&x={GITHUB}")), "", b""),
        request("GET", at("/account"), &fields, b""),
        request("GET", at("/mine"), &format!("Authorization: Bearer {JWT}\r\n"), b""),
        request("POST", at("/json"), &kind("application/json"), json.as_bytes()),
        request("POST", at("/form"), &kind("application/x-www-form-urlencoded"), form.as_bytes()),
        request("POST", at("/upload"), &kind("multipart/form-data; boundary=XX"), multipart.as_bytes()),
        request(
            "PUT",
            at("/zipped"),
            "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
            &gzip(zipped),
        ),
        request("POST", at("/xml"), &kind("application/xml"), xml.as_bytes()),
        request("POST", at("/text"), &kind("text/plain"), b"password=text-secret-19ff"),
    ]
}

/// # Panics
/// One of the secrets, or the key, is in there, plain or percent-decoded.
#[track_caller]
fn clean(place: &str, bytes: &[u8]) {
    let plain = String::from_utf8_lossy(bytes);
    let decoded = plain.replace("%40", "@").replace("%2E", ".").replace("%2D", "-").replace("\\u0040", "@");
    for secret in SECRETS.into_iter().chain([KEY]) {
        for text in [plain.as_ref(), &decoded] {
            if let Some(at) = text.find(secret) {
                let begin = text.floor_char_boundary(at.saturating_sub(200));
                let end = text.ceil_char_boundary(text.len().min(at + 200));
                panic!("{secret} is in {place}: ...{}...", &text[begin..end]);
            }
        }
    }
}

#[test]
fn no_planted_secret_leaves_the_live_agent() {
    let stage = Stage::live();
    let (cart, billing, stranger) = (Server::start(), Server::start(), Server::start());
    stage.write_services(&[("cart", cart.address), ("billing", billing.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start_with(&stage, &[], &[("TRAFFIC_MONITOR_LOG", "trace")]);
    for prefix in ["", "/missing"] {
        for server in [&cart, &billing, &stranger] {
            for request in requests(prefix) {
                exchange(server.address, &request);
            }
        }
    }
    for endpoint in ["POST /json", "POST /form", "POST /upload", "PUT /zipped", "POST /xml", "GET /account"] {
        agent.wait_for_push(&stage, "cart", endpoint);
    }
    agent.until("nothing waits", || agent.service("shop/cart")["waiting"] == 0);

    let (status, metrics) = agent.health("/metrics");
    assert!(status == 200 && metrics.contains("service=\"shop/cart\""), "{metrics}");
    clean("metrics", metrics.as_bytes());
    for format in ["table", "json"] {
        clean("status", agent.ask(&["status", "--format", format]).as_bytes());
        for path in ["/", "/reset", "/people", "/cards", "/missing", &stranger.address.to_string()] {
            clean("explain", agent.ask(&["explain", path, "--format", format]).as_bytes());
        }
    }
    for format in ["yaml", "json"] {
        let documents = agent.ask(&["export", "--all", "--format", format]);
        assert!(documents.contains("/people/{") && documents.contains("bearerJwt"), "{documents}");
        clean("export", documents.as_bytes());
    }
    for page in ["/control/state", "/control/requests"] {
        let (status, body) = crate::support::get(stage.platform.address, page);
        assert!(status == 200 && body.contains("/zipped"), "{body}");
        clean(page, body.as_bytes());
    }
    // `recorded` has the key's length in place of the key: it is looked for in all the rest.
    let recorded = stage.platform.recorded();
    assert!(
        recorded
            .iter()
            .all(|call| call.header("authorization") == Some(&format!("Bearer <{} bytes>", KEY.len())))
    );
    for call in &recorded {
        clean("a recorded push", format!("{} {:?} {:?}", call.path, call.query, call.headers).as_bytes());
        clean("the body of a recorded push", &call.body);
    }
    stage.assert_contract();

    clean("output", agent.out().as_bytes());
    let log = agent.stop();
    assert!(log.contains("HTTP REQUEST: GET /reset/"), "{log}");
    clean("the log", log.as_bytes());
    let files: Vec<_> =
        fs::read_dir(stage.path("state")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    let mut stored = Vec::new();
    for file in &files {
        stored.extend(fs::read(file).unwrap());
    }
    assert!(String::from_utf8_lossy(&stored).contains("/people/{"), "the store can be searched for text");
    clean("the store", &stored);
    let state = stage.path("state");
    let export = monitor(["export", "--state", state.to_str().unwrap(), "--service", "shop/cart"]);
    assert!(text(&export.stdout).contains("title: shop/cart"), "{export:?}");
    assert!(text(&export.stdout).contains("/people/{"), "{export:?}");
    clean("export of the store", &export.stdout);
}

#[test]
fn no_planted_secret_is_in_what_replay_prints() {
    let stage = Stage::new();
    let requests = requests("");
    let answer: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let exchanges: Vec<(&[u8], &[u8])> = requests.iter().map(|request| (&request[..], answer)).collect();
    let file = stage.write("planted.pcap", pcap(&conversation(40_000, &exchanges)));
    for output in ["exchanges", "endpoints"] {
        for format in ["table", "json", "jsonl"] {
            let args = ["replay", "--output", output, "--format", format, file.to_str().unwrap()];
            let output = monitor(args);
            assert!(output.status.success() && text(&output.stdout).contains("/upload"), "{output:?}");
            clean("standard output", &output.stdout);
            clean("standard error", &output.stderr);
        }
    }
    let rows = text(&monitor(["replay", "--format", "json", file.to_str().unwrap()]).stdout).to_owned();
    assert!(rows.contains("Bearer JWT") && rows.contains("login.planted.test"), "{rows}");
    for format in ["yaml", "json"] {
        let args = ["replay", "--output", "openapi", "--all", "--format", format, file.to_str().unwrap()];
        let output = monitor(args);
        assert!(text(&output.stdout).contains("/upload"), "{output:?}");
        clean("a document", &output.stdout);
    }
}
