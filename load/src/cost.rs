//! What a run costs, from the counters of a local host that meters what AWS would bill.

use std::collections::BTreeMap;

use crate::report::Cost;

/// Dollars by action and purpose.
const DOLLARS: &str = "switchboard_dollars_total";
/// How long connections were open.
const CONNECTION_MS: &str = "switchboard_consumed_connection_ms_total";
/// What dollars for open connections are for.
const MINUTES: &str = "connection_minutes";

/// What a user of a support chat does in a month: ten conversations of twenty minutes, with ten messages of their own.
pub const MONTH_MESSAGES: f64 = 100.0;
/// How long such a user is connected.
pub const MONTH_MINUTES: f64 = 200.0;

/// What moved as dollars, for so many messages; none where the host meters nothing.
pub fn cost(moved: &BTreeMap<String, f64>, messages: u64) -> Option<Cost> {
    let (mut dollars, mut by_action) = (BTreeMap::new(), BTreeMap::new());
    for (name, by) in moved {
        let Some((action, purpose)) = labels(name) else {
            continue;
        };
        *dollars.entry(purpose.replace('_', " ")).or_insert(0.0) += by;
        if purpose != MINUTES {
            *by_action.entry(action.to_owned()).or_insert(0.0) += by;
        }
    }
    if dollars.is_empty() || messages == 0 {
        return None;
    }
    let said: f64 = by_action.values().sum::<f64>() / messages as f64;
    let connected: f64 = dollars.values().sum::<f64>() - by_action.values().sum::<f64>();
    let connected_ms: f64 = moved
        .iter()
        .filter(|(name, _)| name.starts_with(CONNECTION_MS))
        .map(|(_, by)| by)
        .sum();
    let minute = if connected_ms > 0.0 {
        connected / (connected_ms / 60_000.0)
    } else {
        0.0
    };
    Some(Cost {
        per_million_messages: (said + connected / messages as f64) * 1e6,
        per_thousand_users_month: (said * MONTH_MESSAGES + minute * MONTH_MINUTES) * 1e3,
        dollars,
        by_action,
    })
}

/// The action and the purpose of a counter of dollars.
fn labels(name: &str) -> Option<(&str, &str)> {
    let labels = name.strip_prefix(DOLLARS)?.strip_prefix('{')?;
    let of = |label: &str| {
        let (_, rest) = labels.split_once(label)?;
        rest.strip_prefix("=\"")?
            .split_once('"')
            .map(|(value, _)| value)
    };
    Some((of("action")?, of("for")?))
}

#[cfg(test)]
mod tests {
    use super::{MONTH_MESSAGES, MONTH_MINUTES, cost};
    use std::collections::BTreeMap;

    fn moved(counters: &[(&str, f64)]) -> BTreeMap<String, f64> {
        counters
            .iter()
            .map(|(name, by)| ((*name).to_owned(), *by))
            .collect()
    }

    #[test]
    fn there_is_a_cost_only_where_dollars_are_counted() {
        assert!(cost(&moved(&[("switchboard_sends_total", 5.0)]), 10).is_none());
    }

    #[test]
    fn dollars_are_added_up_by_what_they_are_for_and_by_action() {
        let counters = [
            (
                r#"switchboard_dollars_total{action="send",for="writes"}"#,
                2.0,
            ),
            (
                r#"switchboard_dollars_total{action="send",for="reads"}"#,
                1.0,
            ),
            (
                r#"switchboard_dollars_total{action="deliver",for="reads"}"#,
                1.0,
            ),
            (
                r#"switchboard_dollars_total{action="nobody",for="connection_minutes"}"#,
                0.5,
            ),
            (
                r#"switchboard_consumed_connection_ms_total{action="nobody"}"#,
                120_000.0,
            ),
        ];
        let cost = cost(&moved(&counters), 1_000_000).unwrap();
        assert!((cost.per_million_messages - 4.5).abs() < 1e-9);
        assert_eq!(cost.dollars["reads"].to_string(), "2");
        assert_eq!(cost.by_action["send"].to_string(), "3");
        let month = (4e-6 * MONTH_MESSAGES + 0.25 * MONTH_MINUTES) * 1e3;
        assert!((cost.per_thousand_users_month - month).abs() < 1e-9);
    }
}
