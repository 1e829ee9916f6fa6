//! Prints where the TLS libraries in files can be probed: `places FILE...`. A line for each place, tab-separated: the file,
//! what is called, offset, step, registers; or the file and why there is no place.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::time::Instant;

use traffic_monitor_finder::{Found, NotFound};

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
                let (library, step) = (&found.library, point.step);
                println!("{path}\t{library}\t{id}\t{:#x}\t{step:?}\t{:?}", point.offset, point.call);
            }
        }
        Err(why) => println!("{path}\t{why}"),
    }
}
