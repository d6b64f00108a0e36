//! Plain HTTP, one request at a time.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Sends a request and reads the whole answer.
pub async fn fetch(request: Request<Bytes>) -> Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let uri = request.uri().clone();
    let response = client.request(request.map(Full::new)).await;
    let response = response.unwrap_or_else(|error| panic!("{uri} was not answered: {error:?}"));
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("failed to read the answer");
    Response::from_parts(parts, body.to_bytes())
}

/// A GET.
pub async fn get(url: &str) -> Response<Bytes> {
    fetch(Request::get(url).body(Bytes::new()).unwrap()).await
}

/// A POST of JSON.
pub async fn post_json(url: &str, body: &Value) -> Response<Bytes> {
    let request = Request::post(url).header("content-type", "application/json");
    fetch(request.body(Bytes::from(body.to_string())).unwrap()).await
}
