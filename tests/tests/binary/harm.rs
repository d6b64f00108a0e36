//! What can happen to a file of a data directory while nobody holds it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::moment::Dice;

pub(crate) const DATABASE: &str = "switchboard.db";
pub(crate) const LOG: &str = "switchboard.db-wal";
pub(crate) const KEY: &str = "issuer.der";

/// Puts noise into a file from there on, the same each time.
pub(crate) fn scribble(file: &Path, offset: u64, bytes: usize) {
    let mut dice = Dice::new(offset);
    let noise: Vec<u8> = (0..bytes)
        .map(|_| u8::try_from(dice.below(256)).unwrap())
        .collect();
    let file = File::options().write(true).open(file).unwrap();
    file.write_all_at(&noise, offset).unwrap();
}

pub(crate) fn cut(file: &Path, bytes: u64) {
    let file = File::options().write(true).open(file).unwrap();
    file.set_len(bytes).unwrap();
}

pub(crate) fn cut_in_half(file: &Path) {
    cut(file, length(file) / 2);
}

pub(crate) fn length(file: &Path) -> u64 {
    fs::metadata(file).unwrap().len()
}

pub(crate) fn become_directory(file: &Path) {
    fs::remove_file(file).unwrap();
    fs::create_dir(file).unwrap();
}
