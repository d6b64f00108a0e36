//! Goal: a handshake goes through with a token that the pool signed for this app, and with nothing that merely looks
//! like one.
//! Method: tokens made by hand, with the stage's own key where only a claim is to be wrong and with a stranger's where
//! the signature is, over real handshakes; and the key ring alone, with a source of keys that counts.

mod carriage;
mod claims;
mod forge;
mod keyring;
mod ring;
mod signatures;
