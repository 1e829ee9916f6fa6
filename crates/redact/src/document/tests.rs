//! What holds for every syntax, and what the tests of each are written with.

use std::fmt::Write;
use std::ops::{ControlFlow, Range};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::spent::spent;

/// An event as tests compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Enter(Container, usize),
    Name(String, Range<usize>),
    Value(Kind, String, Range<usize>),
    Leave(Range<usize>),
    Aside(Range<usize>),
}

/// Keeps what it is told, and stops after so many events.
struct Recorder {
    events: Vec<Event>,
    most: usize,
}

impl Recorder {
    fn take(&mut self, event: Event) -> ControlFlow<()> {
        self.events.push(event);
        if self.events.len() < self.most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Observer for Recorder {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        self.take(Event::Enter(container, at))
    }

    fn name(&mut self, name: &str, span: Range<usize>) -> ControlFlow<()> {
        self.take(Event::Name(name.to_owned(), span))
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        self.take(Event::Value(value.kind, value.text.to_owned(), value.span.clone()))
    }

    fn leave(&mut self, span: Range<usize>) -> ControlFlow<()> {
        self.take(Event::Leave(span))
    }

    fn aside(&mut self, span: Range<usize>) -> ControlFlow<()> {
        self.take(Event::Aside(span))
    }
}

fn events(syntax: Syntax<'_>, bytes: &[u8], whole: bool) -> (Vec<Event>, End) {
    let mut recorder = Recorder { events: Vec::new(), most: usize::MAX };
    let end = Document { syntax, bytes, whole }.walk(&mut recorder);
    (recorder.events, end)
}

/// Returns what is told of a document, in one line: `{name: value}`, `[value]`, `<name: value>`.
pub(super) fn told(syntax: Syntax<'_>, text: &str, whole: bool) -> (String, End) {
    let (events, end) = events(syntax, text.as_bytes(), whole);
    let (mut line, mut open) = (String::new(), Vec::new());
    for event in events {
        let blank = if line.is_empty() || line.ends_with(['{', '[', '<', ' ']) { "" } else { " " };
        let _ = match event {
            Event::Enter(container, _) => {
                let (begin, end) = match container {
                    Container::Fields => ('{', '}'),
                    Container::Items => ('[', ']'),
                    Container::Element => ('<', '>'),
                };
                open.push(end);
                write!(line, "{blank}{begin}")
            }
            Event::Name(name, _) => write!(line, "{blank}{name}: "),
            Event::Value(Kind::Text, text, _) => write!(line, "{blank}'{text}'"),
            Event::Value(Kind::File, name, span) => write!(line, "{blank}file '{name}' {}", span.len()),
            Event::Value(Kind::Binary, _, span) => write!(line, "{blank}binary {}", span.len()),
            Event::Value(_, text, _) => write!(line, "{blank}{text}"),
            Event::Leave(_) => write!(line, "{}", open.pop().unwrap()),
            Event::Aside(span) if span.len() > 1 => write!(line, "{blank}({})", &text[span]),
            Event::Aside(_) => Ok(()),
        };
    }
    (line, end)
}

/// All that is told of a whole document.
#[track_caller]
pub(super) fn tells(syntax: Syntax<'_>, text: &str, expected: &str) {
    assert_eq!(told(syntax, text, true), (expected.to_owned(), End::Whole), "{text}");
}

const SYNTAXES: [Syntax<'_>; 6] = [
    Syntax::Json,
    Syntax::Form,
    Syntax::Multipart { boundary: "x" },
    Syntax::Xml,
    Syntax::Text,
    Syntax::Table { separator: b',' },
];

/// Texts that have the marks of a syntax at every turn, and any bytes.
fn text(syntax: Syntax<'_>) -> BoxedStrategy<Vec<u8>> {
    let pieces: &[&[u8]] = match syntax {
        Syntax::Json => &[
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"\"a\"",
            b"\"\\u00e9\\\\\"",
            b"\"",
            b"-1.5e3",
            b"0",
            b"true",
            b"null",
            b" ",
            b"\n",
            b"\x1e",
            b"\xff",
            b"{\"b\":[1,{}]}",
            b"\"b\":",
        ],
        Syntax::Form => &[b"a", b"=", b"&", b"%41", b"%", b"+", b"%zz", b"\xc3\xa9", b"%c3"],
        Syntax::Multipart { .. } => &[
            b"--x",
            b"\r\n",
            b"\n\n",
            b"Content-Disposition: form-data; name=\"a\"",
            b"; filename=b.c",
            b"{}",
            b"--",
            b"\0",
            b"\r\n\r\n",
        ],
        Syntax::Xml => &[
            b"<",
            b">",
            b"/",
            b"<a>",
            b"</a>",
            b"<b x=\"1\" y='2'/>",
            b"<p:c xmlns:p=\"u\">",
            b"</p:c>",
            b"=\"",
            b"'",
            b"=",
            b"&amp;",
            b"&",
            b";",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"]]>",
            b"<?x?>",
            b" ",
            b"t",
            b"\xc3\xa9",
            b"\xff",
            b"\xc2\xa0",
        ],
        Syntax::Text => &[
            b"a",
            b"a:",
            b": ",
            b"=",
            b"- ",
            b"-",
            b"\n",
            b"\n  ",
            b"\n    ",
            b"|",
            b">-",
            b"#",
            b"---",
            b"\"",
            b"'",
            b" ",
            b"\t",
            b"\r\n",
            b"\xff",
            b"\\",
            b"[a]\n",
            b";",
            b"[[b.c]]\n",
            b"  [d]\n",
        ],
        Syntax::Table { .. } => &[
            b"a",
            b"b c",
            b",",
            b"\n",
            b"\r\n",
            b"\"",
            b"\"\"",
            b"\"d,\n\"",
            b" ",
            b"1",
            b"\xff",
            b"\xc3\xa9",
        ],
    };
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let marked =
        prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => marked, 1 => prop::collection::vec(any::<u8>(), 0..200)].boxed()
}

fn documents() -> impl Strategy<Value = (Syntax<'static>, Vec<u8>)> {
    prop::sample::select(&SYNTAXES[..]).prop_flat_map(|syntax| (Just(syntax), text(syntax)))
}

proptest! {
    #[test]
    fn any_bytes_give_events_in_order((syntax, bytes) in documents(), whole: bool) {
        let (events, end) = events(syntax, &bytes, whole);
        let (mut open, mut named, mut at) = (Vec::new(), false, 0);
        for event in &events {
            let inside = open.last().copied();
            let span = match event {
                Event::Enter(container, at) => {
                    prop_assert!(open.len() < MAX_DEPTH);
                    prop_assert!(named || inside != Some(Container::Fields), "{events:?}");
                    open.push(*container);
                    named = false;
                    *at..*at
                }
                Event::Name(_, span) => {
                    prop_assert!(!named && inside != Some(Container::Items), "{events:?}");
                    named = true;
                    span.clone()
                }
                Event::Value(kind, text, span) => {
                    prop_assert!(named || inside != Some(Container::Fields), "{events:?}");
                    prop_assert!(*kind == Kind::File || text.len() <= 3 * span.len(), "{events:?}");
                    named = false;
                    span.clone()
                }
                Event::Leave(span) => {
                    prop_assert!(open.pop().is_some());
                    named = false;
                    span.clone()
                }
                Event::Aside(span) => span.clone(),
            };
            prop_assert!(span.end <= bytes.len());
            // What is copied or rewritten comes in the order of the text; names stand inside of tags.
            if matches!(event, Event::Value(..) | Event::Aside(_) | Event::Leave(_)) {
                prop_assert!(span.start >= at, "{span:?} after {at} in {events:?}");
                at = span.end;
            }
        }
        prop_assert!(open.is_empty(), "{end:?} {events:?}");
    }

    #[test]
    fn a_cut_document_gives_the_events_before_the_cut((syntax, bytes) in documents(), cut: prop::sample::Index) {
        let (whole, _) = events(syntax, &bytes, true);
        let (mut first, end) = events(syntax, &bytes[..cut.index(bytes.len() + 1)], false);
        let malformed = matches!(end, End::Malformed { .. });
        prop_assert!(!malformed || events(syntax, &bytes, true).1 != End::Whole);
        // What was open has been left, and the last text may go on.
        while matches!(first.last(), Some(Event::Leave(_))) {
            first.pop();
        }
        if matches!(first.last(), Some(Event::Value(..) | Event::Aside(_))) {
            first.pop();
        }
        prop_assert!(whole.starts_with(&first), "{first:?}\n{whole:?}");
    }

    #[test]
    fn an_observer_may_stop_anywhere((syntax, bytes) in documents(), most in 1_usize..20) {
        let (all, _) = events(syntax, &bytes, true);
        let mut recorder = Recorder { events: Vec::new(), most };
        let end = Document { syntax, bytes: &bytes, whole: true }.walk(&mut recorder);
        prop_assert!(end != End::Stopped || all.len() >= most);
        prop_assert_eq!(&recorder.events, &all[..most.min(all.len())]);
    }
}

#[test]
fn long_hostile_documents_take_linear_time() {
    let units = [
        "{\"a\":",
        "[",
        "[1],",
        "\"",
        "\\",
        "1",
        " ",
        "&",
        "=",
        "%",
        "a=&",
        "--x",
        "--x\r\n\r\n",
        "--x\nContent-Disposition:;name=",
        "<",
        "<a>",
        "<a b=\"",
        "<a b='c'",
        "<!--",
        "<![CDATA[",
        "&#",
        "<a/>",
        "</a>",
        ">",
        "- ",
        "a:\n",
        "a: |\n",
        "\n",
        "-\n ",
        "a: b\n\n",
        "\"a",
        "a b=",
        " a:\n",
        "#\n",
        "[a]\n",
        "[a]\nb\n c=1\n",
        ",",
        "\",",
        ",\"",
        "a,\"b\"\n",
    ];
    let took = spent(|| {
        for unit in units {
            let text = unit.repeat((256 << 10) / unit.len());
            for syntax in SYNTAXES {
                events(syntax, text.as_bytes(), true);
                events(syntax, format!("[[{text}").as_bytes(), true);
            }
        }
    });
    assert!(took < Duration::from_secs(20), "{took:?}");
}
