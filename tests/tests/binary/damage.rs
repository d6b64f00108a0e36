//! Goal: over damaged files it either starts with everything that was acknowledged, or says in one line which file is
//! damaged and leaves the directory as it is: it never panics, hangs, or begins a new log over an old one.
//! Method: a directory with a database, and with a write-ahead log that a kill left behind, is copied for each case,
//! and one of its files is damaged. Damage in the middle of the database is found where it is read: what it hit answers
//! `unavailable`, and the rest is as it was.

use std::cell::Cell;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::before::{SENDS, before, copy, says};
use crate::gateway::{Ended, Gateway, serving};
use crate::harm::{DATABASE, KEY, LOG, become_directory, cut, cut_in_half, length, scribble};
use crate::moment::Dice;

const PAGE_BYTES: u64 = 4_096;
/// Random places in the middle that are damaged, one at a time.
const PLACES: u64 = 12;
const SEED: u64 = 0xda3a_6ed0;

type Damage = fn(&Path);

fn assert_refused(ended: &Ended, file: &Path, at: &str) {
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(1), ""),
        "{at}: {ended:?}"
    );
    assert_eq!(ended.err.lines().count(), 1, "{at}: {ended:?}");
    let is_named = ended.err.contains(file.to_str().unwrap());
    assert!(is_named, "{at}: {ended:?}");
}

/// Asserts that it refuses to start, names the file, and leaves the messages as they are.
async fn refuses(data: &Path, file: &str, at: &str) {
    let messages = || [DATABASE, LOG].map(|it| fs::read(data.join(it)).ok());
    let before = messages();
    let Err(ended) = Gateway::attempt(serving(data)).await else {
        panic!("{at}: it starts");
    };
    assert_refused(&ended, &data.join(file), at);
    // The key is read after the database was opened, which may move the log into it.
    if file != KEY {
        for (before, after) in before.into_iter().zip(messages()) {
            assert!(before.is_none() || before == after, "{at}: it was changed");
        }
    }
}

/// What a power cut or a kill may leave, and what is made anew from the rest.
const MENDED: [(&str, Damage); 4] = [
    ("as it was", |_| {}),
    ("half a frame at the log's end", |data| {
        scribble(&data.join(LOG), length(&data.join(LOG)), 2_000);
    }),
    ("frames of noise at the log's end", |data| {
        scribble(&data.join(LOG), length(&data.join(LOG)), 20_000);
    }),
    ("noise where the log's index is", |data| {
        fs::write(data.join("switchboard.db-shm"), "noise".repeat(10_000)).unwrap();
    }),
];

#[tokio::test]
async fn what_a_crash_leaves_is_mended() {
    let before = before().await;
    for (at, damage) in MENDED {
        let data = copy(&before.killed);
        damage(data.path());
        says(
            &before,
            Gateway::on(data.path()).await,
            at,
            |known, found, sent| {
                assert_eq!(known, found, "{at}");
                assert_eq!(sent["seq"], 2 * SENDS + 1, "{at}: {sent}");
            },
        )
        .await;
    }
}

#[tokio::test]
async fn a_log_without_its_last_frame_is_a_log_without_its_last_commit() {
    let before = before().await;
    let data = copy(&before.killed);
    let log = data.path().join(LOG);
    cut(&log, length(&log) - 100);
    says(
        &before,
        Gateway::on(data.path()).await,
        "cut",
        |known, found, sent| {
            let known = known["entries"].as_array().unwrap();
            let found = found["entries"].as_array().unwrap();
            assert!(known.starts_with(found), "{found:?}");
            assert!(found.len() + 1 >= known.len(), "{found:?}");
            assert_eq!(sent["seq"], found.len() + 1, "{sent}");
        },
    )
    .await;
}

/// On the directory that was killed. What is empty, missing or another's would be begun anew, and the log be deleted.
const LOST: [(&str, &str, Damage); 15] = [
    ("cut in half", DATABASE, |data| {
        cut_in_half(&data.join(DATABASE));
    }),
    ("cut to a page", DATABASE, |data| {
        cut(&data.join(DATABASE), PAGE_BYTES);
    }),
    ("cut to less than a header", DATABASE, |data| {
        cut(&data.join(DATABASE), 50);
    }),
    ("empty", DATABASE, |data| cut(&data.join(DATABASE), 0)),
    ("missing", DATABASE, |data| {
        fs::remove_file(data.join(DATABASE)).unwrap();
    }),
    ("a directory", DATABASE, |data| {
        become_directory(&data.join(DATABASE));
    }),
    ("a text", DATABASE, |data| {
        fs::remove_file(data.join(LOG)).unwrap();
        fs::write(data.join(DATABASE), "precious ".repeat(1_000)).unwrap();
    }),
    ("the database of another program", DATABASE, |data| {
        fs::remove_file(data.join(LOG)).unwrap();
        fs::remove_file(data.join(DATABASE)).unwrap();
        let other = rusqlite::Connection::open(data.join(DATABASE)).unwrap();
        other.execute_batch("CREATE TABLE precious (a)").unwrap();
    }),
    ("noise where its tables are listed", DATABASE, |data| {
        fs::remove_file(data.join(LOG)).unwrap();
        scribble(&data.join(DATABASE), 100, 3_996);
    }),
    ("noise for a header", LOG, |data| {
        scribble(&data.join(LOG), 0, 32);
    }),
    ("a directory for a log", LOG, |data| {
        become_directory(&data.join(LOG));
    }),
    ("an empty key", KEY, |data| cut(&data.join(KEY), 0)),
    ("half a key", KEY, |data| cut_in_half(&data.join(KEY))),
    ("another bit in the key", KEY, |data| {
        let mut key = fs::read(data.join(KEY)).unwrap();
        key[100] ^= 1;
        fs::write(data.join(KEY), key).unwrap();
    }),
    ("a directory for a key", KEY, |data| {
        become_directory(&data.join(KEY));
    }),
];

#[tokio::test]
async fn what_was_lost_is_said_and_nothing_is_begun_anew() {
    let before = before().await;
    for (at, file, damage) in LOST {
        let data = copy(&before.killed);
        damage(data.path());
        refuses(data.path(), file, at).await;
    }
    let data = copy(&before.stopped);
    cut_in_half(&data.path().join(DATABASE));
    refuses(data.path(), DATABASE, "stopped, and cut in half").await;
    for file in ["format.json", "lock"] {
        let data = copy(&before.stopped);
        become_directory(&data.path().join(file));
        refuses(data.path(), file, "a directory").await;
    }
}

#[tokio::test]
async fn damage_in_the_middle_is_unavailable_and_never_less_than_there_was() {
    let before = before().await;
    let mut dice = Dice::new(SEED);
    let (mut outcomes, whole) = ([0; 3], Cell::new(0));
    for _ in 0..PLACES {
        let data = copy(&before.stopped);
        let database = data.path().join(DATABASE);
        let page = 1 + dice.below(length(&database) / PAGE_BYTES - 1);
        let at = format!("page {page} of {}", length(&database) / PAGE_BYTES);
        scribble(&database, page * PAGE_BYTES, 4_096);
        let gateway = match Gateway::attempt(serving(data.path())).await {
            Ok(gateway) => gateway,
            Err(ended) => {
                assert_refused(&ended, &database, &at);
                outcomes[0] += 1;
                continue;
            }
        };
        let is_there = says(&before, gateway, &at, |known, found, sent| {
            let is_whole = found == known;
            whole.set(whole.get() + u64::from(is_whole));
            assert!(is_whole || found["code"] == "unavailable", "{at}: {found}");
            let is_next = sent["seq"] == 2 * SENDS + 1;
            assert!(is_next || sent["code"] == "unavailable", "{at}: {sent}");
        });
        outcomes[1 + usize::from(is_there.await)] += 1;
    }
    let whole = whole.get();
    println!("refused to start, let nobody in, answered: {outcomes:?}, {whole} whole logs");
    assert!(whole > 4 * PLACES, "{whole}: more was damaged than a page");
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_named() {
    let before = before().await;
    for file in [DATABASE, LOG, KEY, "format.json", "lock"] {
        let data = copy(&before.killed);
        let path = data.path().join(file);
        fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
        if File::open(&path).is_err() {
            refuses(data.path(), file, "it may not be read").await;
        } else {
            // Nothing is kept from a superuser.
            let gateway = Gateway::on(data.path()).await;
            let is_there = says(&before, gateway, file, |known, found, _| {
                assert_eq!(known, found, "{file}");
            });
            assert!(is_there.await, "{file}");
        }
    }
}
