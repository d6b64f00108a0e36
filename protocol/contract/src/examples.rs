//! The golden frames as examples: what `protocol/golden/` shows, tests have read and written word for word.

use std::io;
use std::path::Path;

use serde_json::Value;

/// A frame as it travels.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows: `send.text`.
    pub name: String,
    /// The frame.
    pub frame: Value,
}

/// All of them, by who says them.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// What clients say.
    pub client: Vec<Example>,
    /// What the gateway says.
    pub server: Vec<Example>,
}

impl Examples {
    /// Reads the folder of the golden frames.
    pub fn read(golden: &Path) -> io::Result<Self> {
        Ok(Self {
            client: side(&golden.join("client"))?,
            server: side(&golden.join("server"))?,
        })
    }

    /// What a client's action, or a server's event, looks like.
    pub fn of<'a>(side: &'a [Example], name: &'a str) -> impl Iterator<Item = &'a Example> {
        side.iter()
            .filter(move |it| it.name.split('.').next() == Some(name))
    }
}

fn side(folder: &Path) -> io::Result<Vec<Example>> {
    let mut examples = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let frame = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        examples.push(Example { name, frame });
    }
    examples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(examples)
}
