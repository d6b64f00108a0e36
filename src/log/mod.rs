//! The log of a conversation: what stands in it, and what may be appended to it.

mod append;
mod entry;
mod standing;
mod tail;

pub use append::{Found, find, next_entry, rewrite, target_rules};
pub use entry::LogEntry;
pub use standing::{Sides, Standing, Standings};
pub use tail::{Conversation, Member, NEWEST, Tail};
