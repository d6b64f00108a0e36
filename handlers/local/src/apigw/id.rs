//! The platform's opaque ids: 15 base64url characters and the padding.

use std::fmt;

use serde::{Serialize, Serializer};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The id of a connection, a request or a message: 88 random bits, so not to be guessed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id([u8; 16]);

impl Id {
    /// An id from 128 random bits.
    pub(crate) fn fresh(dice: u128) -> Self {
        let mut text = dice.to_le_bytes();
        for (place, byte) in text.iter_mut().enumerate() {
            *byte = match place {
                15 => b'=',
                // Eleven bytes end in the middle of the fifteenth character: two of its bits are 0.
                14 => letter(*byte & 0b11_1100),
                _ => letter(*byte & 0b11_1111),
            };
        }
        Self(text)
    }

    /// The id that `text` spells, of any origin.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes().try_into().ok()?;
        text.is_ascii().then_some(Self(bytes))
    }

    /// Its text.
    pub(crate) fn as_str(&self) -> &str {
        // Both ways to make an id make it of ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn letter(six_bits: u8) -> u8 {
    ALPHABET.get(usize::from(six_bits)).copied().unwrap_or(b'A')
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE;

    use super::*;

    #[test]
    fn ids_are_eleven_bytes_of_base64url() {
        for dice in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let id = Id::fresh(dice);
            assert_eq!(URL_SAFE.decode(id.as_str()).unwrap().len(), 11, "{id}");
            assert_eq!(Id::parse(id.as_str()), Some(id));
        }
        assert_eq!(Id::parse("short"), None);
        assert_eq!(Id::parse("ééééé123456"), None);
    }
}
