//! From units to dollars, by a price table of one Region that an operator may replace.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Reading, Unit};

/// The table that is part of the program.
const BUILT_IN: &str = include_str!("../../prices.toml");

/// Prices of one Region, in dollars.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The Region.
    pub region: String,
    /// When somebody last compared it with the price lists, as `YYYY-MM-DD`.
    pub date: String,
    per_million: PerMillion,
    gb_second: f64,
    assumed: Assumed,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PerMillion {
    messages: f64,
    connection_minutes: f64,
    invocations: f64,
    write_units: f64,
    read_units: f64,
    stream_records: f64,
    publishes: f64,
}

/// What cannot be measured on one machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Assumed {
    round_trip_ms: f64,
}

/// A price table cannot be used. Reads on after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// The file.
    #[error("read the prices in {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is in it.
    #[error("understand the prices")]
    Table(#[from] toml::de::Error),
}

/// What dollars are spent on.
pub const SPENT_ON: [&str; 7] = [
    "messages",
    "connection_minutes",
    "invocations",
    "function_time",
    "writes",
    "reads",
    "pushes",
];

impl Prices {
    /// The table in a file, or the one that is part of the program.
    pub fn load(path: Option<&Path>) -> Result<Self, PriceError> {
        let Some(path) = path else {
            return Ok(toml::from_str(BUILT_IN)?);
        };
        let text = std::fs::read_to_string(path).map_err(|source| PriceError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(toml::from_str(&text)?)
    }

    /// What a reading costs, by [`SPENT_ON`]; `memory_mb` is that of the function that the account is of.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of a process's life are far below 2^52"
    )]
    pub fn dollars(&self, reading: &Reading, memory_mb: u64) -> [f64; SPENT_ON.len()] {
        let million = |unit, price: f64| reading.of(unit) as f64 * price / 1e6;
        let price = &self.per_million;
        let minutes = reading.of(Unit::ConnectionMs) as f64 / 60_000.0;
        let ran_ms = reading.of(Unit::FunctionMs) as f64
            + reading.of(Unit::RoundTrips) as f64 * self.assumed.round_trip_ms;
        [
            million(Unit::MessagesIn, price.messages) + million(Unit::MessagesOut, price.messages),
            minutes * price.connection_minutes / 1e6,
            million(Unit::Invocations, price.invocations),
            ran_ms / 1e3 * (memory_mb as f64 / 1_024.0) * self.gb_second,
            million(Unit::WriteUnits, price.write_units),
            million(Unit::ReadHalves, price.read_units / 2.0)
                + million(Unit::StreamRecords, price.stream_records),
            million(Unit::Publishes, price.publishes),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_multiplied_by_their_prices() {
        let prices = Prices::load(None).unwrap();
        let reading = Reading::default()
            .and(Unit::MessagesIn, 2_000_000)
            .and(Unit::MessagesOut, 1_000_000)
            .and(Unit::ConnectionMs, 60_000 * 1_000_000)
            .and(Unit::Invocations, 1_000_000)
            .and(Unit::FunctionMs, 1_000)
            .and(Unit::WriteUnits, 1_000_000)
            .and(Unit::ReadHalves, 2_000_000)
            .and(Unit::Publishes, 1_000_000);
        let dollars = prices.dollars(&reading, 1_024);
        let expected = [3.0, 0.25, 0.2, 0.000_016_666_7, 0.625, 0.125, 1.0];
        for ((what, counted), expected) in SPENT_ON.iter().zip(dollars).zip(expected) {
            assert!((counted - expected).abs() < 1e-9, "{what}: {counted}");
        }
    }

    #[test]
    fn a_table_with_a_word_too_many_is_refused() {
        let table = format!("{BUILT_IN}\nmesages = 1\n");
        assert!(toml::from_str::<Prices>(&table).is_err());
    }
}
