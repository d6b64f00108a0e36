//! Every field of every action: missing, null, and of every wrong type.

use serde_json::{Value, json};

use super::{accepted, bad, golden, with, without};

/// What a frame without the field is.
#[derive(Clone, Copy, Debug)]
enum Need {
    Required,
    Optional,
    /// It depends on other fields: looked at elsewhere.
    Depends,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Integer,
    Flag,
    Object,
    List,
}

use Kind::{Flag, Integer, List, Object, Text};
use Need::{Depends, Optional, Required};

/// A golden frame, a place in it, and the name that a refusal has to give the field.
type Row = (&'static str, &'static str, &'static str, Need, Kind);

const FIELDS: [Row; 51] = [
    ("hello", "/action", "action", Required, Text),
    ("hello", "/ref", "ref", Optional, Text),
    ("open.full", "/with", "with", Required, Text),
    ("open.full", "/key", "key", Optional, Text),
    ("open.full", "/subject", "subject", Optional, Text),
    (
        "send.reply",
        "/conversation",
        "conversation",
        Required,
        Text,
    ),
    ("send.reply", "/id", "id", Required, Text),
    ("send.reply", "/after", "after", Required, Integer),
    ("send.reply", "/reply_to", "reply_to", Optional, Integer),
    ("send.reply", "/body", "body", Required, Object),
    ("send.reply", "/body/kind", "body.kind", Required, Text),
    ("send.reply", "/body/text", "body.text", Required, Text),
    (
        "send.attachment_with_text",
        "/body/attachment",
        "body.attachment",
        Required,
        Text,
    ),
    (
        "send.attachment_with_text",
        "/body/name",
        "body.name",
        Required,
        Text,
    ),
    (
        "send.attachment_with_text",
        "/body/type",
        "body.type",
        Required,
        Text,
    ),
    (
        "send.attachment_with_text",
        "/body/size",
        "body.size",
        Required,
        Integer,
    ),
    (
        "send.attachment_with_text",
        "/body/text",
        "body.text",
        Optional,
        Text,
    ),
    ("send.edit", "/body/of", "body.of", Required, Integer),
    ("send.edit", "/body/text", "body.text", Required, Text),
    ("send.delete", "/body/of", "body.of", Required, Integer),
    ("send.reaction", "/body/of", "body.of", Required, Integer),
    ("send.reaction", "/body/emoji", "body.emoji", Required, Text),
    ("send.reaction", "/body/on", "body.on", Required, Flag),
    ("send.custom", "/body/type", "body.type", Required, Text),
    ("send.custom", "/body/data", "data", Required, Object),
    ("receipt", "/receipts", "receipts", Required, List),
    (
        "receipt",
        "/receipts/0/conversation",
        "receipts.conversation",
        Required,
        Text,
    ),
    (
        "receipt",
        "/receipts/0/recv",
        "receipts.recv",
        Optional,
        Integer,
    ),
    (
        "receipt",
        "/receipts/0/read",
        "receipts.read",
        Optional,
        Integer,
    ),
    (
        "receipt",
        "/receipts/1/recv",
        "receipts.recv",
        Required,
        Integer,
    ),
    (
        "receipt",
        "/receipts/2/read",
        "receipts.read",
        Required,
        Integer,
    ),
    ("typing.on", "/conversation", "conversation", Required, Text),
    ("typing.on", "/on", "on", Required, Flag),
    (
        "history.after",
        "/conversation",
        "conversation",
        Required,
        Text,
    ),
    ("history.after", "/after", "after", Required, Integer),
    ("history.after", "/limit", "limit", Optional, Integer),
    ("history.before", "/before", "before", Required, Integer),
    ("sync", "/cursors", "cursors", Required, Object),
    ("inbox.full", "/limit", "limit", Optional, Integer),
    ("inbox.full", "/next", "next", Optional, Text),
    ("presence", "/users", "users", Required, List),
    ("device.register", "/platform", "platform", Required, Text),
    ("device.register", "/token", "token", Required, Text),
    ("device.register", "/device", "device", Required, Text),
    ("device.register", "/locale", "locale", Optional, Text),
    ("device.remove", "/device", "device", Required, Text),
    ("device.remove", "/remove", "remove", Depends, Flag),
    (
        "settings.mute",
        "/conversation",
        "conversation",
        Required,
        Text,
    ),
    (
        "settings.mute",
        "/muted_until",
        "muted_until",
        Depends,
        Integer,
    ),
    ("settings.block", "/user", "user", Required, Text),
    ("settings.block", "/blocked", "blocked", Required, Flag),
];

fn values_not_of(kind: Kind) -> Vec<Value> {
    let (texts, numbers) = (json!(["", "7", "true"]), json!([-1, 0.5, 1e300, -0.0]));
    let (integers, flags) = (json!([0, 1]), json!([true, false]));
    let (objects, lists) = (json!([{}, {"a": 1}]), json!([[], [1], [[]], ["a", null]]));
    let wrong = match kind {
        Text => [numbers, integers, flags, objects, lists],
        Integer => [texts, numbers, flags, objects, lists],
        Flag => [texts, numbers, integers, objects, lists],
        Object => [texts, numbers, integers, flags, lists],
        List => [texts, numbers, integers, flags, objects],
    };
    wrong
        .into_iter()
        .flat_map(|values| values.as_array().unwrap().clone())
        .collect()
}

#[test]
fn a_missing_field_is_named_unless_it_may_be_missing() {
    for (name, place, field, need, _) in FIELDS {
        let missing = without(golden(name), place);
        match need {
            Required => bad(&missing, field),
            Optional => drop(accepted(&missing)),
            Depends => {}
        }
    }
}

#[test]
fn null_is_the_same_as_missing() {
    for (name, place, field, need, _) in FIELDS {
        let null = with(golden(name), place, Value::Null);
        match need {
            Required => bad(&null, field),
            Optional => assert_eq!(accepted(&null), accepted(&without(golden(name), place))),
            Depends => {}
        }
    }
}

#[test]
fn a_field_of_the_wrong_type_is_named() {
    for (name, place, field, _, kind) in FIELDS {
        for wrong in values_not_of(kind) {
            bad(&with(golden(name), place, wrong), field);
        }
    }
}

#[test]
fn elements_of_the_wrong_type_name_their_list() {
    for wrong in values_not_of(Object) {
        bad(&with(golden("receipt"), "/receipts/1", wrong), "receipts");
    }
    for wrong in values_not_of(Text) {
        bad(&with(golden("presence"), "/users/1", wrong), "users");
    }
    for wrong in values_not_of(Integer) {
        let place = "/cursors/01JD8Z3KQ5W9T0000000000001";
        bad(&with(golden("sync"), place, wrong), "cursors");
    }
}

#[test]
fn fields_that_depend_on_others() {
    let registering = without(golden("device.remove"), "/remove");
    bad(&registering, "platform");
    bad(&with(registering, "/remove", false), "platform");
    accepted(&with(golden("device.register"), "/remove", false));

    let neither = without(golden("history.after"), "/after");
    bad(&neither, "after");
    bad(&with(golden("history.after"), "/before", 7), "before");
    bad(&with(golden("settings.mute"), "/user", "bob"), "user");
    bad(&without(golden("settings.block"), "/user"), "conversation");
    let neither = without(golden("receipt"), "/receipts/1/recv");
    bad(&neither, "read");
}
