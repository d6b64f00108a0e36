//! What the fuzz targets share: the things that they compare the product with, and the world that they put around it.
//!
//! Goal: no bytes of others, from a socket, from a token, from an event or from a table, make the product panic, hang or
//! believe what nobody said. Method: coverage-guided search (libFuzzer) from a committed corpus, one target for each
//! door, and in each target assertions that say what must hold of an answer, not only that there is one.
//!
//! A panic aborts the process on whatever thread or task it happens: libFuzzer's own hook sees to that, so a task of
//! tokio's that swallows its panic is a finding too.

pub mod clock;
pub mod door;
pub mod frames;
pub mod pieces;
pub mod said;
pub mod samples;
pub mod table;
pub mod tokens;
pub mod writer;
