//! Pushes across lives: what a dead gateway had noted, and what the next one told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tokio::time::timeout;

use crate::gateway::{Gateway, PATIENCE};
use crate::talk::Talk;
use crate::writer::Writer;

/// Up to where the phone of each conversation's provider was told.
#[derive(Debug, Default)]
pub(crate) struct Notes(BTreeMap<String, u64>);

impl Notes {
    /// Reads what nobody holds any more, from a copy: opening it would already mend it.
    ///
    /// Asserts on the way that the file as it lies there is sound.
    pub(crate) fn of(data: &Path, at: &str) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for name in ["switchboard.db", "switchboard.db-wal"] {
            if data.join(name).exists() {
                fs::copy(data.join(name), copy.path().join(name)).unwrap();
            }
        }
        let file = copy.path().join("switchboard.db");
        let database =
            Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        let sound: String = database
            .query_row("PRAGMA quick_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok", "{at}");
        let mut members = database
            .prepare("SELECT pk, item_json FROM chat WHERE sk LIKE 'S:M#provider%'")
            .unwrap();
        let rows = members.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let noted = |row: rusqlite::Result<(String, String)>| {
            let (key, item) = row.unwrap();
            let item: Value = serde_json::from_str(&item).unwrap();
            let seq = item["pushed"]["M"]["phone"]["N"].as_str()?.parse().unwrap();
            Some((key.strip_prefix("S:C#")?.to_owned(), seq))
        };
        Self(rows.unwrap().filter_map(noted).collect())
    }

    /// Waits until all that is unconfirmed was pushed, before this life or in it, and asserts that nothing was told twice.
    pub(crate) async fn check(&self, gateway: &Gateway, writers: &[Writer], at: &str) {
        let mut untold = Vec::new();
        let telling = async {
            loop {
                let pushes = self.pushes(gateway, at).await;
                let told = |id: &String| pushes.get(id).or(self.0.get(id)).copied().unwrap_or(0);
                let talks = writers.iter().flat_map(|it| &it.talks);
                let is_untold =
                    |it: &&Talk| it.marks().recv.max(told(&it.conversation)) < it.last();
                untold = talks
                    .filter(is_untold)
                    .map(|it| (it.last(), told(&it.conversation), it))
                    .collect();
                if untold.is_empty() {
                    return;
                }
            }
        };
        let told = timeout(PATIENCE, telling).await;
        assert!(
            told.is_ok(),
            "{at}: neither confirmed nor pushed: {untold:?}"
        );
        let metrics = gateway.get("/_local/metrics").await;
        let metrics = String::from_utf8(metrics.body().to_vec()).unwrap();
        assert!(
            metrics.contains("switchboard_stream_records_given_up_total 0\n"),
            "{at}: {metrics}"
        );
    }

    /// The last place of each conversation that this life has pushed: one after the other, above what was noted.
    pub(crate) async fn pushes(&self, gateway: &Gateway, at: &str) -> BTreeMap<String, u64> {
        let pushes = gateway.get_json("/_local/pushes").await;
        let mut told: BTreeMap<String, u64> = BTreeMap::new();
        for push in pushes.as_array().unwrap().iter().rev() {
            let id = push["conversation"].as_str().unwrap();
            let seq = push["seq"].as_u64().unwrap();
            let before = told.get(id).or(self.0.get(id)).copied().unwrap_or(0);
            assert!(seq > before, "{at}: {push} was told of up to {before}");
            told.insert(id.to_owned(), seq);
        }
        told
    }
}
