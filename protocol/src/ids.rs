//! The checked names that frames carry: inside the gateway none of them is a bare string.

use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};

use crate::limits;

/// The place of an entry in its log: 1, 2, 3, … without gaps; 0 stands before the first.
pub type Seq = u64;

/// Milliseconds since 1970 UTC, by the server's clock.
pub type TimestampMs = u64;

/// Says why a text is not a name of its kind, as a fragment that follows the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.into())) } else { Err(Malformed($rule)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

checked_text!(
    /// A user: the `sub` of the token.
    ///
    /// Never contains `#`, which separates the parts of a key in the table.
    UserId,
    |text| !text.is_empty()
        && text.len() <= limits::USER_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'),
    "must be 1 to 128 visible ASCII characters other than '#'"
);

checked_text!(
    /// A conversation: a ULID made by the gateway.
    ConversationId,
    is_ulid,
    "must be a ULID (26 characters of Crockford's base 32, upper case)"
);

checked_text!(
    /// An entry: a ULID made by the sending device, the idempotency key of the send.
    EntryId,
    is_ulid,
    "must be a ULID (26 characters of Crockford's base 32, upper case)"
);

checked_text!(
    /// A device of a user, as the user's apps name it. It is no secret.
    DeviceId,
    |text| !text.is_empty()
        && text.len() <= limits::DEVICE_CHARS_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')),
    "must be 1 to 64 characters of A-Z, a-z, 0-9, '.', '_', '-'"
);

checked_text!(
    /// A client's `ref`, which comes back on the reply.
    Reference,
    |text| text.len() <= limits::REF_BYTES_MAX,
    "must be a string of at most 64 bytes"
);

checked_text!(
    /// What tells several conversations of one pair apart: a booking, say.
    Key,
    |text| text.len() <= limits::KEY_BYTES_MAX,
    "must be a string of at most 64 bytes"
);

checked_text!(
    /// What a conversation is about, for people to read.
    Subject,
    |text| text.len() <= limits::SUBJECT_BYTES_MAX,
    "must be a string of at most 256 bytes"
);

impl Default for Key {
    fn default() -> Self {
        Self("".into())
    }
}

impl Default for Subject {
    fn default() -> Self {
        Self("".into())
    }
}

/// Which side of the conversation a user stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks.
    Customer,
    /// Serves.
    Provider,
}

impl Role {
    /// The role's name, on the wire, in tokens and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Provider => "provider",
        }
    }

    /// The role of the other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Customer => Self::Provider,
            Self::Provider => Self::Customer,
        }
    }
}

impl FromStr for Role {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "customer" => Ok(Self::Customer),
            "provider" => Ok(Self::Provider),
            _ => Err(Malformed("must be customer or provider")),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Accepts the canonical spelling alone, so that one id has one text and equality is equality of bytes.
fn is_ulid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 26
        && matches!(bytes.first(), Some(b'0'..=b'7'))
        && bytes.iter().all(|byte| {
            matches!(byte, b'0'..=b'9' | b'A'..=b'H' | b'J' | b'K' | b'M' | b'N' | b'P'..=b'T' | b'V'..=b'Z')
        })
}
