#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| quayside_fuzz::run("orderez", data));
