//! A disk that is full, read-only, slow or damaged, and two agents on one folder: the agent goes on, says so, and keeps
//! what it can.

use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use stand_in::Call;

use crate::support::{Agent, Server, Stage, exchange, program, request, text, word};

/// A stage with one mapped Service.
fn stage() -> (Stage, Server) {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    (stage, cart)
}

/// An agent whose disk takes so long for each `fdatasync`; its store is being opened.
fn start_slow(stage: &Stage, delay: Duration) -> Agent {
    let inject = format!("inject=fdatasync:delay_enter={}", delay.as_micros());
    let strace = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", &inject];
    let agent = Agent::start_under(stage, &strace);
    agent.wait_for("the store is being opened");
    agent
}

fn ask(cart: &Server, path: &str) {
    exchange(cart.address, &request("GET", path, "", b""));
}

fn store(agent: &Agent) -> String {
    let status: serde_json::Value =
        serde_json::from_str(&agent.ask(&["status", "--format", "json"])).unwrap();
    status["store"].as_str().unwrap().to_owned()
}

#[test]
fn disk_full_goes_on_in_memory_says_so_and_is_written_again() {
    let (stage, cart) = stage();
    let disk = Mount::new(&stage, &["-t", "tmpfs", "-o", "size=2m", "tmpfs"]);
    let agent = Agent::start(&stage, &[]);
    ask(&cart, "/first");
    agent.wait_for_push(&stage, "cart", "GET /first");
    agent.wait_for_disk();
    // What is there stays, and nothing more fits: not even the pages that a change needs.
    let filler = disk.0.join("filler");
    let _ = fs::write(&filler, vec![1; 4 << 20]);
    for number in 0..400 {
        ask(&cart, &format!("/{}/{}?page={number}", word(number / 4), word(1000 + number)));
    }
    agent.wait_for("ERROR The store:");
    agent.wait_for("No space left on device");
    ask(&cart, "/second");
    agent.wait_for_push(&stage, "cart", "GET /second");
    assert!(store(&agent).starts_with("in memory only: "), "{}", store(&agent));
    assert!(agent.ask(&["status"]).contains("ERROR: nothing is kept on disk"));
    assert_eq!(agent.health("/healthz").0, 200);
    assert_eq!(agent.metric("store_open"), Some(0));

    fs::remove_file(&filler).unwrap();
    agent.wait_for("everything is kept on disk again");
    agent.wait_for_disk();
    agent.kill();
    let agent = Agent::start(&stage, &[]);
    agent.until("nothing is new, and nothing waits", || {
        let cart = agent.service("shop/cart");
        cart["endpoints"].as_u64() > Some(2) && cart["waiting"] == 0
    });
    let adds = stage.calls(Call::Add).len();
    let before = agent.service("shop/cart")["requests"].as_u64().unwrap();
    ask(&cart, "/second");
    agent.wait_for_rest("shop/cart", before + 1);
    assert_eq!(stage.calls(Call::Add).len(), adds, "nothing is added again");
    agent.stop();
    stage.assert_contract();
}

#[test]
fn disk_read_only_goes_on_in_memory_and_is_written_when_it_can_be() {
    let (stage, cart) = stage();
    let disk = Mount::new(&stage, &["-t", "tmpfs", "-o", "ro", "tmpfs"]);
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("Read-only file system");
    ask(&cart, "/first");
    agent.wait_for_push(&stage, "cart", "GET /first");
    disk.remount("rw");
    agent.wait_for("everything is kept on disk again");
    agent.kill();
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("1 endpoints are known from before");
    agent.stop();
    assert_eq!(stage.calls(Call::Add).len(), 1);
}

/// Every fsync takes two seconds, as on a disk that is nearly dead.
#[test]
fn disk_slow_holds_up_nothing() {
    let (stage, cart) = stage();
    let agent = start_slow(&stage, Duration::from_secs(2));
    for path in ["/first", "/second"] {
        let start = Instant::now();
        ask(&cart, path);
        agent.wait_for_push(&stage, "cart", &format!("GET {path}"));
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        assert_eq!(agent.health("/healthz").0, 200);
    }
    agent.wait_for("everything is kept on disk again");
    agent.wait_for_disk();
    ask(&cart, "/third");
    agent.wait_for_push(&stage, "cart", "GET /third");
    // Its end is in time all the same, and what is not on disk by then is said.
    let log = agent.stop();
    let all = if log.contains("the disk did not answer in time") { 2 } else { 3 };
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("endpoints are known from before");
    assert!(agent.service("shop/cart")["endpoints"].as_u64() >= Some(all));
    agent.stop();
}

#[test]
fn disk_that_hangs_does_not_keep_the_agent_from_its_work_or_its_end() {
    let (stage, cart) = stage();
    // Longer than all that is looked at here takes.
    let agent = start_slow(&stage, Duration::from_secs(10));
    ask(&cart, "/first");
    agent.wait_for_push(&stage, "cart", "GET /first");
    let asked = Instant::now();
    agent.terminate();
    // What is lost is said, and all is done but for the end itself, which no process has whose system call is stuck.
    agent.wait_for("what 1 endpoints have taught is lost");
    agent.wait_for("exchanges ");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[test]
fn disk_bytes_flipped_are_found_by_the_agent_and_nothing_is_added_again() {
    let (stage, cart) = stage();
    let agent = Agent::start(&stage, &[]);
    let paths = ["/first", "/second", "/third"];
    for path in paths {
        ask(&cart, path);
        agent.wait_for_push(&stage, "cart", &format!("GET {path}"));
    }
    agent.until("verified", || agent.service("shop/cart")["verified"] == 3);
    agent.stop();
    let file = stage.path("state/inventory.redb");
    let whole = fs::read(&file).unwrap();
    // The header, its two commit slots, and wherever there is content.
    let content = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut found = 0;
    for offset in [0, 70, 140, 4096 + 40, content / 2, content - 30] {
        let mut flipped = whole.clone();
        flipped[offset] ^= 0x10;
        fs::write(&file, flipped).unwrap();
        let agent = Agent::start(&stage, &[]);
        let log = agent.log();
        found += usize::from(log.contains("ERROR The store: the store was damaged"));
        assert!(log.contains("was set aside as") || log.contains("3 endpoints are known"), "{offset}: {log}");
        paths.iter().for_each(|path| ask(&cart, path));
        agent.until("it knows them", || agent.service("shop/cart")["verified"] == 3);
        let log = agent.stop();
        assert!(!log.contains("panicked"), "{log}");
    }
    assert!(found >= 3, "only {found} were found");
    assert_eq!(stage.calls(Call::Add).len(), 3);
    assert_eq!(stage.listed("cart").len(), 3);
}

/// The child that walks a file, by itself: whatever is in it, it ends, and says what it found.
#[test]
fn disk_walk_of_any_file_ends_with_an_answer() {
    let (stage, cart) = stage();
    let agent = Agent::start(&stage, &[]);
    for number in 0..50 {
        ask(&cart, &format!("/{}/{}", word(number / 4), word(1000 + number)));
    }
    agent.until("learned", || agent.service("shop/cart")["endpoints"].as_u64() >= Some(50));
    agent.stop();
    let whole = fs::read(stage.path("state/inventory.redb")).unwrap();
    assert_eq!(walk(&stage, &whole).status.code(), Some(0));
    let (mut damaged, mut tried) = (0, 0);
    for offset in (0..320).step_by(16).chain((320..whole.len()).step_by(whole.len().div_ceil(60))) {
        let mut flipped = whole.clone();
        for byte in &mut flipped[offset..(offset + 4).min(whole.len())] {
            *byte = !*byte;
        }
        let Output { status, stdout, .. } = walk(&stage, &flipped);
        tried += 1;
        match (status.code(), status.signal()) {
            (Some(0), _) => {}
            (Some(10 | 12), _) => {
                damaged += 1;
                assert!(!stdout.is_empty(), "{offset}: no reason");
            }
            // A panic that was not caught, an abort, a limit: found as well.
            (_, Some(_)) => damaged += 1,
            other => panic!("{offset}: {other:?} {}", text(&stdout)),
        }
    }
    assert!(damaged > 10, "{damaged} of {tried}");
    assert_eq!(walk(&stage, b"not a database").status.code(), Some(10));
}

fn walk(stage: &Stage, content: &[u8]) -> Output {
    let path = stage.path("walked");
    fs::write(&path, content).unwrap();
    let file = File::options().read(true).write(true).open(&path).unwrap();
    program().arg("walk-store").stdin(file).output().unwrap()
}

/// A rolling update that starts the new agent before the old one has ended.
#[test]
fn disk_two_agents_on_one_folder_wait_for_each_other() {
    let (stage, cart) = stage();
    let old = Agent::start(&stage, &[]);
    ask(&cart, "/first");
    old.wait_for_push(&stage, "cart", "GET /first");
    let new = Agent::start_second(&stage);
    new.wait_for("the store is in use by another process");
    assert!(store(&new).contains("in use by another process"));
    let log = old.stop();
    assert!(!log.contains("The store:"), "{log}");
    new.wait_for("1 endpoints are known from before");
    new.wait_for("everything is kept on disk again");
    ask(&cart, "/first");
    ask(&cart, "/second");
    new.wait_for_push(&stage, "cart", "GET /second");
    assert!(store(&new).starts_with("open, "), "its socket outlives the other agent");
    new.stop();
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("2 endpoints are known from before");
    agent.stop();
    assert_eq!(stage.calls(Call::Add).len(), 2, "{:?}", stage.pushes());
}

/// What both see is pushed once: by the one that holds the store.
#[test]
fn disk_two_agents_on_one_folder_push_nothing_twice() {
    const SHAPES: usize = 120;
    let (stage, cart) = stage();
    let first = Agent::start(&stage, &[]);
    let second = Agent::start_second(&stage);
    second.wait_for("until that ends, this one pushes nothing");
    let ask_all = |from: usize| {
        for number in from..from + SHAPES {
            ask(&cart, &format!("/{}/{}", word(number), word(10_000 + number)));
        }
    };
    ask_all(0);
    first.until("all are there", || stage.listed("cart").len() == SHAPES);
    // The socket is the second one's: what it learned waits.
    second.until("the second one knows them", || second.service("shop/cart")["waiting"] == SHAPES);
    let log = first.stop();
    assert_eq!(log.matches("Pushed endpoint to dev website").count(), SHAPES);
    assert!(!second.log().contains("Pushed endpoint"), "{}", second.log());
    second.wait_for("everything is kept on disk again");
    second.until("nothing waits", || second.service("shop/cart")["waiting"] == 0);
    ask_all(SHAPES);
    second.until("it has taken over", || stage.listed("cart").len() == 2 * SHAPES);
    second.stop();
    let mut added: Vec<_> = stage.calls(Call::Add).iter().flat_map(added).collect();
    assert_eq!(added.len(), 2 * SHAPES, "each was added once");
    added.sort();
    added.dedup();
    assert_eq!(added.len(), 2 * SHAPES);
    stage.assert_contract();
}

/// The paths that a call adds.
fn added(call: &stand_in::Recorded) -> Vec<String> {
    let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
    let mut paths = Vec::new();
    collect_paths(&body, &mut paths);
    paths
}

fn collect_paths(value: &serde_json::Value, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(all) => all.iter().for_each(|one| collect_paths(one, paths)),
        serde_json::Value::Object(fields) => {
            paths.extend(fields.get("endpoint").and_then(|path| path.as_str()).map(str::to_owned));
            fields.values().for_each(|one| collect_paths(one, paths));
        }
        _ => {}
    }
}

#[test]
fn disk_a_second_agent_that_ends_gives_the_socket_back() {
    let (stage, _cart) = stage();
    let first = Agent::start(&stage, &[]);
    let second = Agent::start_second(&stage);
    assert!(store(&second).contains("in use by another process"));
    // It leaves its socket behind.
    second.kill();
    let socket = stage.path("state/agent.sock");
    first.until("the first one answers again", || UnixStream::connect(&socket).is_ok());
    assert!(store(&first).starts_with("open, "));
    first.stop();
    assert!(!socket.exists(), "it takes its socket away");
}

/// A file system of its own at the state folder.
struct Mount(PathBuf);

impl Mount {
    fn new(stage: &Stage, arguments: &[&str]) -> Mount {
        let path = stage.path("state");
        fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount").args(arguments).arg(&path).status().unwrap();
        assert!(mounted.success(), "this test mounts a tmpfs: run it as root");
        Mount(path)
    }

    fn remount(&self, options: &str) {
        mount_with(&format!("remount,{options}"), &self.0);
    }
}

fn mount_with(options: &str, path: &Path) {
    let done = Command::new("mount").args(["-o", options]).arg(path).status().unwrap();
    assert!(done.success(), "mount -o {options}");
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
