#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| traffic_monitor_fuzz::operations::operations(data));
