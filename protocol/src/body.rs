//! What an entry says.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{ErrorCode, Refusal};
use crate::fields::Fields;
use crate::ids::Seq;
use crate::limits;

/// What an entry says. The tag on the wire is `kind`.
///
/// `event`, written by the server alone, is reserved: it is parsed from no frame and no writer of it exists yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// A message.
    Text {
        /// 1 to 8,000 characters.
        text: String,
    },
    /// A file that was uploaded before.
    Attachment {
        /// The id that the upload was given.
        attachment: String,
        /// The file's name.
        name: String,
        /// The file's media type.
        #[serde(rename = "type")]
        media_type: String,
        /// The file's size in bytes.
        size: u64,
        /// A caption.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Replaces the text of an own text entry.
    Edit {
        /// The entry that is edited.
        of: Seq,
        /// Its new text.
        text: String,
    },
    /// Takes an own entry back.
    Delete {
        /// The entry that is deleted.
        of: Seq,
    },
    /// Adds or takes back a reaction.
    Reaction {
        /// The entry that is reacted to.
        of: Seq,
        /// 1 to 16 bytes.
        emoji: String,
        /// Whether it is added.
        on: bool,
    },
    /// What an app adds: a price offer, a location.
    Custom {
        /// Which of the app's own kinds.
        #[serde(rename = "type")]
        custom_type: String,
        /// Whatever the app says.
        data: Map<String, Value>,
    },
    /// What stands where a deleted entry stood. Written by the server alone.
    Deleted,
}

impl Body {
    /// Whether the entry counts as something to read.
    pub fn counts_as_unread(&self) -> bool {
        match self {
            Self::Text { .. } | Self::Attachment { .. } => true,
            Self::Edit { .. }
            | Self::Delete { .. }
            | Self::Reaction { .. }
            | Self::Custom { .. }
            | Self::Deleted => false,
        }
    }

    /// The entry that this one is about, if it is about one.
    pub fn of(&self) -> Option<Seq> {
        match self {
            Self::Edit { of, .. } | Self::Delete { of } | Self::Reaction { of, .. } => Some(*of),
            Self::Text { .. } | Self::Attachment { .. } | Self::Custom { .. } | Self::Deleted => {
                None
            }
        }
    }

    /// The body as compact JSON: what is measured, stored and sent.
    pub fn to_json(&self) -> String {
        // A tree of strings, numbers and string-keyed maps has no way not to be JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a body that a client sent.
    ///
    /// Refuses what is out of bounds with `bad_request`, what is over its limit with `too_large`.
    pub(crate) fn from_client(fields: &Fields<'_>) -> Result<Self, Refusal> {
        let body = match fields.text("kind")? {
            "text" => Self::Text {
                text: text(fields)?,
            },
            "attachment" => attachment(fields)?,
            "edit" => Self::Edit {
                of: fields.seq_from_one("of")?,
                text: text(fields)?,
            },
            "delete" => Self::Delete {
                of: fields.seq_from_one("of")?,
            },
            "reaction" => reaction(fields)?,
            "custom" => custom(fields)?,
            "event" => return Err(fields.refuse("kind", "event is written by the server alone")),
            _ => {
                return Err(fields.refuse(
                    "kind",
                    "must be text, attachment, edit, delete, reaction or custom",
                ));
            }
        };
        let json = body.to_json();
        if json.len() > limits::BODY_BYTES_MAX {
            let message = format!(
                "body must have at most {} bytes of JSON",
                limits::BODY_BYTES_MAX
            );
            return Err(Refusal::new(ErrorCode::TooLarge, message));
        }
        // An entry that cannot be read again would end its conversation. What nests as deep as a reader goes is refused
        // here, however it got in: serde_json, built with `raw_value`, takes a field of a private name for JSON of its own.
        if matches!(body, Self::Custom { .. }) && Self::from_stored(&json).as_ref() != Some(&body) {
            return Err(fields.refuse("data", "must not nest so deep"));
        }
        Ok(body)
    }

    /// Reads a body that the gateway stored. `None` where it is not one.
    ///
    /// Stored bodies were checked when they came in; limits may have changed since, so they are not checked again.
    pub fn from_stored(json: &str) -> Option<Self> {
        let Value::Object(map) = serde_json::from_str(json).ok()? else {
            return None;
        };
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let seq = |name: &str| map.get(name).and_then(Value::as_u64);
        match map.get("kind")?.as_str()? {
            "text" => Some(Self::Text {
                text: text("text")?,
            }),
            "attachment" => Some(Self::Attachment {
                attachment: text("attachment")?,
                name: text("name")?,
                media_type: text("type")?,
                size: seq("size")?,
                text: text("text"),
            }),
            "edit" => Some(Self::Edit {
                of: seq("of")?,
                text: text("text")?,
            }),
            "delete" => Some(Self::Delete { of: seq("of")? }),
            "reaction" => Some(Self::Reaction {
                of: seq("of")?,
                emoji: text("emoji")?,
                on: map.get("on")?.as_bool()?,
            }),
            "custom" => Some(Self::Custom {
                custom_type: text("type")?,
                data: map.get("data")?.as_object()?.clone(),
            }),
            "deleted" => Some(Self::Deleted),
            _ => None,
        }
    }
}

fn text(fields: &Fields<'_>) -> Result<String, Refusal> {
    let text = fields.text("text")?;
    if text.is_empty() {
        return Err(fields.refuse("text", "must not be empty"));
    }
    if text.chars().count() > limits::TEXT_CHARS_MAX {
        let message = format!(
            "{} must have at most {} characters",
            fields.path("text"),
            limits::TEXT_CHARS_MAX
        );
        return Err(Refusal::new(ErrorCode::TooLarge, message));
    }
    Ok(text.to_owned())
}

fn attachment(fields: &Fields<'_>) -> Result<Body, Refusal> {
    Ok(Body::Attachment {
        attachment: fields
            .bounded("attachment", 1, limits::REF_BYTES_MAX)?
            .to_owned(),
        name: fields
            .bounded("name", 1, limits::ATTACHMENT_NAME_BYTES_MAX)?
            .to_owned(),
        media_type: fields
            .bounded("type", 1, limits::ATTACHMENT_NAME_BYTES_MAX)?
            .to_owned(),
        size: fields.integer("size")?,
        text: if fields.has("text") {
            Some(text(fields)?)
        } else {
            None
        },
    })
}

fn reaction(fields: &Fields<'_>) -> Result<Body, Refusal> {
    Ok(Body::Reaction {
        of: fields.seq_from_one("of")?,
        emoji: fields
            .bounded("emoji", 1, limits::EMOJI_BYTES_MAX)?
            .to_owned(),
        on: fields.flag("on")?,
    })
}

fn custom(fields: &Fields<'_>) -> Result<Body, Refusal> {
    let custom_type = fields.bounded("type", 1, limits::CUSTOM_TYPE_CHARS_MAX)?;
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
    };
    if !custom_type.bytes().all(allowed) {
        return Err(fields.refuse("type", "must consist of a-z, 0-9, '.', '_' and '-'"));
    }
    Ok(Body::Custom {
        custom_type: custom_type.to_owned(),
        data: fields.object("data")?.map().clone(),
    })
}
