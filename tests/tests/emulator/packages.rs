//! Packages: the same bytes from the same sources, and nothing that the platform could not run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::deployment::package;
use crate::machine::root;

/// Packs into a folder, and returns every file in it.
fn packed(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let output = run(&["--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let entries = fs::read_dir(out).unwrap().map(Result::unwrap);
    let entries = entries.filter(|it| it.file_name() != ".lock");
    entries
        .map(|it| {
            let name = it.file_name().into_string().unwrap();
            (name, fs::read(it.path()).unwrap())
        })
        .collect()
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(root().join("infra/package"));
    let output = command.args(arguments).output();
    output.expect("failed to run infra/package")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let first = packed(one.path());
    let manifest: Value = serde_json::from_slice(&first["manifest.json"]).unwrap();
    let functions = manifest["functions"].as_object().unwrap();
    assert_eq!(manifest["architecture"], "x86_64");
    assert_eq!(first.len(), functions.len() + 1);
    for (name, entry) in functions {
        let zip = &first[&format!("{name}.zip")];
        assert_eq!(entry["bytes"], zip.len());
        let sha256 = entry["sha256"].as_str().unwrap();
        let key = format!("functions/{name}-{}.zip", &sha256[..16]);
        assert_eq!(entry["key"], key.as_str());
        holds_one_bootstrap(zip);
    }
    let second = packed(two.path());
    for (name, bytes) in &first {
        // A manifest says where its zips are, and that is where they differ.
        assert!(name == "manifest.json" || second[name] == *bytes, "{name}");
    }
}

/// Reads the entry in the directory at the zip's end: one, called `bootstrap`, executable, of a time that is nobody's.
fn holds_one_bootstrap(zip: &[u8]) {
    let end = &zip[zip.len() - 22..];
    assert_eq!(&end[..4], b"PK\x05\x06", "there is more than the directory");
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |all, it| all << 8 | usize::from(*it))
    };
    assert_eq!(number(&end[10..12]), 1, "there is one entry");
    let entry = &zip[number(&end[16..20])..];
    assert_eq!(&entry[..4], b"PK\x01\x02");
    assert_eq!(number(&entry[10..12]), 8, "it is deflated");
    assert_eq!(number(&entry[12..14]), 0, "midnight");
    assert_eq!(number(&entry[14..16]), 0x21, "1 January 1980");
    assert_eq!(number(&entry[38..42]) >> 16, 0o100_755, "its mode");
    assert_eq!(&entry[46..46 + number(&entry[28..30])], b"bootstrap");
}

/// A function's executable, changed in one place, and what is said of it.
fn judged(from: &[u8], to: &[u8], arguments: &[&str]) -> Output {
    let built = root().join("target/x86_64-unknown-linux-gnu/lambda/authorize");
    let mut image = fs::read(built).unwrap();
    let places: Vec<usize> = (0..image.len() - from.len())
        .filter(|it| image[*it..].starts_with(from))
        .collect();
    assert!(!places.is_empty() || from.is_empty());
    for place in places {
        image[place..place + to.len()].copy_from_slice(to);
    }
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("bootstrap");
    fs::write(&path, image).unwrap();
    let path = path.to_str().unwrap();
    run(&[&["--judge", path], arguments].concat())
}

#[test]
fn what_the_platform_could_not_run_is_refused() {
    package();
    let own = judged(b"", b"", &[]);
    assert!(own.status.success(), "{}", stderr(&own));
    let verdict: Value = serde_json::from_slice(&own.stdout).unwrap();
    let glibc = verdict["glibc"].as_str().unwrap().to_owned();
    let needed = format!("\0GLIBC_{glibc}\0");
    for (what, output) in [
        (
            "GLIBC_2.39",
            judged(needed.as_bytes(), b"\0GLIBC_2.39\0", &[]),
        ),
        (
            "GLIBC_PRIV",
            judged(needed.as_bytes(), b"\0GLIBC_PRIV\0", &[]),
        ),
        ("libz.so.6", judged(b"\0libc.so.6\0", b"\0libz.so.6\0", &[])),
        ("not for arm64", judged(b"", b"", &["--arch", "arm64"])),
        ("no executable", judged(b"\x7fELF", b"\x7fBAD", &[])),
    ] {
        assert_eq!(output.status.code(), Some(1), "{what}");
        let said = stderr(&output);
        assert!(said.contains(what), "{what}: {said}");
        assert!(!said.contains("Traceback"), "{said}");
    }
}

#[test]
fn a_function_that_there_is_not_is_said_to_be_none() {
    let output = run(&["--only", "message,massage"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("there is no function 'massage'"), "{said}");
}
