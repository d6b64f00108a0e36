//! Goal: what is deployed works. The real templates, the real packages and the real deployment script, on an emulator of
//! AWS, where people of its user pool chat over its WebSocket API through the real functions.
//! Method: one deployment, made once, and plays on it one after the other: those that can be given at every venue, and
//! those that look behind the stage. Every play is given even where one before it failed.
//!
//! What the emulator does not hold is left out by one list, `templates::LEFT_OUT`, which must not be longer than it has
//! to be. What it does differently (refusals' statuses, the error frame, limits, `$disconnect`'s codes, concurrency) is
//! not asserted here: the local host's tests do.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what a play's helpers cannot read fails the test"
)]

mod allowed;
mod aws;
mod backstage;
mod deployment;
mod local;
mod logs;
mod machine;
mod packages;
mod recorder;
mod tables;
mod templates;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use switchboard_tests::plays;

use crate::deployment::Deployment;

/// What failed, and why.
#[derive(Debug, Default)]
struct Review(Vec<String>);

impl Review {
    /// Gives a play to its end.
    async fn of(&mut self, name: &str, play: impl Future<Output = ()>) {
        // A play that fails leaves people connected and nothing else behind: the next has others.
        if let Err(cause) = AssertUnwindSafe(play).catch_unwind().await {
            let cause = cause.downcast_ref::<String>().map_or("see above", |it| it);
            self.0.push(format!("{name}: {cause}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deployed_works() {
    let mut deployment = Deployment::make().await;
    let mut review = Review::default();
    let venue = &deployment;
    review.of("door", Box::pin(plays::door(venue))).await;
    review.of("talk", Box::pin(plays::talk(venue))).await;
    review.of("offline", Box::pin(plays::offline(venue))).await;
    review.of("silent", Box::pin(plays::silent(venue))).await;
    review.of("stale", Box::pin(backstage::stale(venue))).await;
    review
        .of("application", Box::pin(backstage::application(venue)))
        .await;
    review
        .of("feedback", Box::pin(backstage::feedback(venue)))
        .await;
    review
        .of("census", Box::pin(backstage::census(venue)))
        .await;
    review
        .of("strangers", Box::pin(backstage::strangers(venue)))
        .await;
    review.of("logs", Box::pin(backstage::logs(venue))).await;
    let release = Box::pin(backstage::second_release(&mut deployment));
    review.of("second release", release).await;
    assert!(
        review.0.is_empty(),
        "{} plays failed:\n{}\nThe emulator said:\n{}",
        review.0.len(),
        review.0.join("\n"),
        deployment.machine.log()
    );
}
