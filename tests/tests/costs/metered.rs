//! What the host's meter says, read as anybody reads it.

use std::collections::BTreeMap;

use switchboard_tests::Stage;

/// What was consumed by action and unit, and what that costs by action and purpose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metered(BTreeMap<(String, String), f64>);

impl Metered {
    /// What the meter says now.
    pub(crate) async fn read(stage: &Stage) -> Self {
        let text = stage.get_text("/_local/metrics").await;
        Self(text.lines().filter_map(line).collect())
    }

    /// What was consumed since.
    pub(crate) async fn since(&self, stage: &Stage) -> Self {
        let now = Self::read(stage).await;
        let moved = now.0.into_iter().map(|(name, count)| {
            let before = self.0.get(&name).copied().unwrap_or(0.0);
            (name, count - before)
        });
        Self(moved.collect())
    }

    /// How many of a unit an action consumed.
    pub(crate) fn of(&self, action: &str, unit: &str) -> f64 {
        let name = (action.to_owned(), unit.to_owned());
        *self.0.get(&name).unwrap_or_else(|| panic!("{name:?}"))
    }

    /// How many of a unit all actions consumed.
    pub(crate) fn all(&self, unit: &str) -> f64 {
        let counted = self.0.iter().filter(|((_, of), _)| of == unit);
        counted.map(|(_, count)| count).sum()
    }
}

/// A unit or a purpose (`$writes`) with its action, and how much.
fn line(line: &str) -> Option<((String, String), f64)> {
    let (name, value) = line.rsplit_once(' ')?;
    let (family, labels) = name.split_once('{')?;
    let label = |name: &str| {
        let (_, rest) = labels.split_once(&format!("{name}=\""))?;
        rest.split('"').next()
    };
    let unit = if family == "switchboard_dollars_total" {
        format!("${}", label("for")?)
    } else {
        let unit = family.strip_prefix("switchboard_consumed_")?;
        unit.strip_suffix("_total")?.to_owned()
    };
    Some(((label("action")?.to_owned(), unit), value.parse().ok()?))
}
