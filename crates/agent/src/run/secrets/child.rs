//! The child that finds the TLS libraries of monitored processes and has them probed, with only the rights that this takes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use capture::{Mapping, Probes};
use redact::printable;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::SendFlags;
use rustix::process::{Signal, set_parent_process_death_signal};

use super::files::{Files, Identity};
use super::finding::Finding;
use super::messages::{Attached, Channel, News, Order, Process, Seen};
use super::{opening, reader};
use crate::failure::Failure;
use crate::node::pids;
use crate::run::capture::rights;
use crate::run::confine;

/// The subcommand of the child.
pub(super) const TAKE: &str = "take-secrets";
/// After something new was there, processes are looked at again after these times: what starts loads its libraries by and by.
const SOON: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(10)];
/// How often they are looked at without a reason.
const EVERY: Duration = Duration::from_secs(30);
/// The most processes that are told.
const MAX_PROCESSES: usize = 200;
/// The longest name of a file that is told.
const MAX_NAME: usize = 48;

/// Runs until the agent ends.
pub(crate) fn take() -> Result<ExitCode, Failure> {
    // What it attached but has not handed over yet must not outlive the agent.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from)?;
    confine::taker();
    let channel = Channel::of(io::stdin().as_fd().try_clone_to_owned()?);
    let (probes, shared) = match Probes::load() {
        Ok(loaded) => loaded,
        Err(error) => {
            channel.send(&News::Failed(error.to_string()), &[], SendFlags::empty())?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    rights::keep(rights::TO_TAKE_SECRETS);
    let maps = [&shared.ring, &shared.monitored, &shared.counts, &shared.points].map(AsFd::as_fd);
    channel.send(&News::Loaded, &maps, SendFlags::empty())?;
    drop(shared);
    Child { channel, probes, files: Files::default(), on: false, looks: Vec::new() }.run()
}

struct Child {
    channel: Channel,
    probes: Probes,
    files: Files,
    /// Whether libraries are to be probed.
    on: bool,
    /// When to look.
    looks: Vec<Instant>,
}

impl Child {
    fn run(mut self) -> Result<ExitCode, Failure> {
        loop {
            let next = self.looks.iter().min().copied();
            let wait = next.map_or(EVERY, |next| next.saturating_duration_since(Instant::now()));
            let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
            let there =
                poll(&mut [PollFd::from_borrowed_fd(self.channel.socket(), PollFlags::IN)], Some(&wait));
            if there.map_err(io::Error::from)? > 0 {
                match self.channel.receive()? {
                    Some((order, _)) => self.follow(&order),
                    None => return Ok(ExitCode::SUCCESS),
                }
                continue;
            }
            let now = Instant::now();
            self.looks.retain(|look| *look > now);
            if self.on {
                self.look()?;
                if self.looks.is_empty() {
                    self.looks.push(Instant::now() + EVERY);
                }
            }
        }
    }

    fn follow(&mut self, order: &Order) {
        match order {
            Order::Probe(false) => {
                self.files.clear();
                (self.on, self.looks) = (false, Vec::new());
            }
            Order::Probe(true) => self.on = true,
            Order::Look => {}
        }
        if self.on {
            let now = Instant::now();
            self.looks = SOON.iter().map(|soon| now + *soon).collect();
        }
    }

    /// Looks at all processes of monitored cgroups: probes what is new, and lets go what is gone.
    fn look(&mut self) -> io::Result<()> {
        let mut report = Looked::default();
        match self.probes.mappings() {
            Err(error) => report.trouble(error.to_string()),
            Ok((mappings, whole)) => {
                if !whole {
                    report.trouble("more files are mapped than are looked at".into());
                }
                if mappings.is_empty() && !pids::are_the_nodes() {
                    report.trouble("no process of a monitored cgroup can be seen: hostPID is missing".into());
                }
                for (file, mapped) in by_file(&mappings) {
                    self.look_at(file, &mapped, &mut report)?;
                }
                for file in self.files.forget(Instant::now()) {
                    self.channel.send(&News::Detached(file), &[], SendFlags::empty())?;
                }
            }
        }
        self.channel.send(&News::Seen(report.seen()), &[], SendFlags::empty())
    }

    fn look_at(&mut self, file: Identity, mapped: &[&Mapping], report: &mut Looked) -> io::Result<()> {
        let processes: HashSet<u32> = mapped.iter().map(|mapping| mapping.process).collect();
        if !self.files.seen(file, processes.clone(), Instant::now())
            && let Err(error) = self.examine(file, mapped, processes)?
        {
            report.unopened(mapped, &error);
        }
        if let Some(known) = self.files.get(file) {
            mapped.iter().for_each(|mapping| report.add(mapping, &known.finding));
        }
        Ok(())
    }

    /// Opens a file, lets its library be found and has it probed. Gives why it could not be opened.
    fn examine(
        &mut self,
        identity: Identity,
        mapped: &[&Mapping],
        processes: HashSet<u32>,
    ) -> io::Result<Result<(), io::Error>> {
        let mut opened = Err(io::ErrorKind::NotFound.into());
        // One of them may end meanwhile.
        for mapping in mapped {
            opened = opening::open_file(mapping).map(|file| (mapping, file));
            if opened.is_ok() {
                break;
            }
        }
        let (mapping, file) = match opened {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        let found = reader::read(&file);
        let (mut finding, mut probed) = (found.finding.clone(), None);
        if let Finding::Library(library) = &found.finding {
            match self.files.number(found.points()) {
                None => {
                    finding = Finding::Unread(format!("{library}, and as many places as can be are probed"));
                }
                Some(numbered) => match self.probes.attach(file.as_fd(), &numbered.points) {
                    Err(error) => finding = Finding::Unread(format!("{library}: {error}")),
                    Ok(link) => {
                        let attached = Attached {
                            file: numbered.file,
                            name: format!("{}: {library}", name(&mapping.path)),
                            points: numbered.points.iter().map(|(number, _)| *number).collect(),
                        };
                        self.channel.send(&News::Attached(attached), &[link.as_fd()], SendFlags::empty())?;
                        probed = Some(numbered);
                    }
                },
            }
        }
        self.files.add(identity, (finding, probed), processes, Instant::now());
        Ok(Ok(()))
    }
}

/// Returns the mappings by file: first those whose names say that they are a TLS library, since somebody may wait.
fn by_file(mappings: &[Mapping]) -> Vec<(Identity, Vec<&Mapping>)> {
    let mut files: HashMap<Identity, Vec<&Mapping>> = HashMap::new();
    for mapping in mappings {
        files.entry(mapping.file).or_default().push(mapping);
    }
    let says = |mapping: &Mapping| {
        let name = name(&mapping.path);
        ["ssl", "tls"].iter().any(|word| name.contains(word))
    };
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_by_key(|(file, mapped)| (!mapped.first().is_some_and(|mapping| says(mapping)), *file));
    files
}

fn has_ended(process: u32) -> bool {
    std::fs::metadata(format!("/proc/{process}")).is_err()
}

/// Returns the last part of a path, for people.
fn name(path: &[u8]) -> String {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    printable(name.get(..MAX_NAME).unwrap_or(name)).into_owned()
}

/// What one look showed.
#[derive(Default)]
struct Looked {
    /// Of each cgroup, whether a library in it gives secrets; none while a file of it could not be opened.
    targets: BTreeMap<u32, Gives>,
    processes: BTreeMap<(u32, String, String), Finding>,
    /// Processes that have a file of which it is not known what is in it, or no library.
    others: BTreeMap<(u32, String), Finding>,
    unopened: BTreeMap<String, usize>,
    troubles: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gives {
    Nothing,
    Unknown,
    Secrets,
}

impl Looked {
    fn trouble(&mut self, why: String) {
        self.troubles.push(why);
    }

    fn add(&mut self, mapping: &Mapping, finding: &Finding) {
        let gives = if matches!(finding, Finding::Library(_)) { Gives::Secrets } else { Gives::Nothing };
        self.note(mapping.target, gives);
        let command = printable(&mapping.command).into_owned();
        match finding {
            Finding::None => drop(self.others.entry((mapping.target, command)).or_insert(Finding::None)),
            finding => {
                let key = (mapping.target, command, name(&mapping.path));
                self.processes.insert(key, finding.clone());
            }
        }
    }

    fn unopened(&mut self, mapped: &[&Mapping], error: &io::Error) {
        mapped.iter().for_each(|mapping| self.note(mapping.target, Gives::Unknown));
        let remedy = match error.kind() {
            io::ErrorKind::NotFound if mapped.iter().all(|mapping| has_ended(mapping.process)) => return,
            io::ErrorKind::PermissionDenied => {
                "; it takes CAP_SYS_PTRACE, for files without a path CAP_CHECKPOINT_RESTORE, and a security module that allows it"
            }
            _ => "",
        };
        *self.unopened.entry(format!("{error}{remedy}")).or_default() += 1;
    }

    fn note(&mut self, target: u32, gives: Gives) {
        let known = self.targets.entry(target).or_insert(gives);
        *known = gives.max(*known);
    }

    fn seen(self) -> Seen {
        let known = |(target, gives)| match gives {
            Gives::Nothing => Some((target, false)),
            Gives::Secrets => Some((target, true)),
            Gives::Unknown => None,
        };
        let with: HashSet<_> =
            self.processes.keys().map(|(target, command, _)| (*target, command.clone())).collect();
        let others = self.others.into_iter().filter(|(key, _)| !with.contains(key));
        let others = others.map(|((target, command), finding)| Process {
            target,
            command,
            file: String::new(),
            finding,
        });
        let processes = self.processes.into_iter().map(|((target, command, file), finding)| Process {
            target,
            command,
            file,
            finding,
        });
        let mut processes: Vec<_> = processes.chain(others).collect();
        let mut troubles = self.troubles;
        for (why, count) in self.unopened.into_iter().take(4) {
            troubles.push(format!("{count} files of monitored processes cannot be opened: {why}"));
        }
        if processes.len() > MAX_PROCESSES {
            troubles.push(format!("{} more processes are not listed", processes.len() - MAX_PROCESSES));
            processes.truncate(MAX_PROCESSES);
        }
        Seen { targets: self.targets.into_iter().filter_map(known).collect(), processes, troubles }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(target: u32, command: &str, path: &str, inode: u64) -> Mapping {
        Mapping {
            target,
            process: 1,
            command: command.into(),
            file: (1, inode),
            addresses: (0, 1),
            path: path.into(),
        }
    }

    #[test]
    fn a_cgroup_gives_nothing_only_where_all_of_its_files_are_known() {
        let mut looked = Looked::default();
        let library = Finding::Library("OpenSSL 3.0.17".into());
        looked.add(&mapping(1, "nginx", "/lib/libc.so.6", 1), &Finding::None);
        looked.add(&mapping(1, "nginx", "/lib/libssl.so.3", 2), &library);
        looked.add(&mapping(2, "app", "/lib/libc.so.6", 1), &Finding::None);
        looked.add(&mapping(3, "app", "/lib/libc.so.6", 1), &Finding::None);
        looked.unopened(&[&mapping(3, "app", "/app", 3)], &io::Error::from_raw_os_error(13));
        let seen = looked.seen();
        assert_eq!(seen.targets, [(1, true), (2, false)]);
        let shown = |process: &Process| {
            let Process { target, command, file, finding } = process;
            format!("{target} {command} {file} {finding}")
        };
        let shown: Vec<_> = seen.processes.iter().map(shown).collect();
        assert_eq!(shown[0], "1 nginx libssl.so.3 OpenSSL 3.0.17: can be read");
        assert_eq!(
            shown[1..],
            ["2 app  no TLS library that is known", "3 app  no TLS library that is known"]
        );
        assert!(seen.troubles[0].contains("CAP_SYS_PTRACE"), "{:?}", seen.troubles);
    }

    #[test]
    fn libraries_by_their_names_come_first() {
        let mappings = [
            mapping(1, "a", "/bin/a", 1),
            mapping(1, "a", "/lib/libssl.so.3", 2),
            mapping(2, "b", "/bin/a", 1),
        ];
        let files = by_file(&mappings);
        assert_eq!(
            files.iter().map(|((_, inode), mapped)| (*inode, mapped.len())).collect::<Vec<_>>(),
            [(2, 1), (1, 2)]
        );
    }

    #[test]
    fn names_are_of_a_stranger() {
        assert_eq!(name(b"/a/b\x1b[2J"), "b%1B[2J");
        assert!(name(&[b'x'; 500]).len() <= MAX_NAME);
    }
}
