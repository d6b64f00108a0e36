//! Writes the contract's files where the repository holds them: `cargo run -p switchboard-contract`.

use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protocol = contract.parent().unwrap_or(contract);
    for (path, text) in switchboard_contract::files(protocol)? {
        std::fs::write(path, text)?;
    }
    Ok(())
}
