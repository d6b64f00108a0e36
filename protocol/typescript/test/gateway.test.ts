/** Goal: two people chat through the real gateway. Method: the local host as a program, real sockets, the public API. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { MemoryStore, Switchboard, type Events, type Options, SwitchboardError } from "../src/index.js";
import { program, token, type Program } from "./support/program.js";

let host: Program;
before(async () => {
  host = await program("--listen", "127.0.0.1:0", "--data", ":memory:");
});
after(() => host.stop());

/** A device of somebody's. */
function device(user: string, role: string, options: Partial<Options> = {}): Switchboard {
  return new Switchboard({
    url: `ws://${host.address}/local`,
    device: "phone-1",
    token: () => token(`http://${host.address}/_local/token`, user, role),
    WebSocket,
    ...options,
  });
}

/** The first of that event that is as it is wanted. */
function heard<K extends keyof Events>(
  client: Switchboard, name: K, wanted: (detail: Events[K]) => boolean = () => true,
): Promise<Events[K]> {
  return new Promise((resolve) => {
    const end = client.on(name, (detail) => {
      if (!wanted(detail)) return;
      end();
      resolve(detail);
    });
  });
}

async function online(client: Switchboard): Promise<Switchboard> {
  const synced = heard(client, "synced");
  await client.start();
  await synced;
  return client;
}

test("two people chat: texts, edits, receipts, typing, presence, unread", async () => {
  const alice = await online(device("alice", "customer"));
  const bob = await online(device("bob", "provider"));
  const there = heard(bob, "conversation");
  const { conversation, created } = await alice.open("bob", { subject: "a lamp" });
  assert.equal(created, true);
  assert.equal((await there).subject, "a lamp");
  const arrives = heard(bob, "entry");
  const { seq } = await alice.send(conversation, "hello bob");
  assert.equal((await arrives).seq, seq);
  assert.equal(bob.conversations()[0]?.unread, 1);
  const writes = heard(alice, "typing", (it) => it.on);
  bob.typing(conversation);
  assert.equal((await writes).user, "bob");
  const read = heard(alice, "receipt", (it) => it.read === 1);
  bob.read(conversation);
  await read;
  assert.equal(bob.conversations()[0]?.unread, 0);
  const changes = heard(bob, "change");
  await alice.send(conversation, { kind: "edit", of: 1, text: "hello, bob" });
  assert.deepEqual((await changes).body, { kind: "text", text: "hello, bob" });
  assert.equal((await alice.presence(["bob"]))["bob"]?.online, true);
  await assert.rejects(alice.open("nobody"), (error: SwitchboardError) => error.code === "unknown_user");
  await assert.rejects(
    bob.send(conversation, { kind: "delete", of: 1 }), (error: SwitchboardError) => error.code === "not_allowed",
  );
  assert.equal((await alice.registerPush({ platform: "fcm", token: "t" })).registered, true);
  assert.equal((await alice.unregisterPush()).registered, false);
  await alice.mute(conversation, 0);
  assert.deepEqual(alice.entries(conversation).map((it) => it.seq), bob.entries(conversation).map((it) => it.seq));
  await bob.block("alice");
  await assert.rejects(alice.send(conversation, "?"), (error: SwitchboardError) => error.code === "blocked");
  await Promise.all([alice.close(), bob.close()]);
});

test("a message written offline goes out after a restart, and the other catches up, once and in order", async () => {
  const store = new MemoryStore();
  const carol = await online(device("carol", "customer", { store }));
  const dave = await online(device("dave", "provider"));
  const { conversation } = await carol.open("dave");
  await carol.send(conversation, "one");
  dave.background();
  await carol.send(conversation, "two");
  carol.background();
  void carol.send(conversation, "three");
  void carol.send(conversation, "four");
  await carol.close();
  const again = device("carol", "customer", { store });
  const last = heard(again, "entry", (it) => it.seq === 4);
  await again.start();
  assert.equal(again.entries(conversation).length, 2, "what was held is shown before there is a connection");
  await last;
  const caughtUp = heard(dave, "entry", (it) => it.seq === 4);
  dave.foreground();
  await caughtUp;
  const texts = (client: Switchboard) => client.entries(conversation).map((it) => it.body.kind === "text" && it.body.text);
  assert.deepEqual(texts(dave), ["one", "two", "three", "four"]);
  assert.deepEqual(texts(again), texts(dave));
  await Promise.all([again.close(), dave.close()]);
});

test("a long log is loaded from its end, and older entries page by page", async () => {
  // The limit is of one user in one conversation, so both write.
  const erin = await online(device("erin", "customer"));
  const finn = await online(device("finn", "provider"));
  const { conversation } = await erin.open("finn");
  const both = (place: number) => (place % 2 === 0 ? erin : finn);
  for (let place = 0; place < 36; place++) await both(place).send(conversation, `text ${place}`);
  const tablet = await online(device("erin", "customer", { device: "tablet-1" }));
  assert.equal(tablet.entries(conversation).length, 20);
  assert.equal(await tablet.older(conversation, { limit: 10 }), true);
  assert.equal(await tablet.older(conversation, { limit: 10 }), false);
  assert.deepEqual(tablet.entries(conversation).map((it) => it.seq), Array.from({ length: 36 }, (_, place) => place + 1));
  await Promise.all([erin.close(), finn.close(), tablet.close()]);
});
