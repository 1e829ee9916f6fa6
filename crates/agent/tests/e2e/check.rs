//! `check` against the stand-in platform and the test API server.

use std::process::Output;
use std::time::{Duration, Instant};

use apiserver::Faults;
use serde_json::{Value, json};
use stand_in::{Action, Call, Fault};

use crate::support::{Cluster, KEY, Stage, program, text, unprintable};

/// A cluster with the Services shop/cart, shop/pay, beta/pay.
fn cluster(stage: &Stage) -> Cluster {
    let cluster = Cluster::start(stage);
    for (namespace, name) in [("shop", "cart"), ("shop", "pay"), ("beta", "pay")] {
        cluster.server.put(json!({"apiVersion": "v1", "kind": "Service", "spec": {},
            "metadata": {"namespace": namespace, "name": name}}));
    }
    cluster
}

/// Runs `check` on the configuration and the cluster of the stage, as far as they are there.
fn check(stage: &Stage, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = program();
    command.current_dir(stage.folder.path()).env("HOME", stage.folder.path()).envs(variables.iter().copied());
    command.args([
        "check",
        "--config",
        "config.json",
        "--secret",
        "secret",
        "--state",
        "state",
        "--allow-http",
    ]);
    if stage.path("kubeconfig").exists() {
        command.args(["--kubeconfig", "kubeconfig"]);
    }
    let output = command.args(args).output().unwrap();
    for shown in [&output.stdout, &output.stderr] {
        assert!(!text(shown).contains(KEY) && unprintable(text(shown)).is_none(), "{}", text(shown));
    }
    output
}

/// The rows, each as `STATE SUBJECT FINDING -> WHAT TO DO`; the exit status must agree with them.
#[track_caller]
fn rows(stage: &Stage, variables: &[(&str, &str)]) -> Vec<String> {
    let output = check(stage, &["--format", "json"], variables);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let part = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let checks = answer["checks"].as_array().unwrap().iter();
    let rows: Vec<_> = checks
        .map(|row| ["state", "subject", "finding", "remedy"].map(|key| part(row, key)))
        .map(|[state, subject, finding, remedy]| format!("{state} {subject} {finding} -> {remedy}"))
        .collect();
    let count = |state: &str| rows.iter().filter(|row| row.starts_with(state)).count();
    assert_eq!(answer["errors"], count("error"));
    assert_eq!(answer["warnings"], count("warning"));
    assert_eq!(output.status.code(), Some(i32::from(count("error") > 0)), "{rows:#?}");
    rows
}

/// # Panics
/// No row begins like this and has all these words.
#[track_caller]
fn has(rows: &[String], begin: &str, words: &[&str]) {
    let found = rows.iter().any(|row| row.starts_with(begin) && words.iter().all(|word| row.contains(word)));
    assert!(found, "{begin} {words:?} is not in {rows:#?}");
}

#[test]
fn a_good_place_and_configuration_have_no_error_and_nothing_is_changed() {
    let stage = Stage::live();
    let cluster = cluster(&stage);
    stage.write_config(&["cart"]);
    let rows = rows(&stage, &[("NODE_NAME", "node-1")]);
    for begin in [
        "ok configuration config.json; mappings: 1",
        "ok key from the configuration",
        "ok platform http://127.0.0.1:",
        "ok mapping cart: application 'cart'",
        "ok cluster http://127.0.0.1:",
        "ok rights list and watch services, pods, endpointslices",
        "ok service cart: shop/cart",
        "ok node node-1",
        "ok clock agrees with the platform",
        "ok capture a packet socket",
        "ok interfaces ",
        "ok kernel Linux ",
        "ok sockets CAP_BPF (Linux 5.8)",
        "ok sockets the program (Linux 5.9)",
        "ok disk state can be made",
    ] {
        has(&rows, begin, &[]);
    }
    assert!(!rows.iter().any(|row| row.starts_with("error") || row.contains("hostNetwork")), "{rows:#?}");

    assert!(!stage.path("state").exists());
    assert_eq!(stage.pushes(), Vec::<String>::new());
    stage.assert_contract();
    for asked in cluster.server.asked() {
        let (verb, resource) = (asked.verb.as_str(), asked.resource.as_str());
        let reads = (verb, resource) == ("list", "services");
        assert!(reads || (verb, resource) == ("create", "selfsubjectaccessreviews"), "{asked:?}");
    }
}

#[test]
fn wrong_mappings_and_rights_are_named_with_what_may_have_been_meant() {
    let stage = Stage::new();
    let cluster = cluster(&stage);
    cluster.server.set_faults(Faults { forbidden: Some("pods".into()), ..Faults::default() });
    let mut config = stage.config(&["pay"]);
    config["typo"] = json!(1);
    config["serviceMappings"]["crat"] = json!({"appId": "app-carts", "instanceId": "inst-cart"});
    config["serviceMappings"]["shop/cart"] = json!({"appId": "app-cart", "instanceId": "wrong"});
    stage.write("config.json", config.to_string());
    let rows = rows(&stage, &[]);
    has(&rows, "warning configuration config.json line 1: typo", &["kubectl apply"]);
    has(&rows, "error mapping crat: the key sees no application", &["did you mean", "'app-cart'"]);
    has(&rows, "error mapping shop/cart: the application 'cart' has no instance", &["'inst-cart'"]);
    has(&rows, "ok mapping pay: ", &[]);
    has(&rows, "error service crat: the cluster has no such Service", &["'cart'"]);
    has(&rows, "warning service pay: 2 Services", &["'beta/pay' and 'shop/pay'"]);
    has(&rows, "error rights may not list pods", &["daemonset.yaml"]);
    has(&rows, "error rights may not watch pods", &["daemonset.yaml"]);

    let output = check(&stage, &[], &[]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(table.starts_with("STATE ") && table.contains("-> did you mean"), "{table}");
}

#[test]
fn placeholders_of_the_example_are_errors() {
    let stage = Stage::new();
    let mut config = stage.config(&["cart"]);
    config["apiKey"] = json!("your-api-key-here");
    config["serviceMappings"]["pay"] = json!({"appId": "application-id-1", "instanceId": "instance-id-1"});
    stage.write("config.json", config.to_string());
    let rows = rows(&stage, &[]);
    has(
        &rows,
        "error configuration config.json line 1: apiKey is the placeholder of the example",
        &["setup"],
    );
    has(
        &rows,
        "error configuration config.json line 1: serviceMappings.pay: ",
        &["application-id-1", "instance-id-1"],
    );
    has(&rows, "error key from the configuration; it is the placeholder of the example", &[]);
}

#[test]
fn an_old_cluster_needs_endpoints_instead_of_slices() {
    let stage = Stage::new();
    let cluster = cluster(&stage);
    stage.write_config(&["cart"]);
    let faults =
        |forbidden: &str| Faults { no_slices: true, forbidden: Some(forbidden.into()), ..Faults::default() };
    cluster.server.set_faults(faults("endpointslices"));
    has(&rows(&stage, &[]), "ok rights list and watch services, pods, endpoints ", &[]);
    cluster.server.set_faults(faults("endpoints"));
    has(&rows(&stage, &[]), "warning rights may not list endpoints", &["daemonset.yaml"]);
}

#[test]
fn a_key_that_is_refused_or_has_expired_is_an_error() {
    let stage = Stage::new();
    stage.write_config(&["cart"]);
    stage.platform.set_key(Some("another".into()));
    has(&rows(&stage, &[]), "error platform ", &["refuses the key", "traffic-monitor setup"]);

    // {"exp":1700000000}
    let expired = "e30.eyJleHAiOjE3MDAwMDAwMDB9.c2ln";
    std::fs::create_dir(stage.path("secret")).unwrap();
    stage.write("secret/apiKey", expired);
    stage.write("secret/apisecUrl", stage.platform.url());
    let rows = rows(&stage, &[]);
    has(&rows, "error key from the Secret in secret; a JWT that expired", &["2023", "kubectl apply"]);
    has(&rows, "error configuration secret: ", &["different keys"]);
    assert!(!rows.concat().contains("eyJ"), "{rows:#?}");
}

#[test]
fn what_is_not_there_is_said_and_the_rest_goes_on() {
    let stage = Stage::new();
    let rows_without = rows(&stage, &[("APISEC_API_KEY", KEY)]);
    has(
        &rows_without,
        "error configuration config.json is not there",
        &["kubectl get configmap -n kube-system"],
    );
    has(&rows_without, "ok key from the variable APISEC_API_KEY", &[]);
    has(&rows_without, "warning platform not asked", &[]);
    has(&rows_without, "warning cluster no cluster here", &["--kubeconfig"]);
    has(&rows_without, "ok kernel", &[]);

    stage.write("config.json", "{\n\"apiKey\": \"x\",\n}");
    has(&rows(&stage, &[]), "error configuration config.json line 3", &["setup"]);

    let mut config = stage.config(&["cart"]);
    config["apisecUrl"] = json!("http://127.0.0.1:1");
    stage.write("config.json", config.to_string());
    let rows = rows(&stage, &[("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", "1")]);
    has(&rows, "error platform http://127.0.0.1:1 cannot be asked", &["proxy"]);
    has(&rows, "warning clock not compared", &[]);
    has(&rows, "error cluster the service account of this pod", &["daemonset.yaml"]);
    has(&rows, "error node NODE_NAME is not set", &["spec.nodeName"]);
}

#[test]
fn servers_that_never_answer_are_not_waited_for_longer_than_ten_seconds() {
    let stage = Stage::new();
    let cluster = cluster(&stage);
    stage.write_config(&["cart"]);
    let hour = Duration::from_secs(3600);
    cluster.server.set_faults(Faults { delay: hour, ..Faults::default() });
    stage.platform.set_faults(
        vec![Fault::always(Call::Any, Action::Delay { milliseconds: 3_600_000, processed: false })],
        1,
    );
    let start = Instant::now();
    let rows = rows(&stage, &[]);
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    has(&rows, "error cluster no answer within 10 s", &[]);
    has(&rows, "error platform ", &["no answer within 10 s"]);
}
