//! The store's requests, handed to the engine as they are.
//!
//! The SDK costs more than the engine: it writes a request as JSON, signs, times and retries it, and reads JSON again.
//! Where nobody looks at the wire, nothing needs that. A request that uses what the store does not is left to the SDK,
//! whose HTTP client ends in the same engine.

use std::sync::Arc;

use aws_sdk_dynamodb::error::{ErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::operation::get_item::{GetItemError, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::DynoxideError;
use switchboard_handlers::aws::store::{Answered, Transport};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Core;
use super::consumed::{Consumed as _, charge_refused};
use super::requests;
use super::values::told;
use crate::meter::Waiting;

/// The engine without a wire.
#[derive(Debug)]
pub(super) struct Direct {
    core: Arc<Core>,
    /// The engine serves one request at a time. Who waits here lets its thread do something else, where the engine's own
    /// lock would put the thread to sleep.
    turn: Semaphore,
}

impl Direct {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            turn: Semaphore::new(1),
        }
    }

    /// A request begins.
    async fn begin(&self) -> Turn<'_> {
        let waiting = Waiting::begin();
        // The engine never waits for anything but this, so without the pause a caller with many requests would keep
        // every other task of its thread waiting.
        tokio::task::yield_now().await;
        Turn {
            _permit: self.turn.acquire().await.ok(),
            _waiting: waiting,
        }
    }

    /// Applies a request that writes to a table, and rings for its stream.
    fn write<R>(
        &self,
        table: &String,
        apply: impl FnOnce() -> Result<R, DynoxideError>,
    ) -> Result<R, DynoxideError> {
        let rings = self.core.bells.of([table]);
        let applied = {
            let _turn = self.core.turn();
            apply()
        }?;
        for bell in rings {
            bell.notify_one();
        }
        Ok(applied)
    }
}

/// A request's turn at the engine.
#[derive(Debug)]
struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
    _waiting: Waiting,
}

#[async_trait::async_trait]
impl Transport for Direct {
    async fn get_item(
        &self,
        request: GetItemFluentBuilder,
    ) -> Answered<GetItemOutput, GetItemError> {
        let Some(direct) = requests::get_item(request.as_input()) else {
            return request.send().await;
        };
        let response = {
            let _turn = self.begin().await;
            self.core.database.get_item(direct)
        };
        let response = response.map_err(|error| refused(&error, GetItemError::generic))?;
        response.charge();
        Ok(GetItemOutput::builder()
            .set_item(response.item.map(told))
            .build())
    }

    async fn query(&self, request: QueryFluentBuilder) -> Answered<QueryOutput, QueryError> {
        let Some(direct) = requests::query(request.as_input()) else {
            return request.send().await;
        };
        let response = {
            let _turn = self.begin().await;
            self.core.database.query(direct)
        };
        let response = response.map_err(|error| refused(&error, QueryError::generic))?;
        response.charge();
        let items = response.items.unwrap_or_default();
        Ok(QueryOutput::builder()
            .set_items(Some(items.into_iter().map(told).collect()))
            .set_last_evaluated_key(response.last_evaluated_key.map(told))
            .build())
    }

    async fn put_item(
        &self,
        request: PutItemFluentBuilder,
    ) -> Answered<PutItemOutput, PutItemError> {
        let Some(direct) = requests::put_item(request.as_input()) else {
            return request.send().await;
        };
        let table = direct.table_name.clone();
        let response = {
            let _turn = self.begin().await;
            self.write(&table, || self.core.database.put_item(direct))
        };
        let response = response.map_err(|error| match condition_failed(&error) {
            Some(failed) => failure(PutItemError::ConditionalCheckFailedException(failed)),
            None => refused(&error, PutItemError::generic),
        })?;
        response.charge();
        Ok(PutItemOutput::builder()
            .set_attributes(response.attributes.map(told))
            .build())
    }

    async fn update_item(
        &self,
        request: UpdateItemFluentBuilder,
    ) -> Answered<UpdateItemOutput, UpdateItemError> {
        let Some(direct) = requests::update_item(request.as_input()) else {
            return request.send().await;
        };
        let table = direct.table_name.clone();
        let response = {
            let _turn = self.begin().await;
            self.write(&table, || self.core.database.update_item(direct))
        };
        let response = response.map_err(|error| match condition_failed(&error) {
            Some(failed) => failure(UpdateItemError::ConditionalCheckFailedException(failed)),
            None => refused(&error, UpdateItemError::generic),
        })?;
        response.charge();
        Ok(UpdateItemOutput::builder()
            .set_attributes(response.attributes.map(told))
            .build())
    }

    async fn delete_item(
        &self,
        request: DeleteItemFluentBuilder,
    ) -> Answered<DeleteItemOutput, DeleteItemError> {
        let Some(direct) = requests::delete_item(request.as_input()) else {
            return request.send().await;
        };
        let table = direct.table_name.clone();
        let response = {
            let _turn = self.begin().await;
            self.write(&table, || self.core.database.delete_item(direct))
        };
        let response = response.map_err(|error| match condition_failed(&error) {
            Some(failed) => failure(DeleteItemError::ConditionalCheckFailedException(failed)),
            None => refused(&error, DeleteItemError::generic),
        })?;
        response.charge();
        Ok(DeleteItemOutput::builder()
            .set_attributes(response.attributes.map(told))
            .build())
    }

    /// Conversations are made and entries rewritten seldom: their way is the SDK's.
    async fn transact_write_items(
        &self,
        request: TransactWriteItemsFluentBuilder,
    ) -> Answered<TransactWriteItemsOutput, TransactWriteItemsError> {
        request.send().await
    }
}

/// The item's condition did not hold.
fn condition_failed(error: &DynoxideError) -> Option<ConditionalCheckFailedException> {
    let DynoxideError::ConditionalCheckFailedException(message, item) = error else {
        return None;
    };
    charge_refused(error);
    let failed = ConditionalCheckFailedException::builder()
        .message(message)
        .set_item(item.clone().map(told))
        .meta(metadata(error));
    Some(failed.build())
}

/// Any other refusal.
fn refused<E>(
    error: &DynoxideError,
    generic: impl FnOnce(ErrorMetadata) -> E,
) -> SdkError<E, HttpResponse> {
    failure(generic(metadata(error)))
}

fn failure<E>(error: E) -> SdkError<E, HttpResponse> {
    const BAD_REQUEST: u16 = 400;
    // There was no response: the SDK's type wants one, and nobody reads it.
    let status = StatusCode::try_from(BAD_REQUEST).unwrap_or_else(|_| unreachable!());
    SdkError::service_error(error, HttpResponse::new(status, SdkBody::empty()))
}

fn metadata(error: &DynoxideError) -> ErrorMetadata {
    let code = error.error_type();
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    ErrorMetadata::builder()
        .code(code)
        .message(error.to_string())
        .build()
}
