//! The function `message`: a frame, whatever its action.

use switchboard::Tally;
use switchboard_handlers::{function, message};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let gateway = function::gateway()?;
    function::serve("message", async |event, tally: &mut Tally| {
        Ok(message::handle(&gateway, &event, tally).await?)
    })
    .await
}
