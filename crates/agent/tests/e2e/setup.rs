//! `setup` as a script and as a person use it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use stand_in::Call;

use crate::support::{KEY, Stage, Terminal, program, text};

const FILE: &str = "configmap.yaml";

/// Runs `setup` in this folder with these lines in a pipe.
fn pipe(folder: &Path, args: &[&str], lines: &str) -> Output {
    let mut command = program();
    command.arg("setup").args(args).current_dir(folder);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The same, without platform and cluster.
fn offline(folder: &Path, args: &[&str], lines: &str) -> Output {
    pipe(folder, &[args, &["--offline"]].concat(), lines)
}

/// # Panics
/// It failed, showed the key, or used more than 80 columns.
#[track_caller]
fn succeeds(output: &Output) -> &str {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && err.is_empty(), "{out}{err}");
    fits(out);
    out
}

#[track_caller]
fn fits(screen: &str) {
    assert!(!screen.contains(KEY), "the key is shown:\n{screen}");
    for line in screen.lines() {
        assert!(line.chars().count() <= 80, "{line:?} is too wide");
    }
}

/// # Panics
/// It did not fail with these words, showed a secret, or left something behind.
#[track_caller]
fn fails(folder: &Path, output: &Output, says: &[&str], left: usize) {
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    for part in says {
        assert!(err.contains(part), "{part:?} is not in {err:?}");
    }
    assert!(!err.contains(KEY) && !err.contains("canary"), "{err}");
    assert_eq!(fs::read_dir(folder).unwrap().count(), left, "{err}");
}

/// The objects of a manifest, as the real kubectl reads them.
fn kubectl(folder: &Path) -> Vec<Value> {
    let kubeconfig = folder.join("kubeconfig");
    fs::write(&kubeconfig, "apiVersion: v1\nkind: Config\nclusters: []\n").unwrap();
    let output = Command::new("kubectl")
        .args(["label", "--local", "--dry-run=client", "--output=json", "read=yes", "--filename", FILE])
        .current_dir(folder)
        .env("KUBECONFIG", &kubeconfig)
        .output()
        .expect("this test needs kubectl (Debian: kubernetes-client)");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    objects.collect::<Result<_, _>>().unwrap()
}

fn config(object: &Value) -> Value {
    serde_json::from_str(object["data"]["service_config.json"].as_str().unwrap()).unwrap()
}

#[test]
fn a_pipe_makes_a_file_that_kubectl_takes() {
    let stage = Stage::new();
    let lines = format!("{KEY}\ncart\napp-1\ninst-1\nshop/pay\napp-2\ninst-2\n\ny\n");
    let out = offline(stage.folder.path(), &[], &lines);
    let out = succeeds(&out);
    for command in ["kubectl apply -f configmap.yaml", "kubectl apply -f daemonset.yaml"] {
        assert!(out.contains(command), "{out}");
    }
    let objects = kubectl(stage.folder.path());
    let names: Vec<_> = objects.iter().map(|object| (&object["kind"], &object["metadata"])).collect();
    let [(secret, _), (config_map, _)] = names[..] else { panic!("{objects:#?}") };
    assert_eq!((secret, config_map), (&"Secret".into(), &"ConfigMap".into()));
    assert_eq!(objects[0]["metadata"]["name"], "traffic-monitor-api-key");
    assert_eq!(objects[1]["metadata"]["name"], "traffic-monitor-config");
    assert!(objects.iter().all(|object| object["metadata"]["namespace"] == "kube-system"));
    assert_eq!(objects[0]["stringData"], serde_json::json!({"apiKey": KEY}));
    assert_eq!(
        config(&objects[1]),
        serde_json::json!({"autoOnboardNewServices": false, "devApiUrl": "https://api.apisecapps.com",
            "serviceMappings": {"cart": {"appId": "app-1", "instanceId": "inst-1"},
                "shop/pay": {"appId": "app-2", "instanceId": "inst-2"}}})
    );
}

#[test]
fn a_pipe_adds_to_the_guides_file_and_keeps_the_rest() {
    let stage = Stage::new();
    let folder = stage.folder.path();
    let guide = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: traffic-monitor-config\n  namespace: kube-system\n  \
        labels: {team: \"7\"}\ndata:\n  service_config.json: |\n    {\n      \"apiKey\": \"KEY\",\n      \"serviceMappings\": {\n        \
        \"old\": {\"appId\": \"a\", \"instanceId\": \"b\"}\n      },\n      \"monitor\": {\"metrics\": true},\n      \"own\": 1\n    }\n  \
        notes.txt: \"yes\"\n";
    let guide = format!("\u{feff}{}", guide.replace("KEY", KEY).replace('\n', "\r\n"));
    stage.write(FILE, guide);
    succeeds(&offline(folder, &[], "\u{feff}\r\ncart\r\n1\r\n2\r\n\r\ny\r\n"));
    let objects = kubectl(folder);
    assert_eq!(objects[0]["stringData"]["apiKey"], KEY, "an empty line keeps the key");
    assert_eq!(objects[1]["metadata"]["labels"]["team"], "7");
    assert_eq!(objects[1]["data"]["notes.txt"], "yes");
    let kept = config(&objects[1]);
    assert_eq!(
        (&kept["monitor"]["metrics"], &kept["own"], &kept["apiKey"]),
        (&true.into(), &1.into(), &Value::Null)
    );
    let names: Vec<_> = kept["serviceMappings"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["cart", "old"]);

    let out = offline(folder, &["--one-document", "--remove", "old", "--yes"], "");
    assert!(succeeds(&out).contains("kubectl delete secret -n kube-system traffic-monitor-api-key"));
    let objects = kubectl(folder);
    assert_eq!(objects.len(), 1);
    assert_eq!(config(&objects[0])["apiKey"], KEY);
    assert_eq!(
        config(&objects[0])["serviceMappings"],
        serde_json::json!({"cart": {"appId": "1", "instanceId": "2"}})
    );
}

#[test]
fn odd_text_survives_as_kubectl_reads_it() {
    let stage = Stage::new();
    let odd = [
        "yes",
        "No",
        "on",
        "null",
        "~",
        "",
        " ",
        "1",
        "1.10",
        "1e3",
        "0x1f",
        "0o7",
        "012",
        "12:30:45",
        "2020-01-01",
        "a: b",
        "- a",
        "#c",
        "a #c",
        "!x",
        "&x",
        "*x",
        "<<",
        "=",
        "'",
        "\"",
        "\\",
        "{}",
        "[",
        "@x",
        "`x",
        "%x",
        "|",
        ">",
        " lead\nx",
        "a\n",
        "a\n\n",
        "\na",
        "a\r\nb",
        "a\tb",
        "\ta\nb",
        "trail \nb",
        "---\na: 1",
        "é\u{2028}☃😀\u{85}",
        "\u{feff}a",
        &"word ".repeat(40),
        &"word-".repeat(40),
        "{\n  \"a\": \"b\"\n}\n",
    ];
    let annotations: serde_json::Map<_, _> =
        odd.iter().enumerate().map(|(i, text)| (format!("a{i}"), (*text).into())).collect();
    let object = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "traffic-monitor-config", "annotations": annotations}});
    stage.write(FILE, object.to_string());
    let output = offline(stage.folder.path(), &["--yes", "--map", "cart=yes:0x1"], "");
    succeeds(&output);
    let written = kubectl(stage.folder.path());
    let read = &written[1]["metadata"]["annotations"];
    for (name, text) in &annotations {
        assert_eq!(&read[name], text, "{name}");
    }
    assert_eq!(config(&written[1])["serviceMappings"]["cart"]["appId"], "yes");
}

#[test]
fn all_comes_from_flags_with_yes() {
    let stage = Stage::new();
    stage.write("key", format!("Bearer {KEY}\n"));
    let args = ["--yes", "--key-file", "key", "--output", "c.yaml", "--map", "cart=a:b", "--map", "pay=c:d"];
    let more = ["--url", "https://api.dev.apisecapps.com", "--auto-onboard", "--remove", "pay"];
    let output = offline(stage.folder.path(), &[&args[..], &more].concat(), "not read");
    succeeds(&output);
    let written = fs::read_to_string(stage.path("c.yaml")).unwrap();
    for part in
        ["\"autoOnboardNewServices\": true", "https://api.dev.apisecapps.com", "\"cart\"", KEY, "\"pay\""]
    {
        assert!(written.contains(part), "{part} is not in\n{written}");
    }
}

#[test]
fn errors_name_the_line_and_change_nothing() {
    let stage = Stage::new();
    let folder = stage.folder.path();
    for (lines, says) in [
        ("", ["line 1", "API key"]),
        ("canary\u{1}\n", ["line 1", "API key"]),
        (KEY, ["line 2", "ends here"]),
        ("k\nCanary Service\n", ["line 2", "service name"]),
        ("k\ncart\n\n", ["line 3", "application ID"]),
        ("k\ncart\na\ncan ary\n", ["line 4", "instance ID"]),
        ("k\ncart\na\nb\n\n", ["line 6", "ends here"]),
        ("k\n-cart\n", ["line 2", "no mapping"]),
        ("k\n\nmaybe\n", ["line 3", "y or n"]),
    ] {
        fails(folder, &offline(folder, &[], lines), &says, 0);
    }
    let output = offline(folder, &[], "k\n\nn\n");
    assert_eq!((output.status.code(), fs::read_dir(folder).unwrap().count()), (Some(1), 0));

    let broken = format!("kind: Secret\nstringData: {{apiKey: '{KEY}\n");
    stage.write(FILE, &broken);
    fails(folder, &offline(folder, &[], "k\n\ny\n"), &[FILE, "not YAML at line", "move it away"], 1);
    assert_eq!(fs::read_to_string(stage.path(FILE)).unwrap(), broken);

    for other in [format!("{{\"apiKey\": \"{KEY}\", \"serviceMappings\": {{}}}}\n"), "canary notes\n".into()]
    {
        stage.write(FILE, &other);
        let says = [FILE, "something else than objects for kubectl", "name another file by --output"];
        fails(folder, &offline(folder, &[], "k\n\ny\n"), &says, 1);
        assert_eq!(fs::read_to_string(stage.path(FILE)).unwrap(), other);
    }
    fs::rename(stage.path(FILE), stage.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", stage.path(FILE)).unwrap();
    fails(folder, &offline(folder, &[], "k\n\ny\n"), &["is a symbolic link to elsewhere"], 2);
}

#[test]
fn the_platform_is_asked_and_ids_are_checked() {
    let stage = Stage::new();
    let url = stage.platform.url();
    let lines = format!("{KEY}\ncart\napp-cart\ninst-cart\npay\npay\nx\n\ny\n");
    let output = pipe(stage.folder.path(), &["--url", &url, "--allow-http"], &lines);
    let out = succeeds(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("takes the key: 2 applications"), "{out}");
    assert!(
        out.contains("no application with the ID pay. It is the name of the one with the ID app-pay."),
        "{out}"
    );
    assert_eq!(stage.calls(Call::Applications).len(), 1);
    stage.assert_contract();

    let output = pipe(stage.folder.path(), &["--allow-http"], "canary-wrong\n\ny\n");
    let out = succeeds(&output);
    assert!(out.contains("refuses the key") && !out.contains("canary"), "{out}");
}

#[test]
fn a_person_chooses_applications_by_name_and_sees_no_key() {
    let stage = Stage::new();
    let url = stage.platform.url();
    let mut terminal = Terminal::start(stage.folder.path(), &["--url", &url, "--allow-http"]);
    terminal.answer("API key (not shown): ", &format!("wrong\u{15}{KEY}x\u{7f}"));
    terminal.expect("takes the key: 2 applications");
    terminal.answer("Service name: ", "Cart");
    terminal.expect("capital letters");
    terminal.answer("Service name: ", "shop/cart");
    terminal.expect("1  cart");
    terminal.answer("Application (number, name or ID) [cart]: ", "");
    terminal.answer("Instance (number, name or ID) [", "");
    terminal.answer("Service name: ", "payments");
    terminal.answer("Application (number, name or ID): ", "?pa");
    terminal.expect("2  pay");
    terminal.answer("Application (number, name or ID): ", "pay");
    terminal.answer("Instance (number, name or ID) [", "1");
    terminal.answer("Service name: ", "mistake");
    terminal.answer("Application (number, name or ID): ", "");
    terminal.answer("Service name: ", "");
    terminal.answer("Write configmap.yaml? [y/N]: ", "y");
    terminal.expect("kubectl apply -f configmap.yaml");
    assert!(terminal.wait().success() && terminal.echoes());
    fits(&terminal.screen());
    let objects = kubectl(stage.folder.path());
    assert_eq!(objects[0]["stringData"]["apiKey"], KEY);
    let expected = serde_json::json!({"shop/cart": {"appId": "app-cart", "instanceId": "inst-cart"},
        "payments": {"appId": "app-pay", "instanceId": "inst-pay"}});
    assert_eq!(config(&objects[1])["serviceMappings"], expected);

    let mut again = Terminal::start(stage.folder.path(), &["--allow-http"]);
    again.answer("Enter keeps the present one): ", "");
    again.expect("payments -> pay / ");
    again.answer("Service name: ", "-payments");
    again.answer("Service name: ", "");
    again.expect("- payments");
    again.answer("Write configmap.yaml? [y/N]: ", "yes");
    assert!(again.wait().success());
    fits(&again.screen());
    assert_eq!(config(&kubectl(stage.folder.path())[1])["serviceMappings"].as_object().unwrap().len(), 1);
}

#[test]
fn a_key_longer_than_a_terminals_line_and_what_is_pasted_behind_it() {
    let stage = Stage::new();
    let long = format!("{KEY}{}", "x".repeat(9000));
    let mut terminal = Terminal::start(stage.folder.path(), &["--offline"]);
    terminal.expect("API key (not shown): ");
    assert!(!terminal.echoes());
    terminal.type_in(long.as_bytes());
    terminal.type_in(b"\rcanary-behind\r");
    terminal.answer("Service name: ", "");
    terminal.answer("[y/N]: ", "y");
    assert!(terminal.wait().success());
    assert!(!terminal.screen().contains("canary"), "{}", terminal.screen());
    fits(&terminal.screen());
    assert_eq!(kubectl(stage.folder.path())[0]["stringData"]["apiKey"], long);
}

#[test]
fn whatever_ends_it_leaves_file_and_terminal_whole() {
    let stage = Stage::new();
    let old = "kind: ConfigMap\nmetadata: {name: traffic-monitor-config}\n";
    stage.write(FILE, old);
    let prompts = ["API key (not shown): ", "Service name: ", "Application ID: ", "[y/N]: "];
    for last in 0..prompts.len() {
        let mut terminal = Terminal::start(stage.folder.path(), &["--offline"]);
        for (prompt, answer) in prompts.iter().zip([KEY, if last == 2 { "cart" } else { "" }]).take(last) {
            terminal.answer(prompt, answer);
        }
        terminal.expect(prompts[last]);
        terminal.type_in(b"half an answer\x03");
        assert_eq!(terminal.wait().code(), Some(130), "{}", terminal.screen());
        assert!(terminal.echoes());
        fits(&terminal.screen());
    }
    for (end, status) in [("kill -TERM", 143), ("kill -HUP", 129)] {
        let mut terminal = Terminal::start(stage.folder.path(), &["--offline"]);
        terminal.expect(prompts[0]);
        let kill = format!("{end} {}", terminal.pid());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert_eq!(terminal.wait().code(), Some(status));
        assert!(terminal.echoes());
    }
    let mut terminal = Terminal::start(stage.folder.path(), &["--offline"]);
    terminal.expect(prompts[0]);
    terminal.type_in(b"\x04");
    assert_eq!(terminal.wait().code(), Some(1));
    assert_eq!(fs::read_to_string(stage.path(FILE)).unwrap(), old);
    assert_eq!(fs::read_dir(stage.folder.path()).unwrap().count(), 1);
}
