//! What the gateway answers: as the gateway would, where the script has nothing else in mind.

use switchboard::protocol::action::{Action, Device, History, Open, Receipt, Settings, Span, Sync};
use switchboard::protocol::event::{
    DeviceEvent, Event, InboxEvent, Limits, Opened, Page, PresenceEvent, Present, SettingsEvent,
    Synced, Welcome,
};
use switchboard::protocol::frame::About;
use switchboard::protocol::{
    ClientFrame, ConversationId, Entry, ErrorCode, Refusal, Seq, ServerFrame, TimestampMs,
};

use crate::conformance::log::End;
use crate::conformance::rule::Rule;
use crate::conformance::run::Run;

/// What a device without a cursor gets.
const NEWEST: usize = 20;

impl Run {
    /// A text frame came.
    pub(crate) fn answer(&mut self, connection: u64, text: &str, now: TimestampMs) {
        let frame = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(refused) => {
                let why = format!("{}: {text}", refused.refusal.message);
                self.judge.record.breach(Rule::WellFormed, why, now);
                return self.refuse(connection, refused.about, refused.refusal, now);
            }
        };
        if let Some(it) = self.connections.get_mut(&connection) {
            it.spoke = true;
            self.progress.heard = true;
        }
        let event = match &frame.action {
            Action::Send(_) => return self.send(connection, &frame, now),
            Action::Sync(sync) => {
                if let Some(cursor) = sync.cursors.get(&self.log.conversation) {
                    self.judge.cursor(*cursor, now);
                }
                return self.page(connection, frame, now);
            }
            Action::History(history) => match self.is_known(&history.conversation) {
                Ok(()) => return self.page(connection, frame, now),
                Err(refusal) => Err(refusal),
            },
            Action::Receipt(receipt) => match self.receive(connection, receipt, now) {
                Ok(()) => return,
                Err(refusal) => Err(refusal),
            },
            Action::Typing(typing) => {
                if typing.on {
                    self.judge.typing(now);
                }
                return;
            }
            Action::Hello => Ok(self.welcome(connection, now)),
            Action::Ping => Ok(Event::Pong {}),
            Action::Open(open) => self.open(open),
            Action::Inbox(_) => Ok(Event::Inbox(InboxEvent {
                conversations: vec![self.log.listed(self.judge.recv, self.judge.read)],
                next: None,
            })),
            Action::Presence(presence) => {
                let known = presence.users.iter().filter(|it| **it == self.log.peer);
                let there = Present {
                    online: true,
                    last_seen: now,
                };
                let users = known.map(|it| (it.clone(), there)).collect();
                Ok(Event::Presence(PresenceEvent { users }))
            }
            Action::Device(device) => Ok(Event::Device(registered(device))),
            Action::Settings(settings) => Ok(Event::Settings(settled(settings))),
        };
        match event {
            Ok(event) => {
                let reference = frame.reference;
                self.tell(connection, &ServerFrame { reference, event }, now);
            }
            Err(refusal) => self.refuse(connection, frame.about(), refusal, now),
        }
    }

    pub(crate) fn refuse(
        &mut self,
        connection: u64,
        about: About,
        refusal: Refusal,
        now: TimestampMs,
    ) {
        self.tell(connection, &about.error(refusal).into(), now);
    }

    fn welcome(&mut self, connection: u64, now: TimestampMs) -> Event {
        let asking = self.connections.get(&connection);
        let (expires_at, reconnect_by) =
            asking.map_or((now, now), |it| (it.expires_at, it.reconnect_by));
        // Newest entry included, which is one that the device then has.
        self.judge.gave(self.log.last_seq());
        Event::Welcome(Welcome {
            user: self.log.user.clone(),
            role: self.log.role,
            now,
            expires_at,
            reconnect_by,
            conversations: vec![self.log.listed(self.judge.recv, self.judge.read)],
            more: false,
            limits: Limits::default(),
        })
    }

    fn open(&self, open: &Open) -> Result<Event, Refusal> {
        if open.with != self.log.peer {
            let message = "nobody of that name, on the other side, has ever connected";
            return Err(Refusal::new(ErrorCode::UnknownUser, message));
        }
        Ok(Event::Opened(Opened {
            conversation: self.log.listed(self.judge.recv, self.judge.read),
            created: false,
        }))
    }

    fn receive(
        &mut self,
        connection: u64,
        receipt: &Receipt,
        now: TimestampMs,
    ) -> Result<(), Refusal> {
        for (conversation, marks) in &receipt.receipts {
            self.is_known(conversation)?;
            self.judge.receipt(*marks, now);
            if marks.recv > 0 {
                self.judge.receipt_frame(connection, now);
            }
            if marks.recv.max(marks.read) > self.log.last_seq() {
                let message = "receipts.recv and read must not be above last_seq";
                return Err(Refusal::new(ErrorCode::BadRequest, message));
            }
        }
        Ok(())
    }

    pub(crate) fn is_known(&self, conversation: &ConversationId) -> Result<(), Refusal> {
        if *conversation == self.log.conversation {
            return Ok(());
        }
        let message = "there is no such conversation, or the user is not in it";
        Err(Refusal::new(ErrorCode::UnknownConversation, message))
    }

    /// A page was asked for.
    pub(crate) fn page(&mut self, connection: u64, frame: ClientFrame, now: TimestampMs) {
        self.progress.page_asked = true;
        if let Some(pages) = &mut self.rig.pages {
            return pages.push((connection, frame));
        }
        let (event, entries) = if let Action::Sync(sync) = &frame.action {
            self.synced(sync)
        } else if let Action::History(history) = &frame.action {
            self.history(history)
        } else {
            return;
        };
        if !entries.is_empty() && self.rig.cuts_this_page() {
            return self.cut(connection, now);
        }
        let doubles = !entries.is_empty() && std::mem::take(&mut self.rig.doubles);
        let live = |run: &mut Self| {
            for entry in entries.iter().filter(|_| doubles) {
                let event = Event::Entry(entry.fields.clone());
                run.tell(connection, &event.unasked(), now);
            }
        };
        live(self);
        let reference = frame.reference.clone();
        self.tell(connection, &ServerFrame { reference, event }, now);
        live(self);
        for entry in &entries {
            self.judge.gave(entry.fields.seq);
        }
    }

    fn synced(&self, sync: &Sync) -> (Event, Vec<Entry>) {
        let page = self.play.setting.page;
        let (entries, more) = match sync.cursors.get(&self.log.conversation) {
            Some(cursor) => self.log.page(*cursor, Seq::MAX, page, End::Lower),
            // What lies below the newest ones was not missed.
            None => (
                self.log.page(0, Seq::MAX, NEWEST.min(page), End::Upper).0,
                false,
            ),
        };
        let event = Event::Synced(Synced {
            entries: entries.clone(),
            more,
        });
        (event, entries)
    }

    fn history(&self, history: &History) -> (Event, Vec<Entry>) {
        let limit = history.limit.min(self.play.setting.page);
        let (entries, more) = match history.from {
            Span::After(after) => self.log.page(after, Seq::MAX, limit, End::Lower),
            Span::Before(before) => self.log.page(0, before, limit, End::Upper),
        };
        let event = Event::Page(Page {
            conversation: history.conversation.clone(),
            entries: entries.clone(),
            more,
        });
        (event, entries)
    }
}

fn registered(device: &Device) -> DeviceEvent {
    let (device, registered) = match device {
        Device::Register { device, .. } => (device, true),
        Device::Remove { device } => (device, false),
    };
    DeviceEvent {
        device: device.clone(),
        registered,
    }
}

fn settled(settings: &Settings) -> SettingsEvent {
    match settings {
        Settings::Mute {
            conversation,
            muted_until,
        } => SettingsEvent::Mute {
            conversation: conversation.clone(),
            muted_until: muted_until.unwrap_or(0),
        },
        Settings::Block { user, blocked } => SettingsEvent::Block {
            user: user.clone(),
            blocked: *blocked,
        },
    }
}
