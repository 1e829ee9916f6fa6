//! `replay`: files of every kind and condition, all outputs, and the push.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{
    Stage, conversation, gzip, monitor, monitor_with_input, pcap, pcapng, program, text, word,
};

const USERS: &[u8] =
    b"GET /users/42?page=1 HTTP/1.1\r\nHost: cart\r\nAuthorization: Bearer secret-of-ann\r\n\r\n";
const ORDER: &[u8] = b"POST /orders HTTP/1.1\r\nHost: cart\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"sku\": \"A1\"}";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn packets() -> Vec<Vec<u8>> {
    conversation(40_000, &[(USERS, OK), (ORDER, OK)])
}

fn replay(args: &[&str], file: &Path) -> Output {
    monitor([&["replay"], args].concat().iter().map(Path::new).chain([file]))
}

fn jsonl(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// # Panics
/// It is not the two exchanges of [`packets`].
#[track_caller]
fn both(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let targets: Vec<_> = jsonl(output).iter().map(|line| line["target"].to_string()).collect();
    assert_eq!(targets.len(), 2, "{targets:?}");
    assert!(targets[0].starts_with("\"/users/") && targets[1] == "\"/orders\"", "{targets:?}");
    assert!(text(&output.stderr).contains("exchanges "), "the accounts go to standard error");
}

#[test]
fn every_form_of_a_capture_is_read() {
    let stage = Stage::new();
    let (pcap, pcapng) = (pcap(&packets()), pcapng(&packets()));
    for (name, bytes) in [
        ("a.pcap", pcap.clone()),
        ("a.pcapng", pcapng.clone()),
        ("a.pcap.gz", gzip(&pcap)),
        ("a.pcapng.gz", gzip(&pcapng)),
    ] {
        both(&replay(&["--output", "exchanges"], &stage.write(name, &bytes)));
        both(&monitor_with_input(&["replay", "--output", "exchanges", "-"], &bytes));
    }
}

#[test]
fn files_that_are_no_captures_are_clear_errors_with_status_1() {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("folder")).unwrap();
    stage.write("empty", "");
    stage.write("text", "This is not a capture, however long it is. It is text.\n");
    stage.write("header", &pcap(&packets())[..13]);
    let whole = stage.write("whole", pcap(&packets()));
    for (name, says) in [
        ("empty", "is empty"),
        ("missing", "does not exist"),
        ("folder", "is a directory"),
        ("text", "not a capture"),
        ("header", "ends inside its file header"),
    ] {
        for output in ["exchanges", "endpoints"] {
            let ended = replay(&["--output", output], &stage.path(name));
            let err = text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(1), "{name}: {err}");
            let error = err.lines().find(|line| line.contains("ERROR")).unwrap_or_default();
            assert!(error.contains(says) && error.contains(name), "{name}: {err}");
        }
    }
    assert_eq!(monitor_with_input(&["replay", "-"], b"").status.code(), Some(1));
    // What stands before the bad file was read.
    let both = monitor([
        "replay".as_ref(),
        "--output".as_ref(),
        "exchanges".as_ref(),
        whole.as_os_str(),
        stage.path("empty").as_os_str(),
    ]);
    assert_eq!((both.status.code(), jsonl(&both).len()), (Some(1), 2));
}

#[test]
fn a_service_whose_room_is_full_is_said() {
    let stage = Stage::new();
    let requests: Vec<Vec<u8>> = ["apples", "pears", "plums", "figs"]
        .iter()
        .map(|fruit| format!("GET /{fruit}/list HTTP/1.1\r\nHost: cart\r\n\r\n").into_bytes())
        .collect();
    let exchanges: Vec<(&[u8], &[u8])> = requests.iter().map(|request| (&request[..], OK)).collect();
    let file = stage.write("a.pcap", pcap(&conversation(40_000, &exchanges)));
    let config = stage.write("config.json", r#"{"monitor": {"endpointsPerService": 3}}"#);
    let ended = replay(&["--config", config.to_str().unwrap()], &file);
    let said = text(&ended.stderr);
    let says = "cart: there is room for 3 endpoints of a Service (monitor.endpointsPerService); 1 requests of others were left out";
    assert!(said.contains(says), "{said}");
}

#[test]
fn endpoints_that_memory_had_no_room_for_are_said() {
    let stage = Stage::new();
    let entries: Vec<_> =
        (0..6_000).map(|number| archived(&format!("/{}/{}", word(number / 100), word(number)))).collect();
    let file = stage.write("a.har", serde_json::json!({"log": {"entries": entries}}).to_string());
    let rules = r#"{"monitor": {"pathRules": ["/**"], "endpointsPerService": 10000}}"#;
    let config = stage.write("config.json", rules);
    let with = |memory: &str| replay(&["--memory", memory, "--config", config.to_str().unwrap()], &file);
    let (small, large) = (with("16"), with("512"));
    assert_eq!(text(&large.stdout).lines().count(), 6_001, "{}", text(&large.stderr));
    assert!(!text(&large.stderr).contains("found room"), "{}", text(&large.stderr));
    let said = text(&small.stderr);
    let lost =
        said.lines().find(|line| line.starts_with("traffic-monitor: Not all endpoints found room in memory"));
    let lost = lost.unwrap_or_else(|| panic!("{said}"));
    let count = |word: &str| {
        lost.rsplit(word).next().unwrap().split([',', ';']).next().unwrap().trim().parse::<usize>()
    };
    let lost = count("forgotten").unwrap() + count("left out").unwrap();
    assert_eq!(text(&small.stdout).lines().count() + lost, 6_001, "{said}");
    assert!(said.contains("--memory and monitor.endpointsPerService give them more"), "{said}");
}

/// A request and its answer in an archive.
fn archived(path: &str) -> Value {
    serde_json::json!({
        "startedDateTime": "2026-11-02T03:04:05.678Z",
        "request": {"method": "GET", "url": format!("http://cart{path}"), "headers": []},
        "response": {"status": 200, "headers": [], "content": {}},
    })
}

#[test]
fn a_bad_file_is_said_once_and_the_others_are_read() {
    let stage = Stage::new();
    let good = stage.write("good.pcap", pcap(&packets()));
    let mut damaged =
        pcap(&conversation(40_001, &[(b"GET /apples/list HTTP/1.1\r\nHost: cart\r\n\r\n", OK)]));
    damaged.extend([0xff; 64]);
    let request: &[u8] = b"GET /v2/pears/list/all HTTP/1.1\r\nHost: cart\r\n\r\n";
    let good2 = stage.write("good2.pcap", pcap(&conversation(40_002, &[(request, OK)])));
    let bad = [
        ("text", b"This is not a capture, however long it is.".to_vec(), "is not a capture", false),
        ("damaged", damaged, "is damaged after", true),
        ("snoop", b"snoop\0\0\0\0\0\0\x02\0\0\0\x04".to_vec(), "but snoop: convert it: `editcap", false),
        ("lz4", b"\x04\x22\x4d\x18\x64\x40\xa7\0\0\0\0".to_vec(), "compressed by lz4: undo that", false),
    ];
    for (name, bytes, says, has_one) in bad {
        let bad = stage.write(name, bytes);
        for output in ["exchanges", "endpoints", "har"] {
            let args = ["replay", "--output", output].map(std::ffi::OsStr::new);
            let files = [&good, &bad, &good2].map(|path| path.as_os_str());
            let ended = monitor(args.into_iter().chain(files));
            let (out, err) = (text(&ended.stdout), text(&ended.stderr));
            assert_eq!(ended.status.code(), Some(1), "{name}: {err}");
            assert_eq!((err.matches("ERROR").count(), err.matches(says).count()), (1, 1), "{name}: {err}");
            assert!(out.contains("/orders") && out.contains("/v2/pears/list/all"), "{name}: {out}");
            assert_eq!(out.contains("/apples/list"), has_one, "{name}: {out}");
        }
        // What is missing would be told as not there.
        let spec = stage.write("spec.yaml", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n");
        let args = ["drift".as_ref(), "--spec".as_ref(), spec.as_os_str(), good.as_os_str(), bad.as_os_str()];
        let drift = monitor(args);
        assert_eq!(drift.status.code(), Some(1), "{}", text(&drift.stderr));
    }
}

#[test]
fn a_cut_file_gives_what_is_whole_and_says_so() {
    let stage = Stage::new();
    let whole = pcap(&packets());
    for bytes in [whole[..whole.len() - 5].to_vec(), gzip(&whole[..whole.len() - 5])] {
        let cut = replay(&["--output", "exchanges"], &stage.write("cut.pcap", bytes));
        both(&cut);
        assert!(text(&cut.stderr).contains("ends inside a record"), "{}", text(&cut.stderr));
    }
}

#[test]
fn exchanges_and_endpoints_print_in_every_format() {
    let stage = Stage::new();
    let file = stage.write("a.pcap", pcap(&packets()));
    stage.write_services(&[("cart", "10.0.0.2:8080".parse().unwrap())]);
    let services = stage.path("services.json");
    let services = services.to_str().unwrap();
    let print = |output: &str, format: &str| {
        let ended = replay(&["--services", services, "--output", output, "--format", format], &file);
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        text(&ended.stdout).to_owned()
    };
    for output in ["exchanges", "endpoints"] {
        let table = print(output, "table");
        assert_eq!(table.lines().count(), 3, "{table}");
        assert!(table.contains("shop/cart") && table.contains("/orders"), "{table}");
        let json: Vec<Value> = serde_json::from_str(&print(output, "json")).unwrap();
        let lines: Vec<Value> =
            print(output, "jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(json, lines);
        assert_eq!(json.len(), 2);
        assert!(json.iter().all(|one| one["service"] == "shop/cart"), "{json:?}");
        assert!(!format!("{json:?}{table}").contains("secret-of-ann"));
    }
    let endpoints: Value = serde_json::from_str(&print("endpoints", "json")).unwrap();
    let paths: Vec<_> = endpoints.as_array().unwrap().iter().map(|row| row["path"].clone()).collect();
    assert_eq!(paths, ["/orders", "/users/{userId}"]);
}

#[test]
fn openapi_is_the_same_each_time_in_yaml_json_and_a_folder() {
    let stage = Stage::new();
    let mut two = packets();
    two.extend(conversation(40_001, &[(b"GET /users/7 HTTP/1.1\r\nHost: cart\r\n\r\n", OK)]));
    let file = stage.write("a.pcap", pcap(&two));
    stage.write_services(&[("cart", "10.0.0.2:8080".parse().unwrap())]);
    let services = stage.path("services.json");
    let services = services.to_str().unwrap();
    let print = |args: &[&str]| {
        let ended = replay(&[&["--services", services, "--output", "openapi"], args].concat(), &file);
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        text(&ended.stdout).to_owned()
    };
    let yaml = print(&[]);
    assert_eq!(yaml, print(&["--format", "yaml", "--service", "cart"]));
    assert!(!yaml.contains("secret-of-ann"), "{yaml}");
    let json: Value = serde_json::from_str(&print(&["--format", "json"])).unwrap();
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap(), json);
    let users = &json["paths"]["/users/{userId}"]["get"];
    assert_eq!(users["security"], serde_json::json!([{ "bearer": [] }, {}]), "{users}");
    assert_eq!(users["x-protection"], "optional");
    let folder = stage.path("documents");
    print(&["--directory", folder.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(folder.join("shop.cart.openapi.yaml")).unwrap(), yaml);
    let none = replay(&["--services", services, "--output", "openapi", "--service", "pay"], &file);
    assert!(!none.status.success() && text(&none.stderr).contains("of service 'pay'"), "{none:?}");
    for wrong in [&["--output", "openapi", "--format", "table"][..], &["--format", "yaml"], &["--all"]] {
        assert!(!replay(wrong, &file).status.success(), "{wrong:?}");
    }
}

#[test]
fn rows_say_how_an_endpoint_is_protected() {
    let stage = Stage::new();
    let refused: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    let plain: &[u8] = b"GET /users/7 HTTP/1.1\r\nHost: cart\r\n\r\n";
    let row = |answers: &[(&[u8], &[u8])]| -> Value {
        let file = stage.write("auth.pcap", pcap(&conversation(40_000, answers)));
        let ended = replay(&["--format", "json"], &file);
        serde_json::from_slice::<Vec<Value>>(&ended.stdout).unwrap().remove(0)
    };
    let protected = row(&[(USERS, OK), (plain, refused), (USERS, OK), (USERS, OK)]);
    assert_eq!(protected["auth"]["protection"], "protected", "{protected}");
    assert_eq!(protected["auth"]["seen"][0]["credentials"], "Bearer token");
    assert_eq!(protected["auth"]["seen"][0]["requests"], 3, "repeats count too: {protected}");
    assert_eq!(protected["findings"], serde_json::json!([]));
    let open = row(&[(USERS, OK), (plain, OK)]);
    assert_eq!(open["findings"][0]["kind"], "works-without-credentials", "{open}");
    assert_eq!(open["findings"][0]["evidence"][0]["statuses"], serde_json::json!([[200, 1]]));
    assert_eq!(open["findings"][0]["id"], row(&[(plain, OK), (USERS, OK)])["findings"][0]["id"]);
}

#[test]
fn raw_exchanges_have_the_documented_form() {
    let stage = Stage::new();
    let file = stage.write("a.pcap", pcap(&packets()));
    let lines = jsonl(&replay(&["--output", "exchanges", "--format", "jsonl", "--raw"], &file));
    let mut first = lines[0].clone();
    let time = first.as_object_mut().unwrap().remove("time").unwrap().as_f64().unwrap();
    assert!((time - 1_760_000_000.002).abs() < 1e-4, "{time}");
    let expected = serde_json::json!({
        "protocol": "http/1.1", "source": "10.0.0.1:40000", "destination": "10.0.0.2:8080",
        "service": "cart", "method": "GET", "target": "/users/42?page=1", "host": "cart", "status": 200,
        "request_headers": [["Host", "cart"], ["Authorization", "Bearer secret-of-ann"]],
        "request_body_bytes": 0, "response_body_bytes": 2, "complete": true,
    });
    assert_eq!(first, expected);
    assert_eq!(lines[1]["request_body_bytes"], 13);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let stage = Stage::new();
    let requests: Vec<Vec<u8>> = (0..2_000)
        .map(|n| format!("GET /{}/{n} HTTP/1.1\r\nHost: cart\r\n\r\n", "x".repeat(60)).into_bytes())
        .collect();
    let exchanges: Vec<(&[u8], &[u8])> = requests.iter().map(|request| (&request[..], OK)).collect();
    let file = stage.write("many.pcap", pcap(&conversation(40_000, &exchanges)));
    for output in ["exchanges --format jsonl", "exchanges --format table", "exchanges --format json"] {
        let script = format!(
            "{} replay --output {output} {} | head -1",
            env!("CARGO_BIN_EXE_traffic-monitor"),
            file.display()
        );
        let ended = Command::new("bash").args(["-o", "pipefail", "-c", &script]).output().unwrap();
        let err = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{output}: {err}");
        assert_eq!(text(&ended.stdout).lines().count(), 1);
        assert!(!err.contains("ERROR") && !err.contains("panicked"), "{output}: {err}");
    }
}

#[test]
fn a_full_output_is_named() {
    let stage = Stage::new();
    let file = stage
        .write("one.pcap", pcap(&conversation(40_000, &[(b"GET /x HTTP/1.1\r\nHost: cart\r\n\r\n", OK)])));
    for output in ["exchanges", "endpoints"] {
        let mut command = program();
        command.args(["replay", "--output", output]).arg(&file);
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = command.stdout(full).output().unwrap();
        let err = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{output}: {err}");
        assert!(err.contains("ERROR: the output cannot be written: No space left"), "{output}: {err}");
    }
}

/// Calls of gRPC-Web: one whose server streams, and one of a method that is not there, though HTTP says 200.
#[test]
fn a_described_method_is_pushed_with_an_example_of_its_request() {
    let request = |method: &str| {
        let head = "Host: cart\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: 9";
        format!("POST /shop.v1.Cart/{method} HTTP/1.1\r\n{head}\r\n\r\n\0\0\0\0\x04\x0a\x02s1")
    };
    let response = |body: &str| {
        let head = "Content-Type: application/grpc-web+proto";
        format!("HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let end = |status: &str| format!("\u{0}\0\0\0\x0fgrpc-status:{status:>2}\n");
    let streamed = response(&format!("\0\0\0\0\x01a\0\0\0\0\x01b{}", end("0")));
    let missing = response(&end("12"));
    let calls = [(request("AddItem"), streamed), (request("Gone"), missing)];
    let calls = calls.map(|(request, response)| {
        // The flag of the end is no character.
        let mut response = response.into_bytes();
        let flag = response.windows(5).rposition(|part| part == b"\0\0\0\0\x0f").unwrap();
        response[flag] = 0x80;
        (request.into_bytes(), response)
    });
    let packets =
        conversation(40_000, &calls.each_ref().map(|(request, response)| (&request[..], &response[..])));

    let stage = Stage::new();
    let file = stage.write("a.pcap", pcap(&packets));
    stage.write_services(&[("cart", "10.0.0.2:8080".parse().unwrap())]);
    let mut config = stage.config(&["cart"]);
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../redact/src/descriptors/data/shop.pb");
    config["monitor"]["descriptorSets"] = serde_json::json!([shop]);
    let (services, config) = (stage.path("services.json"), stage.write("config.json", config.to_string()));
    let options =
        ["--allow-http", "--services", services.to_str().unwrap(), "--config", config.to_str().unwrap()];

    let rows = replay(&[&options[1..], &["--format", "jsonl"]].concat(), &file);
    let rows = jsonl(&rows);
    assert_eq!(
        (&rows[0]["path"], &rows[0]["calls"]),
        (&"/shop.v1.Cart/AddItem".into(), &"server streaming".into())
    );
    assert_eq!((&rows[1]["path"], &rows[1]["statuses"]["501"]), (&"/shop.v1.Cart/Gone".into(), &1.into()));

    let run = replay(&[&options[..], &["--push"]].concat(), &file);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(stage.listed("cart"), ["POST /shop.v1.Cart/AddItem"]);
    let body = stage.endpoint("cart", "post", "/shop.v1.Cart/AddItem").body.expect("a body example");
    assert_eq!(body.content_type, "application/json");
    assert!(body.content.contains(r#""cartId":"text""#) && !body.content.contains("s1"), "{}", body.content);
    stage.assert_contract();
}

#[test]
fn it_pushes_as_the_agent_does_and_only_once() {
    let stage = Stage::new();
    let file = stage.write("a.pcap", pcap(&packets()));
    stage.write_services(&[("cart", "10.0.0.2:8080".parse().unwrap())]);
    stage.write_config(&["cart"]);
    let (services, config) = (stage.path("services.json"), stage.path("config.json"));
    let options = [
        "--push",
        "--allow-http",
        "--services",
        services.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
    ];

    let dry = replay(&[&options[..], &["--dry-run"]].concat(), &file);
    assert!(dry.status.success() && text(&dry.stdout).contains("/add-endpoints\n"), "{}", text(&dry.stderr));
    assert!(stage.platform.recorded().is_empty(), "a dry run sends nothing");
    let mut keyless = stage.config(&["cart"]);
    keyless.as_object_mut().unwrap().remove("apiKey");
    stage.write("config.json", keyless.to_string());
    let same = replay(&[&options[..], &["--dry-run"]].concat(), &file);
    assert_eq!(text(&same.stdout), text(&dry.stdout), "a dry run needs no key");
    stage.write_config(&["cart"]);

    let run = replay(&options, &file);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("push: 2 pushed, 0 set aside, 0 waiting"), "{}", text(&run.stderr));
    assert_eq!(stage.listed("cart"), ["GET /users/{userId}", "POST /orders"]);
    assert!(stage.endpoint("cart", "post", "/orders").body.is_some());
    assert!(stage.endpoint("cart", "get", "/users/{userId}").query_params.contains_key("page"));
    stage.assert_contract();
    assert!(stage.pushes().iter().all(|push| !push.contains("secret-of-ann")));

    // Again: everything stands there already.
    stage.platform.clear_recorded();
    assert!(replay(&options, &file).status.success());
    assert_eq!(stage.listed("cart").len(), 2);
    assert!(stage.calls(stand_in::Call::Add).is_empty());

    // A platform that refuses the key is an error with status 1.
    stage.platform.set_key(Some("another".into()));
    let refused = replay(&options, &file);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("401"), "{}", text(&refused.stderr));
}

#[test]
fn memory_is_kept_to_and_what_was_lost_for_it_is_said() {
    let asked =
        |port| conversation(port, &[(USERS, OK)]).into_iter().filter(|packet| packet.ends_with(b"\r\n\r\n"));
    let stage = Stage::new();
    let many = stage.write("many.pcap", pcap(&(10_000..40_000).flat_map(asked).collect::<Vec<_>>()));
    let said = |output: &Output| text(&output.stderr).contains("were too little to follow all connections");
    let little = replay(&["--output", "exchanges", "--memory", "16"], &many);
    assert_eq!(jsonl(&little).len(), 30_000, "what waits is handed on");
    assert!(
        said(&little) && text(&little.stderr).contains("traffic-monitor: 16 MiB"),
        "{}",
        text(&little.stderr)
    );
    let enough = replay(&["--output", "exchanges", "--memory", "256"], &many);
    assert!(jsonl(&enough).len() == 30_000 && !said(&enough), "{}", text(&enough.stderr));
}
