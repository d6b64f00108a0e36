//! The function `disconnect`: a session has ended.

use switchboard::Tally;
use switchboard_handlers::{disconnect, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let gateway = &function::gateway()?;
    function::serve("disconnect", |event| async move {
        let mut tally = Tally::default();
        Ok((
            disconnect::handle(gateway, &event, &mut tally).await?,
            tally,
        ))
    })
    .await
}
