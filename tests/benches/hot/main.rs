//! Where the CPU of one message goes: `cargo bench -p switchboard-benches --bench hot`.
//!
//! Each layer is run in turn, round after round, so that all of them share the machine's mood;
//! what is printed are the CPU microseconds per message, the best round and the one in the middle.
//! `instructions` beside this file runs the same under callgrind.

use clap::{Parser, ValueEnum as _};
use rustix::time::{ClockId, clock_gettime};
use switchboard_benches::{Layer, Layers};
use tokio::runtime::Runtime;

/// The hot path, layer by layer.
#[derive(Debug, Parser)]
struct Options {
    /// What to measure; everything where nothing is said.
    #[arg(long)]
    layer: Vec<Layer>,
    /// Messages of a round.
    #[arg(long, default_value_t = 500)]
    messages: usize,
    /// Rounds.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Only do it, once: valgrind counts, and the clock does not work under it.
    #[arg(long)]
    untimed: bool,
    /// One line of JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("failed to build a runtime");
    let chosen = if options.layer.is_empty() {
        Layer::value_variants()
    } else {
        &options.layer
    };
    let mut layers = runtime.block_on(Layers::open());
    if options.untimed {
        for layer in chosen {
            work(&runtime, &mut layers, *layer, options.messages, || ());
        }
        return;
    }
    let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); chosen.len()];
    for _ in 0..options.rounds {
        for (layer, took) in chosen.iter().zip(&mut rounds) {
            took.push(round(&runtime, &mut layers, *layer, options.messages));
        }
    }
    print(&options, chosen, &mut rounds);
}

fn print(options: &Options, chosen: &[Layer], rounds: &mut [Vec<f64>]) {
    let mut json = serde_json::Map::new();
    if !options.json {
        println!(
            "{:<20} {:>9} {:>9}   µs of CPU per message",
            "layer", "best", "median"
        );
    }
    for (layer, took) in chosen.iter().zip(rounds) {
        took.sort_by(f64::total_cmp);
        let (best, median) = (took[0], took[took.len() / 2]);
        let name = layer.to_possible_value().expect("no layer is skipped");
        if options.json {
            let both = serde_json::json!({"best_us": best, "median_us": median});
            json.insert(name.get_name().to_owned(), both);
        } else {
            println!("{:<20} {best:>9.1} {median:>9.1}", name.get_name());
        }
    }
    if options.json {
        println!("{}", serde_json::Value::Object(json));
    }
}

/// Microseconds of CPU per message.
fn round(runtime: &Runtime, layers: &mut Layers, layer: Layer, messages: usize) -> f64 {
    let (before, after) = work(runtime, layers, layer, messages, cpu_us);
    (after - before) / f64::from(u32::try_from(messages).expect("a bounded number"))
}

/// A layer's work, and what was read just before and just after it.
fn work<T>(
    runtime: &Runtime,
    layers: &mut Layers,
    layer: Layer,
    messages: usize,
    read: impl Fn() -> T,
) -> (T, T) {
    let batch = runtime.block_on(layers.prepare(layer, messages));
    let before = read();
    let responses = measured(runtime, layers.run(layer, batch));
    let after = read();
    layers.check(layer, &responses);
    (before, after)
}

/// A frame of its own, which callgrind is told to collect in.
#[inline(never)]
fn measured<F: Future>(runtime: &Runtime, work: F) -> F::Output {
    runtime.block_on(work)
}

fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a bench")]
    let (seconds, nanos) = (time.tv_sec as f64, time.tv_nsec as f64);
    seconds * 1e6 + nanos / 1e3
}
