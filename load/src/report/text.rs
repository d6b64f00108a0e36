//! A run in a terminal.

use std::fmt::Write as _;

use super::{Latency, Report, Verdict};

/// The run as a text of a screen's length.
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    let mut say = |line: std::fmt::Arguments<'_>| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "a string takes whatever is written to it");
    };
    let window = report.window;
    say(format_args!(
        "{} against {}, {}",
        report.scenario, report.target, report.started_at
    ));
    for (name, value) in &report.plan {
        say(format_args!("  {name:<24} {value}"));
    }
    if window.acknowledged > 0 {
        say(format_args!(
            "\n{:.0} messages/s: {} sent, {} acknowledged, {} arrivals in {:.1} s",
            report.rate(),
            window.sent,
            window.acknowledged,
            window.received,
            window.seconds
        ));
    }
    if !report.latency.is_empty() {
        say(format_args!(
            "\n  {:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "ms", "p50", "p90", "p99", "p99.9", "max", "count"
        ));
    }
    for (name, latency) in &report.latency {
        say(format_args!("  {name:<12} {}", row(latency)));
    }
    say(format_args!("{}", resources(report)));
    if let Some(cost) = &report.cost {
        say(format_args!(
            "cost: {:.2} dollars for a million messages, {:.2} for a thousand users a month",
            cost.per_million_messages, cost.per_thousand_users_month
        ));
    }
    for (kind, count) in &report.errors {
        say(format_args!("error: {kind}: {count}"));
    }
    for note in &report.notes {
        say(format_args!("note: {note}"));
    }
    say(format_args!("\n{}", audit(report)));
    text
}

/// What the server and this tool have used.
fn resources(report: &Report) -> String {
    let mut text = String::new();
    let mut say = |line: std::fmt::Arguments<'_>| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "a string takes whatever is written to it");
    };
    if let Some(server) = &report.server {
        say(format_args!(
            "\nserver (process {}): {:.2} processors busy",
            server.pid, server.cores
        ));
        if let Some(cpu) = server.cpu_us_per_message {
            say(format_args!(
                "  {cpu:.0} µs of processor time per message, {:.0} messages/s per busy processor",
                1e6 / cpu
            ));
        }
        say(format_args!(
            "  {:.2} ms of processor time and {:.1} KiB of memory per connection ({:.1} MiB before, {:.1} connected, {:.1} at the end)",
            server.cpu_us_per_connect / 1_000.0,
            server.rss_per_connection_bytes / 1_024.0,
            mebibytes(server.rss_before_bytes),
            mebibytes(server.rss_connected_bytes),
            mebibytes(server.rss_after_bytes)
        ));
    }
    say(format_args!(
        "tool: {:.0} % of its thread, {:.1} MiB; load average {} before, {} after, on {} processors",
        report.tool.busy * 100.0,
        mebibytes(report.tool.rss_bytes),
        or_unknown(report.machine.load_before),
        or_unknown(report.machine.load_after),
        report.machine.processors
    ));
    text
}

fn audit(report: &Report) -> String {
    let it = report.audit;
    let verdict = match report.verdict {
        Verdict::Clean => "CLEAN",
        Verdict::Faulty => "FAULTY",
        Verdict::Unverified => "UNVERIFIED",
    };
    format!(
        "audit {verdict}: {} sent, {} acknowledged, {} in doubt, {} received; \
         {} missing, {} lost, {} doubled, {} disordered, {} strangers, {} unpushed; {} delivered again, {} early",
        it.sent,
        it.acknowledged,
        it.in_doubt,
        it.received,
        it.missing,
        it.lost,
        it.doubled,
        it.disordered,
        it.strangers,
        it.unpushed,
        it.again,
        it.early
    )
}

fn row(it: &Latency) -> String {
    let ms = |micros: u64| format!("{:>9.2}", micros as f64 / 1_000.0);
    format!(
        "{} {} {} {} {} {:>9}",
        ms(it.p50_us),
        ms(it.p90_us),
        ms(it.p99_us),
        ms(it.p999_us),
        ms(it.max_us),
        it.count
    )
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

fn or_unknown(load: Option<f64>) -> String {
    load.map_or_else(|| "unknown".to_owned(), |it| format!("{it:.2}"))
}
