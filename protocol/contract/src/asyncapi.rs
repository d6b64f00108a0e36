//! The contract as an AsyncAPI 3 document.
//!
//! The application that it describes is the gateway: it receives actions and sends events.

use serde_json::{Value, json};

use crate::examples::{Example, Examples};
use crate::node::{Node, object};
use crate::schema::{Home, definitions};
use crate::table::{Action, Contract, codes};

const ABOUT: &str = "A client connects with the subprotocols `switchboard.v1` and `bearer.<jwt>`, or with \
`Authorization: Bearer <jwt>`; the token never travels in the URL. It speaks first, with `hello`. Frames are text, one \
JSON object each, at most 32,768 bytes; unknown fields and events are ignored. Ids, times and places are the server's: \
a client cannot set who sent an entry, when, or where it stands.";

/// The document.
pub fn document(contract: &Contract, examples: &Examples) -> Node {
    object([
        ("asyncapi", "3.0.0".into()),
        (
            "info",
            json!({
                "title": "Switchboard", "version": "1.0.0", "description": ABOUT,
                "license": {"name": "MIT OR Apache-2.0"},
            })
            .into(),
        ),
        ("defaultContentType", "application/json".into()),
        ("servers", servers()),
        ("channels", object([("socket", socket(contract))])),
        ("operations", operations(contract)),
        (
            "components",
            object([
                ("messages", messages(contract, examples)),
                ("schemas", definitions(contract, Home("#/components/schemas/"))),
                (
                    "securitySchemes",
                    json!({"token": {
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "An RS256 JWT of the user pool; browsers offer it as the subprotocol `bearer.<jwt>`.",
                    }})
                    .into(),
                ),
            ]),
        ),
        ("x-error-codes", error_codes()),
    ])
}

fn servers() -> Node {
    let security = json!([{"$ref": "#/components/securitySchemes/token"}]);
    json!({
        "local": {
            "host": "127.0.0.1:8080", "pathname": "/local", "protocol": "ws",
            "description": "The gateway on one machine.", "security": security,
        },
        "deployed": {
            "host": "{domain}", "pathname": "/{stage}", "protocol": "wss",
            "description": "The gateway behind API Gateway.", "security": security,
            "variables": {
                "domain": {"description": "The API's domain."},
                "stage": {"description": "The API's stage."},
            },
        },
    })
    .into()
}

fn socket(contract: &Contract) -> Node {
    let names = contract.actions.iter().flat_map(|it| &it.frames);
    let names = names
        .chain(contract.events.iter().flat_map(|it| &it.frames))
        .map(|it| it.name);
    let message = |name: &str| (name.to_owned(), to(format!("#/components/messages/{name}")));
    object([
        ("address", "/".into()),
        ("description", "One connection: everything travels over it.".into()),
        ("messages", Node::Object(names.chain(["PlatformError"]).map(message).collect())),
        (
            "bindings",
            json!({"ws": {
                "bindingVersion": "0.1.0", "method": "GET",
                "query": {"type": "object", "properties": {"device": {
                    "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$",
                    "description": "The device's name. A second connection of the same device replaces the first.",
                }}},
            }})
            .into(),
        ),
    ])
}

fn to(path: String) -> Node {
    object([("$ref", path.into())])
}

fn on_socket(name: &str) -> Node {
    to(format!("#/channels/socket/messages/{name}"))
}

fn operations(contract: &Contract) -> Node {
    let asked = contract
        .actions
        .iter()
        .map(|it| (it.name.to_owned(), asked(contract, it)));
    let told = contract.events.iter().map(|event| {
        let forms = event.frames.iter().map(|it| on_socket(it.name)).collect();
        let about = event.frames.first().map_or("", |it| it.about);
        let operation = object([
            ("action", "send".into()),
            ("channel", to("#/channels/socket".to_owned())),
            ("summary", about.into()),
            ("messages", Node::List(forms)),
        ]);
        (format!("on_{}", event.name), operation)
    });
    let platform = object([
        ("action", "send".into()),
        ("channel", to("#/channels/socket".to_owned())),
        (
            "summary",
            "The platform failed before or behind the gateway.".into(),
        ),
        ("messages", Node::List(vec![on_socket("PlatformError")])),
    ]);
    let told = told.chain([("on_platform_error".to_owned(), platform)]);
    Node::Object(asked.chain(told).collect())
}

fn asked(contract: &Contract, action: &Action) -> Node {
    let forms = action.frames.iter().map(|it| on_socket(it.name)).collect();
    let mut replies = replies(contract, action);
    replies.push("ErrorFrame");
    let errors: Vec<&str> = action
        .errors
        .iter()
        .copied()
        .chain(Action::ALWAYS)
        .collect();
    object([
        ("action", "receive".into()),
        ("channel", to("#/channels/socket".to_owned())),
        ("summary", action.about.into()),
        ("messages", Node::List(forms)),
        (
            "reply",
            object([
                ("channel", to("#/channels/socket".to_owned())),
                (
                    "messages",
                    Node::List(replies.into_iter().map(on_socket).collect()),
                ),
            ]),
        ),
        ("x-errors", Value::from(errors).into()),
    ])
}

/// The messages that a reply may be: one, but for `settings`.
fn replies<'a>(contract: &'a Contract, action: &Action) -> Vec<&'a str> {
    let forms = contract.events.iter().map(|it| &it.frames);
    let mut forms = forms.filter(|forms| {
        let name = action.reply.unwrap_or_default();
        forms.iter().any(|it| it.name == name) || (name == "Settings" && forms.len() > 1)
    });
    forms
        .next()
        .into_iter()
        .flatten()
        .map(|it| it.name)
        .collect()
}

fn messages(contract: &Contract, examples: &Examples) -> Node {
    let actions = contract.actions.iter();
    let actions = actions.flat_map(|it| {
        it.frames
            .iter()
            .map(|frame| (it.name, frame, &examples.client))
    });
    let events = contract.events.iter();
    let events = events.flat_map(|it| {
        it.frames
            .iter()
            .map(|frame| (it.name, frame, &examples.server))
    });
    let messages = actions.chain(events).map(|(name, frame, side)| {
        let shown = Examples::of(side, name).filter(|it| frame.fits(&it.frame));
        (
            frame.name.to_owned(),
            message(frame.name, frame.about, shown),
        )
    });
    let platform = Example {
        name: "internal_server_error".to_owned(),
        frame: json!({
            "message": "Internal server error", "connectionId": "QyL1_d7cDoECGAA=", "requestId": "QyL2AEm1joEFnDg=",
        }),
    };
    let about = "The platform's own error frame: `unavailable` for whatever is in flight.";
    let platform = message("PlatformError", about, [&platform].into_iter());
    Node::Object(
        messages
            .chain([("PlatformError".to_owned(), platform)])
            .collect(),
    )
}

fn message<'a>(name: &str, about: &str, shown: impl Iterator<Item = &'a Example>) -> Node {
    let examples = shown.map(|it| {
        object([
            ("name", it.name.as_str().into()),
            ("payload", it.frame.clone().into()),
        ])
    });
    object([
        ("name", name.into()),
        ("summary", about.into()),
        ("payload", to(format!("#/components/schemas/{name}"))),
        ("examples", Node::List(examples.collect())),
    ])
}

fn error_codes() -> Node {
    let code = |it: &crate::table::Explained| {
        let about = object([("retry", it.retry.into()), ("description", it.about.into())]);
        (it.code.to_owned(), about)
    };
    Node::Object(codes().iter().map(code).collect())
}
