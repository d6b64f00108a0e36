//! Goal: the audit finds what a gateway does wrong with messages, and nothing where it does all well.
//! Method: the executable as a user runs it, over real sockets, against a gateway of a page's length that does one thing
//! wrong; the verdict is in the exit code and in the report.

#![cfg(test)]

mod command;
mod gateway;
mod tool;

use gateway::{Fault, Gateway};
use switchboard_load::report::Verdict;
use tool::Tool;

/// Both members write, as the clock says.
const RELAY: &str = "relay --pairs 3 --rate 30 --duration 2s --warmup 0s";
/// Customers alone write.
const ONE_WAY: &str = "fanout --pairs 3 --devices 1 --rate 30 --duration 2s";

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_gateway_is_found_clean() {
    let gateway = Gateway::open(None).await;
    let ended = Tool::run(&gateway, RELAY).await;
    assert_eq!(ended.code, Some(0), "{}", ended.words());
    let report = ended.report();
    assert_eq!(report.verdict, Verdict::Clean);
    assert!(report.audit.sent > 0);
    assert_eq!(report.audit.sent, gateway.stored(), "{:?}", report.audit);
    assert_eq!(
        (report.audit.acknowledged, report.audit.received),
        (report.audit.sent, report.audit.sent)
    );
    assert_eq!(
        (
            report.audit.again,
            report.audit.early,
            report.window.caught_up
        ),
        (0, 0, 0)
    );
    let received = &report.latency["received"];
    assert_eq!(
        received.count, report.audit.received,
        "each arrival is in the distribution"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_loop_answers_what_it_receives() {
    let gateway = Gateway::open(None).await;
    let closed = "relay --pairs 2 --in-flight 3 --conversations 4 --duration 2s --warmup 0s";
    let ended = Tool::run(&gateway, closed).await;
    assert_eq!(ended.code, Some(0), "{}", ended.words());
    let audit = ended.report().audit;
    // Three balls in each pair, and none of them stays where it is.
    assert!(audit.sent > 2 * 3, "{audit:?}");
    assert_eq!(audit.sent, gateway.stored());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_relayed_but_stored_is_caught_up_with() {
    let gateway = Gateway::open(Some(Fault::RelaysNothing)).await;
    let ended = Tool::run(&gateway, RELAY).await;
    assert_eq!(ended.code, Some(0), "{}", ended.words());
    let report = ended.report();
    // Whatever a device has not heard of by the end, it finds when everything is read back.
    let caught_up = report.window.caught_up;
    assert!(
        (1..=report.audit.received).contains(&caught_up),
        "{caught_up} of {:?}",
        report.audit
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_twice_is_counted_and_no_fault() {
    let gateway = Gateway::open(Some(Fault::RelaysTwice)).await;
    let ended = Tool::run(&gateway, RELAY).await;
    assert_eq!(ended.code, Some(0), "{}", ended.words());
    let report = ended.report();
    assert_eq!(report.audit.again, report.audit.received);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_lose_nothing() {
    let gateway = Gateway::open(Some(Fault::HangsUp)).await;
    let ended = Tool::run(&gateway, RELAY).await;
    assert_eq!(ended.code, Some(0), "{}", ended.words());
    let report = ended.report();
    assert!(
        report.connections.lost > 0 && report.window.resent > 0,
        "{report:?}"
    );
    assert_eq!(
        report.audit.sent,
        gateway.stored(),
        "a retry was stored as another entry"
    );
}

/// A fault, the scenario in which it shows, and the finding.
async fn is_found(
    fault: Fault,
    scenario: &str,
    finding: fn(&switchboard_load::audit::Audit) -> u64,
) {
    let gateway = Gateway::open(Some(fault)).await;
    let ended = Tool::run(&gateway, scenario).await;
    assert_eq!(ended.code, Some(1), "{}", ended.words());
    let report = ended.report();
    assert_eq!(report.verdict, Verdict::Faulty);
    assert!(finding(&report.audit) > 0, "{fault:?}: {:?}", report.audit);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_entry_that_is_not_stored_is_found() {
    is_found(Fault::ForgetsAcknowledged, RELAY, |it| {
        it.lost.min(it.missing)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_a_member_never_gets_is_found() {
    is_found(Fault::HidesFromOthers, RELAY, |it| it.missing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_is_stored_twice_is_found() {
    is_found(Fault::StoresTwice, RELAY, |it| it.doubled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_change_places_are_found() {
    is_found(Fault::SwapsPlaces, ONE_WAY, |it| it.disordered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_do_not_ascend_are_found() {
    is_found(Fault::TurnsPages, RELAY, |it| it.disordered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_nobody_sent_is_found() {
    is_found(Fault::Invents, RELAY, |it| it.strangers).await;
}
