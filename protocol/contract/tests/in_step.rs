//! Goal: what the repository holds is what the tables say.

#![cfg(test)]

use std::fs;
use std::path::Path;

use switchboard_contract::files;

#[test]
fn the_committed_contract_is_the_generated_one() {
    let protocol = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (path, text) in files(protocol).unwrap() {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "{} is not what the tables say: run `cargo run -p switchboard-contract` and commit it",
            path.display()
        );
    }
}
