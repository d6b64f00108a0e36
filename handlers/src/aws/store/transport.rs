//! How requests get to the tables, and their answers back.

use std::fmt::Debug;

use aws_sdk_dynamodb::error::SdkError;
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
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// What a request comes to, as the SDK says it.
pub type Answered<O, E> = Result<O, SdkError<E, HttpResponse>>;

macro_rules! requests {
    ($($method:ident: $request:ty => $output:ty, $error:ty;)+) => {
        /// Takes the store's requests to the tables.
        ///
        /// On AWS the SDK does, with its retries and time limits. Where both ends are in one process, another may hand
        /// the same requests over without writing and reading HTTP: what is decided is the store's in either case.
        #[async_trait::async_trait]
        pub trait Transport: Debug + Send + Sync {
            $(
                #[doc = concat!("Takes a request of `", stringify!($method), "`.")]
                async fn $method(&self, request: $request) -> Answered<$output, $error>;
            )+
        }

        /// The SDK's own way.
        #[derive(Clone, Copy, Debug)]
        pub struct Sdk;

        #[async_trait::async_trait]
        impl Transport for Sdk {
            $(
                async fn $method(&self, request: $request) -> Answered<$output, $error> {
                    request.send().await
                }
            )+
        }

        $(
            impl Request for $request {
                type Output = $output;
                type Error = $error;

                fn over(
                    self,
                    transport: &dyn Transport,
                ) -> impl Future<Output = Answered<$output, $error>> + Send {
                    transport.$method(self)
                }
            }
        )+
    };
}

/// A request that a [`Transport`] takes.
pub(super) trait Request {
    type Output;
    type Error;

    /// Sends it.
    fn over(
        self,
        transport: &dyn Transport,
    ) -> impl Future<Output = Answered<Self::Output, Self::Error>> + Send;
}

requests! {
    get_item: GetItemFluentBuilder => GetItemOutput, GetItemError;
    query: QueryFluentBuilder => QueryOutput, QueryError;
    put_item: PutItemFluentBuilder => PutItemOutput, PutItemError;
    update_item: UpdateItemFluentBuilder => UpdateItemOutput, UpdateItemError;
    delete_item: DeleteItemFluentBuilder => DeleteItemOutput, DeleteItemError;
    transact_write_items: TransactWriteItemsFluentBuilder => TransactWriteItemsOutput, TransactWriteItemsError;
}
