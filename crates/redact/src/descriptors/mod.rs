//! Names of messages and fields of gRPC, from descriptor sets (`protoc --descriptor_set_out`) that the configuration names.
//!
//! What a call says is not read: it cannot be without a description, and need not be with one. The body example of a method is made
//! of the description alone, every value a synthetic one.

mod example;
mod messages;
mod shape;
mod wire;

use crate::redacted::{RedactedBody, RedactedExchange};
use crate::shape::Shapes;
pub use messages::Descriptors;
use messages::{Field, Message};
use wire::{Fields, Value};

/// The most bytes of all sets: those of large companies' whole APIs are smaller.
pub const MAX_DESCRIPTOR_BYTES: usize = 8 << 20;

/// How deep messages are defined in messages.
const MAX_DEPTH: usize = 16;

/// These bytes are no descriptor set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDescriptorSet;

impl Descriptors {
    /// Takes in a `FileDescriptorSet`. Returns how many methods are known with it.
    ///
    /// # Errors
    /// The bytes are something else; what was taken in before stays.
    pub fn add(&mut self, bytes: &[u8]) -> Result<usize, NoDescriptorSet> {
        let mut new = Descriptors::default();
        new.set(bytes)
            .filter(|()| !new.messages.is_empty() || !new.methods.is_empty())
            .ok_or(NoDescriptorSet)?;
        self.methods.extend(new.methods);
        self.messages.extend(new.messages);
        self.enums.extend(new.enums);
        Ok(self.methods.len())
    }

    /// Returns a body for an exchange that is a call of a known method, with the names of its fields.
    pub(crate) fn example(&self, exchange: &RedactedExchange) -> Option<(RedactedBody, Vec<String>)> {
        let (message, _) = self.called(exchange)?;
        example::of(self, message)
    }

    /// Takes in the shapes of request and response of a call of a known method.
    pub(crate) fn teach(&self, exchange: &RedactedExchange, shapes: &mut Shapes) {
        let Some((request, response)) = self.called(exchange) else { return };
        if let (Some(shape), Some(media)) = (shape::of(self, request), exchange.request_type()) {
            shapes.add_request(media, shape, 0);
        }
        let media = exchange.response_type().or(exchange.request_type());
        if let (Some(shape), Some(media)) = (shape::of(self, response), media)
            && exchange.status == Some(200)
        {
            shapes.add_response(200, media, shape, 0);
        }
    }

    /// Returns the names of the messages of a call, if its method is known.
    fn called(&self, exchange: &RedactedExchange) -> Option<(&str, &str)> {
        let called = exchange.request_type()?.strip_prefix("application/")?;
        let called = ["grpc", "connect+", "proto", "json"].iter().any(|start| called.starts_with(start));
        let (request, response) = self.methods.get(exchange.fixed_path()).filter(|_| called)?;
        Some((request, response))
    }

    fn set(&mut self, bytes: &[u8]) -> Option<()> {
        for field in Fields(bytes) {
            if let (1, Value::Bytes(file)) = field? {
                self.file(file)?;
            }
        }
        Some(())
    }

    fn file(&mut self, bytes: &[u8]) -> Option<()> {
        let package = text(bytes, 2)?.map_or(String::new(), |name| format!(".{name}"));
        for field in Fields(bytes) {
            match field? {
                (4, Value::Bytes(message)) => self.message(message, &package, 0)?,
                (5, Value::Bytes(one)) => self.enumeration(one, &package)?,
                (6, Value::Bytes(service)) => {
                    self.service(service, package.strip_prefix('.').unwrap_or(""))?;
                }
                _ => {}
            }
        }
        Some(())
    }

    fn message(&mut self, bytes: &[u8], scope: &str, depth: usize) -> Option<()> {
        let name = format!("{scope}.{}", text(bytes, 1)??);
        let mut message = Message::default();
        for field in Fields(bytes) {
            match field? {
                (2, Value::Bytes(field)) => message.fields.push(Field::read(field)?),
                (3, Value::Bytes(nested)) if depth < MAX_DEPTH => self.message(nested, &name, depth + 1)?,
                (4, Value::Bytes(one)) => self.enumeration(one, &name)?,
                (7, Value::Bytes(options)) => message.entry = number(options, 7)? == Some(1),
                _ => {}
            }
        }
        self.messages.insert(name, message);
        Some(())
    }

    fn enumeration(&mut self, bytes: &[u8], scope: &str) -> Option<()> {
        let name = format!("{scope}.{}", text(bytes, 1)??);
        let first = Fields(bytes).flatten().find_map(|field| match field {
            (2, Value::Bytes(value)) => text(value, 1).flatten(),
            _ => None,
        });
        self.enums.insert(name, first?);
        Some(())
    }

    fn service(&mut self, bytes: &[u8], package: &str) -> Option<()> {
        let dot = if package.is_empty() { "" } else { "." };
        let service = format!("/{package}{dot}{}", text(bytes, 1)??);
        for field in Fields(bytes) {
            if let (2, Value::Bytes(method)) = field? {
                let messages = (text(method, 2)??, text(method, 3)?.unwrap_or_default());
                self.methods.insert(format!("{service}/{}", text(method, 1)??), messages);
            }
        }
        Some(())
    }
}

impl Field {
    fn read(bytes: &[u8]) -> Option<Field> {
        let name = text(bytes, 1)??;
        Some(Field {
            name: text(bytes, 10)?.unwrap_or(name),
            kind: number(bytes, 5)??,
            type_name: text(bytes, 6)?.unwrap_or_default(),
            repeated: number(bytes, 4)?.unwrap_or(0) == 3,
            choice: number(bytes, 9)?,
        })
    }
}

/// Returns the last field of this number as text; the outer none when the message or the text cannot be read.
fn text(bytes: &[u8], wanted: u64) -> Option<Option<String>> {
    let mut found = None;
    for field in Fields(bytes) {
        if let (number, Value::Bytes(value)) = field?
            && number == wanted
        {
            found = Some(String::from_utf8(value.to_vec()).ok()?);
        }
    }
    Some(found)
}

/// Returns the same as a number.
fn number(bytes: &[u8], wanted: u64) -> Option<Option<u64>> {
    let mut found = None;
    for field in Fields(bytes) {
        if let (number, Value::Number(value)) = field?
            && number == wanted
        {
            found = Some(value);
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests;
