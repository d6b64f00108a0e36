//! From a token to a user, or not.

mod keyring;
mod verifier;

pub use keyring::KeyRing;
pub use verifier::{Denied, Identity, Trust, Verifier};
