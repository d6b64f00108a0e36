//! Cursors and receipts: never above what the device can hold, never back, and not too often.

use switchboard::protocol::action::Marks;
use switchboard::protocol::{Seq, TimestampMs};

use super::Judge;
use crate::conformance::limits::{RECEIPTS_CLOSE_MAX, RECEIPTS_MS_MIN, TYPING_MS_MIN};
use crate::conformance::rule::Rule;

impl Judge {
    /// A `sync` names a cursor of the conversation.
    pub(crate) fn cursor(&mut self, cursor: Seq, now: TimestampMs) {
        let held = self.held();
        if cursor > held {
            let why = format!("the cursor is {cursor}, and the device was given all up to {held}");
            self.record.breach(Rule::CursorBound, why, now);
        }
        if cursor < self.floor {
            let why = format!("the cursor is {cursor}, and was {}", self.floor);
            self.record.breach(Rule::CursorForward, why, now);
        }
        self.floor = self.floor.max(cursor.min(held));
    }

    /// A `receipt` names the conversation.
    pub(crate) fn receipt(&mut self, marks: Marks, now: TimestampMs) {
        let Marks { recv, read } = marks;
        let held = self.held();
        for (name, mark) in [("recv", recv), ("read", read)] {
            if mark > held {
                let why = format!("`{name}` is {mark}, and the device was given all up to {held}");
                self.record.breach(Rule::RecvBound, why, now);
            }
        }
        for (name, mark, before) in [("recv", recv, self.recv_said), ("read", read, self.read)] {
            // 0 is what was not said.
            if mark > 0 && mark < before {
                let why = format!("`{name}` is {mark}, and was {before}");
                self.record.breach(Rule::RecvForward, why, now);
            }
        }
        if recv > 0 && read > recv.max(self.recv) {
            let why = format!("`read` is {read}, and `recv` {recv}");
            self.record.breach(Rule::ReadWithin, why, now);
        }
        self.recv_said = self.recv_said.max(recv);
        // Whoever has read an entry has it.
        self.recv = self.recv.max(recv.max(read).min(held));
        self.read = self.read.max(read.min(held));
        self.floor = self.floor.max(self.recv);
    }

    /// A `receipt` came that says `recv`.
    pub(crate) fn receipt_frame(&mut self, connection: u64, now: TimestampMs) {
        let Some(before) = self.receipts.insert(connection, now) else {
            return;
        };
        let pause = now.saturating_sub(before);
        if pause < RECEIPTS_MS_MIN {
            self.receipts_close += 1;
        }
        if self.receipts_close > RECEIPTS_CLOSE_MAX {
            let why = format!(
                "{} receipts came less than a second after the one before, this one after {pause} ms",
                self.receipts_close
            );
            self.record.breach(Rule::RecvPace, why, now);
        }
    }

    /// A `typing` came.
    pub(crate) fn typing(&mut self, now: TimestampMs) {
        let before = self.typing_at.replace(now);
        if let Some(pause) = before.map(|it| now.saturating_sub(it))
            && pause < TYPING_MS_MIN
        {
            let why = format!("`typing` came {pause} ms after the one before");
            self.record.breach(Rule::TypingPace, why, now);
        }
    }
}
