//! What plays are made of: the steps that a script takes, and what it waits for.

use switchboard::protocol::{ErrorCode, Seq};

use crate::conformance::rule::Rule;

/// A golden transcript with faults.
#[derive(Debug)]
pub struct Play {
    /// Its name, and its path.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The rules that it is about, beside those that hold everywhere.
    pub judges: &'static [Rule],
    pub(crate) setting: Setting,
    pub(crate) steps: &'static [Step],
}

/// How the gateway behaves for the length of a play.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Entries of a page at most.
    pub(crate) page: usize,
    /// Frames carry fields that no client knows.
    pub(crate) strange: bool,
    /// The first connection is to be replaced soon.
    pub(crate) hurried: bool,
}

/// The usual setting.
pub(crate) const PLAIN: Setting = Setting {
    page: 100,
    strange: false,
    hurried: false,
};

/// What a script does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Something is appended to the log.
    Writes(Author, Writing, Told),
    /// An entry that was told is told again.
    Again(Seq),
    /// A frame comes that no client knows.
    Raw(&'static str),
    /// The next text that the client sends for the first time, or again, meets this.
    Meets(Fate),
    /// Held sends are answered.
    Releases,
    /// The next page comes live as well, before and after.
    Doubles,
    /// Pages are not answered from now on.
    HoldsPages,
    /// They are again, and those that wait.
    ReleasesPages,
    /// The so-many-th page from now on is not answered: the connection is cut instead.
    CutsPage(usize),
    /// Every connection ends.
    Parts(Parting),
    /// The next handshakes are refused with 503.
    ShutsDoor(usize),
    /// The pauses before connections are counted from here on.
    WatchesPauses,
    /// The pauses between attempts that failed are judged.
    JudgesPauses,
    /// The pauses of a client that was replaced are judged.
    JudgesTakeovers,
    /// Nothing happens for so many milliseconds, and whatever the client does is judged.
    Watches(u64),
    /// Waits; what never comes breaks the rule.
    Until(Cue, Rule),
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// The other member.
    Peer,
    /// The client's user, on another device.
    Elsewhere,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writing {
    /// A text.
    Text(&'static str),
    /// So many texts.
    Many(usize),
    /// Another text for an entry.
    Edit(Seq, &'static str),
    /// An entry is taken back.
    Delete(Seq),
}

/// Whether the client's connections are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// At once.
    Live,
    /// Not at all: the client finds out.
    Unheard,
}

/// What becomes of a send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// It is stored, not answered, and the connection is cut.
    LosesAck,
    /// It is not stored, not answered, and the connection is cut.
    Vanishes,
    /// The other member writes something, and then it is answered with an error.
    Errs(ErrorCode, Option<u64>),
    /// The other member writes something, and then the platform's error frame comes.
    Platform(Stored),
    /// It is stored and answered twice.
    TwiceAcknowledged,
    /// It is stored, and answered when the script says so.
    Held,
}

/// Whether a send was stored before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// It was.
    Yes,
    /// It was not.
    No,
}

/// How connections end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// Without a close frame: 1006.
    Cut,
    /// The platform wants its host back: 1001.
    GoingAway,
    /// Another connection of the same device has taken over.
    Replaced,
}

/// What a script waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cue {
    /// A connection on which the client has spoken.
    Greeted,
    /// The client has sent this text.
    Tried(&'static str),
    /// The text is in the log, and the client knows.
    Settled(&'static str),
    /// `recv` has reached the newest entry of others.
    Confirmed,
    /// The client has asked for a page that was not answered, or has got all there is.
    AsksForPage,
    /// The client has been given all there is.
    Whole,
    /// The client has told what it shows.
    Reported,
    /// A newer connection serves, within so many milliseconds.
    Renewed(u64),
    /// The older connections are gone.
    Alone,
}

/// The other member writes a text.
pub(crate) const fn says(text: &'static str) -> Step {
    Step::Writes(Author::Peer, Writing::Text(text), Told::Live)
}

/// The other member writes a text that the client is not told of.
pub(crate) const fn whispers(text: &'static str) -> Step {
    Step::Writes(Author::Peer, Writing::Text(text), Told::Unheard)
}

/// Waits for a connection.
pub(crate) const GREETED: Step = Step::Until(Cue::Greeted, Rule::Reconnects);
/// Asks what is shown.
pub(crate) const REPORT: Step = says("report");
/// Waits for what is shown.
pub(crate) const REPORTED: Step = Step::Until(Cue::Reported, Rule::Harness);
/// Waits for the receipt.
pub(crate) const CONFIRMED: Step = Step::Until(Cue::Confirmed, Rule::ConfirmsStored);
