//! `switchboard`: the whole gateway on one machine.

use std::error::Error;
use std::process::ExitCode;

use switchboard_local::cli::{Asked, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let asked = match Asked::parse(std::env::args_os()) {
        Ok(asked) => asked,
        Err(line) => return fail(&line, 2),
    };
    match run(asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&chain(error.as_ref()), 1),
    }
}

/// One line with everything that an error's sources say.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line.replace('\n', " ")
}

#[expect(
    clippy::print_stderr,
    reason = "this is how a command says what went wrong"
)]
fn fail(line: &str, code: u8) -> ExitCode {
    eprintln!("switchboard: {line}");
    ExitCode::from(code)
}
