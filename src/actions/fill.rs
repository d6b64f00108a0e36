//! Filling a frame as far as it goes.

use switchboard_protocol::limits::FRAME_BYTES_MAX;

/// What a frame's envelope takes at most: its tag, a `ref` of 64 bytes in JSON's longest escapes, and the fields beside the list.
const ENVELOPE_BYTES: usize = 1_024;

/// Counts the bytes of a list that is to fit into one frame.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
}

impl Room {
    pub(super) fn in_a_frame() -> Self {
        Self {
            left: FRAME_BYTES_MAX - ENVELOPE_BYTES,
        }
    }

    /// Takes the room for one element and the comma after it; false where there is none left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes.saturating_add(1));
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// The leading elements that fit, and whether others were left out.
    pub(super) fn leading<T>(
        &mut self,
        elements: impl IntoIterator<Item = T>,
        bytes: impl Fn(&T) -> usize,
    ) -> (Vec<T>, bool) {
        let mut fitting = Vec::new();
        for element in elements {
            if !self.take(bytes(&element)) {
                return (fitting, true);
            }
            fitting.push(element);
        }
        (fitting, false)
    }
}
