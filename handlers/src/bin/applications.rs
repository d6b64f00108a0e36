//! The function `applications`: a stack's SNS platform applications.

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
