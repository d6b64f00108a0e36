//! `deliver`: what happens after an entry was stored. Event source: the stream of the table `chat`.

use switchboard::{Gateway, Tally};

use crate::aws::item;
use crate::event::{BatchFailures, StreamEvent};

/// Delivers the new entries of a batch and names the records that have to come again.
///
/// A record that cannot be read is one of them: after the bounded retries of the event source it lands in the
/// on-failure queue, where somebody sees it, instead of being lost here.
pub async fn handle(gateway: &Gateway, event: &StreamEvent, tally: &mut Tally) -> BatchFailures {
    let mut failures = BatchFailures::default();
    let mut entries = Vec::new();
    let inserts = event
        .records
        .iter()
        .filter(|record| record.event_name == "INSERT");
    for record in inserts {
        match item::entry_of_stream(record.new_image()) {
            Ok(Some(entry)) => entries.push((record, entry)),
            Ok(None) => {}
            Err(error) => {
                let sequence_number = record.sequence_number();
                tracing::error!(?error, sequence_number, "a stored entry cannot be read");
                failures.add(record);
            }
        }
    }
    let batch = entries.iter().map(|(_, entry)| entry.clone()).collect();
    let failed = gateway.deliver(batch, tally).await;
    for (record, entry) in &entries {
        if failed.contains(&entry.conversation) {
            failures.add(record);
        }
    }
    failures
}
