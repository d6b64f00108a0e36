//! The project's own executables, built as a user builds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Builds executables of the workspace and says where they are.
///
/// With the workspace's features, so that what was built for `cargo nextest run --workspace` is not built again.
/// `scratch` is `env!("CARGO_TARGET_TMPDIR")` of the test: the target directory is the one that the test was built in.
pub fn build(scratch: &str, names: &[&str]) -> BTreeMap<String, PathBuf> {
    let target = Path::new(scratch)
        .parent()
        .expect("a directory in the target directory");
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells a test of its package, build scripts would take for a change: everything over TLS would be built
    // anew in here, and anew again outside.
    let told = ["CARGO_MANIFEST_", "CARGO_PKG_"];
    for (name, _) in std::env::vars_os() {
        if told.iter().any(|it| name.to_string_lossy().starts_with(it)) {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["build", "--workspace", "--quiet", "--message-format=json"])
        .args(names.iter().flat_map(|name| ["--bin", name]))
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("failed to run cargo");
    assert!(
        output.status.success(),
        "{names:?} were not built: {}",
        output.status
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let artifacts = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    artifacts
        .filter_map(|it| {
            let program = PathBuf::from(it["executable"].as_str()?);
            Some((it["target"]["name"].as_str()?.to_owned(), program))
        })
        .collect()
}
