//! Entry ids that say who sent them: the audit needs no table to know an entry again.
//!
//! A ULID has 48 bits of time and 80 that are ours: 24 of the run, 20 of the device, 8 of the conversation among its
//! pair's, 28 of a count.

use ulid::Ulid;

const DEVICE_BITS: u32 = 20;
const CONVERSATION_BITS: u32 = 8;
const COUNT_BITS: u32 = 28;
const RUN_SHIFT: u32 = DEVICE_BITS + CONVERSATION_BITS + COUNT_BITS;

const _: () = assert!(RUN_SHIFT + 24 == 80);
const _: () = assert!(crate::limits::CONVERSATIONS_MAX < 1 << CONVERSATION_BITS);
const _: () = assert!(crate::limits::USERS_MAX < 1 << DEVICE_BITS);

/// Which message of which device: 56 bits, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(u64);

impl Tag {
    /// The message of a device in a conversation of its pair's; counts begin with 1.
    pub fn new(device: u32, conversation: usize, count: u32) -> Self {
        let conversation = conversation as u64 & ((1 << CONVERSATION_BITS) - 1);
        Self(
            (u64::from(device) << (CONVERSATION_BITS + COUNT_BITS))
                | (conversation << COUNT_BITS)
                | u64::from(count),
        )
    }

    /// The device that sent it, as the run numbers devices.
    pub fn device(self) -> u32 {
        (self.0 >> (CONVERSATION_BITS + COUNT_BITS)) as u32
    }

    /// The conversation, as its pair numbers them.
    pub fn conversation(self) -> usize {
        (self.0 >> COUNT_BITS) as usize & ((1 << CONVERSATION_BITS) - 1)
    }

    /// Which of the device's messages in that conversation.
    pub fn count(self) -> u32 {
        (self.0 & ((1 << COUNT_BITS) - 1)) as u32
    }

    /// The number itself.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The entry id in a run.
    pub fn to_id(self, run: u32, now_ms: u64) -> String {
        let ours = (u128::from(run & 0xff_ffff) << RUN_SHIFT) | u128::from(self.0);
        Ulid::from_parts(now_ms, ours).to_string()
    }

    /// The message that an entry id names, where it is one of this run's.
    pub fn from_id(run: u32, id: &str) -> Option<Self> {
        let ours = Ulid::from_string(id).ok()?.random();
        let of_run = (ours >> RUN_SHIFT) as u32 == run & 0xff_ffff;
        let tag = Self(ours as u64 & ((1 << RUN_SHIFT) - 1));
        (of_run && tag.count() > 0).then_some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn an_id_says_who_sent_it_and_only_in_its_own_run() {
        let tag = Tag::new(1_048_575, 99, 268_435_455);
        let id = tag.to_id(0x12_3456, 1_795_378_475_074);
        assert_eq!(Tag::from_id(0x12_3456, &id), Some(tag));
        assert_eq!(
            (tag.device(), tag.conversation(), tag.count()),
            (1_048_575, 99, 268_435_455)
        );
        assert_eq!(Tag::from_id(0x12_3457, &id), None);
        assert_eq!(Tag::from_id(0x12_3456, "not an id"), None);
    }
}
