//! The bounds that every accepted frame keeps, written down a second time.

use switchboard_protocol::action::{Device, Position, Settings};
use switchboard_protocol::{Action, Body, ClientFrame};

/// Panics unless everything in the frame is within the bounds of the contract.
pub(crate) fn assert_within(frame: &ClientFrame) {
    let reference = frame.reference.as_ref();
    assert!(reference.is_none_or(|it| it.as_str().len() <= 64));
    assert!(Action::NAMES.contains(&frame.action.name()));
    match &frame.action {
        Action::Hello | Action::Ping => {}
        Action::Open(open) => {
            assert_user(open.with.as_str());
            assert!(open.key.as_str().len() <= 64);
            assert!(open.subject.as_str().len() <= 256);
        }
        Action::Send(send) => {
            assert_ulid(send.conversation.as_str());
            assert_ulid(send.id.as_str());
            assert!(send.reply_to.is_none_or(|seq| seq >= 1));
            assert_body(&send.body);
        }
        Action::Receipt(receipt) => {
            assert!((1..=50).contains(&receipt.receipts.len()));
            receipt
                .receipts
                .keys()
                .for_each(|id| assert_ulid(id.as_str()));
        }
        Action::Typing(typing) => assert_ulid(typing.conversation.as_str()),
        Action::History(history) => {
            assert_ulid(history.conversation.as_str());
            assert!((1..=100).contains(&history.limit));
        }
        Action::Sync(sync) => {
            assert!(sync.cursors.len() <= 500);
            sync.cursors.keys().for_each(|id| assert_ulid(id.as_str()));
        }
        Action::Inbox(inbox) => {
            assert!((1..=50).contains(&inbox.limit));
            if let Some(Position { conversation, .. }) = &inbox.next {
                assert_ulid(conversation.as_str());
            }
        }
        Action::Presence(presence) => {
            assert!((1..=20).contains(&presence.users.len()));
            presence
                .users
                .iter()
                .for_each(|user| assert_user(user.as_str()));
        }
        Action::Device(device) => assert_device(device),
        Action::Settings(Settings::Mute { conversation, .. }) => assert_ulid(conversation.as_str()),
        Action::Settings(Settings::Block { user, .. }) => assert_user(user.as_str()),
    }
}

fn assert_body(body: &Body) {
    assert!(body.to_json().len() <= 16_384);
    assert!(body.of().is_none_or(|seq| seq >= 1));
    match body {
        Body::Text { text } | Body::Edit { text, .. } => assert_text(text),
        Body::Attachment {
            attachment,
            name,
            media_type,
            text,
            ..
        } => {
            assert!((1..=64).contains(&attachment.len()));
            assert!((1..=255).contains(&name.len()));
            assert!((1..=255).contains(&media_type.len()));
            if let Some(text) = text {
                assert_text(text);
            }
        }
        Body::Delete { .. } => {}
        Body::Reaction { emoji, .. } => assert!((1..=16).contains(&emoji.len())),
        Body::Custom { custom_type, .. } => {
            assert!((1..=64).contains(&custom_type.len()));
            let allowed = |it: char| matches!(it, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
            assert!(custom_type.chars().all(allowed));
        }
        Body::Deleted => panic!("deleted is written by the server alone"),
    }
}

fn assert_text(text: &str) {
    assert!((1..=8_000).contains(&text.chars().count()));
}

fn assert_device(device: &Device) {
    let (Device::Register { device: id, .. } | Device::Remove { device: id }) = device;
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    assert!((1..=64).contains(&id.as_str().len()));
    assert!(id.as_str().chars().all(allowed));
    if let Device::Register { token, locale, .. } = device {
        assert!((1..=2_048).contains(&token.len()));
        assert!(token.chars().all(|it| it.is_ascii_graphic()));
        let length = locale.as_ref().map_or(1, String::len);
        assert!((1..=35).contains(&length));
    }
}

fn assert_user(user: &str) {
    assert!((1..=128).contains(&user.len()));
    assert!(user.chars().all(|it| it.is_ascii_graphic() && it != '#'));
}

fn assert_ulid(id: &str) {
    assert_eq!(id.len(), 26);
    assert!(('0'..='7').contains(&id.chars().next().unwrap()));
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    assert!(id.chars().all(|it| alphabet.contains(it)));
}
