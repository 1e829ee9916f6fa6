//! The status in the end of a body, found as it comes: a line `grpc-status: 5` of gRPC-Web, or `"code": "not_found"` of Connect.
//!
//! What stands before it can be long (a message), so nothing is kept but how far it fits.

const LINE: &[u8] = b"grpc-status:";
const KEY: &[u8] = b"\"code\"";

/// The longest name of a code: `failed_precondition`, and `unauthenticated` and the others are shorter.
const NAME: usize = 19;

/// The names of the codes from 1 on, as Connect writes them.
const CODES: [&str; 16] = [
    "canceled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Lines,
    Json,
}

/// How far it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So much of the line's name, or of the key, is there.
    Key(usize),
    /// In another line.
    Other,
    /// The value comes, as soon as there is no more space.
    Before,
    /// In the digits of a number.
    Number(u32),
    /// So much of a name is there.
    Name(usize),
    /// It was found, or cannot be.
    Done,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    form: Form,
    state: State,
    name: [u8; NAME],
    status: Option<u32>,
    begun: bool,
}

impl Ending {
    pub(super) fn new(form: Form) -> Ending {
        Ending { form, state: State::Key(0), name: [0; NAME], status: None, begun: false }
    }

    /// Takes more of it.
    pub(super) fn add(&mut self, data: &[u8]) {
        self.begun = true;
        for &byte in data {
            if self.state == State::Done {
                return;
            }
            self.state = match self.form {
                Form::Lines => self.line(byte),
                Form::Json => self.json(byte),
            };
        }
    }

    /// Bytes of the body are missing: what was begun does not go on.
    pub(super) fn miss(&mut self) {
        if self.begun {
            self.state = State::Done;
        }
    }

    /// The status, once it is there.
    pub(super) fn status(&self) -> Option<u32> {
        match self.state {
            // The last line may have no end.
            State::Number(number) => Some(number),
            _ => self.status,
        }
    }

    /// Returns whether the end of the body was reached.
    pub(super) fn ended(&self) -> bool {
        self.begun
    }

    fn line(&mut self, byte: u8) -> State {
        match (self.state, byte) {
            (State::Number(number), b'0'..=b'9') => {
                State::Number(number.saturating_mul(10).saturating_add(u32::from(byte - b'0')))
            }
            (State::Number(number), _) => {
                self.status = Some(number);
                State::Done
            }
            (State::Before, b'0'..=b'9') => State::Number(u32::from(byte - b'0')),
            (State::Before, b' ' | b'\t') => State::Before,
            (_, b'\n') => State::Key(0),
            (State::Key(at), _) if LINE.get(at) == Some(&byte.to_ascii_lowercase()) => {
                if at + 1 == LINE.len() { State::Before } else { State::Key(at + 1) }
            }
            _ => State::Other,
        }
    }

    fn json(&mut self, byte: u8) -> State {
        match (self.state, byte) {
            (State::Key(at), _) if KEY.get(at) == Some(&byte) => {
                if at + 1 == KEY.len() {
                    State::Before
                } else {
                    State::Key(at + 1)
                }
            }
            (State::Before, b' ' | b'\t' | b'\r' | b'\n' | b':') => State::Before,
            (State::Before, b'"') => State::Name(0),
            (State::Name(at), b'"') => {
                let name = self.name.get(..at).unwrap_or_default();
                let code = CODES.iter().position(|code| code.as_bytes() == name);
                self.status = code.and_then(|code| u32::try_from(code + 1).ok());
                State::Done
            }
            (State::Name(at), _) => match self.name.get_mut(at) {
                Some(place) => {
                    *place = byte;
                    State::Name(at + 1)
                }
                None => State::Done,
            },
            (_, b'"') => State::Key(1),
            _ => State::Key(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(form: Form, text: &str) -> Option<u32> {
        let statuses: Vec<_> = (1..=text.len())
            .map(|step| {
                let mut ending = Ending::new(form);
                text.as_bytes().chunks(step).for_each(|piece| ending.add(piece));
                ending.status()
            })
            .collect();
        assert!(statuses.iter().all(|status| *status == statuses[0]), "{statuses:?}");
        statuses[0]
    }

    #[test]
    fn lines_of_grpc_web_in_any_cut() {
        assert_eq!(found(Form::Lines, "grpc-status:0\r\n"), Some(0));
        assert_eq!(
            found(Form::Lines, "grpc-message: grpc-status:3\r\nGrpc-Status: 12\r\nx: 1\r\n"),
            Some(12)
        );
        assert_eq!(found(Form::Lines, "a:b\ngrpc-status: 16"), Some(16));
        assert_eq!(found(Form::Lines, "xgrpc-status: 1\r\ngrpc-statu\r\n"), None);
        assert_eq!(found(Form::Lines, "grpc-status: x\r\n"), None);
    }

    #[test]
    fn codes_of_connect_in_any_cut() {
        assert_eq!(found(Form::Json, r#"{"code":"not_found","message":"none"}"#), Some(5));
        assert_eq!(
            found(
                Form::Json,
                r#"{"error": {"message": "\"code\": \"aborted\"", "code" : "unauthenticated"}}"#
            ),
            Some(16)
        );
        assert_eq!(found(Form::Json, r#"{"error":{"code":"of_another_kind_of_all"}}"#), None);
        assert_eq!(found(Form::Json, r#"{"metadata":{"code":["a"]}}"#), None);
        assert_eq!(found(Form::Json, "{}"), None);
        for (code, name) in CODES.iter().enumerate() {
            let text = format!(r#"{{"code":"{name}"}}"#);
            assert_eq!(found(Form::Json, &text), Some(code as u32 + 1));
        }
    }
}
