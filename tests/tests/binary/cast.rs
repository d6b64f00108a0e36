//! Those who write, and those they write to.

use std::net::SocketAddr;
use std::path::Path;

use futures_util::future::{join, join_all};

use crate::gateway::Gateway;
use crate::notes::Notes;
use crate::reader::Reader;
use crate::writer::{Acks, Writer};

const WRITERS: usize = 6;

/// Whether those who are written to are there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readers {
    /// They are connected, and confirm some of it.
    Hear,
    /// Nobody confirms anything.
    Away,
}

/// Pairs of clients.
pub(crate) struct Cast {
    writers: Vec<Writer>,
    readers: Vec<Reader>,
}

impl Cast {
    pub(crate) async fn prepare(gateway: &Gateway) -> Self {
        let prepared = (0..WRITERS).map(async |number| {
            let mut reader = Reader::prepare(gateway, number).await;
            let writer = Writer::prepare(gateway, number, &reader.user).await;
            reader.listen_to(&writer);
            (writer, reader)
        });
        let (writers, readers) = join_all(prepared).await.into_iter().unzip();
        Self { writers, readers }
    }

    /// How many sends were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.writers.iter().map(Writer::acknowledged).sum()
    }

    /// Everybody at work until the gateway ends; the codes with which their sockets were closed.
    pub(crate) async fn load(
        &mut self,
        address: SocketAddr,
        acks: &Acks,
        readers: Readers,
        at: &str,
    ) -> Vec<Option<u16>> {
        let readers = match readers {
            Readers::Hear => &self.readers[..],
            Readers::Away => &[],
        };
        // Everybody is there before the first acknowledgement, and so before the end.
        let ears = join_all(readers.iter().map(|it| it.connect(address))).await;
        let mouths = join_all(self.writers.iter().map(|it| it.connect(address))).await;
        let readers = readers.iter().zip(ears);
        let reading = join_all(readers.map(|(it, socket)| it.read(socket, at)));
        let writers = self.writers.iter_mut().zip(mouths);
        let writing = join_all(writers.map(|(it, socket)| it.write(socket, acks, at)));
        let (read, written) = join(reading, writing).await;
        [read, written].concat()
    }

    /// The next gateway, which has to know everything; and what the one before had noted.
    pub(crate) async fn check(&mut self, data: &Path, at: &str) -> (Gateway, Notes) {
        let notes = Notes::of(data, at);
        let gateway = Gateway::on(data).await;
        join_all(self.writers.iter_mut().map(|it| it.check(&gateway, at))).await;
        notes.check(&gateway, &self.writers, at).await;
        (gateway, notes)
    }
}
