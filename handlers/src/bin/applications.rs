//! The function `applications`: a stack's SNS platform applications.

// An optimised build lays out the futures of three clients, each within the next.
#![recursion_limit = "256"]

use switchboard::Tally;
use switchboard_handlers::{applications, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let (known, connector) = function::applications()?;
    function::serve("applications", async |event, _: &mut Tally| {
        Ok(applications::handle(&known, &connector, &event).await?)
    })
    .await
}
