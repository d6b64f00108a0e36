//! A run from beginning to end: people, phases, books.

mod books;
mod crew;
mod progress;
mod pushes;
mod stop;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::clock::{Clock, Micros, SECOND, seconds};
use crate::meter;
use crate::people::{self, Pair};
use crate::plan::{Pace, Plan};
use crate::recorder::Recorder;
use crate::report::Report;
use crate::settings::Scenario;
use crate::socket::Trust;
use crate::target::Target;
use crate::world::{Fatal, Phase, World};
use books::Books;
use crew::{Crew, Ended};
pub use progress::Progress;
pub use stop::Stop;

/// How long the server is given to be reached at all.
const REACH: Duration = Duration::from_secs(10);
/// How long everybody may take to be whole, and to have everything answered, after the last message.
const SETTLE: Micros = 60 * SECOND;
/// How long reading everything back may take.
const VERIFY: Micros = 300 * SECOND;
/// How long a storm may take: several of the longest backoffs.
const STORM: Micros = 300 * SECOND;
/// Files that are open beside the connections.
const OTHER_FILES: u64 = 64;

/// What is to be played, and where.
#[derive(Debug)]
pub struct Order {
    /// The plan.
    pub plan: Plan,
    /// The server.
    pub target: Target,
    /// A file of tokens; without one the host is asked.
    pub tokens: Option<PathBuf>,
    /// The server's process; without one it is looked for, where it is on this machine.
    pub pid: Option<u32>,
}

/// Plays it.
pub async fn play(order: Order, progress: &Progress, stop: &mut Stop) -> Result<Report, Fatal> {
    let wanted = u64::from(order.plan.all_devices()) + OTHER_FILES;
    if !meter::allow_files(wanted) {
        return Err(Fatal(format!(
            "{wanted} open files are not allowed here: raise the limit (ulimit -Hn)"
        )));
    }
    reach(&order.target).await?;
    let run = fastrand::u32(0..1 << 24);
    let pid = order.pid.or_else(|| {
        let is_here = order.target.is_loopback();
        is_here
            .then(|| meter::listener(order.target.port()))
            .flatten()
    });
    let mut books = Books::open(&order.plan, &order.target, pid);
    progress.say("people");
    let pairs = people(&order, run).await?;
    let trust =
        Trust::of_the_system().map_err(|error| Fatal(format!("failed to prepare TLS: {error}")))?;
    let expected = u64::try_from(order.plan.duration.as_micros()).unwrap_or(Micros::MAX);
    let recorder = Recorder::new(expected)
        .map_err(|error| Fatal(format!("failed to prepare histograms: {error}")))?;
    let world = World::new(
        order.plan,
        run,
        order.target,
        trust,
        Clock::start(),
        recorder,
    );
    let world = Rc::new(world);
    books.has_people();
    let mut crew = Crew::hire(&world, pairs, pid);
    let played = act(&world, &mut crew, &mut books, progress, stop).await;
    crew.dismiss().await;
    progress.clear();
    played.map(|is_verified| books.close(&world, &crew, is_verified))
}

/// The phases, one after the other; says whether everything was found out in the end.
async fn act(
    world: &Rc<World>,
    crew: &mut Crew,
    books: &mut Books,
    progress: &Progress,
    stop: &mut Stop,
) -> Result<bool, Fatal> {
    let plan = &world.plan;
    let knocking = u64::from(plan.all_devices()) * SECOND / u64::from(plan.connect_rate);
    let opening = u64::from(plan.pairs * plan.conversations.max(1)) * SECOND / 20;
    let beginning = [
        (Phase::Gather, 60 * SECOND + 2 * knocking, true),
        (Phase::Open, 60 * SECOND + opening, plan.conversations > 0),
        (Phase::Away, SETTLE, plan.scenario == Scenario::Offline),
    ];
    for (phase, bound, _) in beginning.into_iter().filter(|it| it.2) {
        let ended = crew.step(phase, bound, progress, stop).await?;
        books.phase_ended(world, phase);
        match ended {
            Ended::Through => {}
            Ended::Stopped => {
                return Err(Fatal("it was stopped before the first message".to_owned()));
            }
            Ended::Late => return Err(Fatal(too_late(world, phase))),
        }
        if phase == Phase::Gather {
            books.is_connected(world);
        }
    }
    let ended = perform(world, crew, books, progress, stop).await?;
    if ended == Ended::Stopped {
        books.note("Stopped before its time.");
    }
    if plan.scenario == Scenario::Offline {
        crew.step(Phase::Hush, SETTLE, progress, stop).await?;
        pushes::collect(world, crew, books, progress, stop).await?;
    }
    let settled = crew.step(Phase::Settle, SETTLE, progress, stop).await?;
    books.phase_ended(world, Phase::Settle);
    books.has_settled(world).await;
    if settled == Ended::Late {
        books.note("Not every device was whole, with everything answered, a minute after the last message.");
    }
    let verified = crew.step(Phase::Verify, VERIFY, progress, stop).await?;
    books.phase_ended(world, Phase::Verify);
    Ok(verified == Ended::Through)
}

/// The part that counts.
async fn perform(
    world: &Rc<World>,
    crew: &mut Crew,
    books: &mut Books,
    progress: &Progress,
    stop: &mut Stop,
) -> Result<Ended, Fatal> {
    let micros = |it: Duration| u64::try_from(it.as_micros()).unwrap_or(Micros::MAX);
    if let Pace::Storm { .. } = world.plan.pace {
        world.timed_from.set(0);
        books.window_begins(world).await;
        for round in 1..=world.plan.rounds {
            let began = world.clock.now();
            let ended = crew
                .step(Phase::Storm(round), STORM, progress, stop)
                .await?;
            let took = seconds(world.clock.now() - began);
            match ended {
                Ended::Through => books.note(&format!(
                    "Round {round}: everybody was back and in sync after {took:.2} s."
                )),
                Ended::Late => books.note(&format!(
                    "Round {round}: not everybody was back after {took:.0} s."
                )),
                Ended::Stopped => {
                    books.window_ends(world);
                    return Ok(Ended::Stopped);
                }
            }
        }
        books.window_ends(world);
        books.phase_ended(world, Phase::Storm(1));
        return Ok(Ended::Through);
    }
    let began = world.clock.now();
    let (from, until) = (
        began + micros(world.plan.warmup),
        began + micros(world.plan.duration),
    );
    world.timed_from.set(from);
    world.timed_until.set(until);
    crew.begin(Phase::Run);
    let mut ended = crew.wait(from, progress, stop).await?;
    books.window_begins(world).await;
    if ended != Ended::Stopped {
        ended = crew.wait(until, progress, stop).await?;
    }
    books.window_ends(world);
    books.phase_ended(world, Phase::Run);
    Ok(ended)
}

async fn reach(target: &Target) -> Result<(), Fatal> {
    match tokio::time::timeout(REACH, target.dial()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Fatal(format!("failed to reach {target}: {error}"))),
        Err(_) => Err(Fatal(format!(
            "failed to reach {target} within {} s",
            REACH.as_secs()
        ))),
    }
}

async fn people(order: &Order, run: u32) -> Result<Vec<Pair>, Fatal> {
    let pairs = order.plan.pairs as usize;
    let people = match &order.tokens {
        Some(path) => people::read(path, pairs),
        None => people::issue(&order.target, run, pairs).await,
    };
    people.map_err(|error| {
        let source = std::error::Error::source(&error)
            .map(|it| format!(": {it}"))
            .unwrap_or_default();
        Fatal(format!("{error}{source}"))
    })
}

fn too_late(world: &World, phase: Phase) -> String {
    let waiting = world.waiting.get();
    let errors = world.recorder.borrow().errors();
    let worst = errors.iter().max_by_key(|(_, count)| **count);
    let worst = worst
        .map(|(kind, count)| format!("; most often: {kind} ({count} times)"))
        .unwrap_or_default();
    let what = if phase == Phase::Gather {
        "are not connected"
    } else {
        "are not ready"
    };
    format!(
        "{waiting} of {} devices {what} in time{worst}",
        world.plan.all_devices()
    )
}
