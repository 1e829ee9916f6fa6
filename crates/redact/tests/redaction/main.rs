//! How much leaks, and how much is harmed: values of every kind in every structure, made up from seeds.
//!
//! The values of the second side are kept apart: they have other seeds, and the names around them are others. Whoever
//! changes the rules looks at what fails on the first side, and of the second at the figures alone.

extern crate traffic_monitor_redact as redact;

mod chance;
mod credentials;
mod harmless;
mod measure;
mod names;
mod persons;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../../fuzz/src/posted.rs"]
mod posted;
mod requests;
mod structures;
mod table;

use std::collections::BTreeMap;
use std::io::Write;

use chance::Chance;
use structures::{ALONE, NAMED, Planted, Structure};

/// Kinds that nothing but their name tells from ids and words.
const BY_NAME: [&str; 1] = ["Postmark"];

/// Which values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Own,
    Apart,
}

impl Side {
    fn chance(self, salt: usize) -> Chance {
        let side = if self == Side::Own { 0 } else { 1 << 40 };
        Chance::new(side + 7919 * salt as u64 + 1)
    }

    /// Harmless names around a value.
    fn inner(self, chance: &mut Chance) -> &'static str {
        chance.pick(match self {
            Side::Own => &["current", "value", "code", "primary"],
            Side::Apart => &["latest", "raw", "main", "x"],
        })
    }
}

/// So many were tried, and so many failed, by kind and structure.
#[derive(Default)]
struct Count {
    tried: usize,
    failed: BTreeMap<(String, String), usize>,
    examples: Vec<String>,
}

impl Count {
    fn add(&mut self, kind: &str, structure: &str, failed: bool, example: impl FnOnce() -> String) {
        self.tried += 1;
        if failed {
            *self.failed.entry((kind.to_owned(), structure.to_owned())).or_default() += 1;
            self.examples.push(example());
        }
    }

    fn failures(&self) -> usize {
        self.failed.values().sum()
    }

    fn rate(&self) -> f64 {
        self.failures() as f64 * 100.0 / self.tried.max(1) as f64
    }

    fn by(&self, which: impl Fn(&(String, String)) -> &String) -> Vec<(String, usize)> {
        let mut sums: BTreeMap<String, usize> = BTreeMap::new();
        for (key, failed) in &self.failed {
            *sums.entry(which(key).clone()).or_default() += failed;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(_, failed)| std::cmp::Reverse(*failed));
        sums
    }
}

/// All figures of one side.
struct Figures {
    names: Count,
    persons_by_name: Count,
    credentials: Count,
    persons: Count,
    harm: Count,
}

fn try_one(
    count: &mut Count,
    kind: &str,
    (structure, make): (&str, Structure),
    planted: &Planted<'_>,
    needle: &str,
) {
    let Some(request) = make(planted) else { return };
    let leaves = measure::leaves(&request);
    let failed = measure::has(&leaves, needle);
    count.add(kind, structure, failed, || {
        format!("{kind} in {structure}: {} = {:?} gives {leaves:?}", planted.name, planted.value)
    });
}

/// Names with values in all structures that name them.
fn named(side: Side, lists: &[(&[&str], &[credentials::Maker])], rounds: usize) -> Count {
    let mut count = Count::default();
    let all = lists.iter().flat_map(|(names, makers)| names.iter().map(move |name| (*name, *makers)));
    for (salt, (name, makers)) in all.enumerate() {
        let mut chance = side.chance(salt);
        for _ in 0..rounds {
            for structure in NAMED {
                let value = chance.pick(makers)(&mut chance);
                let planted = Planted { name, value: &value, inner: side.inner(&mut chance) };
                try_one(&mut count, name, *structure, &planted, &value);
            }
        }
    }
    count
}

/// Forms in all structures, under harmless names.
fn alone(side: Side, kinds: &[(&str, credentials::Maker)], rounds: usize) -> Count {
    let mut count = Count::default();
    for (salt, (kind, make)) in kinds.iter().enumerate() {
        let mut chance = side.chance(1000 + salt);
        for _ in 0..rounds {
            for structure in if BY_NAME.contains(kind) { NAMED } else { ALONE } {
                let value = make(&mut chance);
                let planted = Planted { name: "token", value: &value, inner: side.inner(&mut chance) };
                try_one(&mut count, kind, *structure, &planted, &credentials::needle(kind, &value));
            }
        }
    }
    count
}

/// Where harmless values stand.
const HARMLESS: [&str; 9] =
    ["query", "query, nested", "header", "JSON", "JSON, nested", "form", "XML", "YAML", "JSON in a string"];

fn harm(side: Side, rounds: usize) -> Count {
    let mut count = Count::default();
    for (salt, (kind, names, make)) in harmless::ALL.iter().enumerate() {
        let mut chance = side.chance(2000 + salt);
        for _ in 0..rounds {
            for (structure, build) in NAMED.iter().filter(|(structure, _)| HARMLESS.contains(structure)) {
                for name in *names {
                    let value = make(&mut chance);
                    let Some(request) = build(&Planted { name, value: &value, inner: "x" }) else { continue };
                    let mut leaves = measure::leaves(&request);
                    // In its name a value is always found.
                    if name.contains(&value) {
                        leaves.iter_mut().for_each(|leaf| *leaf = leaf.replace(name, ""));
                    }
                    count.add(kind, structure, !measure::has(&leaves, &value), || {
                        format!("{kind} in {structure}: {name} = {value:?} gives {leaves:?}")
                    });
                }
            }
        }
    }
    count
}

fn figures(side: Side, rounds: usize) -> Figures {
    Figures {
        names: named(side, names::CREDENTIALS, rounds),
        persons_by_name: named(side, names::PERSONAL, rounds),
        credentials: alone(side, &credentials::all(), 2 * rounds),
        persons: alone(side, persons::ALL, 2 * rounds),
        harm: harm(side, rounds),
    }
}

impl Figures {
    fn counts(&self) -> [(&'static str, &Count); 5] {
        [
            ("credentials by name", &self.names),
            ("personal data by name", &self.persons_by_name),
            ("credentials by form", &self.credentials),
            ("personal data by form", &self.persons),
            ("harmless values", &self.harm),
        ]
    }

    /// Leaks of all values that had to go, in percent.
    fn leaks(&self) -> f64 {
        let counts = &self.counts()[..4];
        let tried: usize = counts.iter().map(|(_, count)| count.tried).sum();
        let failed: usize = counts.iter().map(|(_, count)| count.failures()).sum();
        failed as f64 * 100.0 / tried as f64
    }
}

fn print(side: Side, figures: &Figures) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{side:?}: {:.3} % leaked, {:.3} % harmed", figures.leaks(), figures.harm.rate());
    for (title, count) in figures.counts() {
        let _ = writeln!(
            out,
            "  {title}: {} of {} failed ({:.3} %)",
            count.failures(),
            count.tried,
            count.rate()
        );
        // Of what is kept apart, figures alone.
        if side == Side::Own {
            for list in [count.by(|key| &key.0), count.by(|key| &key.1)] {
                let worst: Vec<_> =
                    list.iter().take(40).map(|(what, failed)| format!("{what} {failed}")).collect();
                let _ = writeln!(out, "    {}", worst.join(", "));
            }
            for example in count.examples.iter().step_by(count.examples.len() / 12 + 1) {
                let _ = writeln!(out, "    {}", example.chars().take(400).collect::<String>());
            }
        }
    }
}

/// The most that may leak of all values that have to go, in percent.
const MOST_LEAKED: f64 = 0.1;

/// The most that may leak of known forms and of random text, in percent: letters by chance can look like a word.
const MOST_KNOWN: f64 = 0.1;

/// The most that may leak of values under the names of credentials, in percent.
const NONE: f64 = 0.0;

/// The most that may leak of personal data by name and by form, in percent: with other names around them, some look like ids.
const MOST_PERSONAL: f64 = 0.3;

/// The most harmless values that may be harmed, in percent.
const MOST_HARMED: f64 = 1.0;

#[track_caller]
fn holds(side: Side, figures: &Figures) {
    print(side, figures);
    assert!(figures.names.rate() <= NONE, "names of credentials leak");
    assert!(figures.credentials.rate() < MOST_KNOWN, "known forms leak");
    for (what, count) in [("by name", &figures.persons_by_name), ("by form", &figures.persons)] {
        assert!(count.rate() < MOST_PERSONAL, "{} % of personal data {what} leak", count.rate());
    }
    assert!(figures.leaks() < MOST_LEAKED, "{} % leak", figures.leaks());
    assert!(figures.harm.rate() < MOST_HARMED, "{} % are harmed", figures.harm.rate());
}

/// The small version: each kind a few times.
#[test]
fn leaks_and_harm_stay_low() {
    for side in [Side::Own, Side::Apart] {
        holds(side, &figures(side, 1));
    }
}

/// The full version, for `tests/redaction/run`.
#[test]
#[ignore = "takes minutes: tests/redaction/run runs it"]
fn all_figures() {
    for side in [Side::Own, Side::Apart] {
        holds(side, &figures(side, 12));
    }
}

/// What the redactor does not touch is found: a measure that finds nothing would always hold.
#[test]
fn the_measure_finds_what_is_there() {
    let mut chance = Side::Own.chance(0);
    let value = chance.text(chance::LOWER, 9);
    let planted = Planted { name: "remark", value: &value, inner: "x" };
    let requests = NAMED.iter().filter_map(|(structure, make)| Some((*structure, make(&planted)?)));
    let lost: Vec<_> =
        requests.filter(|(_, request)| !measure::has(&measure::leaves(request), &value)).collect();
    let lost: Vec<_> = lost.iter().map(|(structure, _)| *structure).collect();
    // All cookies are replaced, and base64 is taken for a secret.
    assert!(lost.iter().all(|structure| *structure == "cookie" || structure.contains("base64")), "{lost:?}");
}
