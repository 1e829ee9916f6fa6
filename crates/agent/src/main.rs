//! The binary `traffic-monitor`.

use std::process::ExitCode;

/// Steady memory under the churn of connections; measured against the system's allocator in `benches/`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    traffic_monitor_agent::main()
}
