//! The files of the page, as `page/build` makes them.

/// A file: its name, its media type, and what is in it.
pub(super) type File = (&'static str, &'static str, &'static str);

/// The page itself.
pub(super) const INDEX: &str = include_str!("built/index.html");

/// What it loads.
pub(super) const FILES: [File; 3] = [
    ("page.js", "text/javascript; charset=utf-8", include_str!("built/page.js")),
    ("page.css", "text/css; charset=utf-8", include_str!("built/page.css")),
    ("icon.svg", "image/svg+xml", include_str!("built/icon.svg")),
];
