//! The function `disconnect`: a session has ended.

use switchboard::Tally;
use switchboard_handlers::{disconnect, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let gateway = function::gateway()?;
    function::serve("disconnect", async |event, tally: &mut Tally| {
        Ok(disconnect::handle(&gateway, &event, tally).await?)
    })
    .await
}
