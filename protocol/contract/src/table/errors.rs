//! The error codes, explained.

use switchboard_protocol::ErrorCode;
use switchboard_protocol::error::Retry;

/// A code and what a client does about it.
#[derive(Clone, Copy, Debug)]
pub struct Explained {
    /// The code as it travels.
    pub code: &'static str,
    /// Whether sending the same again may help.
    pub retry: bool,
    /// What it means.
    pub about: &'static str,
}

/// Every code, in the order of the contract.
pub fn codes() -> Vec<Explained> {
    let explained = |code: ErrorCode| Explained {
        code: code.as_str(),
        retry: code.retry() == Retry::Later,
        about: about(code),
    };
    ErrorCode::ALL.map(explained).into()
}

fn about(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::BadRequest => {
            "Not JSON, no `action`, a field missing or out of bounds; `message` names the field."
        }
        ErrorCode::UnknownAction => "The gateway knows no such action.",
        ErrorCode::TooLarge => "A body over its limit.",
        ErrorCode::UnknownConversation => {
            "It does not exist, or the user is no member: the two look alike."
        }
        ErrorCode::UnknownUser => "Nobody of that name, on the other side, has ever connected.",
        ErrorCode::NotAllowed => "Not one's own entry, or a closed conversation.",
        ErrorCode::Blocked => "The other member has blocked the user.",
        ErrorCode::Conflict => "The same entry id with another body.",
        ErrorCode::RateLimited => {
            "More than 20 sends by one user in 10 s in a conversation; `retry_after_ms` says when."
        }
        ErrorCode::TokenExpired => "Connect again with a new token.",
        ErrorCode::Unavailable => {
            "A dependency failed or throttled; nothing was lost: send it again."
        }
    }
}
