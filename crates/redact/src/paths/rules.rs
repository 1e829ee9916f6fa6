//! Rules of people about paths, which win over all evidence.

use std::fmt;

use super::path::{Written, written};
use crate::owner::Owner;

/// The most steps of a rule.
const MAX_STEPS: usize = 32;

/// A rule about the paths of a Service, or of all: `/users/{login}`, `shop/cart /reports/*`.
///
/// - A word is that word, whatever stands beside it.
/// - `{name}` is a variable of this name.
/// - `*` stands for any step: words there are words, and not the values of a variable.
/// - `**` at the end stands for all that is deeper, in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRule {
    service: Option<Box<str>>,
    steps: Vec<Pattern>,
}

/// One step of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Word(Box<str>),
    Variable(Box<str>),
    Words,
    AllWords,
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPathRule(String);

impl fmt::Display for NoPathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoPathRule {}

impl std::str::FromStr for PathRule {
    type Err = NoPathRule;

    /// Reads a rule: a path as above, behind the name of a Service and a blank where it is about that one only.
    fn from_str(text: &str) -> Result<PathRule, NoPathRule> {
        let (service, path) = match text.trim().split_once(' ') {
            Some((service, path)) => (Some(service.into()), path.trim()),
            None => (None, text.trim()),
        };
        let Some(path) = path.strip_prefix('/') else {
            return Err(NoPathRule("a rule is a path that begins with /, as /users/{login}".into()));
        };
        let steps: Result<Vec<Pattern>, NoPathRule> =
            path.split('/').filter(|step| !step.is_empty()).map(pattern).collect();
        let steps = steps?;
        let deep = steps.iter().position(|step| *step == Pattern::AllWords);
        match steps.len() {
            0 => Err(NoPathRule("the path of a rule has at least one step".into())),
            len if len > MAX_STEPS => {
                Err(NoPathRule(format!("the path of a rule has at most {MAX_STEPS} steps")))
            }
            len if deep.is_some_and(|at| at + 1 < len) => Err(NoPathRule("** stands at the end only".into())),
            _ => Ok(PathRule { service, steps }),
        }
    }
}

fn pattern(step: &str) -> Result<Pattern, NoPathRule> {
    match (step, step.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'))) {
        ("*", _) => Ok(Pattern::Words),
        ("**", _) => Ok(Pattern::AllWords),
        (_, Some(name)) if is_name(name) => Ok(Pattern::Variable(name.into())),
        (word, None) if !word.contains(['{', '}', '*', '?']) => Ok(Pattern::Word(word.into())),
        _ => Err(NoPathRule(format!(
            "{} is no step of a rule: a word, {{name}} of letters and digits, * or **",
            step.escape_debug()
        ))),
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|one: char| one.is_ascii_alphabetic())
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The steps of a template that the platform has.
pub(crate) fn of_template(template: &str) -> Vec<Pattern> {
    let step = |step| match step {
        Written::Word(step) => Pattern::Word(step.word().into()),
        Written::Key(..) => Pattern::Variable("".into()),
    };
    written(template).into_iter().map(step).collect()
}

impl PathRule {
    /// The steps of the rules that are about an owner.
    pub(crate) fn of<'r>(rules: &'r [PathRule], owner: &Owner) -> Vec<&'r [Pattern]> {
        let about = |rule: &&PathRule| match (&rule.service, owner) {
            (None, _) => true,
            (Some(name), Owner::Service(service)) => service.name == **name || service.to_string() == **name,
            (Some(_), Owner::Address(_)) => false,
        };
        rules.iter().filter(about).map(|rule| rule.steps.as_slice()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_rule_and_what_is_not() {
        for text in ["/users/{login}", "cart /reports/*", "shop/cart /**", "/a/b/"] {
            assert!(text.parse::<PathRule>().is_ok(), "{text}");
        }
        for text in
            ["", "/", "users", "cart", "/a/{}", "/a/{b c}", "/**/a", "/a*", "/{?1f}", &"/a".repeat(33)]
        {
            assert!(text.parse::<PathRule>().is_err(), "{text}");
        }
    }
}
