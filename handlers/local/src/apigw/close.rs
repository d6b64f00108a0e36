//! The ways in which a connection ends, with their codes and reasons.

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Close {
    /// Somebody called `DeleteConnection`.
    Deleted,
    /// It was idle or open for too long, or the platform wants its host back.
    GoingAway,
    /// The client sent a binary frame.
    Binary,
    /// The client sent a frame or a message above its limit.
    TooLong,
    /// The client's text was no UTF-8.
    NotUtf8,
    /// The client broke RFC 6455.
    ProtocolError,
    /// The client closed, with this code and reason if it gave any.
    ByClient(Option<(u16, String)>),
    /// The socket ended without a close frame.
    Lost,
}

impl Close {
    /// What a failed read or write means.
    pub(crate) fn from_error(error: &Error) -> Self {
        if matches!(error, Error::Capacity(_)) {
            Self::TooLong
        } else if matches!(error, Error::Utf8(_)) {
            Self::NotUtf8
        } else if matches!(error, Error::Protocol(it) if *it != ProtocolError::ResetWithoutClosingHandshake)
        {
            Self::ProtocolError
        } else {
            Self::Lost
        }
    }

    /// `disconnectStatusCode`.
    pub(crate) fn code(&self) -> u16 {
        match self {
            Self::Deleted => 1000,
            Self::GoingAway => 1001,
            Self::ProtocolError => 1002,
            Self::Binary => 1003,
            Self::ByClient(Some((code, _))) => *code,
            Self::ByClient(None) => 1005,
            Self::Lost => 1006,
            Self::NotUtf8 => 1007,
            Self::TooLong => 1009,
        }
    }

    /// `disconnectReason`.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Deleted => "Connection Closed Normally",
            Self::GoingAway => "Going away",
            Self::Binary => "Binary frames are not supported",
            Self::TooLong => "Message too long",
            Self::NotUtf8 => "Invalid UTF-8",
            Self::ProtocolError => "Protocol error",
            Self::ByClient(Some((_, reason))) => reason,
            Self::ByClient(None) => "Client-side close frame status not set",
            Self::Lost => "",
        }
    }

    /// The close frame that the gateway says first, where it is the one to say it.
    pub(crate) fn frame(&self) -> Option<CloseFrame> {
        let reason = match self {
            Self::ByClient(_) | Self::Lost => return None,
            // The peer of a deleted connection learns no reason.
            Self::Deleted => "",
            Self::GoingAway
            | Self::Binary
            | Self::TooLong
            | Self::NotUtf8
            | Self::ProtocolError => self.reason(),
        };
        Some(CloseFrame {
            code: self.code().into(),
            reason: reason.into(),
        })
    }
}
