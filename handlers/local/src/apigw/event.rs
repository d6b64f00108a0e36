//! The events' JSON, as the platform writes it: what is absent there is absent here.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::apigw::close::Close;
use crate::apigw::connection::Peer;
use crate::apigw::id::Id;
use crate::apigw::routes::{CONNECT, DISCONNECT};
use crate::apigw::time;
use switchboard::Clock;

/// Which stage of which API, at which name: the same in every event.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) domain_name: String,
    pub(crate) stage: String,
    pub(crate) api_id: String,
}

/// The HTTP request of a handshake.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) headers: HeaderMap,
    pub(crate) query: Option<String>,
}

/// The id and the time of one request to the gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) id: Id,
    pub(crate) at: u64,
}

impl Stamp {
    /// A request that comes in now.
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self {
            id: Id::fresh(clock.dice()),
            at: clock.now_ms(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    route_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<Id>,
    event_type: &'static str,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'a RawValue>,
    extended_request_id: Id,
    request_id: Id,
    request_time: String,
    request_time_epoch: u64,
    connected_at: u64,
    connection_id: Id,
    identity: Identity<'a>,
    domain_name: &'a str,
    stage: &'a str,
    api_id: &'a str,
}

impl Events {
    /// What the authorizer is asked about.
    pub(crate) fn method_arn(&self) -> String {
        format!(
            "arn:aws:execute-api:local:000000000000:{}/{}/{CONNECT}",
            self.api_id, self.stage
        )
    }

    /// The REQUEST authorizer's event.
    pub(crate) fn authorize(&self, arrival: &Arrival, peer: &Peer, stamp: Stamp) -> String {
        let headers = by_name(&arrival.headers);
        let query = by_key(arrival.query.as_deref().unwrap_or_default());
        json!({
            "type": "REQUEST",
            "methodArn": self.method_arn(),
            "headers": last(&headers),
            "multiValueHeaders": headers,
            "queryStringParameters": last(&query),
            "multiValueQueryStringParameters": query,
            "stageVariables": {},
            "requestContext": self.context(CONNECT, "CONNECT", peer, stamp),
        })
        .to_string()
    }

    /// The event of `$connect`.
    pub(crate) fn connect(&self, arrival: &Arrival, peer: &Peer, stamp: Stamp) -> String {
        let mut headers = by_name(&arrival.headers);
        // The platform keeps these to itself and its authorizer.
        for name in ["connection", "content-length", "upgrade"] {
            headers.remove(name);
        }
        let mut event = json!({
            "headers": last(&headers),
            "multiValueHeaders": headers,
            "requestContext": self.context(CONNECT, "CONNECT", peer, stamp),
            "isBase64Encoded": false,
        });
        let query = by_key(arrival.query.as_deref().unwrap_or_default());
        if !query.is_empty() {
            event["queryStringParameters"] = json!(last(&query));
            event["multiValueQueryStringParameters"] = json!(query);
        }
        event.to_string()
    }

    /// The event of a frame: without headers and without a query, as on the platform.
    pub(crate) fn message(
        &self,
        peer: &Peer,
        route_key: &str,
        message_id: Id,
        stamp: Stamp,
        body: &str,
    ) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Event<'a> {
            request_context: Context<'a>,
            body: &'a str,
            #[serde(rename = "isBase64Encoded")]
            base64: bool,
        }
        let context = self.context(route_key, "MESSAGE", peer, stamp);
        let request_context = Context {
            message_id: Some(message_id),
            ..context
        };
        // Written in one go, not built up first: this one is on the path of every frame.
        serde_json::to_string(&Event {
            request_context,
            body,
            base64: false,
        })
        .unwrap_or_default()
    }

    /// The event of `$disconnect`.
    pub(crate) fn disconnect(&self, peer: &Peer, close: &Close, stamp: Stamp) -> String {
        let context = self.context(DISCONNECT, "DISCONNECT", peer, stamp);
        let request_context = Context {
            disconnect_status_code: Some(close.code()),
            disconnect_reason: Some(close.reason()),
            ..context
        };
        let host = &self.domain_name;
        json!({
            "headers": {"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""},
            "multiValueHeaders": {
                "Host": [host], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""],
            },
            "requestContext": request_context,
            "isBase64Encoded": false,
        })
        .to_string()
    }

    fn context<'a>(
        &'a self,
        route_key: &'a str,
        event_type: &'static str,
        peer: &'a Peer,
        stamp: Stamp,
    ) -> Context<'a> {
        Context {
            route_key,
            message_id: None,
            event_type,
            message_direction: "IN",
            disconnect_status_code: None,
            disconnect_reason: None,
            authorizer: peer.authorizer.as_deref(),
            extended_request_id: stamp.id,
            request_id: stamp.id,
            request_time: time::request_time(stamp.at),
            request_time_epoch: stamp.at,
            connected_at: peer.connected_at,
            connection_id: peer.id,
            identity: Identity::of(peer),
            domain_name: &self.domain_name,
            stage: &self.stage,
            api_id: &self.api_id,
        }
    }
}

/// Where a request comes from; without a user agent where the client named none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity<'a> {
    source_ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// The identity at the other end of a connection.
    pub(crate) fn of(peer: &'a Peer) -> Self {
        Self {
            source_ip: peer.source_ip,
            user_agent: peer.user_agent.as_deref(),
        }
    }
}

type Multi = BTreeMap<String, Vec<String>>;

fn by_name(headers: &HeaderMap) -> Multi {
    let mut values = Multi::new();
    for (name, value) in headers {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        values
            .entry(name.as_str().to_owned())
            .or_default()
            .push(text);
    }
    values
}

fn by_key(query: &str) -> Multi {
    let decoded = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let mut values = Multi::new();
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        values.entry(decoded(key)).or_default().push(decoded(value));
    }
    values
}

/// The single-valued form of a map: the last value of each name.
fn last<'a>(values: &'a Multi) -> BTreeMap<&'a str, &'a str> {
    let last_of = |(name, texts): (&'a String, &'a Vec<String>)| {
        (name.as_str(), texts.last().map_or("", String::as_str))
    };
    values.iter().map(last_of).collect()
}
