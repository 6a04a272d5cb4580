#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| assaymark_fuzz::tensor_bundle::run(data));
