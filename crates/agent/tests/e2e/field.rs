//! Captures that show one difficulty from the field each, with what is known to be in them: a line per capture.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{monitor, text};

/// Replays `data/field/NAME` and requires the transactions of its `.truth.json`: method, target and status, in order.
macro_rules! captures {
    ($($name:ident: $file:literal;)*) => {
        $(#[test]
        fn $name() {
            check($file);
        })*
    };
}

captures! {
    a_body_that_no_field_announces: "01a-leftover-body-own-segment.pcap";
    targets_without_a_slash_on_a_joined_connection: "02b-no-slash-target-midstream.pcap";
    a_second_syn_ack: "03d-second-synack-late.pcap";
    text_typed_into_an_answer_until_the_end: "06b-docker-hijack-200.pcap";
    an_upgrade_with_the_body_behind_the_101: "16b-h2c-upgrade-post-101-before-body.pcap";
    a_reset_by_the_server_one_number_behind: "20d-rst-one-behind.pcap";
    a_reset_by_the_client_one_number_behind: "20e-rst-by-client-behind.pcap";
    odd_status_lines: "28-odd-status-lines.pcap";
    forms_of_chunks: "29-chunk-forms.pcap";
    a_response_lost_long_after_pipelining: "60i-pipelined-once-then-loss.pcap";
    a_stray_syn: "61a-stray-syn.pcap";
    heads_of_80_kib: "73-heads-80k.pcap.gz";
}

#[track_caller]
fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/field").join(file);
    assert_eq!(found(&path), known(&path), "{file}");
}

fn found(path: &Path) -> Vec<(String, String, Value)> {
    let args = ["replay", "--output", "exchanges", "--format", "jsonl", "--raw"].map(Path::new);
    let output = monitor(args.into_iter().chain([path]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap());
    lines.map(|one: Value| transaction(&one, "target")).collect()
}

fn known(path: &Path) -> Vec<(String, String, Value)> {
    let name = path.to_str().unwrap().trim_end_matches(".gz");
    let truth = std::fs::read(PathBuf::from(format!("{name}.truth.json"))).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    let all = truth["transactions"].as_array().unwrap();
    all.iter().map(|one| transaction(one, "uri")).collect()
}

fn transaction(one: &Value, target: &str) -> (String, String, Value) {
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    (text("method"), text(target), one["status"].clone())
}

#[test]
fn http_0_9_is_counted_by_its_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/field/05-http09.pcap");
    assert_eq!(found(&path), []);
    let output = monitor([Path::new("replay"), &path]);
    assert!(text(&output.stderr).contains("http09"), "{}", text(&output.stderr));
}
