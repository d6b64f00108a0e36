//! The function that does nothing: what `tests/coldstart/run` compares the others with.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let answer = async |_: LambdaEvent<Value>| Ok::<Value, Error>(json!({ "statusCode": 200 }));
    lambda_runtime::run(service_fn(answer)).await
}
