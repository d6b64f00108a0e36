//! Lists what the chat page was built into, so that it is in the executable.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/dist");
    writeln!(io::stdout(), "cargo::rerun-if-changed={}", built.display())?;
    let mut files = Vec::new();
    list(&built, &built, &mut files)?;
    files.sort();
    let mut table = String::from("[\n");
    for name in files {
        let path = built.join(&name);
        let path = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        writeln!(table, "    (\"/{name}\", include_bytes!({path:?})),")
            .map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(PathBuf::from(out).join("page.rs"), table)
}

/// The files below a directory, by their names in the page's addresses.
fn list(built: &Path, directory: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            list(built, &path, files)?;
        } else {
            let name = path.strip_prefix(built).map_err(io::Error::other)?;
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            files.push(parts.join("/"));
        }
    }
    Ok(())
}
