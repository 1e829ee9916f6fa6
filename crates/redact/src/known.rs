//! What one worker knows already: the filter that lets only news through.

mod bounded;

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use decode::Timestamp;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use http::{Exchange, MAX_METHOD, RequestHead};
use memchr::memchr;

use crate::allowance::Allowance;
use crate::auth::carriers::{Carriers, Found};
use crate::calls::Calls;
use crate::classify::until;
use crate::files::{FILES, is_file};
use crate::method::method;
use crate::noise::{is_preflight, noise_of_agent};
use crate::novelty::{Fingerprint, Novelty, Repeats, Route};
use crate::owner::Owner;
use crate::paths::{Decided, Decider, MAX_DESCRIPTION, may_describe};
use crate::redactor::{MAX_FIELDS, parameter_name};
use crate::rpc;
use crate::says::Says;
use crate::template::{pairs, split};
use bounded::Bounded;

/// The most different things that one operation (owner, method, template) teaches. After that its parameter names and
/// media types are an open set, and only a new status, or another kind of credentials, is news.
const MAX_VARIANTS: u8 = 64;

/// The first bodies of each operation that are kept; after them, only those whose number is a power of two.
const FIRST_BODIES: u32 = 200;

/// The first of those bodies that teach a shape; the others may be a better example.
const FIRST_SHAPES: u32 = 32;

/// The first answers of each operation whose body is kept, of those with a success and of those with each other class of status; after
/// them, only those whose number is a power of four.
const FIRST_ANSWERS: u16 = 20;
const FIRST_OTHERS: u16 = 4;

/// The classes of status whose answers are told apart: success, redirection, the client's error, the server's.
const CLASSES: usize = 4;

/// So many answers may be asked about at first, and so many more each time that so long has gone by since they were used up.
const ANSWERS: u32 = 4096;
const MORE_ANSWERS: u32 = 64;
const ANSWERS_EVERY: Duration = Duration::from_millis(250);

/// So many bodies of requests that ask for something beside their URL are kept at first, and so many more each time that so long has
/// gone by since they were used up: 400 a second.
const FOLLOWED: u32 = 4096;
const MORE_FOLLOWED: u32 = 100;
const FOLLOWED_EVERY: Duration = Duration::from_millis(250);

/// A description that a Service serves of its API is read so often.
const DESCRIPTION_EVERY: Duration = Duration::from_hours(24);

/// Of so many Services it is known when theirs was read last.
const MAX_DESCRIBED: usize = 1024;

/// How many paths as captured are remembered with their operation: 64 KiB.
const RECENT: usize = 4096;

/// How many of their outlines are: 16 KiB.
const OUTLINES: usize = 1024;

/// Connections on which an operation is refused are told apart by so much of their hashes: enough to know that there were
/// some, and each is news no more than so often.
const CONNECTIONS: u32 = 4;

/// The most evicted counts that wait to be handed out. When there are more, nothing new is remembered until they were.
const MAX_EVICTED: usize = 4096;

/// What a look at an exchange says.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Look {
    /// It teaches nothing, and was counted.
    Repeat,
    /// It teaches something, for [`Known::accept`]. It was not counted.
    New(Novelty),
}

/// The fingerprints that one worker has handed on, with the repeats since.
///
/// Looking allocates nothing once its scratch memory has grown to the size of a path. Memory is bounded by the limit; what
/// is repeated least is forgotten first, after its count was handed out.
pub struct Known {
    hash: RandomState,
    variants: Bounded<Seen>,
    operations: Bounded<Operation>,
    /// What came of the last walks, at places by their hashes: owner, method and path as captured, and the operation. A request
    /// with a body asks twice, and most paths come again.
    recent: Box<[(u64, u64)]>,
    /// The same by the outlines of paths, which are few.
    outlines: Box<[(u64, u64)]>,
    evicted: Vec<Repeats>,
    body_bytes: usize,
    answers: Allowance,
    bodies: Allowance,
    /// The bodies of operations that are followed for which there was no allowance.
    unread: u64,
    /// When the description of an owner is to be read again, by a hash of the owner.
    described: HashMap<u64, Timestamp, RandomState>,
    carriers: Carriers,
    scratch: Scratch,
}

/// Repeats that were not yet handed out.
#[derive(Clone, Copy)]
struct Seen {
    count: u64,
    last: Timestamp,
}

/// What one operation may still teach.
#[derive(Clone, Copy, Default)]
struct Operation {
    variants: u8,
    /// Whether its requests ask for something beside their URL, and each is to tell it.
    followed: bool,
    /// By class of status.
    answers: [u16; CLASSES],
    bodies: u32,
}

/// Memory that looks use again and again.
#[derive(Default)]
struct Scratch {
    decider: Decider,
    name: Vec<u8>,
    names: Vec<u64>,
}

impl Known {
    /// Remembers at most `limit` fingerprints (57,344 take some 5 MB when all are in use, 114,688 some 10), and asks for `body_bytes` of a body.
    #[must_use]
    pub fn new(limit: usize, body_bytes: usize) -> Known {
        let hash = RandomState::default();
        Known {
            carriers: Carriers::new(hash.clone()),
            hash,
            variants: Bounded::new(limit),
            operations: Bounded::new(limit),
            recent: vec![(0, 0); RECENT].into(),
            outlines: vec![(0, 0); OUTLINES].into(),
            evicted: Vec::new(),
            body_bytes,
            answers: Allowance::new(ANSWERS, MORE_ANSWERS, ANSWERS_EVERY),
            bodies: Allowance::new(FOLLOWED, MORE_FOLLOWED, FOLLOWED_EVERY),
            unread: 0,
            described: HashMap::default(),
            scratch: Scratch::default(),
        }
    }

    /// Goes by these decisions about paths from here on.
    pub fn set_decided(&mut self, decided: Arc<Decided>) {
        if self.scratch.decider.set(decided) {
            self.recent.fill((0, 0));
            self.outlines.fill((0, 0));
        }
    }

    /// Asks for this many bytes of a body from here on.
    pub fn set_body_bytes(&mut self, body_bytes: usize) {
        self.body_bytes = body_bytes;
    }

    /// Returns whether an exchange of this client teaches anything. One of which a body was kept ([`Known::keep`],
    /// [`Known::keep_answer`]) always does.
    pub fn look(&mut self, owner: &Owner, client: SocketAddr, exchange: &Exchange<'_>) -> Look {
        let kept = !exchange.request_body.kept.is_empty() || !exchange.response_body.kept.is_empty();
        let (mut novelty, without_names) = self.novelty(owner, client, exchange);
        // Most are known as they are: one look.
        if !kept && self.count(&novelty, exchange) {
            return Look::Repeat;
        }
        if self.drop_names(&mut novelty, without_names) && !kept && self.count(&novelty, exchange) {
            return Look::Repeat;
        }
        novelty.shapes = self.teaches_shapes(&novelty, exchange);
        novelty.followed = self.operations.get(novelty.operation).is_some_and(|known| known.followed);
        Look::New(novelty)
    }

    /// Counts an exchange if it is known.
    fn count(&mut self, novelty: &Novelty, exchange: &Exchange<'_>) -> bool {
        let Some(seen) = self.variants.touch(novelty.fingerprint.0) else { return false };
        seen.count += 1;
        seen.last = seen.last.max(exchange.request.time);
        true
    }

    /// Takes what an exchange is without its names for its fingerprint, if it is not known with them and its operation has taught as
    /// much as it may. Returns whether it did.
    fn drop_names(&self, novelty: &mut Novelty, without_names: Fingerprint) -> bool {
        let only = self.variants.get(novelty.fingerprint.0).is_none() && self.is_open(novelty.operation);
        if only {
            novelty.fingerprint = without_names;
        }
        only
    }

    /// Returns whether the parameters and the body of a request are to teach a shape: of what is new, of one whose answer was kept, and of
    /// the first bodies.
    fn teaches_shapes(&self, novelty: &Novelty, exchange: &Exchange<'_>) -> bool {
        let first = |known: &Operation| known.bodies <= FIRST_SHAPES || known.bodies.is_power_of_two();
        !exchange.response_body.kept.is_empty()
            || self.variants.get(novelty.fingerprint.0).is_none()
            || self.operations.get(novelty.operation).is_none_or(first)
    }

    /// The same for an exchange that was or will be counted otherwise, and whatever was kept of the body of its request.
    pub fn peek(&mut self, owner: &Owner, client: SocketAddr, exchange: &Exchange<'_>) -> Look {
        let (mut novelty, without_names) = self.novelty(owner, client, exchange);
        self.drop_names(&mut novelty, without_names);
        match self.variants.get(novelty.fingerprint.0) {
            Some(_) => Look::Repeat,
            None => Look::New(novelty),
        }
    }

    /// What an exchange is when it teaches something, and its fingerprint without names and media types.
    #[inline]
    fn novelty(
        &mut self,
        owner: &Owner,
        client: SocketAddr,
        exchange: &Exchange<'_>,
    ) -> (Novelty, Fingerprint) {
        let (path, query) = split(exchange.request.path_and_query());
        let operation = self.operation(owner, &exchange.request, path);
        let status = exchange.outcome().unwrap_or(0);
        // A probe must not hide that people ask for the same.
        let noise = exchange.request.headers.user_agent().and_then(noise_of_agent).is_some()
            || is_preflight(&exchange.request);
        let calls = exchange.grpc.map_or(0, |grpc| Calls::of(grpc).bits());
        let (names, found) = self.names(query, &exchange.request);
        let credentials = found.credentials();
        let flags = u16::from(u8::from(noise) << 3 | calls) << 8 | u16::from(credentials.bits());
        let connection = self.connection(client, status);
        // Operation, status, kind of asker and credentials, way of a call, and connection.
        let of = (operation, status, flags, connection % CONNECTIONS);
        let without_names = Fingerprint(self.hash.hash_one(of));
        let fingerprint = self.variant(without_names, exchange, names.wrapping_add(found.names));
        (
            Novelty { fingerprint, operation, connection, credentials, followed: false, shapes: true },
            without_names,
        )
    }

    /// Remembers what a look found, once it was handed on. `time` is that of the exchange.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the token is used up: what it stands for is accepted once"
    )]
    pub fn accept(&mut self, novelty: Novelty, time: Timestamp) {
        let Novelty { fingerprint: Fingerprint(key), operation, .. } = novelty;
        if self.variants.touch(key).is_some() || self.evicted.len() >= MAX_EVICTED {
            return;
        }
        if let Some((key, seen)) = self.variants.insert(key, Seen { count: 0, last: time })
            && seen.count > 0
        {
            self.evicted.push(Repeats { fingerprint: Fingerprint(key), count: seen.count, last: seen.last });
        }
        let known = self.operations.touch_or_insert(operation);
        known.variants = known.variants.saturating_add(1);
    }

    /// Returns how many bytes of the body of this request are to be kept: all that may be for the first bodies of an
    /// operation, then ever fewer bodies. It is asked only of requests that are followed by a body.
    pub fn keep(&mut self, owner: &Owner, head: &RequestHead<'_>) -> usize {
        // What protobuf says cannot be shown without its description.
        if rpc::has_messages(head) {
            return 0;
        }
        let operation = self.operation(owner, head, split(head.path_and_query()).0);
        let known = self.operations.touch_or_insert(operation);
        known.bodies = known.bodies.saturating_add(1);
        let teaches = known.bodies <= FIRST_BODIES || known.bodies.is_power_of_two();
        let followed = known.followed;
        if teaches || followed && self.may_follow(head.time) { self.body_bytes } else { 0 }
    }

    /// Returns whether there is an allowance for the body of what is followed, and takes it.
    fn may_follow(&mut self, time: Timestamp) -> bool {
        let may = self.bodies.has_some(time);
        if may {
            self.bodies.take();
        } else {
            self.unread += 1;
        }
        may
    }

    /// Keeps the bodies of all requests with this route from here on, as far as the allowance goes: they ask for something beside
    /// their URL.
    pub fn follow(&mut self, route: Route) {
        if let Some(known) = self.operations.touch(route.0) {
            known.followed = true;
        }
    }

    /// Returns how many bodies of what is followed were not kept, for lack of allowance.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Returns how many bytes of the answer to a request are to be kept: as many as of a request for the first answers of an
    /// operation with a status of this class, then of ever fewer. They say what its paths lead to, and what they give. To ask
    /// costs a look at the path: see [`Known::wants_answer`].
    pub fn keep_answer(&mut self, owner: &Owner, head: &RequestHead<'_>, status: u16) -> usize {
        self.spend_answer();
        if rpc::has_messages(head) {
            return 0;
        }
        let path = split(head.path_and_query()).0;
        if status == 200 && head.method == b"GET" && may_describe(path) {
            return if self.reads_description(owner, head.time) { MAX_DESCRIPTION } else { 0 };
        }
        let operation = self.operation(owner, head, path);
        let known = self.operations.touch_or_insert(operation);
        let class = usize::from(status / 100).saturating_sub(2).min(CLASSES - 1);
        let Some(answers) = known.answers.get_mut(class) else { return 0 };
        *answers = answers.saturating_add(1);
        let first = if class == 0 { FIRST_ANSWERS } else { FIRST_OTHERS };
        let teaches =
            *answers <= first || answers.is_power_of_two() && answers.trailing_zeros().is_multiple_of(2);
        if teaches { self.body_bytes } else { 0 }
    }

    /// Returns whether the description that an owner serves is to be read at this time, and takes note that it is.
    fn reads_description(&mut self, owner: &Owner, time: Timestamp) -> bool {
        if self.described.len() >= MAX_DESCRIBED {
            self.described.clear();
        }
        let next = self.described.entry(self.hash.hash_one(owner)).or_insert(time);
        let due = time >= *next;
        if due {
            *next = time + DESCRIPTION_EVERY;
        }
        due
    }

    /// Takes note that an answer was asked about.
    pub fn spend_answer(&mut self) {
        self.answers.take();
    }

    /// Returns whether an answer may be asked about at this time.
    pub fn wants_answer(&mut self, time: Timestamp) -> bool {
        self.answers.has_some(time)
    }

    /// Hands out all counts since they were last taken, those of what was forgotten first.
    pub fn take_repeats(&mut self, mut each: impl FnMut(Repeats)) {
        self.evicted.drain(..).for_each(&mut each);
        self.variants.for_each(|key, seen| {
            if seen.count > 0 {
                each(Repeats { fingerprint: Fingerprint(key), count: seen.count, last: seen.last });
                seen.count = 0;
            }
        });
    }

    /// A number for the connection of a refusal, since what is refused on several is no guess; 0 for other answers.
    fn connection(&self, client: SocketAddr, status: u16) -> u32 {
        if Says::of(status) != Says::Refused {
            return 0;
        }
        let address = match client.ip() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        self.hash.hash_one((address, client.port())) as u32
    }

    /// Returns whether the operation has taught as much as it may.
    fn is_open(&self, operation: u64) -> bool {
        self.operations.get(operation).is_some_and(|known| known.variants >= MAX_VARIANTS)
    }

    /// Owner, method and template: words of the path as they are, variables as such.
    fn operation(&mut self, owner: &Owner, request: &RequestHead<'_>, path: &[u8]) -> u64 {
        let mut hasher = self.hash.build_hasher();
        owner.hash(&mut hasher);
        // Only slices are written: the hasher folds them in their order, but adds up small integers apart from them.
        let method = method(request.method);
        let mut upper = [0; MAX_METHOD];
        upper.iter_mut().zip(method).for_each(|(upper, byte)| *upper = byte.to_ascii_uppercase());
        hasher.write(until(&upper, method.len()));
        if let Some(method) = rpc::method(request) {
            hasher.write(method);
            return hasher.finish();
        }
        if path == b"*" {
            hasher.write(path);
            return hasher.finish();
        }
        let mut captured = hasher.clone();
        captured.write(path);
        let captured = captured.finish();
        let place = captured as usize % RECENT;
        if let Some((known, operation)) = self.recent.get(place)
            && *known == captured
        {
            return *operation;
        }
        let operation = self.operation_of_path(owner, request, path, hasher);
        if let Some(recent) = self.recent.get_mut(place) {
            *recent = (captured, operation);
        }
        operation
    }

    /// The same for a path that did not come lately. Its outline mostly did, and spares the walk by what is decided.
    fn operation_of_path(
        &mut self,
        owner: &Owner,
        request: &RequestHead<'_>,
        path: &[u8],
        mut hasher: impl Hasher + Clone,
    ) -> u64 {
        if is_file(request) {
            hasher.write(FILES.as_bytes());
            return hasher.finish();
        }
        let mut outline = hasher.clone();
        self.scratch.decider.outline(path, &mut outline);
        let outline = outline.finish();
        let place = outline as usize % OUTLINES;
        if let Some((known, operation)) = self.outlines.get(place)
            && *known == outline
        {
            return *operation;
        }
        self.scratch.decider.hash(owner, path, &mut hasher);
        let operation = hasher.finish();
        if let Some(recent) = self.outlines.get_mut(place) {
            *recent = (outline, operation);
        }
        operation
    }

    /// A fingerprint with the media types of both messages, and the names of parameters and of what carries credentials, in any
    /// order.
    fn variant(&self, without: Fingerprint, exchange: &Exchange<'_>, names: u64) -> Fingerprint {
        let mut hasher = self.hash.build_hasher();
        for head in [exchange.request.headers, exchange.response_headers] {
            // As captured: two ways to write one type are news once, which costs less than to bring each to one form.
            let value = head.content_type().unwrap_or(b"-");
            hasher.write(memchr(b';', value).map_or(value, |end| until(value, end)).trim_ascii_end());
        }
        Fingerprint(self.hash.hash_one((without.0, names, hasher.finish())))
    }

    /// The set of the names of parameters, each once, in any order; and which credentials the request carries.
    fn names(&mut self, query: &[u8], request: &RequestHead<'_>) -> (u64, Found) {
        let mut found = self.carriers.of_fields(request);
        let Scratch { name: decoded, names, .. } = &mut self.scratch;
        names.clear();
        if query.is_empty() {
            return (0, found);
        }
        for (name, value) in pairs(query) {
            let Some(name) = parameter_name(name, decoded) else { continue };
            let hash = self.hash.hash_one(name);
            if names.len() < MAX_FIELDS && !names.contains(&hash) {
                names.push(hash);
                self.carriers.parameter((name, hash), value, request.time, &mut found);
            }
        }
        (names.iter().fold(0, |sum, hash| sum.wrapping_add(*hash)), found)
    }
}

#[cfg(test)]
mod tests;
