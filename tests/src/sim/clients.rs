//! The ports of the gateway: the real adapters on the real SDKs, whose requests, waits and times are the simulation's.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use switchboard_handlers::aws::push::{Applications, SnsPush};
use switchboard_handlers::aws::relay::ManagementRelay;
use switchboard_handlers::aws::store::{self, DynamoStore};
use switchboard_local::template;

use super::clock::SimClock;
use super::executor::Executor;
use super::services::{PushService, RelayService};
use super::tables::TableService;
use super::wire::Wired;
use super::world::Event;

pub(super) fn store(
    executor: &Executor<Event>,
    tables: TableService,
    clock: &Arc<SimClock>,
) -> DynamoStore {
    use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
    use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
    let builder = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("sim"))
        .endpoint_url("http://tables.invalid")
        .allow_no_auth()
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(SimClock::clone(clock))
        .time_source(SimClock::clone(clock))
        // The quota of retries is a process's by default: runs would see each other.
        .retry_partition(RetryPartition::custom("sim").token_bucket(TokenBucket::new(500)).build())
        .http_client(SharedHttpClient::new(Wired::new(executor, &Arc::new(tables))));
    let client = aws_sdk_dynamodb::Client::from_conf(store::settings(builder).build());
    let tables = store::Tables {
        chat: template::CHAT.to_owned(),
        connections: template::CONNECTIONS.to_owned(),
    };
    DynamoStore::new(client, tables)
}

pub(super) fn relay(
    executor: &Executor<Event>,
    relay: RelayService,
    clock: &Arc<SimClock>,
) -> ManagementRelay {
    use aws_sdk_apigatewaymanagement::config::{
        BehaviorVersion, Region, StalledStreamProtectionConfig,
    };
    let builder = aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("sim"))
        .allow_no_auth()
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(SimClock::clone(clock))
        .time_source(SimClock::clone(clock))
        .http_client(SharedHttpClient::new(Wired::new(
            executor,
            &Arc::new(relay),
        )));
    ManagementRelay::new(builder)
}

pub(super) fn push(
    executor: &Executor<Event>,
    push: PushService,
    clock: &Arc<SimClock>,
) -> SnsPush {
    use aws_sdk_sns::config::retry::{RetryPartition, TokenBucket};
    use aws_sdk_sns::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
    let builder = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("sim"))
        .endpoint_url("http://sns.invalid")
        .allow_no_auth()
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(SimClock::clone(clock))
        .time_source(SimClock::clone(clock))
        .retry_partition(
            RetryPartition::custom("sim")
                .token_bucket(TokenBucket::new(500))
                .build(),
        )
        .http_client(SharedHttpClient::new(Wired::new(executor, &Arc::new(push))));
    let fcm = Some("arn:aws:sns:local:000000000000:app/GCM/switchboard".to_owned());
    let applications = Applications {
        fcm,
        ..Applications::default()
    };
    SnsPush::new(builder, applications)
}
