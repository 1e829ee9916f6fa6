//! The steps of a reader: each tells the observer something, and may be the last.

use std::ops::{ControlFlow, Range};

use super::events::{Container, End, Kind, Observer, Scalar};

/// The longest name, in bytes.
pub(super) const MAX_NAME: usize = 128;

/// The most blanks in a name: `API key of staging`. With more it is a sentence.
pub(super) const MAX_BLANKS: usize = 3;

/// What a reader does next, or how the walk ended.
pub(super) type Step<T = ()> = Result<T, End>;

/// The observer of a walk, and how many containers it is in.
pub(super) struct Steps<'a, O> {
    observer: &'a mut O,
    open: usize,
    /// Whether the walk ends behind the first value.
    first: bool,
}

impl<'a, O: Observer> Steps<'a, O> {
    /// The beginning of a walk, in no container. With `first` it ends behind the first value.
    pub(super) fn new(observer: &'a mut O, first: bool) -> Steps<'a, O> {
        Steps { observer, open: 0, first }
    }

    pub(super) fn enter(&mut self, container: Container, at: usize) -> Step {
        self.open += 1;
        step(self.observer.enter(container, at))
    }

    pub(super) fn name(&mut self, name: &str, span: Range<usize>) -> Step {
        step(self.observer.name(name, span))
    }

    pub(super) fn value(&mut self, kind: Kind, text: &str, span: Range<usize>) -> Step {
        step(self.observer.value(&Scalar { kind, text, span }))?;
        self.unless_done()
    }

    pub(super) fn leave(&mut self, span: Range<usize>) -> Step {
        self.open -= 1;
        step(self.observer.leave(span))?;
        self.unless_done()
    }

    fn unless_done(&self) -> Step {
        if self.first && self.open == 0 { Err(End::Stopped) } else { Ok(()) }
    }

    /// Leaves the innermost containers until so many are left, where nothing in the text ends them.
    pub(super) fn leave_all(&mut self, left: usize, at: usize) -> Step {
        while self.open > left {
            self.leave(at..at)?;
        }
        Ok(())
    }

    /// Says that what is open did not end.
    pub(super) fn cut(&mut self) {
        self.observer.cut();
    }

    pub(super) fn aside(&mut self, span: Range<usize>) -> Step {
        step(self.observer.aside(span))
    }
}

fn step(flow: ControlFlow<()>) -> Step {
    if flow.is_break() { Err(End::Stopped) } else { Ok(()) }
}

/// The bytes of a span that was read from this text.
pub(super) fn part(text: &[u8], span: Range<usize>) -> &[u8] {
    text.get(span).unwrap_or_default()
}
