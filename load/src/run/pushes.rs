//! How soon those who are away are told.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::books::Books;
use super::crew::Ended;
use super::{Crew, Progress, Stop};
use crate::clock::SECOND;
use crate::local::{self, Pushed};
use crate::recorder::Timed;
use crate::world::{Fatal, World};

/// How long the last push may take after the last message.
const PUSHED: u64 = 15 * SECOND;
/// How often the inbox is looked into.
const EVERY: u64 = SECOND / 2;

/// Waits until everything was pushed, and times it by the server's clock: no look of ours is in the figure.
pub(super) async fn collect(
    world: &Rc<World>,
    crew: &mut Crew,
    books: &mut Books,
    progress: &Progress,
    stop: &mut Stop,
) -> Result<(), Fatal> {
    let give_up_at = world.clock.now() + PUSHED;
    loop {
        let Some(pushes) = local::pushes(&world.target).await else {
            books.note("The push inbox cannot be read there: pushes were not timed.");
            return Ok(());
        };
        let (delays, unpushed) = delays(crew, &pushes);
        if unpushed == 0 || world.clock.now() >= give_up_at || stop.is_asked(2) {
            let mut recorder = world.recorder.borrow_mut();
            for delay_ms in delays {
                recorder.took(Timed::Push, delay_ms * 1_000);
            }
            books.is_unpushed(unpushed);
            return Ok(());
        }
        let ended = crew.wait(world.clock.now() + EVERY, progress, stop).await?;
        if ended == Ended::Stopped {
            // Asked once: the audit still wants its pushes, and waits without being woken again.
            tokio::time::sleep_until(world.clock.at(world.clock.now() + EVERY)).await;
        }
    }
}

/// From each entry's acceptance to the first push that tells of it or of a later one, in milliseconds; and how many have none.
fn delays(crew: &Crew, pushes: &[Pushed]) -> (Vec<u64>, u64) {
    let mut told: BTreeMap<(&str, &str), Vec<(u64, u64)>> = BTreeMap::new();
    for push in pushes {
        told.entry((&push.user, &push.conversation))
            .or_default()
            .push((push.seq, push.at));
    }
    let (mut delays, mut unpushed) = (Vec::new(), 0);
    for (pair, (_, away)) in crew.pairs.iter().zip(&crew.people) {
        let pair = pair.borrow();
        for conversation in &pair.conversations {
            let told = told.get(&(away.user.as_str(), conversation.id.as_str()));
            for (seq, ts) in &conversation.accepted {
                let tells = told.into_iter().flatten().filter(|it| it.0 >= *seq);
                match tells.map(|it| it.1).min() {
                    Some(at) => delays.push(at.saturating_sub(*ts)),
                    None => unpushed += 1,
                }
            }
        }
    }
    (delays, unpushed)
}
