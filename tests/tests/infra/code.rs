//! What the code does that templates have to fit: its calls by function, its items, its metrics.
//!
//! Seen, not listed: the real gateway plays every action on the real store, and the wire to the tables writes down
//! what each function asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchboard::metric::{Kind, Metric};
use switchboard_handlers::emf;
use switchboard_local::template;
use switchboard_tests::Observed;

use crate::play;

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// By function: the action and the table, or the table's index, as `ChatTable/lists`.
    pub(crate) calls: BTreeMap<String, BTreeSet<(String, String)>>,
    /// By function: actions of SNS, and methods of the management API.
    pub(crate) asked: BTreeMap<String, BTreeSet<String>>,
    /// By table: the attributes of each kind of item that was put.
    pub(crate) items: BTreeSet<(String, BTreeSet<String>)>,
    /// The keys of items that were put into the log's table, and whether each is an entry.
    pub(crate) puts: Vec<(Value, bool)>,
    /// The indexes that were queried.
    pub(crate) indexes: BTreeSet<(String, String)>,
    /// The values of the labels of the code's metrics.
    pub(crate) labels: BTreeSet<String>,
    /// The attribute by which rows of connections are swept.
    pub(crate) ttl: String,
}

impl Code {
    /// Plays everything, and looks.
    pub(crate) fn observe() -> Self {
        let mut code = Self::default();
        for function in ["applications", "authorize"] {
            code.calls.insert(function.to_owned(), BTreeSet::new());
        }
        // Its own tests play it, against a service that the stand-in for phones is not; so of this one it is a list.
        let applications = ["Create", "Delete"].map(|it| format!("sns:{it}PlatformApplication"));
        let asked = code.asked.entry("applications".to_owned()).or_default();
        asked.extend(applications);
        asked.insert("sns:SetPlatformApplicationAttributes".to_owned());
        for act in play::play() {
            for it in &act.observed {
                code.note(act.function, it);
            }
            let asked = code.asked.entry(act.function.to_owned()).or_default();
            asked.extend(act.asked);
        }
        for split in Metric::ALL.into_iter().filter_map(Metric::split) {
            let values = split.labels().into_iter().map(|it| it.value().to_owned());
            code.labels.extend(values);
        }
        assert!(
            code.puts.iter().any(|(_, is_entry)| *is_entry),
            "no entry was put"
        );
        assert!(!code.ttl.is_empty(), "no row of a connection was put");
        code
    }

    /// The methods by which a function manages connections.
    pub(crate) fn methods(&self, function: &str) -> Vec<&str> {
        let methods = ["DELETE", "GET", "POST"].into_iter();
        methods.filter(|it| self.asks(function, it)).collect()
    }

    /// Whether a function was seen to ask for something of SNS or the management API.
    pub(crate) fn asks(&self, function: &str, what: &str) -> bool {
        let asked = self.asked.get(function);
        asked.is_some_and(|it| it.contains(what))
    }

    /// Whether the code emits a metric with exactly those dimensions.
    pub(crate) fn emits(name: &str, dimensions: &[&str]) -> bool {
        let known = Metric::ALL.into_iter().find(|it| it.name() == name);
        known.is_some_and(|it| emf::dimension_sets(it).iter().any(|set| set == dimensions))
    }

    /// Whether a line of metrics has a field of that name. Durations are lists, of which a query reads one: `Name.0`.
    pub(crate) fn writes(field: &str) -> bool {
        let (name, element) = match field.split_once('.') {
            Some((name, element)) => (name, Some(element)),
            None => (field, None),
        };
        let known = Metric::ALL.into_iter().find(|it| it.name() == name);
        known.is_some_and(|it| (it.kind() == Kind::Duration) == (element == Some("0")))
    }

    fn note(&mut self, function: &str, it: &Observed) {
        if it.operation != "TransactWriteItems" {
            self.note_one(function, &it.operation, &it.request);
            return;
        }
        let items = it.request["TransactItems"].as_array();
        for item in items.expect("a transaction has items") {
            for (kind, request) in item.as_object().expect("an item is an object") {
                let action = match kind.as_str() {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    kind => format!("{kind}Item"),
                };
                self.note_one(function, &action, request);
            }
        }
    }

    fn note_one(&mut self, function: &str, action: &str, request: &Value) {
        let table = match request["TableName"].as_str() {
            Some(template::CHAT) => "ChatTable",
            Some(template::CONNECTIONS) => "ConnectionsTable",
            other => panic!("{action} on the table {other:?}"),
        };
        let mut place = table.to_owned();
        if let Some(index) = request["IndexName"].as_str() {
            self.indexes.insert((table.to_owned(), index.to_owned()));
            place = format!("{table}/{index}");
        }
        let calls = self.calls.entry(function.to_owned()).or_default();
        calls.insert((format!("dynamodb:{action}"), place));
        if let Some(item) = request["Item"].as_object() {
            let attributes = item.keys().cloned().collect();
            self.items.insert((table.to_owned(), attributes));
            if table == "ChatTable" {
                let keys = json!({"pk": item["pk"], "sk": item["sk"]});
                self.puts.push((keys, item.contains_key("body")));
            }
            if table == "ConnectionsTable" {
                self.ttl = swept_by(&request["Item"]);
            }
        }
    }
}

/// The attribute that says in seconds when the row ends.
fn swept_by(item: &Value) -> String {
    let number = |it: &Value| it["N"].as_str().and_then(|it| it.parse::<u64>().ok());
    let ends_ms = number(&item["expires_at"]).expect("a row has an end");
    let found = item.as_object().into_iter().flatten();
    let mut found = found.filter(|(_, it)| number(it) == Some(ends_ms / 1_000));
    let (name, _) = found.next().expect("a row says when it is swept");
    name.clone()
}
