#![no_main]
//! Goal: whatever stands in the tables, written by an older or a newer version or by nobody who knew, reading it gives
//! the item or says `unavailable`; what was read and is written again reads as the same, and names nobody and nothing
//! that the table did not.
//! Method: the first byte says what is asked of the store, the rest is DynamoDB's answer, which goes through the SDK's
//! own reader: items as results, as replaced rows, and as winners of failed conditions.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};
use switchboard::Connection;
use switchboard::log::{Conversation, LogEntry};
use switchboard::ports::push::Device;
use switchboard::ports::store::{
    Appended, Blocks, Connections as _, Devices as _, Directory as _, Log as _, Marked, Placed,
    Progress,
};
use switchboard::protocol::action::{Marks, Span};
use switchboard::protocol::{DeviceId, Role, Seq, UserId};
use switchboard_fuzz::clock::runtime;
use switchboard_fuzz::pieces::kind;
use switchboard_fuzz::said::Said;
use switchboard_fuzz::samples::{connection, conversation, entry, new_conversation, pair, user};
use switchboard_fuzz::table::Table;
use switchboard_handlers::aws::store::DynamoStore;
use tokio::runtime::Runtime;

struct World {
    table: Table,
    store: DynamoStore,
    runtime: Runtime,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let table = Table::default();
    let (store, runtime) = (table.store(), runtime());
    World {
        table,
        store,
        runtime,
    }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((kind, answer)) = kind(data) else {
        return Corpus::Reject;
    };
    let world = &*WORLD;
    world.runtime.block_on(world.ask(kind, answer))
});

/// What was read; an error is as good an answer.
#[derive(Default)]
struct Read {
    conversation: Option<Conversation>,
    entries: Vec<LogEntry>,
    pushed: Vec<BTreeMap<DeviceId, Seq>>,
    connections: Vec<Connection>,
    devices: Vec<Device>,
    owner: Option<(UserId, DeviceId)>,
}

impl World {
    async fn ask(&self, kind: u8, answer: &[u8]) -> Corpus {
        let status = if kind.is_ascii_uppercase() { 400 } else { 200 };
        self.table.answer(status, answer);
        let read = if kind.is_ascii_uppercase() {
            self.winners(kind).await
        } else {
            self.items(kind).await
        };
        let Some(read) = read else {
            return Corpus::Reject;
        };
        let said = Said::in_json(answer);
        self.write_again(read, said.as_ref()).await;
        Corpus::Keep
    }

    /// Items that a read returns.
    async fn items(&self, kind: u8) -> Option<Read> {
        let (store, user, mut read) = (&self.store, user("alice"), Read::default());
        match kind {
            b't' => {
                if let Ok(Some(tail)) = store.tail(&conversation()).await {
                    for (role, member) in [
                        (Role::Customer, &tail.members.customer),
                        (Role::Provider, &tail.members.provider),
                    ] {
                        let (_, _) = (tail.marks(role), tail.standing(role));
                        read.pushed.push(member.pushed.clone());
                    }
                    read.conversation = Some(tail.conversation);
                    read.entries = tail.newest;
                }
            }
            b'e' => {
                let found = store.entries(&conversation(), Span::After(0), 50).await;
                read.entries = found.unwrap_or_default();
            }
            b'1' => {
                let found = store.entry(&conversation(), 1).await;
                read.entries.extend(found.ok().flatten());
            }
            b'm' => {
                let found = store.member(&conversation(), &user).await;
                read.pushed.extend(found.ok().flatten().map(|it| it.pushed));
            }
            b'p' => drop(store.profile(&user).await),
            b'q' => drop(store.paired(&pair(), &"".parse().expect("a key")).await),
            b'w' => drop(store.conversations_of(&pair()).await),
            b'l' => drop(store.recent(&user, 9, None, 50).await),
            b'o' => read.owner = store.endpoint_owner("arn:e").await.ok().flatten(),
            b'd' => read.devices = store.devices(&user).await.unwrap_or_default(),
            b'c' => read.connections = store.connections(&user).await.unwrap_or_default(),
            b'r' => {
                if let Ok(Placed::Placed(replaced)) = store.put_connection(&connection()).await {
                    read.connections.extend(replaced);
                }
            }
            _ => return None,
        }
        Some(read)
    }

    /// Items that stood in the way of a write.
    async fn winners(&self, kind: u8) -> Option<Read> {
        let (store, mut read) = (&self.store, Read::default());
        match kind {
            b'A' => {
                if let Ok(Appended::Taken(winner)) = store.append(&entry()).await {
                    read.entries.push(*winner);
                }
            }
            b'T' => {
                let appended = store.append_rewriting(&entry(), &entry(), &entry()).await;
                if let Ok(Appended::Taken(winner)) = appended {
                    read.entries.push(*winner);
                }
            }
            b'K' => {
                let (marks, id) = (Marks::default(), conversation());
                let to = Progress {
                    marks,
                    others_written: 0,
                    deletions: 0,
                };
                let marked = store.mark(&id, &user("alice"), marks, &to).await;
                if let Ok(Marked::Moved(member)) = marked {
                    read.pushed.push(member.pushed);
                }
            }
            b'N' => {
                let blocks = Blocks {
                    creator_blocks: false,
                };
                drop(
                    store
                        .create(&new_conversation(), Role::Customer, blocks)
                        .await,
                );
            }
            _ => return None,
        }
        Some(read)
    }

    /// What the gateway has read it may write again, and finds again.
    async fn write_again(&self, read: Read, said: Option<&Said>) {
        let (store, id) = (&self.store, conversation());
        for entry in read.entries {
            self.take();
            store.append(&entry).await.expect("the table took it");
            self.give_back("Item", &["Item"], said);
            let again = store.entry(&id, 1).await;
            assert_eq!(again.expect("it was read before"), Some(entry));
        }
        for connection in read.connections {
            self.take();
            let put = store.put_connection(&connection).await;
            put.expect("the table took it");
            self.give_back("Items", &["Item"], said);
            let again = store.connections(&connection.user).await;
            assert_eq!(again.expect("it was read before"), [connection]);
        }
        for device in read.devices {
            self.take();
            store.put_device(&device).await.expect("the table took it");
            self.give_back("Items", &["Item"], said);
            let again = store.devices(&device.user).await;
            assert_eq!(again.expect("it was read before"), [device]);
        }
        if let Some((user, device)) = read.owner {
            self.take();
            let claimed = store.claim_endpoint("arn:e", &user, &device).await;
            claimed.expect("the table took it");
            self.give_back("Item", &["Item"], said);
            let again = store.endpoint_owner("arn:e").await;
            assert_eq!(again.expect("it was read before"), Some((user, device)));
        }
        if let Some(conversation) = read.conversation {
            let blocks = Blocks {
                creator_blocks: false,
            };
            self.take();
            let created = store.create(&conversation, Role::Customer, blocks).await;
            created.expect("the table took it");
            self.give_back("Items", &["TransactItems", "1", "Put", "Item"], said);
            let tail = store
                .tail(&conversation.id)
                .await
                .expect("it was read before");
            assert_eq!(tail.map(|it| it.conversation), Some(conversation));
        }
        for pushed in read.pushed.into_iter().filter(|it| !it.is_empty()) {
            self.take();
            let noted = store
                .note_pushed(&id, &user("alice"), &BTreeMap::new(), &pushed)
                .await;
            noted.expect("the table took it");
            let value = self.asked(&["ExpressionAttributeValues", ":to"]);
            let item = json!({"recv": {"N": "0"}, "read": {"N": "0"}, "pushed": value});
            self.table
                .answer(200, json!({"Item": item}).to_string().as_bytes());
            let again = store.member(&id, &user("alice")).await;
            let again = again.expect("it was read before").map(|it| it.pushed);
            assert_eq!(again, Some(pushed));
        }
    }

    /// Takes the next write.
    fn take(&self) {
        self.table.answer(200, b"{}");
    }

    /// What the one request since then has at this path.
    fn asked(&self, path: &[&str]) -> Value {
        let asked = self.table.asked();
        let [asked] = asked.as_slice() else {
            panic!("not one request: {asked:?}");
        };
        let pointer: String = path.iter().flat_map(|it| ["/", it]).collect();
        asked.pointer(&pointer).expect("the SDK's request").clone()
    }

    /// Answers the next read with the item that was written, alone or as a page.
    fn give_back(&self, name: &str, path: &[&str], said: Option<&Said>) {
        let item = self.asked(path);
        // The SDK takes some answers that are not quite JSON.
        if let Some(said) = said {
            came_from(said, &item);
        }
        let found = if name == "Items" { json!([item]) } else { item };
        self.table
            .answer(200, json!({name: found}).to_string().as_bytes());
    }
}

/// No text of an item is the reader's own, but for those that are put together and for what was asked for.
fn came_from(said: &Said, item: &Value) {
    for (name, value) in item.as_object().into_iter().flatten() {
        let composed = matches!(name.as_str(), "body" | "standings");
        let Some(text) = value.get("S").and_then(Value::as_str).filter(|_| !composed) else {
            continue;
        };
        let asked_for = matches!(text, "T#arn:e" | "OWNER");
        // The keys of an entry and of a nameless connection are spelled anew.
        let respelled =
            text.starts_with("E#") || text.strip_prefix("I#").is_some_and(|id| said.has(id));
        assert!(
            asked_for || respelled || said.has(text),
            "nobody wrote {name} {text}"
        );
    }
}
