//! An input in pieces: its first byte says what it is for, so that a seed can be read and written by hand.

/// The input's first byte and what follows it.
pub fn kind(data: &[u8]) -> Option<(u8, &[u8])> {
    data.split_first().map(|(kind, rest)| (*kind, rest))
}

/// The input's first byte, and the text that follows it.
pub fn kind_and_text(data: &[u8]) -> Option<(u8, &str)> {
    let (kind, rest) = kind(data)?;
    Some((kind, std::str::from_utf8(rest).ok()?))
}
