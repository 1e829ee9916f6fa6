//! Shows captured text to people.

/// Characters of a path, name or value that are shown.
pub(super) const BRIEF: usize = 256;

/// Returns at most [`BRIEF`] characters of `text`, see [`shown`].
pub(super) fn brief(text: &str) -> String {
    shown(text, BRIEF)
}

/// Returns at most `most` characters of `text`, and says how many were left out. Characters that do not show as themselves,
/// or change how others show, are escaped: control characters, marks of direction, invisible and combining ones. Line breaks
/// stay.
pub(super) fn shown(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(2 * most));
    for character in text.chars().take(most) {
        match character {
            '"' | '\'' | '\\' | '\n' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    let left = text.chars().skip(most).count();
    if left > 0 {
        shown.push_str(&format!("… ({left} more characters)"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_misleads_is_escaped() {
        assert_eq!(brief("/a\u{202e}b\u{200b}\u{1b}[2J\r"), "/a\\u{202e}b\\u{200b}\\u{1b}[2J\\r");
        assert_eq!(brief("{\"n\": 'é'}\n</script>"), "{\"n\": 'é'}\n</script>");
        // Combining marks that would run over the lines above and below.
        assert_eq!(brief("e\u{301}\u{301}"), "e\\u{301}\\u{301}");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let text = brief(&"/x".repeat(4096));
        assert!(text.starts_with("/x/x") && text.ends_with("… (7936 more characters)"), "{text}");
        assert!(text.len() < 300);
    }
}
