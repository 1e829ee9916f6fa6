//! OpenSSL, BoringSSL and GnuTLS: each hands all secrets to one function, whether or not anyone asked for a key log.

use iced_x86::{Decoder, DecoderOptions, FlowControl, OpKind, Register as Iced};

use crate::elf::Image;
use crate::loads::{self, Load};
use crate::place::{Call, Kind, Library, Part, Point, Random, Register};
use crate::random::{self, Code};
use crate::version;
use crate::walk::{self, Held};
use crate::why::NotFound;

/// The labels that lead to the function (RFC 9850, section 2).
const LABELS: [&[u8]; 8] = [
    b"CLIENT_RANDOM\0",
    b"EXPORTER_SECRET\0",
    b"EARLY_EXPORTER_SECRET\0",
    b"CLIENT_EARLY_TRAFFIC_SECRET\0",
    b"CLIENT_HANDSHAKE_TRAFFIC_SECRET\0",
    b"SERVER_HANDSHAKE_TRAFFIC_SECRET\0",
    b"CLIENT_TRAFFIC_SECRET_0\0",
    b"SERVER_TRAFFIC_SECRET_0\0",
];

/// How far behind a label the function is called, in bytes.
const REACH: usize = 120;

/// That a register holds the address of a label.
#[derive(Clone, PartialEq)]
struct Label;

/// The functions that are found by their names.
#[derive(Default)]
struct Named {
    logs: Option<(Kind, u64)>,
    /// `SSL_get_client_random` or `gnutls_session_get_random`.
    gives: Option<(u64, Code)>,
}

pub(crate) fn find(image: &Image<'_>) -> Result<Part, NotFound> {
    let named = named(image);
    let (kind, function) = match named.logs {
        Some(named) => named,
        None => by_labels(image)?,
    };
    let random = client_random(image, function, named.gives);
    let arguments = [Register::Rdi, Register::Rsi, Register::Rdx, Register::Rcx];
    let place = walk::place(image, function, &arguments, 1).ok_or(NotFound::Unproved(kind))?;
    let [session, label, secret, length] = place.arguments[..] else {
        return Err(NotFound::Unproved(kind));
    };
    let offset = image.offset(place.address).ok_or(NotFound::Unproved(kind))?;
    let call = Call::Log { session, label, secret, length, random };
    let library = Library { kind, version: version::of(image, kind) };
    Ok(Part { library, points: vec![Point { offset, step: place.step, call }] })
}

fn named(image: &Image<'_>) -> Named {
    let mut named = Named::default();
    for symbol in image.symbols() {
        match symbol.name() {
            Some(b"ssl_log_secret") => named.logs = named.logs.or(Some((Kind::OpenSsl, symbol.address))),
            Some(b"_gnutls_call_keylog_func") => {
                named.logs = named.logs.or(Some((Kind::GnuTls, symbol.address)));
            }
            // With a point it would be a part of it, or a form of it with other arguments.
            Some(name) if name.starts_with(b"_ZN4bssl14ssl_log_secret") && !name.contains(&b'.') => {
                named.logs = named.logs.or(Some((Kind::BoringSsl, symbol.address)));
            }
            Some(b"SSL_get_client_random") => {
                named.gives = named.gives.or(Some((symbol.address, Code::Copies)));
            }
            Some(b"gnutls_session_get_random") => {
                named.gives = named.gives.or(Some((symbol.address, Code::Points)));
            }
            _ => {}
        }
    }
    named
}

/// Returns where the random is, if the code that says so does not contradict itself.
fn client_random(image: &Image<'_>, function: u64, gives: Option<(u64, Code)>) -> Random {
    let own = random::read(image, function, Code::Logs);
    let exported = gives.and_then(|(gives, code)| random::read(image, gives, code));
    match (own, exported) {
        (Some(one), Some(other)) if one != other => Random::Unknown,
        (Some(random), _) | (None, Some(random)) => random,
        (None, None) => Random::Unknown,
    }
}

/// Returns the function that is called next behind places that take the address of at least two different labels.
fn by_labels(image: &Image<'_>) -> Result<(Kind, u64), NotFound> {
    let texts: Vec<(u64, usize)> = LABELS
        .iter()
        .enumerate()
        .flat_map(|(label, text)| {
            loads::addresses(image, text).into_iter().map(move |address| (address, label))
        })
        .collect();
    let (Some(least), Some(most)) =
        (texts.iter().map(|text| text.0).min(), texts.iter().map(|text| text.0).max())
    else {
        return Err(NotFound::NoLibrary);
    };
    let mut calls: Vec<(u64, usize)> = Vec::new();
    for load in loads::of(image, least, most) {
        if let Some((_, label)) = texts.iter().find(|text| text.0 == load.target)
            && let Some(function) = next_call(image, load)
        {
            calls.push((function, *label));
        }
    }
    calls.sort_unstable();
    calls.dedup();
    let labels = calls
        .chunk_by(|one, other| one.0 == other.0)
        .filter_map(|calls| Some((calls.len(), calls.first()?.0)));
    let (labels, function) = labels.max().ok_or(NotFound::NoLibrary)?;
    let kind = version::kind(image);
    if labels >= 2 { Ok((kind, function)) } else { Err(NotFound::Unproved(kind)) }
}

/// Returns the function that is called on the straight code behind a place with the address that is taken there as its
/// second argument.
fn next_call(image: &Image<'_>, load: Load) -> Option<u64> {
    let mut decoder = Decoder::with_ip(64, image.code(load.at, REACH), load.at, DecoderOptions::NONE);
    let mut instruction = decoder.decode();
    let mut held = Held::default();
    held.put(instruction.op0_register(), Some(Label));
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        match instruction.flow_control() {
            FlowControl::Call if instruction.op0_kind() == OpKind::NearBranch64 => {
                let function = instruction.near_branch64();
                let passed = held.get(Iced::RSI) == Some(Label);
                return image.offset(function).filter(|_| passed).map(|_| function);
            }
            FlowControl::Next | FlowControl::ConditionalBranch => held.follow(&instruction),
            _ => return None,
        }
    }
    None
}
