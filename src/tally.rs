//! What an invocation did, counted and timed: the source of every metric.

use std::collections::BTreeMap;

use crate::metric::{Kind, Label, Metric};

/// Numbers by metric. An invocation returns one; whoever hosts it adds it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    numbers: BTreeMap<(Metric, Option<Label>), u64>,
    durations: BTreeMap<Metric, Vec<u64>>,
}

impl Tally {
    /// Adds `count` to a metric; nothing where it is 0.
    pub fn add(&mut self, metric: Metric, count: u64) {
        self.raise((metric, None), count);
    }

    /// Adds `count` to one part of a metric, and so to the metric.
    pub fn add_labelled(&mut self, metric: Metric, label: Label, count: u64) {
        self.raise((metric, Some(label)), count);
    }

    fn raise(&mut self, at: (Metric, Option<Label>), count: u64) {
        if count > 0 {
            *self.numbers.entry(at).or_default() += count;
        }
    }

    /// Sets one part of a gauge, 0 included: that nothing is there is said too.
    pub fn set_labelled(&mut self, metric: Metric, label: Label, number: u64) {
        self.numbers.insert((metric, Some(label)), number);
    }

    /// Notes how long something took.
    pub fn took(&mut self, metric: Metric, ms: u64) {
        self.durations.entry(metric).or_default().push(ms);
    }

    /// Adds everything that another one counted; of a gauge, the other's number holds.
    pub fn merge(&mut self, other: &Self) {
        for (&(metric, label), &number) in &other.numbers {
            match metric.kind() {
                Kind::Gauge => {
                    self.numbers.insert((metric, label), number);
                }
                Kind::Count | Kind::Duration => self.raise((metric, label), number),
            }
        }
        for (&metric, ms) in &other.durations {
            self.durations.entry(metric).or_default().extend(ms);
        }
    }

    /// The wholes of what was counted or gauged, in the order of [`Metric`].
    pub fn iter(&self) -> impl Iterator<Item = (Metric, u64)> + '_ {
        let mut wholes: BTreeMap<Metric, u64> = BTreeMap::new();
        for (&(metric, _), &number) in &self.numbers {
            *wholes.entry(metric).or_default() += number;
        }
        wholes.into_iter()
    }

    /// The whole of one metric.
    pub fn of(&self, metric: Metric) -> u64 {
        let mut wholes = self.iter();
        wholes
            .find(|(it, _)| *it == metric)
            .map_or(0, |(_, number)| number)
    }

    /// What was counted or gauged, by its parts where it was said for parts.
    pub fn parts(&self) -> impl Iterator<Item = (Metric, Option<Label>, u64)> + '_ {
        let numbers = self.numbers.iter();
        numbers.map(|(&(metric, label), &number)| (metric, label, number))
    }

    /// How long things took, each of them.
    pub fn durations(&self) -> impl Iterator<Item = (Metric, &[u64])> + '_ {
        let durations = self.durations.iter();
        durations.map(|(metric, ms)| (*metric, ms.as_slice()))
    }

    /// Takes the durations out: whoever adds tallies up for ever cannot keep each one.
    pub fn take_durations(&mut self) -> BTreeMap<Metric, Vec<u64>> {
        std::mem::take(&mut self.durations)
    }

    /// Whether nothing was counted, gauged or timed.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.durations.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Role;

    use super::*;
    use crate::session::Ending;

    const CUSTOMER: Label = Label::Role(Role::Customer);
    const PROVIDER: Label = Label::Role(Role::Provider);

    #[test]
    fn counts_add_up_gauges_are_replaced_and_durations_are_kept() {
        let (mut sum, mut other) = (Tally::default(), Tally::default());
        for tally in [&mut sum, &mut other] {
            tally.add_labelled(Metric::Connects, CUSTOMER, 2);
            tally.add_labelled(Metric::Connects, PROVIDER, 1);
            tally.took(Metric::SendToRelay, 7);
        }
        sum.set_labelled(Metric::OpenConnections, CUSTOMER, 9);
        other.set_labelled(Metric::OpenConnections, CUSTOMER, 0);
        sum.merge(&other);
        assert_eq!(sum.of(Metric::Connects), 6);
        let expected = [
            (Metric::Connects, Some(CUSTOMER), 4),
            (Metric::Connects, Some(PROVIDER), 2),
            (Metric::OpenConnections, Some(CUSTOMER), 0),
        ];
        assert_eq!(sum.parts().collect::<Vec<_>>(), expected);
        let took: Vec<_> = sum.durations().collect();
        assert_eq!(took, [(Metric::SendToRelay, [7, 7].as_slice())]);
    }

    #[test]
    fn nothing_is_nothing_but_a_gauge_of_0_is_something() {
        let mut tally = Tally::default();
        tally.add(Metric::Sends, 0);
        tally.add_labelled(Metric::Disconnects, Label::Reason(Ending::Lost), 0);
        assert!(tally.is_empty());
        tally.set_labelled(Metric::OpenConnections, PROVIDER, 0);
        assert!(!tally.is_empty());
        assert_eq!(
            tally.iter().collect::<Vec<_>>(),
            [(Metric::OpenConnections, 0)]
        );
    }

    #[test]
    fn the_labels_of_a_split_are_all_of_its_own_and_told_apart() {
        for split in [crate::metric::Split::Role, crate::metric::Split::Reason] {
            let labels = split.labels();
            assert!(labels.iter().all(|it| it.split() == split));
            let mut values: Vec<_> = labels.iter().map(|it| it.value()).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), labels.len());
        }
    }
}
