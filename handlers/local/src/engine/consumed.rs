//! What a request consumed, as the engine says, charged to whoever asked.

use dynoxide::DynoxideError;
use dynoxide::actions::batch_get_item::BatchGetItemResponse;
use dynoxide::actions::batch_write_item::BatchWriteItemResponse;
use dynoxide::actions::create_table::CreateTableResponse;
use dynoxide::actions::delete_item::DeleteItemResponse;
use dynoxide::actions::describe_table::DescribeTableResponse;
use dynoxide::actions::get_item::GetItemResponse;
use dynoxide::actions::put_item::PutItemResponse;
use dynoxide::actions::query::QueryResponse;
use dynoxide::actions::scan::ScanResponse;
use dynoxide::actions::transact_write_items::TransactWriteItemsResponse;
use dynoxide::actions::update_item::UpdateItemResponse;
use dynoxide::actions::update_time_to_live::UpdateTimeToLiveResponse;
use dynoxide::types::{ConsumedCapacity, read_capacity_units_with_consistency};

use crate::meter::{Unit, charge};

/// A response that says what it took. Every request of the store asks for it.
pub(super) trait Consumed {
    /// Charges it.
    fn charge(&self) {}
}

macro_rules! consumed {
    ($unit:path: $($response:ty),+) => {
        $(impl Consumed for $response {
            fn charge(&self) {
                charge_units($unit, self.consumed_capacity.iter());
            }
        })+
    };
    ($unit:path, each: $($response:ty),+) => {
        $(impl Consumed for $response {
            fn charge(&self) {
                charge_units($unit, self.consumed_capacity.iter().flatten());
            }
        })+
    };
}

consumed!(Unit::ReadHalves: GetItemResponse, QueryResponse, ScanResponse);
consumed!(Unit::ReadHalves, each: BatchGetItemResponse);
consumed!(Unit::WriteUnits: PutItemResponse, UpdateItemResponse, DeleteItemResponse);
consumed!(Unit::WriteUnits, each: BatchWriteItemResponse, TransactWriteItemsResponse);

// What is done to tables is not billed.
impl Consumed for CreateTableResponse {}
impl Consumed for DescribeTableResponse {}
impl Consumed for UpdateTimeToLiveResponse {}

/// A read of a table that did not have to ask the engine: by the same rule.
pub(super) fn charge_read(size: usize, consistent: bool) {
    charge_sum(
        Unit::ReadHalves,
        read_capacity_units_with_consistency(size, consistent),
    );
}

fn charge_units<'a>(unit: Unit, consumed: impl Iterator<Item = &'a ConsumedCapacity>) {
    charge_sum(unit, consumed.map(|it| it.capacity_units).sum());
}

fn charge_sum(unit: Unit, units: f64) {
    let per_unit = if unit == Unit::ReadHalves { 2.0 } else { 1.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of halves, and never a negative one"
    )]
    charge(unit, (units * per_unit).round() as u64);
}

/// A write that its condition refuses is billed too: by the item's size, of which the error says nothing, so by the
/// least there is.
pub(super) fn charge_refused(error: &DynoxideError) {
    if let DynoxideError::ConditionalCheckFailedException(..) = error {
        charge(Unit::WriteUnits, 1);
    } else if let DynoxideError::TransactionCanceledException(_, reasons) = error {
        // One for each of its actions, which count twice.
        charge(Unit::WriteUnits, 2 * reasons.len() as u64);
    }
}
