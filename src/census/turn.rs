//! Whose turn it is to be asked about: a bounded number in a run, each in a bounded number of runs, and no memory.
//!
//! Every connection has a number, made from its id. In a cycle of so many runs it is asked in the one whose number is
//! the same modulo the cycle's length. The cycle is the shortest power of two whose share of all connections fits; how
//! many there are shows only as they are read, so it doubles on the way and lets go of those whose turn it then is not.

use crate::session::Connection;

/// Those whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turn {
    run: u64,
    max: usize,
    /// The cycle's length, as the power of two.
    doublings: u32,
    kept: Vec<Connection>,
}

impl Turn {
    /// The turn of a run, with a bound on how many are asked.
    pub(super) fn of(run: u64, max: usize) -> Self {
        Self {
            run,
            max,
            ..Self::default()
        }
    }

    /// Considers a connection.
    pub(super) fn offer(&mut self, connection: Connection) {
        if !is_turn(self.run, self.doublings, &connection) {
            return;
        }
        self.kept.push(connection);
        while self.kept.len() > self.max && self.doublings < u64::BITS - 1 {
            self.doublings += 1;
            let (run, doublings) = (self.run, self.doublings);
            self.kept.retain(|it| is_turn(run, doublings, it));
        }
    }

    /// Those to ask.
    pub(super) fn asked(self) -> Vec<Connection> {
        self.kept
    }
}

fn is_turn(run: u64, doublings: u32, connection: &Connection) -> bool {
    let cycle = (1_u64 << doublings) - 1;
    number(connection.id.as_str()) & cycle == run & cycle
}

/// A connection's number: FNV-1a, with its high bits folded in. The same in every process, and no secret.
fn number(id: &str) -> u64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use switchboard_protocol::Role;

    use super::*;
    use crate::session::ConnectionId;

    fn connection(number: usize) -> Connection {
        Connection {
            user: "alice".parse().unwrap(),
            device: None,
            id: ConnectionId::new(format!("Qyi07eC{number}JKw=")),
            role: Role::Customer,
            endpoint: "https://abc123.execute-api.us-east-1.amazonaws.com/live".into(),
            connected_at: 0,
            expires_at: 1,
        }
    }

    fn asked(run: u64, connections: usize) -> Vec<Connection> {
        let mut turn = Turn::of(run, 100);
        (0..connections).for_each(|it| turn.offer(connection(it)));
        turn.asked()
    }

    #[test]
    fn who_fits_is_asked_in_every_run() {
        for run in [0, 1, 29_453_760] {
            assert_eq!(asked(run, 100).len(), 100);
        }
    }

    #[test]
    fn a_run_asks_no_more_than_it_may_and_each_has_its_turn_within_a_cycle() {
        // Three thousand fit into 32 shares of a hundred where chance is fair, and surely into 64.
        let mut turns: BTreeMap<String, u64> = BTreeMap::new();
        for run in 29_453_760..29_453_760 + 64 {
            let asked = asked(run, 3_000);
            assert!(asked.len() <= 100, "{}", asked.len());
            for connection in asked {
                *turns.entry(connection.id.as_str().to_owned()).or_default() += 1;
            }
        }
        assert_eq!(turns.len(), 3_000, "each was asked");
        assert!(turns.values().all(|times| *times <= 2), "and nobody often");
    }

    #[test]
    fn the_order_in_which_they_are_read_does_not_matter() {
        let mut backwards = Turn::of(7, 100);
        (0..1_000)
            .rev()
            .for_each(|it| backwards.offer(connection(it)));
        let mut backwards = backwards.asked();
        let mut forwards = asked(7, 1_000);
        backwards.sort_by(|a, b| a.id.cmp(&b.id));
        forwards.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(forwards, backwards);
    }
}
