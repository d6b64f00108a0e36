//! Which record goes next: one lane per partition key, one batch of a lane at a
//! time. Pure: no clock, no task, no database.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::record::Record;

/// Batches on their way at once: the shards that a table of this load has.
const LANES_MAX: usize = 512;
/// Records in one batch.
const BATCH_MAX: usize = 100;
/// Records that are read and not yet processed, and their bytes. Beyond either
/// the stream is the better place to wait.
const HELD_MAX: usize = 10_000;
const HELD_BYTES_MAX: usize = 32 << 20;

/// Records of one partition key, in order.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) partition: String,
    pub(super) records: VecDeque<Record>,
}

/// Everything that was read and not yet processed.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    by_partition: BTreeMap<String, Lane>,
    /// The lanes with records and no batch on its way, first come first served.
    ready: VecDeque<String>,
    running: usize,
    /// The records held: sequence number to bytes.
    held: BTreeMap<i64, usize>,
    held_bytes: usize,
    read_to: i64,
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Record>,
    running: bool,
}

impl Lanes {
    /// Lanes for a stream that was read up to `read_to`.
    pub(super) fn after(read_to: i64) -> Self {
        Self {
            read_to,
            ..Self::default()
        }
    }

    /// Where to read on.
    pub(super) fn read_to(&self) -> i64 {
        self.read_to
    }

    /// Takes note of a record that the filter held back.
    pub(super) fn skip(&mut self, sequence: i64) {
        self.read_to = sequence;
    }

    /// Queues a record in its lane.
    pub(super) fn push(&mut self, record: Record) {
        self.read_to = record.sequence;
        self.held.insert(record.sequence, record.bytes());
        self.held_bytes += record.bytes();
        let lane = self
            .by_partition
            .entry(record.partition.clone())
            .or_default();
        if lane.queue.is_empty() && !lane.running {
            self.ready.push_back(record.partition.clone());
        }
        lane.queue.push_back(record);
    }

    /// Whether reading on has to wait.
    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= HELD_MAX || self.held_bytes >= HELD_BYTES_MAX
    }

    /// The next batch, while there is a lane free to carry it.
    pub(super) fn next_batch(&mut self) -> Option<Batch> {
        if self.running >= LANES_MAX {
            return None;
        }
        let partition = self.ready.pop_front()?;
        let lane = self.by_partition.get_mut(&partition)?;
        lane.running = true;
        self.running += 1;
        let size = lane.queue.len().min(BATCH_MAX);
        let records = lane.queue.drain(..size).collect();
        Some(Batch { partition, records })
    }

    /// Takes note that a batch is over, and of those of its records that are
    /// processed.
    pub(super) fn finish(&mut self, partition: &str, processed: &BTreeSet<i64>) {
        for sequence in processed {
            self.held_bytes -= self.held.remove(sequence).unwrap_or(0);
        }
        let Some(lane) = self.by_partition.get_mut(partition) else {
            return;
        };
        self.running -= 1;
        lane.running = false;
        if lane.queue.is_empty() {
            self.by_partition.remove(partition);
        } else {
            self.ready.push_back(partition.to_owned());
        }
    }

    /// How many records are held.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// The sequence number up to which everything is processed.
    pub(super) fn done_to(&self) -> i64 {
        self.held
            .first_key_value()
            .map_or(self.read_to, |(lowest, _)| lowest - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stored;

    fn record(sequence: i64, partition: &str) -> Record {
        Record::read(Stored {
            sequence,
            event_id: String::new(),
            keys: format!(r#"{{"pk":{{"S":"{partition}"}},"sk":{{"S":"E#{sequence}"}}}}"#),
            new_image: Some("{}".into()),
            created_at: 0,
        })
        .unwrap()
    }

    fn numbers(batch: &Batch) -> BTreeSet<i64> {
        batch.records.iter().map(|it| it.sequence).collect()
    }

    #[test]
    fn a_lane_carries_one_batch_at_a_time_and_others_pass_it() {
        let mut lanes = Lanes::after(0);
        lanes.push(record(1, "a"));
        let first = lanes.next_batch().unwrap();
        lanes.push(record(2, "a"));
        lanes.push(record(3, "b"));
        assert_eq!(numbers(&lanes.next_batch().unwrap()), BTreeSet::from([3]));
        assert!(lanes.next_batch().is_none());
        lanes.finish("a", &numbers(&first));
        assert_eq!(numbers(&lanes.next_batch().unwrap()), BTreeSet::from([2]));
    }

    #[test]
    fn done_stays_below_the_oldest_record_that_is_held() {
        let mut lanes = Lanes::after(4);
        assert_eq!(lanes.done_to(), 4);
        lanes.push(record(5, "a"));
        lanes.push(record(6, "b"));
        lanes.skip(7);
        let (a, b) = (lanes.next_batch().unwrap(), lanes.next_batch().unwrap());
        lanes.finish("b", &numbers(&b));
        assert_eq!(lanes.done_to(), 4);
        lanes.finish("a", &numbers(&a));
        assert_eq!(lanes.done_to(), 7);
        assert_eq!(lanes.held_bytes, 0);
        assert!(lanes.by_partition.is_empty());
    }

    #[test]
    fn batches_lanes_and_what_is_held_have_bounds() {
        let mut lanes = Lanes::after(0);
        for sequence in 1..=101 {
            lanes.push(record(sequence, "a"));
        }
        for sequence in 102..=700 {
            lanes.push(record(sequence, &format!("p{sequence}")));
        }
        assert_eq!(lanes.next_batch().unwrap().records.len(), 100);
        assert_eq!(std::iter::from_fn(|| lanes.next_batch()).count(), 511);
        assert!(!lanes.is_full());
        for sequence in 701..=10_000 {
            lanes.push(record(sequence, "a"));
        }
        assert!(lanes.is_full());
    }
}
