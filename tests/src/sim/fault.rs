//! What may go wrong, and what the system must do then. A seed chooses.
//!
//! Each occasion for a fault is numbered, and whether it strikes depends on seed, fault and number alone: leaving one
//! fault out leaves the dice of all others as they were. That is what makes a failure's script shrinkable.

use std::collections::BTreeSet;
use std::sync::Mutex;

macro_rules! faults {
    ($($(#[doc = $what:literal])+ $name:ident, $permille:literal, $must:literal;)+) => {
        /// What may go wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $what])+ $name,)+
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// How often it strikes in a run that has it often, in thousandths of its occasions.
            fn permille(self) -> u64 {
                match self { $(Self::$name => $permille,)+ }
            }

            /// What the system must do.
            pub fn must(self) -> &'static str {
                match self { $(Self::$name => $must,)+ }
            }
        }
    };
}

faults! {
    /// A table refuses a request before applying it.
    TableRefuses, 60, "the SDK tries again; then `unavailable`, and nothing was written";
    /// A table throttles every request for a while.
    TableThrottles, 4, "`unavailable` within two seconds; a retry is safe";
    /// A table applied a request, and its answer is lost.
    TableAnswerLost, 60, "the attempt that follows finds what the first one wrote";
    /// A request reaches the table, or its answer the function, only after the attempt's time.
    TableLate, 30, "as for a lost answer, and a write may come after its own retry";
    /// Eventually consistent reads show the past.
    ReadStale, 500, "who was not seen is told by `deliver`, or pushed to; nothing that must be exact reads so";
    /// A frame's function starts late: others overtake it.
    FrameLate, 100, "the log decides the order; nothing is doubled";
    /// A frame's event comes twice.
    FrameTwice, 60, "one entry, one place";
    /// The function of a frame or a handshake dies between two awaits.
    FunctionDies, 40, "the device tries again, or `deliver` tells";
    /// `deliver` dies between two awaits.
    DeliverDies, 80, "the batch comes again";
    /// `$disconnect` comes minutes late.
    DisconnectLate, 200, "it removes its own row or nothing";
    /// `$disconnect` comes twice.
    DisconnectTwice, 200, "the second finds nothing";
    /// `$disconnect` never comes.
    DisconnectNever, 200, "a post finds the connection gone, or the row expires";
    /// The client gives up during `connect`: `$disconnect` runs before its write.
    DisconnectEarly, 60, "the row that is left is found gone by a post, or expires";
    /// A post finds the platform throttling.
    PostThrottled, 60, "once more, then it is `deliver`'s";
    /// A post is answered 500.
    PostBroken, 60, "once more, then it is `deliver`'s";
    /// A post is never answered.
    PostSilent, 40, "nobody else waits longer than a second for it";
    /// A post is taken after its connection broke.
    PostGone, 20, "410: exactly that row goes";
    /// A socket is half open: posts are taken, nobody hears, nothing is said.
    HalfOpen, 8, "no `recv`: redelivered, and pushed";
    /// A socket breaks.
    SocketBreaks, 20, "the device comes back and misses nothing";
    /// A stream's batch is delivered again although it was done.
    BatchTwice, 300, "nobody is pushed to twice";
    /// A stream's batch is cut into pieces.
    BatchSplit, 200, "the pieces are delivered in order";
    /// A stream's batch waits.
    BatchLate, 200, "what is live does not wait for it";
    /// SNS refuses.
    PushRefused, 400, "the batch comes again";
    /// SNS takes a push, and its answer is lost.
    PushAnswerLost, 60, "the batch comes again: this push alone may double";
    /// SNS answers late.
    PushLate, 100, "no send waits for it";
    /// A device's app dies, and starts again.
    DeviceDies, 300, "it comes back with its cursor and its outbox";
    /// A device loses what it holds, but not its outbox.
    DeviceForgets, 150, "it loads everything again";
    /// A device has a send in flight over two connections.
    TwoPlaces, 150, "one entry, one place";
    /// A token lives for a minute at most.
    TokenShort, 300, "the device is on another connection before it ends";
    /// The platform closes a connection, as at two hours.
    PlatformCuts, 10, "the device comes back";
    /// Every socket breaks at once.
    Stampede, 2, "everybody comes back, with jitter";
    /// A function's clock is off by up to two seconds.
    ClockSkew, 500, "nothing hangs on it but times";
    /// A device overlooks that its token ends, and goes on under it.
    RenewalMissed, 500, "`token_expired`; the device comes back with another";
}

/// One strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strike {
    /// The fault.
    pub fault: Fault,
    /// Which of its occasions.
    pub occasion: u64,
}

/// Which faults a run has, how often, and which struck.
#[derive(Debug)]
pub struct Plan {
    seed: u64,
    rates: Vec<u64>,
    only: Option<BTreeSet<Strike>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    occasions: Vec<u64>,
    struck: Vec<Strike>,
    counts: Vec<usize>,
    calm: bool,
}

impl Plan {
    /// The plan of a seed; with `only`, no other strike happens.
    pub fn new(seed: u64, only: Option<BTreeSet<Strike>>) -> Self {
        let mut random = fastrand::Rng::with_seed(mix(seed, 0xfa17, 0));
        // One run in sixteen has no faults: what fails there is simple.
        let faultless = random.u8(..16) == 0;
        let rates = Fault::ALL.iter().map(|fault| {
            // Few kinds at once, each often enough to meet itself: more is found so than with everything always.
            match random.u8(..10) {
                _ if faultless => 0,
                0..=4 => 0,
                5..=7 => fault.permille().div_ceil(4),
                _ => fault.permille(),
            }
        });
        let rates = rates.collect();
        let state = State {
            occasions: vec![0; Fault::ALL.len()],
            struck: Vec::new(),
            counts: vec![0; Fault::ALL.len()],
            calm: false,
        };
        Self {
            seed,
            rates,
            only,
            state: Mutex::new(state),
        }
    }

    /// From now on nothing strikes.
    pub fn calm(&self) {
        self.state.lock().unwrap().calm = true;
    }

    /// Whether a run has a fault at all.
    pub fn has(&self, fault: Fault) -> bool {
        self.rates[fault as usize] > 0
    }

    /// Whether a fault strikes on this occasion.
    pub fn strikes(&self, fault: Fault) -> bool {
        let rate = self.rates[fault as usize];
        let mut state = self.state.lock().unwrap();
        if rate == 0 || state.calm {
            return false;
        }
        let occasion = state.occasions[fault as usize];
        state.occasions[fault as usize] += 1;
        let strike = Strike { fault, occasion };
        let hit = mix(self.seed, fault as u64, occasion) % 1_000 < rate
            && self.only.as_ref().is_none_or(|only| only.contains(&strike));
        if hit {
            state.struck.push(strike);
            state.counts[fault as usize] += 1;
        }
        hit
    }

    /// A number below `bound`, for the fault that struck last.
    pub fn amount(&self, fault: Fault, bound: u64) -> u64 {
        let state = self.state.lock().unwrap();
        let occasion = state.occasions[fault as usize];
        mix(self.seed, 0x1000 + fault as u64, occasion) % bound.max(1)
    }

    /// How often faults have struck.
    pub fn count(&self, faults: &[Fault]) -> usize {
        let state = self.state.lock().unwrap();
        faults.iter().map(|it| state.counts[*it as usize]).sum()
    }

    /// Everything that struck, in order.
    pub fn struck(&self) -> Vec<Strike> {
        self.state.lock().unwrap().struck.clone()
    }
}

/// Three numbers made one, every bit of which depends on all of theirs (`SplitMix64`'s finish).
pub fn mix(a: u64, b: u64, c: u64) -> u64 {
    let mut it = a
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(b.wrapping_mul(0xbf58_476d_1ce4_e5b9))
        .wrapping_add(c.wrapping_mul(0x94d0_49bb_1331_11eb));
    for shift in [30, 27, 31] {
        it = (it ^ (it >> shift)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    it ^ (it >> 32)
}

impl std::fmt::Display for Strike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.fault.name(), self.occasion)
    }
}

impl std::str::FromStr for Strike {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no strike like TableRefuses#3");
        let (name, occasion) = text.split_once('#').ok_or_else(wrong)?;
        let fault = Fault::ALL.iter().find(|it| it.name() == name);
        Ok(Self {
            fault: *fault.ok_or_else(wrong)?,
            occasion: occasion.parse().map_err(|_| wrong())?,
        })
    }
}
