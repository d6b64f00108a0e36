//! What travels between a device and the gateway: frames, their limits and their error codes.
//!
//! A client frame is parsed once, by [`ClientFrame::parse`], into a type with nothing optional left in it
//! that the action does not leave optional. A server frame is a [`ServerFrame`] and is only ever written.
//! This crate refuses to know how frames are carried, stored or decided upon.
//!
//! - [`ids`]: the checked names of users, conversations, entries and devices
//! - [`action`]: what a client may ask for, one type per action
//! - [`frame`]: from the text of a client frame to an action, with the refusal where it is not one
//! - [`body`]: what an entry says
//! - [`event`]: what the gateway says
//! - [`error`]: the error codes, as a table
//! - [`limits`]: every bound, with its reason

pub mod action;
pub mod body;
pub mod error;
pub mod event;
mod fields;
pub mod frame;
pub mod ids;
pub mod limits;

pub use action::Action;
pub use body::Body;
pub use error::{ErrorCode, Refusal};
pub use event::{Conversation, Entry, Member, ServerFrame};
pub use frame::{ClientFrame, RefusedFrame};
pub use ids::{
    ConversationId, DeviceId, EntryId, Key, Reference, Role, Seq, Subject, TimestampMs, UserId,
};
