//! The table of this suite is true: what it names exists, and every test says where its fact is from.

const MODULES: [(&str, &str); 8] = [
    ("chaos", include_str!("chaos.rs")),
    ("closing", include_str!("closing.rs")),
    ("events", include_str!("events.rs")),
    ("handshake", include_str!("handshake.rs")),
    ("management", include_str!("management.rs")),
    ("messages", include_str!("messages.rs")),
    ("pace", include_str!("pace.rs")),
    ("quotas", include_str!("quotas.rs")),
];

/// The rows of the table: their cells.
fn rows() -> Vec<Vec<&'static str>> {
    let lines = include_str!("main.rs").lines();
    let rows = lines.filter_map(|it| it.strip_prefix("//! | ")?.strip_suffix(" |"));
    rows.skip(1).map(|it| it.split(" | ").collect()).collect()
}

/// The tests of a module, each with the lines above it.
fn tests(module: &str) -> Vec<(&str, &str)> {
    let mut parts = module.split("#[tokio::test]\nasync fn ");
    let mut before = parts.next().unwrap();
    let mut tests = Vec::new();
    for part in parts {
        let (name, _) = part.split_once('(').unwrap();
        let above = before.rsplit("\n\n").next().unwrap();
        tests.push((name, above));
        before = part;
    }
    tests
}

#[test]
fn every_row_has_tests_and_every_test_is_in_a_row() {
    let rows = rows();
    let numbers: Vec<_> = rows.iter().map(|it| it[0].to_owned()).collect();
    let expected: Vec<_> = (1..=12).map(|it| it.to_string()).collect();
    assert_eq!(numbers, expected);
    let mut named = Vec::new();
    for row in &rows {
        let before = named.len();
        named.extend(row[2].split('`').filter(|it| it.contains("::")));
        assert!(named.len() > before, "{row:?}");
    }
    let all = MODULES.iter().flat_map(|(module, text)| {
        let tests = tests(text);
        assert!(!tests.is_empty(), "{module}");
        tests
            .into_iter()
            .map(move |(name, _)| format!("{module}::{name}"))
    });
    let all: Vec<_> = all.collect();
    for name in &named {
        assert!(all.iter().any(|it| it == name), "the table names {name}");
    }
    for name in all {
        assert!(
            named.contains(&name.as_str()),
            "the table leaves out {name}"
        );
    }
}

#[test]
fn every_test_says_where_its_fact_is_from() {
    for (module, text) in MODULES {
        for (name, above) in tests(text) {
            assert!(above.contains("/// Source: "), "{module}::{name}");
        }
    }
}
