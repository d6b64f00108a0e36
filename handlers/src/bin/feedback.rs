//! The function `feedback`: what SNS says about devices after it took a push.

use switchboard::Tally;
use switchboard_handlers::{feedback, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let devices = function::devices()?;
    function::serve("feedback", async |event, tally: &mut Tally| {
        Ok(feedback::handle(&devices, &event, tally).await?)
    })
    .await
}
