//! Files of a front end: what a browser loads beside the calls of an API.

use http::RequestHead;

use crate::template::split;

/// The template that stands for all files of a front end of one Service: thousands of hashed names are one line.
pub const FILES: &str = "/{file}";

/// What only front ends have, wherever it stands.
const ANYWHERE: [&[u8]; 10] =
    [b"css", b"js", b"mjs", b"map", b"woff", b"woff2", b"ttf", b"otf", b"eot", b"ico"];

/// What services have too: files of a front end below certain folders.
const MEDIA: [&[u8]; 10] =
    [b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"avif", b"mp4", b"webm", b"mp3"];

/// Folders of what a front end is made of.
const FOLDERS: [&[u8]; 15] = [
    b"static", b"assets", b"img", b"images", b"public", b"dist", b"fonts", b"css", b"js", b"media", b"_next",
    b"chunks", b"build", b"vendor", b"favicon",
];

/// A text with digits of so many bytes is a value rather than the name of a folder.
const LONG: usize = 16;

/// Returns whether a request is for a file of a front end. Media below a noun that takes ids (`/avatars/7.png`), or below a
/// value (`/users/7/images/3.png`), are a service's.
pub(crate) fn is_file(request: &RequestHead<'_>) -> bool {
    if request.method != b"GET" && request.method != b"HEAD" {
        return false;
    }
    let (path, _) = split(request.path_and_query());
    let mut segments = path.rsplit(|&byte| byte == b'/');
    let name = segments.next().unwrap_or_default();
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.').filter(|at| *at > 0) else { return false };
    let extension = name.get(dot + 1..).unwrap_or_default();
    let is = |all: &[&[u8]], text: &[u8]| all.iter().any(|one| text.eq_ignore_ascii_case(one));
    is(&ANYWHERE, extension) || is(&MEDIA, extension) && is_below_folder(path)
}

/// Returns whether a folder of a front end stands in a path, with no value before it.
fn is_below_folder(path: &[u8]) -> bool {
    let folders = path.split(|&byte| byte == b'/').filter(|segment| !segment.is_empty());
    let is_folder = |segment: &&[u8]| FOLDERS.iter().any(|folder| segment.eq_ignore_ascii_case(folder));
    let is_value = |segment: &&[u8]| {
        let digits = segment.iter().filter(|byte| byte.is_ascii_digit()).count();
        digits == segment.len() || digits > 0 && segment.len() >= LONG
    };
    folders.take_while(|segment| !is_value(segment)).any(|segment| is_folder(&segment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::request;

    #[test]
    fn files_and_endpoints() {
        let file = |method: &str, target: &str| is_file(&request(method, target, ""));
        for target in [
            "/app.js",
            "/static/js/main.cfcd2084.js",
            "/main.css?v=7",
            "/favicon.ico",
            "/img/c81e728d.webp",
            "/shop/assets/Logo.PNG",
            "/v1/static/logo.png",
            "/fonts/a.woff2",
            "/app.js.map",
            "/static/2024/intro.mp4",
        ] {
            assert!(file("GET", target) && file("HEAD", target), "{target}");
            assert!(!file("POST", target), "{target}");
        }
        for target in [
            "/avatars/7.png",
            "/users/7/images/3.png",
            "/users",
            "/reports/7.pdf",
            "/static/data.json",
            "/v1.0/js",
            "/.js",
            "/img",
            "/",
            "*",
        ] {
            assert!(!file("GET", target), "{target}");
        }
    }
}
