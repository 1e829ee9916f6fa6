//! Prints where the TLS libraries in files can be probed: `places FILE...`. A line for each place, tab-separated: file, library,
//! build id, offset, step, what is called with its arguments; or file and why there is no place. Times go to stderr.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

use std::process::ExitCode;
use std::time::Instant;

use traffic_monitor_finder::{Call, Found, NotFound, Random};

fn main() -> ExitCode {
    for path in std::env::args().skip(1) {
        let file = match std::fs::read(&path) {
            Ok(file) => file,
            Err(error) => {
                eprintln!("places: {path}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let start = Instant::now();
        let found = traffic_monitor_finder::find(&file);
        let took = start.elapsed().as_micros();
        print(&path, &found);
        eprintln!("{path}: {} bytes in {took} us", file.len());
    }
    ExitCode::SUCCESS
}

fn print(path: &str, found: &Result<Found, NotFound>) {
    match found {
        Ok(found) => {
            let id = found.build_id.as_ref().map_or("-".to_owned(), ToString::to_string);
            for point in &found.points {
                let (library, step, call) = (&found.library, point.step, call(&point.call));
                println!("{path}\t{library}\t{id}\t{:#x}\t{step:?}\t{call}", point.offset);
            }
        }
        Err(why) => println!("{path}\t{why}"),
    }
}

/// Returns what is called, with its arguments in words without spaces.
fn call(call: &Call) -> String {
    let text = match *call {
        Call::Log { session, label, secret, length, random } => {
            let random = random_of(random);
            format!(
                "log session={session:?} label={label:?} secret={secret:?} length={length:?} random={random}"
            )
        }
        Call::Go { label, label_length, random, random_length, secret, secret_length } => format!(
            "go label={label:?},{label_length:?} random={random:?},{random_length:?} secret={secret:?},{secret_length:?}"
        ),
        Call::Hkdf { prk, prk_length, info, info_length_at } => {
            format!("hkdf prk={prk:?},{prk_length:?} info={info:?},sp+{info_length_at}")
        }
        Call::Prf { secret, secret_length, label, label_length_at } => {
            format!("prf secret={secret:?},{secret_length:?} label={label:?},sp+{label_length_at}")
        }
    };
    text.to_lowercase()
}

fn random_of(random: Random) -> String {
    match random {
        Random::At { pointer: None, offset } => offset.to_string(),
        Random::At { pointer: Some(pointer), offset } => format!("{pointer},{offset}"),
        Random::Unknown => "unknown".to_owned(),
    }
}
