//! The two kinds of failure: the client's to understand, and ours to mend.

use std::error::Error;
use std::fmt;

use switchboard_protocol::{ErrorCode, Refusal};

/// Why an action was not done.
#[derive(Debug)]
pub enum Failure {
    /// The client asked for something that is not to be done.
    Refused(Refusal),
    /// A dependency failed; nothing was lost, and the same may be asked again.
    Unavailable(Unavailable),
}

/// A dependency failed or throttled, after the bounded retries of its adapter.
///
/// It is shown by what its sources say of themselves, never by their contents: an SDK's error holds the whole response,
/// and a response may hold messages.
#[derive(thiserror::Error)]
#[error("failed to {doing}")]
pub struct Unavailable {
    /// What was being done, as a fragment that follows "failed to".
    pub doing: &'static str,
    /// What the dependency said.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl Unavailable {
    /// Wraps what a dependency said.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            doing,
            source: source.into(),
        }
    }
}

impl fmt::Debug for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = Error::source(self);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unavailable> for Failure {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

/// A refusal of a code and a message, as a failure.
pub(crate) fn refused(code: ErrorCode, message: impl Into<String>) -> Failure {
    Failure::Refused(Refusal::new(code, message))
}

/// The refusal that a stranger and a liar get alike.
pub(crate) fn unknown_conversation() -> Failure {
    refused(
        ErrorCode::UnknownConversation,
        "there is no such conversation",
    )
}
