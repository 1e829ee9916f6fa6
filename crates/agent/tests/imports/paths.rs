//! The paths that a file names: those of its `use` items, and every other `a::b`.

use std::collections::BTreeSet;

use super::words;

/// What a file names.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// The child modules that it declares.
    pub(crate) children: BTreeSet<String>,
    /// Those of them that are for tests only.
    pub(crate) tests: BTreeSet<String>,
    /// The paths that it uses.
    pub(crate) used: Vec<Vec<String>>,
    /// What it hands on by `pub use`: the name for others (`*` for all of a module), and the path.
    pub(crate) handed_on: Vec<(String, Vec<String>)>,
}

/// Reads the text of a file. What is for tests only is passed over.
pub(crate) fn read(text: &str) -> Paths {
    let words = words::split(text);
    let (mut paths, mut plain) = (Paths::default(), BTreeSet::new());
    let (mut at, mut public) = (0, false);
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1).copied().unwrap_or_default();
        match *word {
            "#" if words[at..].starts_with(&["#", "[", "cfg", "(", "test", ")", "]"]) => {
                let end = at + item(&words[at..]);
                paths.tests.extend(words[at..end].windows(3).find_map(declared));
                at = end;
            }
            "pub" => {
                at += 1 + if next == "(" { 1 + until(&words[at + 1..], ")") } else { 0 };
                public = true;
                continue;
            }
            "mod" => {
                paths.children.extend(words[at..].get(..3).and_then(declared));
                at += 1;
            }
            "use" => {
                let end = at + until(&words[at..], ";");
                for (name, path) in tree(&words[at + 1..end], &[]) {
                    match public {
                        true => paths.handed_on.push((name, path)),
                        false => paths.used.push(path),
                    }
                }
                at = end;
            }
            _ if next == "::" => {
                let mut path = vec![(*word).to_owned()];
                while words.get(at + 1) == Some(&"::") && words.get(at + 2).is_some_and(|next| is_name(next))
                {
                    path.push(words[at + 2].to_owned());
                    at += 2;
                }
                plain.insert(path[0].clone());
                paths.used.push(path);
                at += 1;
            }
            word => {
                plain.insert(word.to_owned());
                at += 1;
            }
        }
        public = false;
    }
    // What is handed on and used too is an import.
    let used = paths.handed_on.iter().filter(|(name, _)| plain.contains(name)).map(|(_, path)| path.clone());
    paths.used.extend(used.collect::<Vec<_>>());
    paths
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The name in `mod name;`.
fn declared(words: &[&str]) -> Option<String> {
    matches!(words, ["mod", _, ";"]).then(|| words[1].to_owned())
}

/// The place of a word; that of the end if it is not there.
fn until(words: &[&str], end: &str) -> usize {
    words.iter().position(|word| *word == end).unwrap_or(words.len())
}

/// The length of an item with its attributes: to its semicolon, or to the end of its braces.
fn item(words: &[&str]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        depth += i32::from(["{", "(", "["].contains(word)) - i32::from(["}", ")", "]"].contains(word));
        if depth == 0 && [";", "}"].contains(word) {
            return at + 1;
        }
    }
    words.len()
}

/// The names and paths of a tree of `use`: `a::{b, c as d}` has `b` and `d`.
fn tree(words: &[&str], before: &[String]) -> Vec<(String, Vec<String>)> {
    let mut path = before.to_vec();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match *word {
            "::" => {}
            "{" => {
                return branches(&words[at + 1..words.len() - 1])
                    .into_iter()
                    .flat_map(|branch| tree(branch, &path))
                    .collect();
            }
            "as" => return vec![(words[at + 1].to_owned(), path)],
            "self" if !path.is_empty() => {}
            name => path.push(name.to_owned()),
        }
        at += 1;
    }
    path.last().cloned().map(|name| (name, path)).into_iter().collect()
}

/// Splits at the commas that stand in no braces.
fn branches<'a, 'w>(words: &'a [&'w str]) -> Vec<&'a [&'w str]> {
    let mut depth = 0;
    let all = words.split(|word| {
        depth += i32::from(*word == "{") - i32::from(*word == "}");
        depth == 0 && *word == ","
    });
    all.filter(|branch| !branch.is_empty()).collect()
}

#[test]
fn paths_are_read_from_the_text() {
    let paths = read(
        "mod child;\npub(crate) use child::{Made, Other as Else};\nuse super::{self, a::{self, B}};\n\
         #[cfg(test)]\nmod planted;\n\
         fn f(x: crate::c::D) -> Made { child::g::<u8>() }\n\
         #[cfg(test)]\nmod tests { use super::*; }\n",
    );
    let path = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(paths.children.iter().collect::<Vec<_>>(), ["child"]);
    assert_eq!(paths.tests.iter().collect::<Vec<_>>(), ["planted"]);
    let used = ["super", "super::a", "super::a::B", "crate::c::D", "child::g", "child::Made"].map(path);
    assert_eq!(paths.used, used);
    let handed_on = [("Made", "child::Made"), ("Else", "child::Other")];
    assert_eq!(paths.handed_on, handed_on.map(|(name, whole)| (name.to_owned(), path(whole))));
}
