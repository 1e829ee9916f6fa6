//! What is said to the user: lines that fit 80 columns.

use std::io::{self, Write};

/// How many columns are used.
const WIDTH: usize = 79;

/// Says a text, wrapped; lines after the first are indented by two more than it.
pub(super) fn say(text: &str) {
    put(&wrap(text));
}

/// Says something that may matter.
pub(super) fn warn(text: &str) {
    say(&format!("! {text}"));
}

/// A question, at whose end the answer is typed.
pub(super) fn ask(prompt: &str) {
    let mut out = io::stdout().lock();
    // As in `put`.
    let _ = write!(out, "{prompt}").and_then(|()| out.flush());
}

/// Prints as it is. That nobody reads is no failure: the file is what counts.
pub(super) fn put(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// A text of the platform's or the file's, as it may be shown, in at most this many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let shown: String = text.chars().flat_map(escaped).collect();
    if shown.chars().count() <= columns {
        return shown;
    }
    shown.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

fn escaped(c: char) -> Vec<char> {
    if ['"', '\'', '\\'].contains(&c) { vec![c] } else { c.escape_debug().collect() }
}

fn wrap(text: &str) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let mut lines = vec![" ".repeat(indent)];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let Some(line) = lines.last_mut() else { break };
        let begins = line.trim().is_empty();
        if begins || line.chars().count() + 1 + word.chars().count() <= WIDTH {
            line.push_str(if begins { "" } else { " " });
            line.push_str(word);
        } else {
            lines.push(format!("{}{word}", " ".repeat(indent + 2)));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_and_indented() {
        let text = format!("  {}", ["word"; 40].join(" "));
        let wrapped = wrap(&text);
        assert!(wrapped.lines().all(|line| line.chars().count() <= WIDTH), "{wrapped}");
        assert!(wrapped.starts_with("  word") && wrapped.contains("\n    word"));
        assert_eq!(wrapped.split_whitespace().count(), 40);
        assert_eq!(wrap("a"), "a");
        assert_eq!(wrap(""), "");
    }

    #[test]
    fn foreign_text_is_escaped_and_cut() {
        assert_eq!(cut("Żabka's \u{1b}[2J\n", 40), "Żabka's \\u{1b}[2J\\n");
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
