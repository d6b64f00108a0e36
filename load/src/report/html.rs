//! A run, or two, as one page that needs nothing else: the report as data, and the style and the script that draw it.

use super::Report;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of a run.
pub fn page(report: &Report) -> String {
    let title = format!("Switchboard load: {}", report.scenario);
    fill(&title, &format!(r#"{{"runs":[{}]}}"#, report.to_json()))
}

/// A page around data, which is JSON.
pub(super) fn fill(title: &str, data: &str) -> String {
    // Nothing in the data ends the element that it stands in.
    let data = data.replace('<', "\\u003c");
    PAGE.replace("{{title}}", &escaped(title))
        .replace("{{style}}", STYLE)
        .replace("{{script}}", SCRIPT)
        .replace("{{data}}", &data)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
