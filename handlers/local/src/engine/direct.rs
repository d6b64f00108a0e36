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
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::DynoxideError;
use switchboard_handlers::aws::store::{Answered, Transport};
use tokio::sync::Semaphore;

use super::consumed::{Consumed as _, charge_read, charge_refused};
use super::hot::{Asked, Found, Row};
use super::turns::{Turn, Turns};
use super::values::told;
use super::{Core, requests};
use crate::haste::{has_time, step_aside};
use crate::meter::Waiting;

/// The engine without a wire.
#[derive(Debug)]
pub(super) struct Direct {
    core: Arc<Core>,
    turns: Turns,
    /// Where what has time goes that needs no turn.
    single_file: Semaphore,
}

impl Direct {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            turns: Turns::default(),
            single_file: Semaphore::new(1),
        }
    }

    /// A request arrives.
    async fn arrive(&self) -> Waiting {
        let waiting = Waiting::begin();
        // Nothing here waits for anything but its turn, so without the pause a caller with many requests would keep
        // every other task of its thread waiting, and what it asks side by side would be asked one after the other.
        step_aside().await;
        waiting
    }

    /// A request arrives and waits for its turn.
    async fn begin(&self) -> Begun {
        let waiting = self.arrive().await;
        Begun {
            _turn: self.turns.next().await,
            _waiting: waiting,
        }
    }

    /// What is in memory of what a query asks for.
    async fn kept(&self, asked: &Asked<'_>) -> Option<Found> {
        // What has time goes in single file here too: many at once would keep the threads from those who are in a hurry.
        let _place = if has_time() {
            self.single_file.acquire().await.ok()
        } else {
            None
        };
        self.core.hot.answer(asked)
    }

    /// Waits until what was written or read may be told of.
    async fn settled<E>(&self) -> Result<(), SdkError<E, HttpResponse>> {
        let settled = self.core.settled().await;
        settled.map_err(|error| SdkError::dispatch_failure(ConnectorError::io(error.into())))
    }
}

/// A request that is being served.
#[derive(Debug)]
struct Begun {
    _turn: Turn,
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
        self.settled().await?;
        let response = response.map_err(|error| refused(&error, GetItemError::generic))?;
        response.charge();
        Ok(GetItemOutput::builder()
            .set_item(response.item.map(told))
            .build())
    }

    async fn query(&self, request: QueryFluentBuilder) -> Answered<QueryOutput, QueryError> {
        let asked = Asked::by(request.as_input());
        let waiting = self.arrive().await;
        if let Some(asked) = &asked
            && let Some(found) = self.kept(asked).await
        {
            drop(waiting);
            self.settled().await?;
            let consistent = request.as_input().get_consistent_read().unwrap_or(false);
            charge_read(found.size(), consistent);
            return Ok(QueryOutput::builder()
                .set_items(Some(found.rows.iter().map(Row::item).collect()))
                .set_last_evaluated_key(found.last)
                .build());
        }
        let Some(direct) = requests::query(request.as_input()) else {
            return request.send().await;
        };
        let response = {
            let _turn = self.turns.next().await;
            self.core.query(asked.as_ref(), direct)
        };
        drop(waiting);
        self.settled().await?;
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
        let response = {
            let _turn = self.begin().await;
            self.core.put_item(direct)
        };
        self.settled().await?;
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
        let response = {
            let _turn = self.begin().await;
            self.core.update_item(direct)
        };
        self.settled().await?;
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
        let response = {
            let _turn = self.begin().await;
            self.core.delete_item(direct)
        };
        self.settled().await?;
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
