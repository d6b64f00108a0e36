//! A client and a play without sockets between them, on a time that passes when nothing else is left to do.

use std::collections::BTreeMap;

use switchboard_local::conformance::{Answer, Deed, Heard, Play, Run, Verdict};
use switchboard_tests::client::LinkId;

use crate::device::{Device, Does};
use crate::tamper::Tamper;

/// What a frame takes from one end to the other.
const LATENCY_MS: u64 = 5;
/// No play takes so long, and a client that waits for ever is stopped.
const LONGEST_MS: u64 = 30 * 60 * 1_000;
/// When every play begins: 2026-01-01T00:00:00Z.
const BEGINNING_MS: u64 = 1_767_225_600_000;

/// What is on its way.
#[derive(Debug)]
enum Mail {
    ToServer { link: LinkId, what: ToServer },
    ToClient { link: LinkId, what: ToClient },
}

#[derive(Debug)]
enum ToServer {
    Knock { token: String },
    Frame(String),
    Close,
}

#[derive(Debug)]
enum ToClient {
    Opened,
    Refused(u16),
    Frame(String),
    Closed,
}

struct Bench {
    run: Run,
    device: Device,
    now: u64,
    mail: BTreeMap<(u64, u64), Mail>,
    posted: u64,
    /// The connections, by the client's number for them.
    links: BTreeMap<LinkId, u64>,
    tokens: u64,
}

/// Plays a play with a client, and returns the verdict.
pub(crate) fn perform(play: &'static Play, seed: u64, tamper: Tamper) -> Verdict {
    let mut bench = Bench {
        run: Run::new(play, 1, seed.into()),
        device: Device::new(seed, tamper, BEGINNING_MS),
        now: BEGINNING_MS,
        mail: BTreeMap::new(),
        posted: 0,
        links: BTreeMap::new(),
        tokens: 0,
    };
    while !bench.run.is_done() {
        bench.step();
        assert!(
            bench.now < BEGINNING_MS + LONGEST_MS,
            "{} with seed {seed} does not end: {:#?}",
            play.name,
            bench.run.verdict()
        );
    }
    bench.run.verdict()
}

impl Bench {
    /// Lets time pass until something is due, and does it.
    fn step(&mut self) {
        self.carry();
        let mail = self.mail.first_key_value().map(|((at, _), _)| *at);
        let (run, device) = (self.run.next_tick(), self.device.next_tick(self.now));
        let due = [mail, run, device].into_iter().flatten().min();
        self.now = due.map_or(self.now + LONGEST_MS, |at| at.max(self.now));
        if mail == Some(self.now) {
            let (_, mail) = self.mail.pop_first().unwrap();
            match mail {
                Mail::ToServer { link, what } => self.arrives_at_server(link, what),
                Mail::ToClient { link, what } => self.arrives_at_client(link, what),
            }
            return;
        }
        self.run.tick(self.now);
        self.device.tick(self.now);
    }

    /// Puts into the mail what both ends have done.
    fn carry(&mut self) {
        for does in self.device.does() {
            let (link, what) = match does {
                Does::Connect { link, fresh } => {
                    self.tokens += u64::from(fresh || self.tokens == 0);
                    let token = format!("token-{}", self.tokens);
                    (link, ToServer::Knock { token })
                }
                Does::Say { link, text } => (link, ToServer::Frame(text)),
                Does::Close { link } => (link, ToServer::Close),
            };
            self.post(Mail::ToServer { link, what });
        }
        for deed in self.run.deeds() {
            let (connection, what) = match deed {
                Deed::Post { connection, text } => (connection, ToClient::Frame(text)),
                Deed::Close { connection, .. } | Deed::Cut { connection } => {
                    (connection, ToClient::Closed)
                }
            };
            let link = self.links.iter().find(|(_, it)| **it == connection);
            if let Some((link, _)) = link {
                let link = *link;
                self.post(Mail::ToClient { link, what });
            }
        }
    }

    fn post(&mut self, mail: Mail) {
        self.posted += 1;
        self.mail.insert((self.now + LATENCY_MS, self.posted), mail);
    }

    fn arrives_at_server(&mut self, link: LinkId, what: ToServer) {
        let connection = self.links.get(&link).copied();
        match (what, connection) {
            (ToServer::Knock { token }, _) => {
                let handshake = self.device.handshake(&token);
                let what = match self.run.knock(&handshake, self.now) {
                    Answer::Admitted(connection) => {
                        self.links.insert(link, connection);
                        ToClient::Opened
                    }
                    Answer::Refused(status) => ToClient::Refused(status),
                };
                self.post(Mail::ToClient { link, what });
            }
            (ToServer::Frame(text), Some(connection)) => {
                self.run.heard(connection, Heard::Text(&text), self.now);
            }
            (ToServer::Close, Some(connection)) => {
                self.run.left(connection, 1000, self.now);
            }
            (ToServer::Frame(_) | ToServer::Close, None) => {}
        }
    }

    fn arrives_at_client(&mut self, link: LinkId, what: ToClient) {
        match what {
            ToClient::Opened => self.device.opened(link, self.now),
            ToClient::Refused(status) => self.device.refused(link, status, self.now),
            ToClient::Frame(text) => self.device.heard(link, &text, self.now),
            ToClient::Closed => self.device.closed(link, self.now),
        }
    }
}
