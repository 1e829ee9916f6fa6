#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| traffic_monitor_fuzz::elf::elf(data));
