//! The function `connect`: a session begins.

use switchboard::Tally;
use switchboard_handlers::{connect, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let gateway = &function::gateway()?;
    function::serve("connect", |event| async move {
        let mut tally = Tally::default();
        Ok((connect::handle(gateway, &event, &mut tally).await?, tally))
    })
    .await
}
