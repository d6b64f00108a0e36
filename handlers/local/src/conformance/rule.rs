//! The rules that clients are judged by: what the protocol asks of a client, as a table.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! rules {
    ($($rule:ident $id:literal $section:literal $sentence:literal)*) => {
        /// What the protocol asks of a client. [`Rule::ALL`] is the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(
                #[doc = $sentence]
                $rule,
            )*
        }

        impl Rule {
            /// Every rule, in the order of the protocol.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its name in verdicts.
            pub fn id(self) -> &'static str {
                match self { $(Self::$rule => $id),* }
            }

            /// Where the protocol says it.
            pub fn section(self) -> &'static str {
                match self { $(Self::$rule => $section),* }
            }

            /// What it asks, in a sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$rule => $sentence),* }
            }
        }
    };
}

rules! {
    TokenPlace "token-place" "§1"
        "The token travels in `Authorization: Bearer` or in the subprotocol `bearer.<token>`, never in the URL."
    Subprotocol "subprotocol" "§1"
        "A client that offers subprotocols offers `switchboard.v1` among them."
    DeviceName "device-name" "§1"
        "A device's name has 1 to 64 characters of `[A-Za-z0-9._-]`."
    SpeaksFirst "speaks-first" "§1"
        "After the handshake the client speaks first: the server says nothing before."
    WellFormed "well-formed" "§1, §3"
        "A frame is text, at most 32,768 bytes, one JSON object with a known `action` and fields within their bounds."
    NoStorm "no-storm" "§1, §3"
        "A client does not repeat itself without end: not its connections, and not its frames."
    Reconnects "reconnects" "§1"
        "A connection that was lost or closed is opened again, and the session goes on."
    Backoff "backoff" "§1"
        "Attempts to connect that fail are repeated after growing pauses, from 0.5 s to 60 s."
    Jitter "jitter" "§1"
        "Pauses between attempts are random, so that clients that were cut at once do not come back at once."
    NoFight "no-fight" "§1"
        "A connection that another one of the same device replaced is not fought for: the client comes back with a pause."
    ReconnectBy "reconnect-by" "§1"
        "A new connection is open before the time that `welcome` calls `reconnect_by`."
    NewBeforeOld "new-before-old" "§1"
        "Before `reconnect_by` the new connection is opened first, and then the old one is closed."
    NewToken "new-token" "§3 errors"
        "After `token_expired` the client connects again with a new token."
    IgnoresUnknown "ignores-unknown" "§3"
        "Unknown events and unknown fields are ignored."
    Resends "resends" "§3 send"
        "A send that was not answered is sent again, over the next connection if need be."
    RetriesLater "retries-later" "§3 errors"
        "A send that was answered with an error of `retry: true` is sent again."
    PlatformError "platform-error" "§3 errors"
        "The platform's error frame, which has no `event`, is treated as `unavailable` for whatever is in flight."
    RetryAfter "retry-after" "§3 errors"
        "Where an error says `retry_after_ms`, the next attempt comes no sooner."
    RefusedStays "refused-stays" "§3 errors"
        "A send that was answered with an error of `retry: false` is not sent again."
    SameId "same-id" "§3 send"
        "Every attempt of one send carries the same `id`."
    SameAfter "same-after" "§3 send"
        "Every attempt of one send carries the same `after`, wherever the cursor is by then."
    SameBody "same-body" "§3 send"
        "Every attempt of one send carries the same body."
    AfterCursor "after-cursor" "§2, §3 send"
        "`after` is the device's cursor: never above the first entry that the device misses."
    OneInFlight "one-in-flight" "§3 send"
        "A device keeps one send in flight in a conversation."
    OwnOrder "own-order" "§3 send"
        "A device's entries are sent in the order in which they were written."
    ConfirmsStored "confirms-stored" "§3 receipt"
        "A device sends `recv` for what it has stored."
    RecvBound "recv-bound" "§2, §3 receipt"
        "`recv` and `read` are never above the first entry that the device misses."
    RecvForward "recv-forward" "§2"
        "`recv` and `read` never go back."
    ReadWithin "read-within" "§2"
        "`read` is never above `recv`."
    RecvPace "recv-pace" "§3 receipt"
        "`recv` is coalesced: at most one frame a second."
    TypingPace "typing-pace" "§3 typing"
        "A client sends at most one `typing` every 3 seconds."
    FillsGap "fills-gap" "§4.3"
        "A client that sees `seq` jump asks for what is missing, with `history` or `sync`."
    SyncsAfterReconnect "syncs-after-reconnect" "§3 sync"
        "On a new connection the client asks for what it missed."
    PagesToEnd "pages-to-end" "§3 sync"
        "A client asks for pages until one says `more: false`."
    CursorBound "cursor-bound" "§2, §3 sync"
        "A cursor of `sync` is never above the first entry that the device misses."
    CursorForward "cursor-forward" "§2, §3 sync"
        "A cursor never goes back: what a device has confirmed or asked beyond, it holds."
    ShownOnce "shown-once" "§4.2"
        "Whatever comes twice is shown once."
    ShownInOrder "shown-in-order" "§4.3"
        "Entries are shown in the order of `seq`."
    ShownAsLogged "shown-as-logged" "§4.3"
        "What is shown of a conversation is its log: each entry under its `seq` with its text, none missing, none invented."
    OwnElsewhere "own-elsewhere" "§3 send"
        "What the user sent from another device is shown like any entry."
    AppliesEdits "applies-edits" "§3 bodies"
        "An `edit` changes and a `delete` removes what is shown of the entry that it names."
    Harness "harness" "the kit's page"
        "The app that drives the client does what entries of others ask: `send X` and `report`."
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
