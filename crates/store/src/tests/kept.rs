//! What survives a restart, a crash and a disk that fails.

use std::fs;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use identify::ServiceName;
use inventory::{Instance, LearnedMapping, Settings, State, Verdict};
use redact::Repeats;
use redact::by_hand::Exchange;
use tempfile::TempDir;

use crate::store::{RETRY_HELD, Store};
use crate::testing::{WAIT, at, due, due_names, exchange, folder, load, load_with, mapping, outcome, push};
use crate::{KeptInventory, Options, StoreStatus};

fn open(dir: &Path) -> KeptInventory {
    let (inventory, report) = load(dir);
    assert_eq!((report.damaged, report.newer, report.warnings), (0, 0, Vec::new()));
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
    inventory
}

/// Returns what a crash at this moment would leave.
fn crash(inventory: KeptInventory, dir: &Path) -> TempDir {
    let copy = folder();
    fs::copy(dir.join("inventory.redb"), copy.path().join("inventory.redb")).unwrap();
    drop(inventory);
    copy
}

#[test]
fn kill_between_flushes_loses_only_what_came_since() {
    let dir = folder();
    let mut inventory = open(dir.path());
    for template in ["/pushed", "/aside", "/later", "/waiting"] {
        inventory.see(exchange("cart", "GET", template, at(1)));
    }
    let items = due(&mut inventory, at(1));
    for item in &items {
        let verdict = match item.key.template.as_str() {
            "/pushed" => Verdict::Pushed,
            "/aside" => Verdict::SetAside { reason: "422".into() },
            "/later" => Verdict::Later { reason: "503".into(), not_before: at(90) },
            _ => continue,
        };
        inventory.conclude(outcome(item, verdict), at(1));
    }
    let report = inventory.flush(at(1), WAIT);
    assert_eq!((report.written, report.unsaved), (4, 0));
    inventory.see(exchange("cart", "GET", "/unsaved", at(1)));
    let copy = crash(inventory, dir.path());
    let mut inventory = open(copy.path());
    assert_eq!(inventory.len(), 4);
    assert!(inventory.balanced());
    assert_eq!(due_names(&mut inventory, at(89)), ["GET /waiting"], "what was in flight is due again");
    assert_eq!(due_names(&mut inventory, at(90)), ["GET /later"]);
    let aside = inventory.find("/aside")[0];
    assert_eq!(inventory.state(aside, at(1), mapping), State::SetAside("422".into()));
}

#[test]
fn counters_are_written_once_a_minute_and_at_the_end() {
    let dir = folder();
    let mut inventory = open(dir.path());
    let users = exchange("cart", "GET", "/users", at(100));
    let repeats = Repeats { fingerprint: users.fingerprint, count: 5, last: at(101) };
    inventory.see(users);
    assert_eq!(inventory.flush(at(100), WAIT).written, 1);
    inventory.repeat(repeats);
    let report = inventory.flush(at(101), WAIT);
    assert_eq!((report.written, report.unsaved), (0, 1));
    assert_eq!(inventory.flush(at(160), WAIT).written, 1);
    inventory.repeat(repeats);
    assert_eq!(inventory.flush_all(at(161), WAIT).written, 1);
    assert_eq!(inventory.flush_all(at(162), WAIT).written, 0);
    drop(inventory);
    let inventory = open(dir.path());
    let endpoint = inventory.endpoints().next().unwrap();
    assert_eq!(endpoint.record.counts.requests, 11);
    assert_eq!(endpoint.statuses().collect::<Vec<_>>(), [(200, 11)]);
    assert!(inventory.balanced());
}

#[test]
fn what_is_forgotten_is_removed_from_disk() {
    let dir = folder();
    let settings = Settings { endpoints_per_service: 10, ..Settings::default() };
    let (mut inventory, _) = KeptInventory::open(dir.path(), Options::default(), settings);
    for n in 0..100 {
        let guess = exchange("cart", "GET", &format!("/guess{n}"), at(n));
        inventory.see(Exchange { status: Some(404), ..guess });
        inventory.flush_all(at(n), WAIT);
    }
    drop(inventory);
    assert_eq!(open(dir.path()).len(), 10);
}

#[test]
fn learned_names_and_settle_time_survive() {
    let dir = folder();
    let mut inventory = open(dir.path());
    for name in ["a", "b", "c", "d", "e"] {
        inventory.see(exchange("cart", "GET", &format!("/users/{name}"), at(1)));
    }
    push(&mut inventory, at(1));
    inventory.flush(at(1), WAIT);
    drop(inventory);
    let mut inventory = open(dir.path());
    let sighting = inventory.see(exchange("cart", "GET", "/users/a", at(2)));
    assert!(!sighting.new && !sighting.learned.any());
    let page = Exchange {
        response_type: Some("text/html".into()),
        length: Some(500),
        ..exchange("cart", "GET", "/users/f", at(2))
    };
    let sighting = inventory.see(page);
    assert_eq!(sighting.hold, Some(State::Settling { until: at(32) }));
    inventory.flush(at(2), WAIT);
    drop(inventory);
    let mut inventory = open(dir.path());
    assert!(due(&mut inventory, at(31)).is_empty());
    assert_eq!(due_names(&mut inventory, at(32)), ["GET /users/f"]);
}

#[test]
fn learned_mappings_are_kept_and_forgotten_with_the_endpoints() {
    let dir = folder();
    let mut inventory = open(dir.path());
    let service = |name: &str| ServiceName { namespace: "shop".into(), name: name.into() };
    let mapping = |app: &str| LearnedMapping {
        instance: Instance { app: app.into(), instance: "i".into() },
        learned_at: Some(at(7)),
        created: true,
    };
    for name in ["cart", "pay"] {
        assert!(inventory.learn_mapping(service(name), mapping(name)));
    }
    assert_eq!(inventory.flush(at(1), WAIT).unsaved, 0);
    drop(inventory);
    let mut inventory = open(dir.path());
    assert_eq!(inventory.learned_mappings().count(), 2);
    assert_eq!(inventory.learned_mapping(&service("cart")), Some(&mapping("cart")));
    inventory.forget_mapping(&service("cart"));
    inventory.learn_mapping(service("pay"), mapping("other"));
    inventory.flush(at(1), WAIT);
    drop(inventory);
    let inventory = open(dir.path());
    let all: Vec<_> =
        inventory.learned_mappings().map(|(service, found)| (service.name.as_str(), found)).collect();
    assert_eq!(all, [("pay", &mapping("other"))]);
}

#[test]
fn disk_in_use_is_waited_for_in_memory_and_then_merged() {
    let dir = folder();
    let mut first = open(dir.path());
    first.see(exchange("cart", "GET", "/both", at(1)));
    first.see(exchange("cart", "GET", "/first", at(1)));
    push(&mut first, at(1));
    first.flush(at(1), WAIT);

    let options = Options { wait: Duration::from_millis(150), ..Options::default() };
    let (mut second, report) = load_with(dir.path(), options);
    assert_eq!(report.endpoints, 0);
    let Some(StoreStatus::Away(reason)) = second.store_status() else { panic!() };
    assert!(reason.contains("in use by another process"), "{reason}");
    let query = vec![("new".to_owned(), "1".to_owned())];
    let both = Exchange { query, ..exchange("cart", "GET", "/both", at(2)) };
    second.see(both);
    second.see(exchange("cart", "GET", "/second", at(2)));
    assert_eq!(second.flush(at(2), WAIT).unsaved, 2);

    drop(first);
    let later = at(3) + RETRY_HELD;
    assert_eq!(second.flush(later, WAIT).unsaved, 0);
    assert_eq!(second.store_status(), Some(StoreStatus::Open));
    assert!(second.balanced());
    assert_eq!(second.find("/both")[0].record.counts.requests, 2);
    assert_eq!(due_names(&mut second, later), ["GET /second"], "the others were pushed before");
    assert_eq!(
        due_names(&mut second, later + Duration::from_secs(60)),
        ["GET /both"],
        "and this is the update"
    );
    drop(second);
    assert_eq!(open(dir.path()).len(), 3);
}

#[test]
fn disk_file_that_is_lost_is_written_anew() {
    let dir = folder();
    let mut inventory = open(dir.path());
    inventory.see(exchange("cart", "GET", "/users", at(1)));
    inventory.flush(at(1), WAIT);
    fs::remove_file(dir.path().join("inventory.redb")).unwrap();
    inventory.store = Some(Store::open(dir.path(), Options::default()));
    assert_eq!(inventory.flush(at(2), WAIT).written, 1);
    drop(inventory);
    assert_eq!(open(dir.path()).len(), 1);
}

/// Root only, since it mounts a file system of two megabytes.
#[test]
fn disk_full_goes_on_in_memory_and_is_written_when_there_is_room() {
    let disk = SmallDisk::mount();
    let dir = disk.0.path().join("state");
    let filler = disk.0.path().join("filler");
    let mut inventory = open(&dir);
    for n in 0..10 {
        inventory.see(exchange("cart", "GET", &format!("/a{{x}}/{n}"), at(1)));
    }
    inventory.flush(at(1), WAIT);
    let _ = fs::write(&filler, vec![1; 8 << 20]);
    for n in 0..4000 {
        inventory.see(exchange("cart", "GET", &format!("/b{{x}}/{n}"), at(1)));
    }
    assert_eq!(inventory.flush(at(2), WAIT).unsaved, 4000);
    let Some(StoreStatus::Away(reason)) = inventory.store_status() else { panic!() };
    assert!(reason.contains("No space left"), "{reason}");
    assert_eq!(inventory.flush(at(3), WAIT).unsaved, 4000);
    assert_eq!(push(&mut inventory, at(60)).len(), 4010, "it goes on in memory");

    fs::remove_file(&filler).unwrap();
    disk.grow();
    let report = inventory.flush(at(100), WAIT);
    assert_eq!((report.unsaved, report.load.warnings), (0, Vec::new()));
    drop(inventory);
    let mut inventory = open(&dir);
    assert_eq!(inventory.len(), 4010);
    assert!(due(&mut inventory, at(100)).is_empty());
}

/// A file system of two megabytes.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let dir = folder();
        let mounted = run("mount", &["-t", "tmpfs", "-o", "size=2m", "tmpfs"], dir.path());
        assert!(mounted, "this test mounts a tmpfs: run it as root");
        SmallDisk(dir)
    }

    fn grow(&self) {
        assert!(run("mount", &["-o", "remount,size=64m"], self.0.path()));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &["-l"], self.0.path());
    }
}

fn run(program: &str, arguments: &[&str], path: &Path) -> bool {
    let quiet = Command::new(program).args(arguments).arg(path).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

const KILL_DIR: &str = "TRAFFIC_MONITOR_TEST_KILL_DIR";

/// The process that is killed: learns, pushes and flushes as fast as it can, and says how far it came.
#[test]
#[ignore = "a child of another test"]
fn child_to_kill() {
    let Some(dir) = std::env::var_os(KILL_DIR) else { return };
    let mut inventory = open(Path::new(&dir));
    let begin = inventory.len();
    for n in begin.. {
        inventory.see(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), at(1)));
        if n % 3 == 0 {
            assert_eq!(inventory.flush(at(1), WAIT).unsaved, 0);
            writeln!(stdout(), "learned {n}").unwrap();
        }
        if n % 10 == 0 {
            push(&mut inventory, at(100));
            inventory.flush(at(1), WAIT);
            writeln!(stdout(), "pushed {n}").unwrap();
        }
    }
}

#[test]
fn kill_at_any_moment_loses_nothing_that_was_flushed() {
    let dir = folder();
    let (mut learned, mut pushed) = (None, None);
    for round in 0..8_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "tests::kept::child_to_kill", "--nocapture"])
            .env(KILL_DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let wanted = 5 + round * 7 % 23;
        let mut count = |line: String| {
            // The first line of the test harness stands before ours on the same line.
            let mut words = line.split_whitespace().rev();
            let n = words.next().and_then(|word| word.parse::<usize>().ok());
            match (words.next(), n) {
                (Some("learned"), n @ Some(_)) => learned = n,
                (Some("pushed"), n @ Some(_)) => pushed = n,
                _ => return 0,
            }
            1
        };
        let mut seen = 0;
        while seen < wanted {
            seen += count(lines.next().expect("the child ended by itself"));
        }
        // The child goes on for a moment, longer in each round. Nothing is yielded: on a busy machine the child would come to
        // the limit of a Service meanwhile.
        (0..round * 20_000).for_each(|_| std::hint::spin_loop());
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            count(line);
        }
        let mut inventory = open(dir.path());
        assert!(inventory.len() > learned.unwrap(), "{} {learned:?}", inventory.len());
        assert!(inventory.balanced());
        let repeated = due(&mut inventory, at(1000));
        let number = |template: &str| template.split(['n', '/']).find_map(|part| part.parse::<usize>().ok());
        assert!(repeated.iter().all(|item| number(&item.key.template) > pushed), "pushed again");
    }
}
