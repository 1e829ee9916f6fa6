//! The structure of the workspace: what the cores do not link, and that ARCHITECTURE.md names every crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates that do no I/O: what they do depends on their arguments alone.
const CORES: [&str; 9] =
    ["decode", "finder", "fragments", "flow", "tls", "http", "identify", "redact", "inventory"];

/// The crate that opens TLS, and the ciphers that it links for that, which compute and do nothing else.
const TLS: (&str, &str) = ("traffic-monitor-tls", "aws-lc");

/// What a core must not link, by the beginnings of names: `hyper` stands for `hyper-util` too.
const IMPURE: [&str; 16] = [
    "async-std",
    "aws-lc",
    "axum",
    "aya",
    "futures",
    "hyper",
    "k8s-openapi",
    "kube",
    "libc",
    "mio",
    "openssl",
    "redb",
    "reqwest",
    "rustix",
    "rustls",
    "tokio",
];

/// Returns the folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns what cargo says a crate of the workspace links on this platform, along these edges.
fn tree(of: &str, edges: &str) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["tree", "--locked", "--offline", "--edges", edges, "--prefix", "none", "--format", "{p}"])
        .args(["--package", &format!("traffic-monitor-{of}")])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{of}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Returns the names of the packages that a crate links, its own among them.
fn linked(core: &str) -> BTreeSet<String> {
    let tree = tree(core, "normal");
    let linked: BTreeSet<_> =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(linked.contains(&format!("traffic-monitor-{core}")), "{core}: {tree}");
    linked
}

fn is_impure(package: &str) -> bool {
    let belongs =
        |name: &str| package.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    IMPURE.iter().any(|name| belongs(name))
}

#[test]
fn the_cores_link_no_client_no_runtime_and_no_system() {
    for core in CORES {
        let linked = linked(core);
        let opens_tls = linked.contains(TLS.0);
        let impure = linked.into_iter().filter(|package| is_impure(package));
        let impure: Vec<_> = impure.filter(|package| !(opens_tls && package.starts_with(TLS.1))).collect();
        assert!(impure.is_empty(), "{core} links {impure:?}; `cargo tree -i` says who brings it");
    }
}

#[test]
fn only_tests_make_redacted_exchanges_by_hand() {
    let by_hand = "traffic-monitor-redact feature \"by-hand\"";
    assert!(!tree("agent", "features,normal").contains(by_hand), "the product must not");
    assert!(tree("store", "features,normal,dev").contains(by_hand), "the feature has another name now");
}

#[test]
fn a_package_of_a_family_is_impure_too() {
    assert!(["aya", "aya-obj", "kube-client", "tokio-rustls"].into_iter().all(is_impure));
    assert!(["libcore", "ayar", "traffic-monitor-http"].into_iter().all(|package| !is_impure(package)));
}

#[test]
fn architecture_names_every_crate() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let table = text.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    // The first cell; what lies in another folder than `crates` stands there with its path.
    let named = rows.filter_map(|row| row.split('`').nth(1)).filter(|name| !name.contains('/'));
    let folders = std::fs::read_dir(root().join("crates")).expect("crates");
    let folders = folders.map(|entry| entry.expect("a folder").file_name().into_string().expect("UTF-8"));
    assert_eq!(named.map(str::to_owned).collect::<BTreeSet<_>>(), folders.collect());
}

/// The table of threats names tests: each of them exists.
#[test]
fn threats_name_tests_that_exist() {
    let text = std::fs::read_to_string(root().join("docs/threats.md")).expect("docs/threats.md");
    let table = text.lines().filter(|line| line.starts_with('|')).filter_map(|line| line.rsplit('|').nth(1));
    let named: BTreeSet<_> = table.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 30, "{named:?}");
    let mut folders = vec![root().join("crates")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).expect("UTF-8");
                found.extend(named.iter().filter(|name| source.contains(&format!("fn {name}()"))));
            }
        }
    }
    let missing: Vec<_> = named.difference(&found).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
