//! The name of a variable: the noun before it, in singular, in camel case.

/// The longest noun, in characters. Longer words are cut: a name is to be read.
const MAX_NOUN: usize = 40;

/// Words before a variable that say nothing about it.
const EMPTY: [&str; 6] = ["api", "apis", "rest", "public", "internal", "id"];

/// Plurals (and singulars that look like one) that no rule covers.
const IRREGULAR: [(&str, &str); 34] = [
    ("news", "news"),
    ("series", "series"),
    ("species", "species"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("zombies", "zombie"),
    ("people", "person"),
    ("children", "child"),
    ("men", "man"),
    ("women", "woman"),
    ("mice", "mouse"),
    ("indices", "index"),
    ("vertices", "vertex"),
    ("matrices", "matrix"),
    ("analyses", "analysis"),
    ("criteria", "criterion"),
    ("shelves", "shelf"),
    ("leaves", "leaf"),
    ("wolves", "wolf"),
    ("knives", "knife"),
    ("quizzes", "quiz"),
    ("caches", "cache"),
    ("aliases", "alias"),
    ("gases", "gas"),
    ("shoes", "shoe"),
    ("lens", "lens"),
    ("sms", "sms"),
    ("dns", "dns"),
    ("gps", "gps"),
    ("tls", "tls"),
    ("https", "https"),
    ("kubernetes", "kubernetes"),
    ("always", "always"),
    ("canvas", "canvas"),
];

/// The noun that a word of the path gives, none for `v1`, `api` and what has no letters.
pub(crate) fn noun(word: &str) -> Option<String> {
    if crate::classify::is_version(word.as_bytes()) {
        return None;
    }
    let mut words: Vec<String> =
        word.split(|one: char| !one.is_ascii_alphanumeric()).map(uncapitalised).collect();
    words.retain(|one| !one.is_empty());
    if word.contains('%') || words.first()?.starts_with(|one: char| one.is_ascii_digit()) {
        return None; // escapes would give names that no one can read; names begin with letters
    }
    let last = words.pop()?;
    if words.is_empty() && EMPTY.contains(&last.as_str()) {
        return None;
    }
    if last != "id" {
        words.push(singular(&last));
    }
    let mut noun = String::new();
    for (at, one) in words.iter().enumerate() {
        noun += &if at == 0 { one.clone() } else { capitalised(one) };
    }
    noun.truncate(MAX_NOUN);
    Some(noun)
}

/// `Users` and `USERS` as `users`; `userGroups` as it is.
fn uncapitalised(word: &str) -> String {
    if word.chars().any(|one| one.is_ascii_lowercase()) {
        let (first, rest) = word.split_at(word.len().min(1));
        return first.to_ascii_lowercase() + rest;
    }
    word.to_ascii_lowercase()
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}

/// The singular of an English noun: the last word in camel case decides.
fn singular(word: &str) -> String {
    let start = word.rfind(|one: char| one.is_ascii_uppercase()).unwrap_or(0);
    let (before, last) = word.split_at(start);
    let lower = last.to_ascii_lowercase();
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == lower) {
        return if before.is_empty() { (*one).to_owned() } else { before.to_owned() + &capitalised(one) };
    }
    let keep = |cut: usize, add: &str| format!("{}{add}", &word[..word.len() - cut]);
    let ends = |end: &[&str]| end.iter().any(|one| lower.ends_with(one));
    match () {
        () if lower.len() < 4 && !ends(&["ds"]) || !ends(&["s"]) || ends(&["ss", "us", "is"]) => {
            word.to_owned()
        }
        () if ends(&["ies"]) && lower.len() > 4 => keep(3, "y"),
        () if ends(&["sses", "shes", "ches", "xes", "zzes", "oes"]) => keep(2, ""),
        () if ends(&["uses"]) && lower.len() > 4 && !ends(&["ouses", "auses"]) => keep(2, ""),
        () => keep(1, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singulars() {
        let cases = [
            ("users", "user"),
            ("categories", "category"),
            ("addresses", "address"),
            ("news", "news"),
            ("status", "status"),
            ("statuses", "status"),
            ("houses", "house"),
            ("boxes", "box"),
            ("batches", "batch"),
            ("licenses", "license"),
            ("invoices", "invoice"),
            ("analysis", "analysis"),
            ("heroes", "hero"),
            ("people", "person"),
            ("ties", "tie"),
            ("ads", "ad"),
            ("gas", "gas"),
            ("data", "data"),
            ("class", "class"),
            ("bus", "bus"),
            ("userAddresses", "userAddress"),
            ("shopPeople", "shopPerson"),
        ];
        for (many, one) in cases {
            assert_eq!(singular(many), one, "{many}");
        }
    }

    #[test]
    fn nouns() {
        let cases = [
            ("users", Some("user")),
            ("Users", Some("user")),
            ("USERS", Some("user")),
            ("line-items", Some("lineItem")),
            ("line_items", Some("lineItem")),
            ("lineItems", Some("lineItem")),
            ("user-id", Some("user")),
            ("users.json", Some("usersJson")),
            ("v1", None),
            ("api", None),
            ("id", None),
            ("caf%C3%A9s", None),
            ("-", None),
            ("2fa", None),
        ];
        for (word, expected) in cases {
            assert_eq!(noun(word).as_deref(), expected, "{word}");
        }
    }
}
