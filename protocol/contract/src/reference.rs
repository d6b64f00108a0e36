//! The contract as a page to read: one file, no script, nothing to load.

use crate::examples::{Example, Examples};
use crate::node::Node;
use crate::shape::{Definition, Field, Kind, Presence, Shape};
use crate::table::{Action, Contract, Event, codes};

const STYLE: &str = include_str!("reference/style.css");
const INTRODUCTION: &str = include_str!("reference/introduction.html");

/// The page.
pub fn page(contract: &Contract, examples: &Examples) -> String {
    let mut page = String::new();
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str("<title>Switchboard protocol, version 1</title>\n<style>\n");
    page.push_str(STYLE);
    page.push_str("</style>\n</head>\n<body>\n");
    navigation(&mut page, contract);
    page.push_str("<main>\n");
    page.push_str(INTRODUCTION);
    page.push_str("<h2 id=\"actions\">What a client says</h2>\n");
    for it in &contract.actions {
        action(&mut page, contract, it, examples);
    }
    page.push_str("<h2 id=\"events\">What the gateway says</h2>\n");
    for it in &contract.events {
        event(&mut page, contract, it, examples);
    }
    page.push_str("<h2 id=\"errors\">Error codes</h2>\n");
    errors(&mut page);
    page.push_str("<h2 id=\"values\">Values</h2>\n");
    for it in values(contract) {
        value(&mut page, contract, it);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// What has a name and is no frame.
fn values(contract: &Contract) -> impl Iterator<Item = &Definition> {
    let tagged = |it: &Definition, tag| it.fields().first().is_some_and(|field| field.name == tag);
    let is_frame = move |it: &Definition| tagged(it, "action") || tagged(it, "event");
    let unions = ["ClientFrame", "ServerFrame", "Settings"];
    let all = contract.definitions.iter();
    all.filter(move |it| !is_frame(it) && !unions.contains(&it.name))
}

fn navigation(page: &mut String, contract: &Contract) {
    page.push_str(
        "<nav aria-label=\"Contents\">\n<p><a href=\"#top\">Switchboard protocol</a></p>\n",
    );
    let mut list = |title: &str, at: &str, prefix: &str, names: Vec<&str>| {
        page.push_str(&format!("<p><a href=\"#{at}\">{title}</a></p>\n<ul>\n"));
        for name in names {
            page.push_str(&format!(
                "<li><a href=\"#{prefix}{name}\"><code>{name}</code></a></li>\n"
            ));
        }
        page.push_str("</ul>\n");
    };
    list(
        "Actions",
        "actions",
        "action-",
        contract.actions.iter().map(|it| it.name).collect(),
    );
    list(
        "Events",
        "events",
        "event-",
        contract.events.iter().map(|it| it.name).collect(),
    );
    list(
        "Errors",
        "errors",
        "error-",
        codes().iter().map(|it| it.code).collect(),
    );
    list(
        "Values",
        "values",
        "",
        values(contract).map(|it| it.name).collect(),
    );
    page.push_str("</nav>\n");
}

fn action(page: &mut String, contract: &Contract, action: &Action, examples: &Examples) {
    let name = action.name;
    page.push_str(&format!(
        "<section id=\"action-{name}\">\n<h3><code>{name}</code></h3>\n"
    ));
    page.push_str(&format!("<p>{}</p>\n", prose(action.about)));
    for frame in &action.frames {
        if action.frames.len() > 1 {
            page.push_str(&format!("<h4>{}</h4>\n", prose(frame.about)));
        }
        fields(page, contract, frame);
    }
    shown(page, Examples::of(&examples.client, name));
    page.push_str("<p class=\"facts\">");
    match (name, action.reply) {
        ("ping", _) => page.push_str(
            "Answered with <a href=\"#event-pong\"><code>pong</code></a> where a function has to. ",
        ),
        (_, Some(reply)) => {
            let event = reply.to_ascii_lowercase();
            page.push_str(&format!(
                "Answered with <a href=\"#event-{event}\"><code>{event}</code></a>. "
            ));
        }
        (_, None) => page.push_str("Not answered where it succeeds. "),
    }
    page.push_str("May be refused with ");
    let codes = action.errors.iter().copied().chain(Action::ALWAYS);
    let codes: Vec<String> = codes
        .map(|code| format!("<a href=\"#error-{code}\"><code>{code}</code></a>"))
        .collect();
    page.push_str(&codes.join(", "));
    page.push_str(".</p>\n</section>\n");
}

fn event(page: &mut String, contract: &Contract, event: &Event, examples: &Examples) {
    let name = event.name;
    page.push_str(&format!(
        "<section id=\"event-{name}\">\n<h3><code>{name}</code></h3>\n"
    ));
    for frame in &event.frames {
        page.push_str(&format!("<p>{}</p>\n", prose(frame.about)));
        fields(page, contract, frame);
    }
    shown(page, Examples::of(&examples.server, name));
    page.push_str("</section>\n");
}

fn errors(page: &mut String) {
    page.push_str("<div class=\"table\"><table>\n<thead><tr><th>code</th><th>meaning</th><th>again?</th></tr></thead>\n<tbody>\n");
    for it in codes() {
        let code = it.code;
        let retry = if it.retry { "yes" } else { "no" };
        let about = prose(it.about);
        page.push_str(&format!(
            "<tr id=\"error-{code}\"><td><code>{code}</code></td><td>{about}</td><td>{retry}</td></tr>\n"
        ));
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn value(page: &mut String, contract: &Contract, it: &Definition) {
    page.push_str(&format!(
        "<section id=\"{0}\">\n<h3>{0}</h3>\n<p>{1}</p>\n",
        it.name,
        prose(it.about)
    ));
    match &it.kind {
        Kind::Value(shape) => page.push_str(&format!("<p class=\"facts\">{}</p>\n", looks(shape))),
        Kind::Record(_) => fields(page, contract, it),
        Kind::Union(names) => {
            let names: Vec<String> = names.iter().map(|name| link(name)).collect();
            page.push_str(&format!("<p class=\"facts\">{}</p>\n", names.join(", ")));
        }
    }
    page.push_str("</section>\n");
}

/// The fields of a record, less the tags that its title shows.
fn fields(page: &mut String, contract: &Contract, record: &Definition) {
    let shown = |it: &&Field| !matches!(it.name, "action" | "event" | "ref");
    let all: Vec<&Field> = record.fields().iter().filter(shown).collect();
    if all.is_empty() {
        return;
    }
    page.push_str("<div class=\"table\"><table>\n<thead><tr><th>field</th><th>holds</th><th>meaning</th></tr></thead>\n<tbody>\n");
    for field in all {
        let optional = match field.presence {
            Presence::Required => "",
            Presence::Optional => " <small>optional</small>",
        };
        page.push_str(&format!(
            "<tr><td><code>{}</code>{optional}</td><td>{}</td><td>{}</td></tr>\n",
            field.name,
            holds(contract, &field.shape),
            prose(field.about),
        ));
    }
    page.push_str("</tbody>\n</table></div>\n");
}

/// What a field holds: a link to what has a name, else in words.
fn holds(contract: &Contract, shape: &Shape) -> String {
    match shape {
        Shape::Named(name) if contract.definition(name).is_some() => link(name),
        _ => looks(shape),
    }
}

fn looks(shape: &Shape) -> String {
    match shape {
        Shape::Text(it) => {
            let unit = if it.bytes_max.is_some() {
                "bytes"
            } else {
                "characters"
            };
            let max = it.bytes_max.or(it.chars_max).map(thousands);
            let length = max.map(|max| format!(", {} to {max} {unit}", it.min));
            let pattern = it
                .pattern
                .map(|it| format!(" <code class=\"pattern\">{}</code>", escaped(it)));
            format!(
                "string{}{}",
                length.unwrap_or_default(),
                pattern.unwrap_or_default()
            )
        }
        Shape::Integer { min, max: None } => format!("integer, {min} or more"),
        Shape::Integer {
            min,
            max: Some(max),
        } => format!("integer, {min} to {max}"),
        Shape::Flag => "<code>true</code> or <code>false</code>".to_owned(),
        Shape::Yes => "<code>true</code>".to_owned(),
        Shape::Choice(names) => {
            let names: Vec<String> = names
                .iter()
                .map(|it| format!("<code>\"{it}\"</code>"))
                .collect();
            names.join(", ")
        }
        Shape::Anything => "object".to_owned(),
        Shape::List {
            of,
            min,
            max: Some(max),
        } => format!("list of {min} to {max} {}", looks(of)),
        Shape::List { of, .. } => format!("list of {}", looks(of)),
        Shape::Map { keys, of, max } => {
            let max = max.map(|max| format!(", at most {max}"));
            format!(
                "object: {} → {}{}",
                link(keys),
                looks(of),
                max.unwrap_or_default()
            )
        }
        Shape::Named(name) => link(name),
        Shape::Nullable(of) => format!("{} or <code>null</code>", looks(of)),
    }
}

fn thousands(number: usize) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", number / 1_000, number % 1_000)
    }
}

fn link(name: &str) -> String {
    let at = if name == "Entry" { "event-entry" } else { name };
    format!("<a href=\"#{at}\">{name}</a>")
}

fn shown<'a>(page: &mut String, examples: impl Iterator<Item = &'a Example>) {
    for (place, it) in examples.enumerate() {
        let open = if place == 0 { " open" } else { "" };
        let frame = ordered(&it.frame).to_json();
        page.push_str(&format!(
            "<details{open}><summary>{}</summary><pre tabindex=\"0\">{}</pre></details>\n",
            it.name.replace('.', ": ").replace('_', " "),
            escaped(frame.trim_end()),
        ));
    }
}

/// The frame with its tag first, as people write it.
fn ordered(frame: &serde_json::Value) -> Node {
    match Node::from(frame.clone()) {
        Node::Object(mut members) => {
            members.sort_by_key(|(name, _)| match name.as_str() {
                "action" | "event" => 0,
                "ref" => 1,
                _ => 2,
            });
            Node::Object(members)
        }
        other @ (Node::Leaf(_) | Node::List(_)) => other,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A sentence whose words in backticks are code.
fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let pieces = pieces.map(|(place, piece)| match place % 2 {
        0 => escaped(piece),
        _ => format!("<code>{}</code>", escaped(piece)),
    });
    pieces.collect()
}
