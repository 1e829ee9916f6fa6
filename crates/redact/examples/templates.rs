//! The templates that lines of traffic lead to, as `tests/templates/score` reads them. The inner loop of work on templates:
//!
//! ```sh
//! tests/templates/run --lines lines && cargo run --example templates --features by-hand < lines/stripe.20.tsv
//! ```

use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let mut lines = String::new();
    std::io::stdin().read_to_string(&mut lines)?;
    std::io::stdout().write_all(traffic_monitor_redact::by_hand::templates(&lines).as_bytes())
}
