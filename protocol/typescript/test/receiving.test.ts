/** Goal: what is shown is the log, each entry once and in order, and what was stored is confirmed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { conversation, entry, OTHER_ROOM, ROOM, sent, Stage } from "./support/stage.js";

test("a log that is new to the device begins with what `sync` gives, and older entries are loaded below", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(4), entry(5)], [conversation({ last_seq: 5 })]);
  assert.deepEqual(stage.shown(), [[4, "text 4"], [5, "text 5"]]);
  const older = stage.client.older(ROOM, { limit: 2 });
  const { ref, before, limit } = socket.one("history");
  assert.deepEqual([before, limit], [4, 2]);
  socket.says({ event: "page", ref, conversation: ROOM, entries: [entry(2), entry(3)], more: true });
  assert.equal(await older, true);
  assert.deepEqual(stage.shown().map(([seq]) => seq), [2, 3, 4, 5]);
  assert.deepEqual(stage.told.entry?.map((it) => it.seq), [4, 5]);
});

test("pages of `sync` are asked for to the end, with the cursors moved on", async () => {
  const stage = new Stage();
  await stage.starts({ load: "whole" });
  const socket = await stage.welcomes();
  const first = socket.one("sync");
  assert.deepEqual(first["cursors"], { [ROOM]: 0 });
  socket.says({ event: "synced", ref: first["ref"], entries: [entry(1), entry(2)], more: true });
  const second = socket.one("sync");
  assert.deepEqual(second["cursors"], { [ROOM]: 2 });
  assert.equal(stage.told.synced ?? 0, 0);
  socket.says({ event: "synced", ref: second["ref"], entries: [entry(3)], more: false });
  assert.equal(stage.told.synced?.length, 1);
  assert.equal(stage.shown().length, 3);
});

test("more conversations than fit into one `sync` are all looked at", async () => {
  const stage = new Stage();
  await stage.starts();
  const name = (place: number) => `01M82EAW1YQZZPSY4WDE1W${String(place).padStart(4, "0")}`;
  const rooms = Array.from({ length: 1_100 }, (_, place) => conversation({ conversation: name(place) }));
  const socket = await stage.welcomes(rooms);
  const seen = new Set<string>();
  for (const size of [500, 500, 100]) {
    const { ref, cursors } = socket.one("sync");
    assert.equal(Object.keys(cursors).length, size);
    for (const it of Object.keys(cursors)) seen.add(it);
    socket.says({ event: "synced", ref, entries: [], more: false });
  }
  assert.equal(seen.size, 1_100);
  assert.deepEqual(socket.heard("sync"), []);
});

test("what comes ahead waits, and a gap that stays is asked for", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1)]);
  socket.says(entry(3));
  assert.deepEqual(stage.shown().map(([seq]) => seq), [1]);
  await stage.time.pass(499);
  assert.deepEqual(socket.heard("history"), []);
  await stage.time.pass(1);
  const { ref, after } = socket.one("history");
  assert.equal(after, 1);
  socket.says({ event: "page", ref, conversation: ROOM, entries: [entry(2), entry(3)], more: false });
  assert.deepEqual(stage.shown().map(([seq]) => seq), [1, 2, 3]);
  assert.deepEqual(stage.told.entry?.map((it) => it.seq), [1, 2, 3]);
});

test("a gap that closes by itself is not asked for; one that nothing fills is asked for in peace", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1)]);
  socket.says(entry(3));
  socket.says(entry(2));
  await stage.time.pass(1_000);
  assert.deepEqual(socket.heard("history"), []);
  // Somebody has received more than there seems to be.
  socket.says({ event: "receipt", conversation: ROOM, user: "bob", recv: 9, read: 9 });
  for (let turn = 0; turn < 3; turn++) {
    await stage.time.pass(500);
    const { ref } = socket.one("history");
    socket.says({ event: "page", ref, conversation: ROOM, entries: [], more: false });
  }
});

test("whatever comes twice is shown once, and confirmed again", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1)]);
  assert.equal(socket.one("receipt")["receipts"][0].recv, 1);
  await stage.time.pass(2_000);
  socket.says(entry(1));
  await stage.time.pass(0);
  assert.equal(socket.one("receipt")["receipts"][0].recv, 1);
  assert.equal(stage.told.entry?.length, 1);
});

test("receipts are coalesced: one frame a second, however many entries come", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const said: object[] = [];
  for (let seq = 1; seq <= 40; seq++) {
    socket.says(entry(seq));
    stage.client.read(ROOM);
    await stage.time.pass(100);
    for (const it of socket.heard("receipt")) said.push(...it["receipts"]);
  }
  const marks = (seq: number) => ({ conversation: ROOM, recv: seq, read: seq });
  assert.deepEqual(said, [{ ...marks(1), read: 0 }, marks(10), marks(20), marks(30), marks(40)]);
  await stage.time.pass(60_000);
  assert.deepEqual(socket.heard("receipt"), []);
});

test("`recv` stays below a gap, and `read` below `recv`", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1)]);
  socket.heard();
  socket.says(entry(3));
  stage.client.read(ROOM, 3);
  await stage.time.pass(1_000);
  assert.deepEqual(socket.one("receipt")["receipts"], [{ conversation: ROOM, recv: 1, read: 1 }]);
});

test("receipts that may have been lost with the connection are said again, others are not", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1)]);
  socket.one("receipt");
  socket.breaks();
  await stage.time.pass(500);
  const me = (recv: number) => conversation({ members: [{ user: "alice", role: "customer", recv, read: 0 }], last_seq: 1 });
  const second = await stage.connects([], [me(0)]);
  await stage.time.pass(1_000);
  assert.equal(second.one("receipt")["receipts"][0].recv, 1);
  second.breaks();
  await stage.time.pass(1_000);
  const third = await stage.connects([], [me(1)]);
  await stage.time.pass(1_000);
  assert.deepEqual(third.heard("receipt"), []);
});

test("a receipt that is refused for good is not repeated", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1)]);
  const { ref } = socket.one("receipt");
  socket.says({ event: "error", ref, code: "unknown_conversation", message: "", retry: false });
  await stage.time.pass(10_000);
  assert.deepEqual(socket.heard("receipt"), []);
});

test("edits and deletions change what is shown, and old ones do not undo newer ones", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([entry(1), entry(2), entry(3, "newest", { edited_at: 900 })]);
  socket.says(entry(4, "", { body: { kind: "edit", of: 1, text: "better" } }));
  socket.says(entry(5, "", { body: { kind: "delete", of: 2 } }));
  socket.says(entry(6, "", { body: { kind: "edit", of: 2, text: "back" } }));
  socket.says(entry(7, "", { body: { kind: "edit", of: 3, text: "old" }, ts: 800 }));
  assert.deepEqual(stage.shown().slice(0, 3), [[1, "better"], [2, "deleted"], [3, "newest"]]);
  assert.deepEqual(stage.told.change?.map((it) => it.seq), [1, 2]);
  await stage.restarts();
  assert.deepEqual(stage.shown().slice(0, 3), [[1, "better"], [2, "deleted"], [3, "newest"]]);
});

test("the list knows what is unread, and when it is read, here or on another device", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const unread = () => stage.client.conversations()[0]?.unread;
  socket.says(entry(1));
  socket.says(entry(2));
  socket.says(entry(3, "", { body: { kind: "reaction", of: 1, emoji: "+", on: true } }));
  assert.equal(unread(), 2);
  assert.equal(stage.client.conversations()[0]?.last_seq, 3);
  stage.client.read(ROOM, 1);
  assert.equal(unread(), 1);
  socket.says({ event: "receipt", conversation: ROOM, user: "alice", recv: 3, read: 3 });
  assert.equal(unread(), 0);
  socket.says({ event: "receipt", conversation: ROOM, user: "bob", recv: 2, read: 1 });
  const bob = stage.client.conversations()[0]?.members.find((it) => it.user === "bob");
  assert.deepEqual([bob?.recv, bob?.read], [2, 1]);
});

test("a conversation that somebody else opened is there, and one that was never listed is asked for", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([], []);
  socket.says({ event: "opened", ...conversation(), created: true });
  assert.equal(stage.client.conversations().length, 1);
  socket.says(entry(1));
  assert.deepEqual(stage.shown(), [[1, "text 1"]]);
  socket.says({ ...entry(7), conversation: OTHER_ROOM });
  const { ref } = socket.one("inbox");
  socket.says({ event: "inbox", ref, conversations: [conversation({ conversation: OTHER_ROOM, last_at: 9, last_seq: 7 })] });
  assert.equal(stage.client.conversations()[0]?.conversation, OTHER_ROOM);
  const history = socket.one("history");
  const entries = [6, 7].map((seq) => ({ ...entry(seq), conversation: OTHER_ROOM }));
  socket.says({ event: "page", ref: history["ref"], conversation: OTHER_ROOM, entries, more: true });
  assert.deepEqual(stage.shown(OTHER_ROOM).map(([seq]) => seq), [6, 7]);
});

test("one's own entry from another device is shown like any", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  socket.says(entry(1, "from my tablet", { from: "alice" }));
  void stage.client.send(ROOM, "from here");
  socket.says(sent(socket.one("send"), 2));
  assert.deepEqual(stage.shown(), [[1, "from my tablet"], [2, "from here"]]);
});

test("typing is said at most every three seconds, and forgotten after six", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const said: [number, boolean][] = [];
  const began = stage.time.now();
  for (let at = 0; at < 7_000; at += 500) {
    stage.client.typing(ROOM);
    for (const it of socket.heard("typing")) said.push([stage.time.now() - began, it["on"]]);
    await stage.time.pass(500);
  }
  stage.client.typing(ROOM, false);
  await stage.time.pass(3_000);
  for (const it of socket.heard("typing")) said.push([-1, it["on"]]);
  assert.deepEqual(said, [[0, true], [3_000, true], [6_000, true], [-1, false]]);
  socket.says({ event: "typing", conversation: ROOM, user: "bob", on: true });
  await stage.time.pass(5_999);
  assert.deepEqual(stage.told.typing?.map((it) => it.on), [true]);
  await stage.time.pass(1);
  assert.deepEqual(stage.told.typing?.map((it) => it.on), [true, false]);
});

test("muting, blocking, pushes and the list are one question each", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const { client } = stage;
  const muting = client.mute(ROOM, 99);
  const blocking = client.block("bob");
  const registering = client.registerPush({ platform: "fcm", token: "t" });
  const removing = client.unregisterPush();
  const listing = client.inbox({ limit: 5 });
  const heard = socket.heard();
  const frames = heard.map(({ ref: _, ...it }) => it);
  assert.deepEqual(frames, [
    { action: "settings", conversation: ROOM, muted_until: 99 },
    { action: "settings", user: "bob", blocked: true },
    { action: "device", device: "phone-1", platform: "fcm", token: "t" },
    { action: "device", device: "phone-1", remove: true },
    { action: "inbox", limit: 5 },
  ]);
  socket.says({ event: "settings", ref: heard[0]?.["ref"], conversation: ROOM, muted_until: 99 });
  socket.says({ event: "settings", ref: heard[1]?.["ref"], user: "bob", blocked: true });
  socket.says({ event: "device", ref: heard[2]?.["ref"], device: "phone-1", registered: true });
  socket.says({ event: "device", ref: heard[3]?.["ref"], device: "phone-1", registered: false });
  socket.says({ event: "inbox", ref: heard[4]?.["ref"], conversations: [], next: "1.A" });
  await Promise.all([muting, blocking]);
  assert.equal((await registering).registered, true);
  assert.equal((await removing).registered, false);
  assert.equal((await listing).next, "1.A");
  assert.equal(client.conversations()[0]?.members[0]?.muted_until, 99);
});
