//! `switchboard-load`: see the library.

use std::process::ExitCode;

use switchboard_load::cli::{self, Outcome};

fn main() -> ExitCode {
    match cli::main(std::env::args_os()) {
        Outcome::Good => ExitCode::SUCCESS,
        Outcome::Bad => ExitCode::from(1),
        Outcome::Failed => ExitCode::from(2),
    }
}
