//! The protocol for machines and readers, generated from tables that tests tie to the types of `switchboard-protocol`.
//!
//! The tables stand beside those types rather than in derives on them, because client frames are read by hand, with
//! refusals that name the field; and because nothing of this is linked into a function.
//! It does not know how frames are carried, stored or decided upon.
//!
//! - [`table`]: every frame and value, in words of [`shape`]
//! - [`schema`], [`asyncapi`], [`typescript`], [`mod@reference`]: the same, in four languages
//! - [`examples`]: the golden frames
//! - [`files`]: all of it, as the repository holds it

#![expect(
    clippy::format_push_string,
    reason = "a generator that somebody runs by hand: what it writes should be seen in the code"
)]

pub mod asyncapi;
pub mod examples;
pub mod node;
pub mod reference;
pub mod schema;
pub mod shape;
pub mod table;
pub mod typescript;

use std::io;
use std::path::{Path, PathBuf};

use examples::Examples;
use table::Contract;

/// The files of the contract and what they have to say, by the folder `protocol/`.
pub fn files(protocol: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let contract = Contract::new();
    let examples = Examples::read(&protocol.join("golden"))?;
    let files = [
        (
            "contract/schema.json",
            schema::document(&contract).to_json(),
        ),
        (
            "contract/asyncapi.yaml",
            asyncapi::document(&contract, &examples).to_yaml(),
        ),
        (
            "contract/reference.html",
            reference::page(&contract, &examples),
        ),
        ("typescript/src/types.ts", typescript::module(&contract)),
    ];
    Ok(files.map(|(name, text)| (protocol.join(name), text)).into())
}
