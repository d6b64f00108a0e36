//! Everybody else: rows by the hundred thousand.

use crate::play::Play;

/// Pairs of other users, each with a conversation and two connections.
const PAIRS: u64 = 100_000;
/// More entries in the one conversation.
const ENTRIES: u64 = 10_000;

/// The engine's own tables, each with the columns of its key.
const TABLES: [(&str, &[&str]); 3] = [
    ("chat", &["pk", "sk"]),
    ("connections", &["pk", "sk"]),
    (
        "chat::gsi::lists",
        &["gsi_pk", "gsi_sk", "table_pk", "table_sk"],
    ),
];

/// Copies what is stored of alice and bob for a hundred thousand other pairs, and their conversation's newest entry for
/// ten thousand entries more: by the engine's own tables, since so many requests would take minutes.
pub(crate) fn gather(mut play: Play) -> Play {
    play.bare = play.bare.filled(|mut database| {
        let write = database.transaction().unwrap();
        for (table, keys) in TABLES {
            let sql = others(&play.conversation, table, keys);
            assert!(
                write.execute(&sql, []).unwrap() as u64 >= 2 * PAIRS,
                "{table}"
            );
        }
        let sql = entries(&play.conversation, play.last);
        assert_eq!(write.execute(&sql, []).unwrap() as u64, ENTRIES);
        write.commit().unwrap();
    });
    play.last += ENTRIES;
    play
}

/// Every row but the entries after the first, under other names.
fn others(id: &str, table: &str, keys: &[&str]) -> String {
    let other = |column: &str| {
        format!(
            "replace(replace(replace({column}, '{id}', printf('%026d', n)),
                'alice', 'alice-' || n), 'bob', 'bob-' || n)"
        )
    };
    let size = if table.contains("gsi") {
        ""
    } else {
        ", item_size"
    };
    let copies: Vec<String> = keys.iter().map(|it| other(it)).collect();
    format!(
        "{numbers} INSERT INTO \"{table}\" ({keys}, item_json{size})
         SELECT {copies}, {item}{size} FROM \"{table}\", numbers
         WHERE {last} NOT BETWEEN 'S:E#000000000002' AND 'S:E#999999999999'",
        numbers = numbers(PAIRS),
        copies = copies.join(", "),
        item = other("item_json"),
        last = keys.last().unwrap(),
        keys = keys.join(", "),
    )
}

/// The newest entry again and again, each at the next place and with an id of its own.
fn entries(id: &str, last: u64) -> String {
    let place = format!("printf('E#%012d', {last} + n)");
    format!(
        "{numbers} INSERT INTO chat (pk, sk, item_json, item_size)
         SELECT pk, 'S:' || {place}, replace(replace(item_json, 'E#{last:012}', {place}),
             json_extract(item_json, '$.id.S'), printf('%026d', n)), item_size
         FROM chat, numbers WHERE pk = 'S:C#{id}' AND sk = 'S:E#{last:012}'",
        numbers = numbers(ENTRIES),
    )
}

fn numbers(upto: u64) -> String {
    format!(
        "WITH RECURSIVE numbers(n) AS
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {upto})"
    )
}
