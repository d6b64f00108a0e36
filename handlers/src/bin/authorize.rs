//! The function `authorize`: REQUEST authorizer of `$connect`.

use switchboard::Tally;
use switchboard_handlers::{authorize, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let verifier = function::verifier().await?;
    function::serve("authorize", async |event, tally: &mut Tally| {
        Ok(authorize::handle(&verifier, &event, tally).await?)
    })
    .await
}
