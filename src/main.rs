//! The `assaymark` binary; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    assaymark::cli::run()
}
