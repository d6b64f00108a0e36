//! The function `census`: how many are connected, and the rows that nobody else removes.

use serde::de::IgnoredAny;
use switchboard::Tally;
use switchboard_handlers::{census, function};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    function::log();
    let taker = function::census()?;
    function::serve("census", async |_: IgnoredAny, tally: &mut Tally| {
        Ok(census::handle(&taker, tally).await)
    })
    .await
}
