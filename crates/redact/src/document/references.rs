//! Character references of XML.

use std::borrow::Cow;

/// The longest name of a reference, in bytes: `#x10FFFF`.
const MAX_NAME: usize = 8;

/// Returns text with its character references (XML 1.0, section 4.1) replaced by what they stand for. What is no
/// reference stays.
pub(crate) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, tail)) = rest.split_once('&') {
        plain += before;
        let end = tail.bytes().take(MAX_NAME + 1).position(|byte| byte == b';');
        let reference = end.and_then(|end| Some((tail.get(..end)?, tail.get(end + 1..)?)));
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
    Cow::Owned(plain + rest)
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
