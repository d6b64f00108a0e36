//! A look at the database's files before the engine may touch them.
//!
//! `SQLite` takes an empty file for a new database and deletes the log beside
//! it, a log with a damaged header for an empty one, a file that lost its end for
//! whole while there is a log, and any database for ours. Each would begin anew
//! over somebody's messages: it is refused here, and nothing is changed.
//!
//! What is read does not grow with the database. Damage in its middle is found
//! where it is read, and is a failure of that request.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::OpenError;

/// What a write-ahead log begins with, and each of its frames before the page.
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: u64 = 24;
/// The header's first word; its lowest bit is the order of the checksum's bytes.
const MAGIC: u32 = 0x377f_0682;
/// Where `SQLite` takes its locks: the page of that byte is never written.
const LOCKS_AT: u64 = 0x4000_0000;

/// What is wrong. Reads on after the file's name.
#[derive(Debug, thiserror::Error)]
enum Damage {
    #[error("it is missing or empty, and the directory was in use")]
    Missing,
    #[error("it has none of this program's tables")]
    Foreign,
    #[error("it was cut short: page {page} of {pages} is nowhere")]
    Cut { page: u64, pages: u64 },
    #[error("the header is damaged, and with it what the log holds")]
    LogHeader,
}

type Found<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Refuses files that the engine would take for less than they were. `in_use`
/// says that a start was through here before, so there are tables.
pub(super) fn inspect(database: &Path, in_use: bool) -> Result<(), OpenError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| OpenError::Database { path, source }
    };
    let log = log_of(database);
    let log_pages = log_pages(&log).map_err(at(&log))?;
    if in_use {
        inspect_database(database, &log_pages).map_err(at(database))?;
    }
    Ok(())
}

fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn inspect_database(database: &Path, log_pages: &BTreeSet<u64>) -> Found<()> {
    let bytes = match fs::metadata(database) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error.into()),
    };
    if bytes == 0 {
        return Err(Damage::Missing.into());
    }
    // Read only: the last one to close it would otherwise move the log into it.
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_tables'";
    if number(table)? == 0 || number("SELECT COUNT(*) FROM _tables")? == 0 {
        return Err(Damage::Foreign.into());
    }
    let (pages, page_bytes) = (number("PRAGMA page_count")?, number("PRAGMA page_size")?);
    let locks = LOCKS_AT / page_bytes + 1;
    // What the file does not hold yet stands in the log.
    let nowhere = |page: &u64| *page != locks && !log_pages.contains(page);
    match (bytes / page_bytes + 1..=pages).find(nowhere) {
        Some(page) => Err(Damage::Cut { page, pages }.into()),
        None => Ok(()),
    }
}

/// The pages in a log's frames, those of an earlier round included; none where there is no log.
///
/// The header is on the disk before the first frame is written, so no crash damages it.
fn log_pages(log: &Path) -> Found<BTreeSet<u64>> {
    let file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error.into()),
    };
    let bytes = file.metadata()?.len();
    let mut pages = BTreeSet::new();
    let mut at = LOG_HEADER_BYTES as u64;
    if bytes <= at {
        return Ok(pages);
    }
    let mut header = [0; LOG_HEADER_BYTES];
    file.read_exact_at(&mut header, 0)?;
    let page_bytes = page_bytes(&header).ok_or(Damage::LogHeader)?;
    while at + FRAME_HEADER_BYTES + page_bytes <= bytes {
        let mut page = [0; 4];
        file.read_exact_at(&mut page, at)?;
        pages.insert(u32::from_be_bytes(page).into());
        at += FRAME_HEADER_BYTES + page_bytes;
    }
    Ok(pages)
}

/// The size of a page, by a log's header that is sound.
fn page_bytes(header: &[u8; LOG_HEADER_BYTES]) -> Option<u64> {
    let mut words = [[0; 4]; LOG_HEADER_BYTES / 4];
    words.as_flattened_mut().copy_from_slice(header);
    let [magic, _version, page_bytes, ..] = words.map(u32::from_be_bytes);
    let checked = words.map(if magic == MAGIC {
        u32::from_le_bytes
    } else {
        u32::from_be_bytes
    });
    let (mut first, mut second) = (0_u32, 0_u32);
    for pair in checked[..6].chunks_exact(2) {
        first = first.wrapping_add(pair[0]).wrapping_add(second);
        second = second.wrapping_add(pair[1]).wrapping_add(first);
    }
    let is_sound = magic & !1 == MAGIC
        && page_bytes >= 512
        && [first, second].map(u32::to_be_bytes) == words[6..8];
    is_sound.then_some(page_bytes.into())
}
