//! Goal: the ledger finds each kind of wrong, and nothing where all is well.
//! Method: two devices' words, spoken directly.

use super::{Arrival, Ledger, Way};

/// Alice is device 7, bob device 8; the log held ten entries when they began.
fn ledger() -> Ledger {
    Ledger::new(3, 10, &[7, 8])
}

#[test]
fn an_honest_log_has_no_fault() {
    let mut ledger = ledger();
    for seq in [11, 12, 13] {
        let tag = ledger.sends(0);
        ledger.acknowledged(0, tag, seq);
        assert_eq!(ledger.arrived(1, seq, Some(tag), Way::Live), Arrival::New);
        ledger.reads_back(seq, Some(tag));
    }
    let audit = ledger.audit(true);
    assert!(audit.is_clean(), "{audit:?}");
    assert_eq!((audit.sent, audit.acknowledged, audit.received), (3, 3, 3));
}

#[test]
fn what_comes_again_or_early_is_counted_and_no_fault() {
    let mut ledger = ledger();
    let (first, second) = (ledger.sends(0), ledger.sends(0));
    ledger.acknowledged(0, first, 11);
    ledger.acknowledged(0, second, 12);
    assert_eq!(ledger.arrived(1, 12, Some(second), Way::Live), Arrival::New);
    assert!(ledger.has_gap(1));
    assert_eq!(ledger.arrived(1, 11, Some(first), Way::Live), Arrival::New);
    assert_eq!(
        ledger.arrived(1, 11, Some(first), Way::Live),
        Arrival::Again
    );
    assert_eq!(ledger.cursor(1), 12);
    ledger.reads_back(11, Some(first));
    ledger.reads_back(12, Some(second));
    let audit = ledger.audit(true);
    assert!(audit.is_clean(), "{audit:?}");
    assert_eq!((audit.early, audit.again), (1, 1));
}

#[test]
fn an_entry_that_a_member_does_not_get_is_missing() {
    let mut ledger = ledger();
    let tag = ledger.sends(0);
    ledger.acknowledged(0, tag, 11);
    ledger.reads_back(11, Some(tag));
    assert_eq!(ledger.audit(true).missing, 1);
    assert!(!ledger.audit(true).is_clean());
    assert_eq!(ledger.audit(false).missing, 0, "nobody has asked yet");
}

#[test]
fn an_acknowledged_entry_that_the_log_does_not_have_is_lost() {
    let mut ledger = ledger();
    let tag = ledger.sends(0);
    ledger.acknowledged(0, tag, 11);
    ledger.arrived(1, 11, Some(tag), Way::Live);
    assert_eq!(ledger.audit(true).lost, 1);
}

#[test]
fn one_message_at_two_places_is_doubled() {
    let mut ledger = ledger();
    let tag = ledger.sends(0);
    ledger.acknowledged(0, tag, 11);
    ledger.arrived(1, 11, Some(tag), Way::Live);
    ledger.arrived(1, 12, Some(tag), Way::Live);
    assert_eq!(ledger.audit(true).doubled, 1);
}

#[test]
fn two_messages_at_one_place_are_doubled() {
    let mut ledger = ledger();
    let (alices, bobs) = (ledger.sends(0), ledger.sends(1));
    ledger.acknowledged(0, alices, 11);
    ledger.acknowledged(1, bobs, 11);
    assert_eq!(ledger.audit(true).doubled, 1);
}

#[test]
fn a_later_message_below_an_earlier_one_is_disordered() {
    let mut ledger = ledger();
    let (first, second) = (ledger.sends(0), ledger.sends(0));
    ledger.acknowledged(0, first, 12);
    ledger.acknowledged(0, second, 11);
    assert_eq!(ledger.audit(true).disordered, 1);
}

#[test]
fn a_page_that_does_not_ascend_is_disordered() {
    let mut ledger = ledger();
    let (first, second) = (ledger.sends(0), ledger.sends(0));
    ledger.acknowledged(0, first, 11);
    ledger.acknowledged(0, second, 12);
    ledger.reads_back(12, Some(second));
    ledger.reads_back(11, Some(first));
    assert_eq!(ledger.audit(true).disordered, 1);
}

#[test]
fn what_nobody_here_sent_is_a_stranger_and_a_wild_place_costs_no_memory() {
    let mut ledger = ledger();
    let tag = ledger.sends(0);
    ledger.arrived(1, 11, None, Way::Live);
    ledger.acknowledged(0, tag, u64::MAX);
    let mut elsewhere = Ledger::new(4, 0, &[7, 8]);
    let foreign = elsewhere.sends(0);
    ledger.arrived(1, 12, Some(foreign), Way::Live);
    assert_eq!(ledger.audit(true).strangers, 3);
}
