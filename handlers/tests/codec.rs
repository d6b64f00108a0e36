//! What the tables look like from outside: the order of keys, and the images that the stream delivers.
#![cfg(test)]

use switchboard::ConnectionId;
use switchboard::ports::store::Pair;
use switchboard::protocol::{Body, ConversationId, Role, Seq};
use switchboard_handlers::aws::item::{entry_of_stream, key};
use switchboard_handlers::event::StreamEvent;

fn conversation() -> ConversationId {
    "01JD8Z3KQ5W9T0000000000001".parse().unwrap()
}

#[test]
fn entries_sort_by_their_place() {
    let places: [Seq; 9] = [0, 1, 9, 10, 99, 100, 65_536, 1_000_000_000, key::SEQ_MAX];
    assert!(places.map(key::entry).is_sorted());
    assert_eq!(key::entry(42), "E#000000000042");
    assert_eq!(key::entry(key::SEQ_MAX).len(), key::entry(1).len());
}

#[test]
fn a_conversation_sorts_after_its_members_and_they_after_its_entries() {
    let member = |name: &str| key::member(&name.parse().unwrap());
    let (lowest, highest) = (member("!"), member("~"));
    assert!(key::entry(key::SEQ_MAX) < lowest);
    assert!(highest.as_str() < key::META);
}

#[test]
fn everything_of_a_user_has_its_own_beginning() {
    let phone = "phone-1".parse().unwrap();
    let connection = ConnectionId::new("Qyi07eCbtjMCJKw=");
    assert_eq!(key::user(&"alice".parse().unwrap()), "U#alice");
    assert_eq!(key::block(&"bob".parse().unwrap()), "B#bob");
    assert_eq!(key::device(&phone), "D#phone-1");
    assert_eq!(key::connection(Some(&phone), &connection), "D#phone-1");
    assert_eq!(key::connection(None, &connection), "I#Qyi07eCbtjMCJKw=");
    assert_eq!(
        key::conversation(&conversation()),
        "C#01JD8Z3KQ5W9T0000000000001"
    );
}

#[test]
fn a_pair_has_one_key_whoever_opens() {
    let (alice, bob) = ("alice".parse().unwrap(), "bob".parse().unwrap());
    let by_alice = Pair::new(alice, Role::Customer, bob);
    let (alice, bob) = ("alice".parse().unwrap(), "bob".parse().unwrap());
    let by_bob = Pair::new(bob, Role::Provider, alice);
    assert_eq!(key::pair(&by_alice), "P#alice#bob");
    assert_eq!(key::pair(&by_alice), key::pair(&by_bob));
    assert_eq!(key::paired(&"".parse().unwrap()), "K#");
}

fn batch() -> StreamEvent {
    serde_json::from_str(include_str!("events/stream.json")).unwrap()
}

#[test]
fn the_stream_delivers_entries_and_what_is_none() {
    let records = batch().records;
    let names: Vec<&str> = records.iter().map(|it| it.event_name.as_str()).collect();
    assert_eq!(names, ["INSERT", "INSERT", "MODIFY", "REMOVE"]);
    let read = |index: usize| entry_of_stream(records[index].new_image()).unwrap();
    assert_eq!(read(1), None, "a member");
    assert_eq!(read(3), None, "removed: no image");
    let rewritten = read(2).unwrap();
    assert_eq!(rewritten.body, Body::Deleted);
    assert_eq!(rewritten.first_said, Some(9_223_372_036_854_775_808));
}

#[test]
fn a_new_entry_is_read_from_its_image() {
    let records = batch().records;
    assert_eq!(records[0].sequence_number(), "4421584500000000017450439091");
    let entry = entry_of_stream(records[0].new_image()).unwrap().unwrap();
    assert_eq!(entry.conversation, conversation());
    assert_eq!((entry.seq, entry.ts), (42, 1_795_000_000_000));
    assert_eq!(entry.from.as_str(), "alice");
    assert_eq!((entry.reply_to, entry.edited_at), (Some(40), None));
    let customer = entry.standings.sides.customer;
    assert_eq!((customer.written, customer.recv), (30, 41));
    assert_eq!(customer.recent, [1_794_999_998_500, 1_795_000_000_000]);
    assert_eq!(entry.standings.deletions, 1);
}

#[test]
fn an_entry_that_cannot_be_read_is_not_taken_for_something_else() {
    let records = batch().records;
    for name in ["id", "from", "ts", "body", "standings"] {
        let mut image = records[0].new_image().clone();
        image.remove(name).unwrap();
        let error = entry_of_stream(&image).unwrap_err();
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
}
