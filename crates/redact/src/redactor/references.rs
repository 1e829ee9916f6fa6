//! Character references of XML.

/// Character references (XML 1.0, section 4.1) by what they stand for.
pub(crate) fn unescaped(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, tail)) = rest.split_once('&') {
        plain += before;
        let reference = tail.split_once(';').filter(|(name, _)| name.len() <= 8);
        match reference.and_then(|(name, after)| Some((character(name)?, after))) {
            Some((one, after)) => {
                plain.push(one);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = tail;
            }
        }
    }
    plain + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "commat" => Some('@'),
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal =
                number.strip_prefix(['x', 'X']).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            char::from_u32(hexadecimal.or_else(|| number.parse().ok())?)
        }
    }
}
