//! What a script has set up to go wrong, and how far it has come.

use std::collections::VecDeque;

use switchboard::protocol::{ClientFrame, Seq, TimestampMs};

use crate::conformance::play::Fate;

/// What is set up to go wrong.
#[derive(Debug, Default)]
pub(crate) struct Rig {
    /// What the next sends of texts meet.
    pub(crate) fates: VecDeque<Fate>,
    /// The sends that are held, and over which connection they came.
    pub(crate) held: Vec<(u64, ClientFrame)>,
    /// The pages that are held; `None` while they are answered.
    pub(crate) pages: Option<Vec<(u64, ClientFrame)>>,
    /// The so-many-th page from now on is the last of its connection.
    pub(crate) cuts_page: Option<usize>,
    /// Whether the next page comes live as well.
    pub(crate) doubles: bool,
    /// Handshakes that are still refused.
    pub(crate) refusals: usize,
    /// The entry that asks for a report which has not come.
    pub(crate) report_due: Option<Seq>,
}

/// How far a script has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Whether anybody has come.
    pub(crate) began: bool,
    /// The step that is being taken, and since when.
    pub(crate) step: usize,
    pub(crate) since: TimestampMs,
    /// Whether the client has said anything since then.
    pub(crate) heard: bool,
    /// Whether it has asked for a page since pages were held, or a connection ended.
    pub(crate) page_asked: bool,
    /// What was waited for in vain.
    pub(crate) gave_up: Option<String>,
}

impl Rig {
    /// A connection has ended: what came over it is not answered any more.
    pub(crate) fn forget(&mut self, connection: u64) {
        self.held.retain(|(of, _)| *of != connection);
        if let Some(pages) = &mut self.pages {
            pages.retain(|(of, _)| *of != connection);
        }
    }

    /// Whether this page is the one that is not answered.
    pub(crate) fn cuts_this_page(&mut self) -> bool {
        let left = self.cuts_page.map(|it| it.saturating_sub(1));
        self.cuts_page = left.filter(|it| *it > 0);
        left == Some(0)
    }
}
