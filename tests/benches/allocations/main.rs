//! What one message takes from the allocator: `cargo bench -p switchboard-benches --bench allocations`.
//!
//! A program of its own, because counting costs CPU. The counts do not depend on the machine, so one round is enough.

use std::alloc::System;

use clap::{Parser, ValueEnum as _};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use switchboard_benches::{Layer, Layers};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The hot path's allocations, layer by layer.
#[derive(Debug, Parser)]
struct Options {
    /// What to measure; everything where nothing is said.
    #[arg(long)]
    layer: Vec<Layer>,
    /// Messages.
    #[arg(long, default_value_t = 200)]
    messages: usize,
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
    println!(
        "{:<20} {:>12} {:>12}   per message",
        "layer", "allocations", "bytes"
    );
    for layer in chosen {
        // Once unmeasured: what is allocated once in a life is nobody's.
        for measured in [false, true] {
            let batch = runtime.block_on(layers.prepare(*layer, options.messages));
            let region = Region::new(ALLOCATOR);
            let responses = runtime.block_on(layers.run(*layer, batch));
            let change = region.change();
            layers.check(*layer, &responses);
            if measured {
                let grown = usize::try_from(change.bytes_reallocated).unwrap_or(0);
                let name = layer.to_possible_value().expect("no layer is skipped");
                println!(
                    "{:<20} {:>12} {:>12}",
                    name.get_name(),
                    (change.allocations + change.reallocations) / options.messages,
                    (change.bytes_allocated + grown) / options.messages,
                );
            }
        }
    }
}
