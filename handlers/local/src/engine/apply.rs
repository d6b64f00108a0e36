//! What requests do, whichever way they came: as JSON from the SDK's HTTP client, or as they are.
//!
//! Here what is hot is kept, followed and asked: neither way knows more than the other.

use std::sync::Arc;

use dynoxide::actions::delete_item::{DeleteItemRequest, DeleteItemResponse};
use dynoxide::actions::put_item::{PutItemRequest, PutItemResponse};
use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::actions::update_item::{UpdateItemRequest, UpdateItemResponse};
use dynoxide::{AttributeValue as Own, DynoxideError, Result};
use tokio::sync::Notify;

use super::hot::{Asked, Change, Out};
use super::values::Map;
use super::{Core, locked};

impl Core {
    /// Asks the engine, and keeps what it answers to a query that is asked often.
    pub(super) fn query(
        &self,
        asked: Option<&Asked<'_>>,
        request: QueryRequest,
    ) -> Result<QueryResponse> {
        let Some(asked) = asked else {
            return self.database.query(request);
        };
        // Nobody writes between the answer and its being kept.
        let _gate = locked(&self.gate);
        let response = self.database.query(request)?;
        let found = response.items.as_deref().unwrap_or_default();
        self.hot.keep(asked, found);
        Ok(response)
    }

    /// Puts an item.
    pub(super) fn put_item(&self, request: PutItemRequest) -> Result<PutItemResponse> {
        let (table, item) = (request.table_name.clone(), request.item.clone());
        self.write(&table, &item, |out| {
            let row = out.and_then(|out| out.row(&item));
            (self.database.put_item(request), row.map(Change::Put))
        })
    }

    /// Updates an item.
    pub(super) fn update_item(&self, request: UpdateItemRequest) -> Result<UpdateItemResponse> {
        let (table, key) = (request.table_name.clone(), request.key.clone());
        self.write(&table, &key, |out| self.update(request, out))
    }

    /// Deletes an item.
    pub(super) fn delete_item(&self, request: DeleteItemRequest) -> Result<DeleteItemResponse> {
        let (table, key) = (request.table_name.clone(), request.key.clone());
        self.write(&table, &key, |out| {
            let gone = out.and_then(|out| out.sort_of(&key));
            (
                self.database.delete_item(request),
                gone.map(Change::Deleted),
            )
        })
    }

    /// Updates an item. Where it is in memory too, the engine is asked for what became of it.
    fn update(
        &self,
        mut request: UpdateItemRequest,
        out: Option<&Out<'_>>,
    ) -> (Result<UpdateItemResponse>, Option<Change>) {
        const NONE: &str = "NONE";
        let quiet = request.return_values.as_deref().unwrap_or(NONE) == NONE;
        let Some(out) = out.filter(|_| quiet) else {
            return (self.database.update_item(request), None);
        };
        request.return_values = Some("ALL_NEW".to_owned());
        let mut applied = self.database.update_item(request);
        let new = applied.as_mut().ok().and_then(|it| it.attributes.take());
        let row = new.and_then(|new| out.row(&new));
        (applied, row.map(Change::Put))
    }

    /// Applies a request that writes an item, and rings for its table's stream.
    ///
    /// `apply` says what it does to the item when it succeeds, as far as it knows.
    fn write<R>(
        &self,
        table: &String,
        key: &Map<Own>,
        apply: impl FnOnce(Option<&Out<'_>>) -> (Result<R>, Option<Change>),
    ) -> Result<R> {
        let bells = self.bells.of([table]);
        let applied = {
            let _turn = self.turn();
            let out = self.hot.take(table, key);
            let (applied, change) = apply(out.as_ref());
            if let Some(out) = out {
                out.back(match &applied {
                    Ok(_) => change,
                    Err(DynoxideError::ConditionalCheckFailedException(..)) => Some(Change::None),
                    // Nobody knows how far it got.
                    Err(_) => None,
                });
            }
            applied
        }?;
        ring(bells);
        Ok(applied)
    }
}

/// Tells who waits for the stream of a table that it was written.
pub(super) fn ring(bells: Vec<Arc<Notify>>) {
    for bell in bells {
        bell.notify_one();
    }
}
