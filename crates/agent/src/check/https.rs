//! Whether HTTPS can be read, where that is asked for: the ladder of rights, and what a running agent has found.

use std::path::Path;

use super::row::Row;
use crate::node::ladder::{self, Rung};
use crate::run::{self, TlsLine};

const SUBJECT: &str = "https";

/// A row for each need, and for each process that the agent with this state has looked at; none where nobody asks for it.
pub(super) fn rows(asked: bool, state: &Path) -> Vec<Row> {
    if !asked {
        return Vec::new();
    }
    let needs = ladder::of_tls();
    let found = run::tls_lines(state);
    needs.iter().map(need).chain(found.iter().map(line)).collect()
}

fn need(rung: &Rung) -> Row {
    let finding = format!("{} (Linux {})", rung.need, rung.oldest);
    match &rung.missing {
        None => Row::ok(SUBJECT, finding),
        Some(why) => Row::error(
            SUBJECT,
            format!("{finding}: {why}"),
            format!("{}; the component deploy/tls gives what it takes", rung.cost),
        ),
    }
}

fn line(line: &TlsLine) -> Row {
    if line.wrong {
        Row::warning(SUBJECT, &*line.text, "docs/https.md says which libraries are read")
    } else {
        Row::ok(SUBJECT, &*line.text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn a_missing_right_is_an_error_with_its_cost_and_a_foreign_library_a_warning() {
        let rung = |missing: Option<&str>| Rung {
            mode: "https",
            need: "CAP_SYS_PTRACE",
            oldest: "2.2",
            missing: missing.map(str::to_owned),
            cost: "nothing is found",
        };
        assert_eq!(need(&rung(None)), Row::ok(SUBJECT, "CAP_SYS_PTRACE (Linux 2.2)"));
        let missing = need(&rung(Some("missing")));
        assert_eq!((missing.state, &*missing.finding), (State::Error, "CAP_SYS_PTRACE (Linux 2.2): missing"));
        assert!(missing.remedy.unwrap().starts_with("nothing is found; "));
        let states = [false, true].map(|wrong| line(&TlsLine { text: "x".into(), wrong }).state);
        assert_eq!(states, [State::Ok, State::Warning]);
    }

    #[test]
    fn nothing_is_said_where_nobody_asks() {
        assert!(rows(false, Path::new("/none")).is_empty());
    }
}
