//! What a local host shows beside its WebSocket API: counters, and the push inbox. Elsewhere there is neither.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::target::Target;

/// A push, as the inbox shows it.
#[derive(Debug, Deserialize)]
pub struct Pushed {
    /// When it was taken, by the host's clock.
    pub at: u64,
    /// Whose phone.
    pub user: String,
    /// Of which conversation.
    pub conversation: String,
    /// The newest entry that it tells of.
    pub seq: u64,
}

/// The host's counters; none where it shows none.
pub async fn counters(target: &Target) -> Option<BTreeMap<String, f64>> {
    if !target.is_loopback() {
        return None;
    }
    let text = target.get("/_local/metrics").await.ok()?;
    Some(parse(std::str::from_utf8(&text).ok()?))
}

/// The push inbox, newest first; none where it cannot be read.
pub async fn pushes(target: &Target) -> Option<Vec<Pushed>> {
    if !target.is_loopback() {
        return None;
    }
    let text = target.get("/_local/pushes").await.ok()?;
    serde_json::from_slice(&text).ok()
}

/// Which counters moved, and by how much.
pub fn moved(
    before: &BTreeMap<String, f64>,
    after: &BTreeMap<String, f64>,
) -> BTreeMap<String, f64> {
    let moved = after
        .iter()
        .map(|(name, value)| (name.clone(), value - before.get(name).unwrap_or(&0.0)));
    moved.filter(|(_, by)| *by > 0.0).collect()
}

/// Counters of Prometheus' text format: gauges do not add up, and are left out.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let samples = samples.filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        let family = name.split('{').next()?;
        family
            .ends_with("_total")
            .then_some((name.to_owned(), value.parse().ok()?))
    });
    samples.collect()
}

#[cfg(test)]
mod tests {
    use super::{moved, parse};

    #[test]
    fn what_moved_is_what_counts() {
        let before = parse("# TYPE a counter\na_total 3\nb 7\nc_total{x=\"1 2\"} 1\n");
        let after = parse("a_total 5\nb 9\nc_total{x=\"1 2\"} 1\nd_total 2.5\n");
        let moved = moved(&before, &after);
        assert_eq!(
            moved.into_iter().collect::<Vec<_>>(),
            [("a_total".to_owned(), 2.0), ("d_total".to_owned(), 2.5)]
        );
    }
}
