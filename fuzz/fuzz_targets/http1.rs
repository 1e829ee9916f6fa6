#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| traffic_monitor_fuzz::http1::http1(data));
