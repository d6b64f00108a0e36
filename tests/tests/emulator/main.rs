//! Goal: what is deployed works. Method: to be written.
#![cfg(target_os = "linux")]
mod local;
