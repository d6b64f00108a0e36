//! The counts as Prometheus text.

use switchboard::Metric;

use super::Site;

/// Everything that is counted, in the text format of Prometheus.
pub(super) fn text(site: &Site) -> String {
    let mut text = Text::default();
    let counted = site.functions.counted();
    for metric in Metric::ALL {
        let count = counted
            .iter()
            .find(|(it, _)| *it == metric)
            .map_or(0, |(_, count)| count);
        text.counter(&snake(metric.name()), count);
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
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn counter(&mut self, name: &str, value: u64) {
        self.line(format_args!("# TYPE switchboard_{name}_total counter"));
        self.line(format_args!("switchboard_{name}_total {value}"));
    }

    fn gauge(&mut self, name: &str, value: u64) {
        self.line(format_args!("# TYPE switchboard_{name} gauge"));
        self.line(format_args!("switchboard_{name} {value}"));
    }

    fn labelled(&mut self, name: &str, label: &str, values: &std::collections::BTreeMap<u16, u64>) {
        self.line(format_args!("# TYPE switchboard_{name}_total counter"));
        for (value, count) in values {
            self.line(format_args!(
                "switchboard_{name}_total{{{label}=\"{value}\"}} {count}"
            ));
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
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
