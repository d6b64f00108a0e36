//! What is counted as Prometheus text.

use std::collections::BTreeMap;

use switchboard::metric::{Kind, Label, Split};
use switchboard::{Metric, Tally};

use super::{Site, consumed};
use crate::functions::{BOUNDS_MS, Histogram};

/// Everything that is counted, in the text format of Prometheus.
pub(super) fn text(site: &Site) -> String {
    let mut text = Text::default();
    let counted = site.functions.everything_counted();
    for metric in Metric::ALL {
        let name = snake(metric.name());
        match metric.kind() {
            Kind::Count => text.counter(&name, counted.tally.of(metric)),
            // Its whole is what the stand-in knows by itself, and says below.
            Kind::Gauge => {}
            Kind::Duration => {
                let histogram = counted.histograms.get(&metric);
                text.histogram(&name, histogram.unwrap_or(&Histogram::default()));
            }
        }
        if let Some(split) = metric.split() {
            text.split(&name, metric, split, &counted.tally);
        }
    }
    let api = site.api.counts();
    text.gauge("open_connections", site.api.open_connections() as u64);
    text.counter("handshakes_accepted", api.connects);
    text.counter("frames_in", api.frames_in);
    text.counter("frames_in_bytes", api.bytes_in);
    text.counter("frames_out", api.frames_out);
    text.counter("frames_out_bytes", api.bytes_out);
    text.counter("error_frames", api.error_frames);
    text.labelled("handshakes_refused", "status", &api.refused);
    text.labelled("closes", "code", &api.closes);
    let delivery = site.outbox.counters();
    text.counter("stream_records_delivered", delivery.delivered_total());
    text.counter("stream_batches_retried", delivery.retries_total());
    text.counter("stream_records_given_up", delivery.dead_letters_total());
    text.gauge("stream_records_held", delivery.held());
    consumed::tell(site, &mut text);
    text.0
}

#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    fn counter(&mut self, name: &str, value: u64) {
        self.line(format_args!("# TYPE switchboard_{name}_total counter"));
        self.line(format_args!("switchboard_{name}_total {value}"));
    }

    fn gauge(&mut self, name: &str, value: u64) {
        self.line(format_args!("# TYPE switchboard_{name} gauge"));
        self.line(format_args!("switchboard_{name} {value}"));
    }

    /// The parts of a metric, under a name of their own: in one sum with the whole they would count twice.
    fn split(&mut self, name: &str, metric: Metric, split: Split, tally: &Tally) {
        let known: BTreeMap<Label, u64> = tally
            .parts()
            .filter(|(it, _, _)| *it == metric)
            .filter_map(|(_, label, number)| Some((label?, number)))
            .collect();
        let label = snake(split.name());
        let (kind, suffix, labels) = match metric.kind() {
            Kind::Count | Kind::Duration => ("counter", "_total", split.labels()),
            // Before the first census nothing is known.
            Kind::Gauge => ("gauge", "", known.keys().copied().collect()),
        };
        let name = format!("switchboard_{name}_by_{label}{suffix}");
        self.line(format_args!("# TYPE {name} {kind}"));
        for part in labels {
            let (value, number) = (part.value(), known.get(&part).copied().unwrap_or(0));
            self.line(format_args!("{name}{{{label}=\"{value}\"}} {number}"));
        }
    }

    fn histogram(&mut self, name: &str, histogram: &Histogram) {
        let name = format!("switchboard_{name}_milliseconds");
        self.line(format_args!("# TYPE {name} histogram"));
        for (bound, count) in BOUNDS_MS.iter().zip(histogram.within) {
            self.line(format_args!("{name}_bucket{{le=\"{bound}\"}} {count}"));
        }
        let Histogram { count, sum_ms, .. } = histogram;
        self.line(format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        self.line(format_args!("{name}_sum {sum_ms}"));
        self.line(format_args!("{name}_count {count}"));
    }

    fn labelled(&mut self, name: &str, label: &str, values: &BTreeMap<u16, u64>) {
        self.line(format_args!("# TYPE switchboard_{name}_total counter"));
        for (value, count) in values {
            self.line(format_args!(
                "switchboard_{name}_total{{{label}=\"{value}\"}} {count}"
            ));
        }
    }

    pub(super) fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.0.push_str(&line.to_string());
        self.0.push('\n');
    }
}

/// `RelaysGone` is `relays_gone` here.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
