//! The error codes of the wire, as a table, and the refusal that carries one.

use core::fmt;

use serde::Serialize;

/// Why a frame was not done. [`ErrorCode::ALL`] is the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, no `action`, a field missing or out of bounds; the message names the field.
    BadRequest,
    /// The gateway knows no such action.
    UnknownAction,
    /// A body over its limit.
    TooLarge,
    /// It does not exist, or the user is no member: the two look alike.
    UnknownConversation,
    /// Nobody of that name, on the other side, has ever connected.
    UnknownUser,
    /// The wrong role, not one's own entry, a closed conversation.
    NotAllowed,
    /// The other member has blocked the user.
    Blocked,
    /// The same entry id with another body.
    Conflict,
    /// Too many sends by one user in a conversation.
    RateLimited,
    /// The connection's token has expired: connect again with a new one.
    TokenExpired,
    /// A dependency failed or throttled; nothing was lost: send it again.
    Unavailable,
}

/// Whether the same frame may succeed when it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It will be refused again.
    Never,
    /// It may succeed.
    Later,
}

impl ErrorCode {
    /// Every code, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::BadRequest,
        Self::UnknownAction,
        Self::TooLarge,
        Self::UnknownConversation,
        Self::UnknownUser,
        Self::NotAllowed,
        Self::Blocked,
        Self::Conflict,
        Self::RateLimited,
        Self::TokenExpired,
        Self::Unavailable,
    ];

    /// The code as it travels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::UnknownAction => "unknown_action",
            Self::TooLarge => "too_large",
            Self::UnknownConversation => "unknown_conversation",
            Self::UnknownUser => "unknown_user",
            Self::NotAllowed => "not_allowed",
            Self::Blocked => "blocked",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::TokenExpired => "token_expired",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether sending the same again may help.
    pub fn retry(self) -> Retry {
        match self {
            Self::RateLimited | Self::Unavailable => Retry::Later,
            Self::BadRequest
            | Self::UnknownAction
            | Self::TooLarge
            | Self::UnknownConversation
            | Self::UnknownUser
            | Self::NotAllowed
            | Self::Blocked
            | Self::Conflict
            | Self::TokenExpired => Retry::Never,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: the client's to understand, with a message for whoever develops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of refusal.
    pub code: ErrorCode,
    /// A lower-case sentence that names the field or the rule; never our own error's text.
    pub message: String,
    /// How long to wait, where that is known.
    pub retry_after_ms: Option<u64>,
}

impl Refusal {
    /// A refusal that says no more than its code and message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
        }
    }
}
