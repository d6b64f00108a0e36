//! Two people talk.

use serde_json::{Value, json};
use switchboard::protocol::Role;

use crate::actor::{Actor, ulid};
use crate::venue::{Guest, Venue, connect};

/// A conversation from its beginning: each action once, with its answer and with what the others hear.
pub async fn talk(venue: &dyn Venue) {
    let alice = venue.guest("alice", Role::Customer).await;
    let bob = venue.guest("bob", Role::Provider).await;
    let mut bobs = connect(venue, &bob, "phone").await;
    let mut phone = connect(venue, &alice, "phone").await;
    let mut tablet = connect(venue, &alice, "tablet").await;

    greets(&mut phone, &alice).await;
    let conversation = opens(&mut phone, &mut bobs, &bob).await;
    sends_twice(&mut phone, &mut tablet, &mut bobs, &conversation, &alice).await;
    answers(&mut bobs, &mut phone, &mut tablet, &conversation, &bob).await;
    confirms(&mut phone, &mut bobs, &conversation, &alice).await;
    edits(&mut phone, &mut bobs, &conversation).await;
    catches_up(&mut bobs, &conversation).await;
    is_told_what_is_wrong(&mut phone).await;
    for actor in [phone, tablet, bobs] {
        actor.leave().await;
    }
}

async fn greets(phone: &mut Actor, alice: &Guest) {
    let welcome = phone.ask(json!({"action": "hello"})).await;
    assert_eq!(welcome["event"], "welcome", "{welcome}");
    assert_eq!(welcome["user"], alice.id.as_str());
    assert_eq!(welcome["role"], "customer");
    let now = welcome["now"].as_u64().unwrap();
    assert!(welcome["expires_at"].as_u64().unwrap() > now, "{welcome}");
    phone.say(json!({"action": "ping"})).await;
    phone.hear_event("pong").await;
}

async fn opens(phone: &mut Actor, bobs: &mut Actor, bob: &Guest) -> String {
    let open = json!({"action": "open", "with": bob.id, "key": "booking-1", "subject": "the sink"});
    let opened = phone.ask(open.clone()).await;
    assert_eq!(opened["event"], "opened", "{opened}");
    assert_eq!(opened["created"], true);
    assert_eq!(opened["last_seq"], 0);
    assert_eq!(opened["last"], Value::Null);
    let heard = bobs.hear_event("opened").await;
    assert_eq!(heard["conversation"], opened["conversation"]);
    let again = phone.ask(open).await;
    assert_eq!(again["created"], false);
    assert_eq!(again["conversation"], opened["conversation"]);
    opened["conversation"].as_str().unwrap().to_owned()
}

/// One entry, however often and over whichever connection it is sent.
async fn sends_twice(
    phone: &mut Actor,
    tablet: &mut Actor,
    bobs: &mut Actor,
    conversation: &str,
    alice: &Guest,
) {
    let id = ulid();
    let body = json!({"kind": "text", "text": "it drips — schön 🚰"});
    let send =
        json!({"action": "send", "conversation": conversation, "id": id, "after": 0, "body": body});
    let sent = phone.ask(send.clone()).await;
    assert_eq!(sent["event"], "sent", "{sent}");
    assert_eq!(sent["seq"], 1);
    assert_eq!(sent["duplicate"], false);
    for other in [&mut *bobs, &mut *tablet] {
        let entry = other.hear_event("entry").await;
        assert_eq!(entry["seq"], 1);
        assert_eq!(entry["id"], id.as_str());
        assert_eq!(entry["from"], alice.id.as_str());
        assert_eq!(entry["ts"], sent["ts"]);
        assert_eq!(entry["body"], body);
    }
    for actor in [&mut *phone, &mut *tablet] {
        let again = actor.ask(send.clone()).await;
        assert_eq!(again["seq"], 1, "{again}");
        assert_eq!(again["ts"], sent["ts"]);
        assert_eq!(again["duplicate"], true);
    }
    let mut another = send;
    another["body"]["text"] = json!("it pours");
    assert_eq!(phone.refused(another).await, "conflict");
}

async fn answers(
    bobs: &mut Actor,
    phone: &mut Actor,
    tablet: &mut Actor,
    conversation: &str,
    bob: &Guest,
) {
    let sent = bobs.send(conversation, 1, "on my way").await;
    assert_eq!(sent["seq"], 2);
    for alices in [phone, tablet] {
        let second = |it: &Value| it["event"] == "entry" && it["seq"] == 2;
        let entry = alices.hear_where(second).await;
        assert_eq!(entry["from"], bob.id.as_str());
        assert_eq!(entry["ts"], sent["ts"]);
    }
    bobs.say(json!({"action": "typing", "conversation": conversation, "on": true}))
        .await;
}

async fn confirms(phone: &mut Actor, bobs: &mut Actor, conversation: &str, alice: &Guest) {
    let typing = phone.hear_event("typing").await;
    assert_eq!(typing["on"], true);
    let receipts = json!([{"conversation": conversation, "recv": 2, "read": 2}]);
    phone
        .say(json!({"action": "receipt", "receipts": receipts}))
        .await;
    let of_alice =
        |it: &Value| it["event"] == "receipt" && it["user"] == alice.id.as_str() && it["read"] == 2;
    let receipt = bobs.hear_where(of_alice).await;
    assert_eq!(receipt["recv"], 2);
    let receipts = json!([{"conversation": conversation, "recv": 9}]);
    let too_far = phone
        .ask(json!({"action": "receipt", "receipts": receipts}))
        .await;
    assert_eq!(too_far["code"], "bad_request", "{too_far}");
}

async fn edits(phone: &mut Actor, bobs: &mut Actor, conversation: &str) {
    let body = json!({"kind": "edit", "of": 1, "text": "it drips no more"});
    let sent = phone.send_body(conversation, 2, body).await;
    assert_eq!(sent["seq"], 3, "{sent}");
    let third = |it: &Value| it["event"] == "entry" && it["seq"] == 3;
    assert_eq!(bobs.hear_where(third).await["body"]["kind"], "edit");
    let history = json!({"action": "history", "conversation": conversation, "after": 0});
    let page = bobs.ask(history).await;
    let entries = page["entries"].as_array().unwrap();
    let seqs: Vec<_> = entries.iter().map(|it| it["seq"].as_u64()).collect();
    assert_eq!(seqs, [Some(1), Some(2), Some(3)]);
    assert_eq!(entries[0]["body"]["text"], "it drips no more");
    assert_eq!(entries[0]["edited_at"], sent["ts"]);
    assert_eq!(page["more"], false);
}

async fn catches_up(bobs: &mut Actor, conversation: &str) {
    let sync = json!({"action": "sync", "cursors": {conversation: 1}});
    let synced = bobs.ask(sync).await;
    let entries = synced["entries"].as_array().unwrap();
    let seqs: Vec<_> = entries.iter().map(|it| it["seq"].as_u64()).collect();
    assert_eq!(seqs, [Some(2), Some(3)]);
    assert_eq!(synced["more"], false);
    let inbox = bobs.ask(json!({"action": "inbox"})).await;
    let listed = &inbox["conversations"][0];
    assert_eq!(listed["conversation"], conversation);
    assert_eq!(listed["last_seq"], 3);
    // The first entry; an edit does not count as unread.
    assert_eq!(listed["unread"], 1, "{listed}");
}

async fn is_told_what_is_wrong(phone: &mut Actor) {
    assert_eq!(
        phone.refused(json!({"action": "dance"})).await,
        "unknown_action"
    );
    phone.say_text("this is not JSON").await;
    let error = phone.hear_event("error").await;
    assert_eq!(error["code"], "bad_request");
}
