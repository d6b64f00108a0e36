//! The function `deliver`: what happens after an entry was stored.

use switchboard::Tally;
use switchboard_handlers::{deliver, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let gateway = function::gateway()?;
    function::serve("deliver", async |event, tally: &mut Tally| {
        Ok(deliver::handle(&gateway, &event, tally).await)
    })
    .await
}
