//! The function `connect`: a session begins.

use switchboard::Tally;
use switchboard_handlers::{connect, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let gateway = function::gateway()?;
    function::serve("connect", async |event, tally: &mut Tally| {
        Ok(connect::handle(&gateway, &event, tally).await?)
    })
    .await
}
