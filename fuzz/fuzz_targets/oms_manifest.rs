#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| assaymark_fuzz::oms_manifest::run(data));
