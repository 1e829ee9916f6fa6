//! What is printed: columns that stay readable at 80 columns, or JSON.

use serde::Serialize;

use super::row::{Row, State};
use crate::failure::Failure;

/// How many columns are used.
const WIDTH: usize = 79;
/// Where the columns begin.
const SUBJECT: usize = 9;
const FINDING: usize = 24;

/// The rows as a table. What to do stands below a finding, and once below several that need the same.
pub(super) fn table(rows: &[Row]) -> String {
    let heads = ["STATE", "SUBJECT", "FINDING"];
    let mut text = format!("{}\n", line(heads[0], heads[1], heads[2]));
    text.push_str(&format!("{}WHAT TO DO\n", " ".repeat(SUBJECT)));
    for (at, row) in rows.iter().enumerate() {
        let [first, rest @ ..] = &wrap(&row.finding, WIDTH - FINDING)[..] else { continue };
        text.push_str(&line(row.state.name(), row.subject, first));
        text.push('\n');
        put(&mut text, FINDING, "", rest);
        let next = rows.get(at + 1).and_then(|next| next.remedy.as_ref());
        if let Some(remedy) = row.remedy.as_ref().filter(|remedy| next != Some(remedy)) {
            put(&mut text, SUBJECT, "-> ", &wrap(remedy, WIDTH - SUBJECT - 3));
        }
    }
    let [errors, warnings, ok] = [State::Error, State::Warning, State::Ok].map(|state| count(rows, state));
    text.push_str(&format!("\nerrors: {errors}, warnings: {warnings}, ok: {ok}\n"));
    text
}

#[derive(Serialize)]
struct Answer<'a> {
    errors: usize,
    warnings: usize,
    checks: &'a [Row],
}

/// The rows as JSON.
pub(super) fn json(rows: &[Row]) -> Result<String, Failure> {
    let answer =
        Answer { errors: count(rows, State::Error), warnings: count(rows, State::Warning), checks: rows };
    let text = serde_json::to_string_pretty(&answer).map_err(|error| Failure::new(error.to_string()))?;
    Ok(text + "\n")
}

/// Returns how many rows have this state.
pub(super) fn count(rows: &[Row], state: State) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

fn line(state: &str, subject: &str, finding: &str) -> String {
    format!("{state:<SUBJECT$}{subject:<width$}{finding}", width = FINDING - SUBJECT)
}

/// Adds lines at a column; the first begins with a mark, the others below what follows it.
fn put(text: &mut String, column: usize, mark: &str, lines: &[String]) {
    for (at, line) in lines.iter().enumerate() {
        let mark = if at == 0 { mark } else { &" ".repeat(mark.len()) };
        text.push_str(&format!("{}{mark}{line}\n", " ".repeat(column)));
    }
}

/// Lines of at most `width` columns, but for words that are longer. A command between backticks stays on one line if it
/// can, so that it can be copied.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(text, width) {
        let Some(last) = lines.last_mut() else { break };
        if last.is_empty() {
            *last = piece;
        } else if last.chars().count() + 1 + piece.chars().count() <= width {
            last.push(' ');
            last.push_str(&piece);
        } else {
            lines.push(piece);
        }
    }
    lines
}

/// The words of a text, with commands in one piece. Names that others chose are in it: what is not printable is escaped.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut inside = false;
    for word in text.split_whitespace() {
        let shown: String = word.chars().flat_map(escaped).collect();
        match pieces.last_mut() {
            Some(last) if inside && last.chars().count() + 1 + shown.chars().count() <= width => {
                last.push(' ');
                last.push_str(&shown);
            }
            _ => pieces.push(shown),
        }
        inside ^= word.matches('`').count() % 2 == 1;
    }
    pieces
}

fn escaped(c: char) -> Vec<char> {
    if ['"', '\'', '\\'].contains(&c) { vec![c] } else { c.escape_debug().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_below_and_once() {
        let renew = "copy it again";
        let rows = [
            Row::ok("kernel", "6.1"),
            Row::error("mapping", "cart: no application 'a'", renew),
            Row::error("mapping", "pay: no application 'b'", renew),
            Row::warning("clock", "6 min behind", "set it"),
        ];
        let expected = "\
STATE    SUBJECT        FINDING
         WHAT TO DO
ok       kernel         6.1
error    mapping        cart: no application 'a'
error    mapping        pay: no application 'b'
         -> copy it again
warning  clock          6 min behind
         -> set it

errors: 2, warnings: 1, ok: 1
";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn lines_fit_and_commands_stay_whole() {
        let command = "`kubectl get configmap -n kube-system traffic-monitor-config`";
        let long = ["word"; 30].join(" ");
        let rows = [Row::error("configuration", &long, format!("{long} {command} {long}"))];
        let text = table(&rows);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains(command), "{text}");
        assert_eq!(text.matches("word").count(), 90);
    }

    #[test]
    fn a_backtick_that_others_wrote_does_no_harm() {
        let text = format!("` {}", ["word"; 60].join(" "));
        assert!(wrap(&text, 55).iter().all(|line| line.chars().count() <= 55));
    }

    #[test]
    fn foreign_text_is_escaped() {
        let rows = [Row::ok("mapping", "a\u{1b}[2J\nb 'c'")];
        assert!(table(&rows).contains("a\\u{1b}[2J b 'c'"), "{}", table(&rows));
    }

    #[test]
    fn json_has_counts_and_rows() {
        let rows = [Row::ok("kernel", "6.1"), Row::error("key", "is missing", "set it")];
        let answer: serde_json::Value = serde_json::from_str(&json(&rows).unwrap()).unwrap();
        assert_eq!((&answer["errors"], &answer["warnings"]), (&1.into(), &0.into()));
        assert_eq!(
            answer["checks"][0],
            serde_json::json!({"state": "ok", "subject": "kernel", "finding": "6.1"})
        );
        assert_eq!(answer["checks"][1]["remedy"], "set it");
    }
}
