/** Goal: what is sent is in the log once, in its order, whatever becomes of connections and programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SwitchboardError, type Store } from "../src/index.js";
import { conversation, entry, OTHER_ROOM, ROOM, sent, Stage } from "./support/stage.js";
import { settle } from "./support/time.js";

const platformError = { message: "Internal server error", connectionId: "a=", requestId: "b=" };

test("a send is answered, shown, and kept no longer", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const sending = stage.client.send(ROOM, "on my way");
  const frame = socket.one("send");
  assert.deepEqual(frame["body"], { kind: "text", text: "on my way" });
  assert.equal(frame["after"], 0);
  assert.match(frame["id"], /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  assert.equal(stage.client.unsent(ROOM).length, 1);
  socket.says(sent(frame, 1));
  assert.equal((await sending).seq, 1);
  assert.deepEqual(stage.shown(), [[1, "on my way"]]);
  assert.equal(stage.client.unsent(ROOM).length, 0);
  assert.deepEqual(stage.told.send?.map((it) => it.status), ["queued", "sent"]);
});

test("`after` is the cursor of the first attempt, over reconnects and restarts, while the cursor moves", async () => {
  const stage = new Stage();
  await stage.starts();
  const first = await stage.connects([entry(1), entry(2)]);
  void stage.client.send(ROOM, "hello", { replyTo: 2 });
  const { ref: _, ...said } = first.one("send");
  assert.equal(said["after"], 2);
  assert.equal(said["reply_to"], 2);
  first.says(entry(3));
  first.breaks();
  await stage.time.pass(500);
  const second = await stage.connects([entry(4)]);
  const { ref: __, ...again } = second.one("send");
  assert.deepEqual(again, said);
  await stage.restarts();
  assert.deepEqual(stage.shown(), [[1, "text 1"], [2, "text 2"], [3, "text 3"], [4, "text 4"]]);
  const third = await stage.connects([entry(5)]);
  const { ref: ___, ...oncemore } = third.one("send");
  assert.deepEqual(oncemore, said);
});

test("one send is in flight in a conversation, in the order in which they were made", async () => {
  const stage = new Stage();
  await stage.starts();
  const rooms = [conversation(), conversation({ conversation: OTHER_ROOM })];
  const socket = await stage.connects([], rooms);
  for (const text of ["one", "two", "three"]) void stage.client.send(ROOM, text);
  void stage.client.send(OTHER_ROOM, "elsewhere");
  const [one, elsewhere] = socket.heard("send");
  assert.equal(one?.["body"].text, "one");
  assert.equal(elsewhere?.["body"].text, "elsewhere");
  socket.says(sent(one!, 1));
  const two = socket.one("send");
  assert.deepEqual([two["body"].text, two["after"]], ["two", 1]);
  socket.breaks();
  await stage.restarts();
  const next = await stage.connects([], rooms);
  assert.deepEqual(next.heard("send").map((it) => it["body"].text), ["two", "elsewhere"]);
});

test("an error that says to try again is obeyed, at the time that it says or after growing pauses", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  void stage.client.send(ROOM, "hello");
  const { ref, ...said } = socket.one("send");
  socket.says({ event: "error", ref, code: "rate_limited", message: "", retry: true, retry_after_ms: 3_000 });
  await stage.time.pass(2_999);
  assert.deepEqual(socket.heard("send"), []);
  await stage.time.pass(1);
  for (const pause of [1_000, 2_000, 4_000]) {
    const { ref, ...again } = socket.one("send");
    assert.deepEqual(again, said);
    socket.says({ event: "error", ref, code: "unavailable", message: "", retry: true });
    await stage.time.pass(pause - 1);
    assert.deepEqual(socket.heard("send"), []);
    await stage.time.pass(1);
  }
  socket.one("send");
});

test("the platform's error frame means unavailable for whatever is in flight", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  void stage.client.send(ROOM, "hello");
  const presence = stage.client.presence(["bob"]);
  const { ref: _, ...said } = socket.one("send");
  socket.one("presence");
  socket.says(platformError);
  assert.deepEqual(socket.heard(), []);
  await stage.time.pass(1_000);
  const { ref: __, ...again } = socket.one("send");
  assert.deepEqual(again, said);
  const users = { bob: { online: true, last_seen: 1 } };
  socket.says({ event: "presence", ref: socket.one("presence")["ref"], users });
  assert.deepEqual(await presence, users);
});

test("a send that is refused for good is not sent again, says why, and lets the next one go", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const refused = stage.client.send(ROOM, "one");
  void stage.client.send(ROOM, "two");
  const { ref } = socket.one("send");
  socket.says({ event: "error", ref, code: "blocked", message: "the other member has blocked you", retry: false });
  await assert.rejects(refused, (error: SwitchboardError) => error.code === "blocked");
  const two = socket.one("send");
  assert.equal(two["body"].text, "two");
  socket.breaks();
  await stage.restarts();
  assert.equal((await stage.connects()).one("send")["id"], two["id"]);
});

test("a frame that the gateway could not read is refused, though its error has no `ref`", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const refused = stage.client.send(ROOM, { kind: "custom", type: "deep", data: {} });
  socket.one("send");
  socket.says({ event: "error", code: "bad_request", message: "the frame is not JSON", retry: false });
  await assert.rejects(refused, /bad_request/);
});

test("what could not be sent is refused at once, and half an emoji becomes a sign", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  await assert.rejects(stage.client.send(ROOM, "ü".repeat(8_200)), /too_large/);
  await assert.rejects(stage.client.presence(Array.from({ length: 400 }, () => "u".repeat(100))), /too_large/);
  assert.deepEqual(socket.heard(), []);
  void stage.client.send(ROOM, "a \ud83d b \ud83d\ude00");
  assert.equal(socket.one("send")["body"].text, "a \ufffd b \ud83d\ude00");
});

test("a body that its owner changes is sent as it was", async () => {
  const stage = new Stage();
  await stage.starts();
  const data = { price: 1 };
  void stage.client.send(ROOM, { kind: "custom", type: "offer", data });
  data.price = 2;
  assert.deepEqual((await stage.connects()).one("send")["body"].data, { price: 1 });
});

test("a send to a log of which nothing is held loads its end first, to have a cursor", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([], []);
  void stage.client.send(ROOM, "hello");
  assert.deepEqual(socket.heard("send"), []);
  const { ref, before } = socket.one("history");
  assert.equal(before, Number.MAX_SAFE_INTEGER);
  socket.says({ event: "page", ref, conversation: ROOM, entries: [entry(41), entry(42)], more: true });
  assert.equal(socket.one("send")["after"], 42);
});

test("an aborted send that was never tried is taken back; one that was goes on", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = stage.client.send(ROOM, "one", { signal: first.signal });
  const two = stage.client.send(ROOM, "two", { signal: second.signal });
  first.abort();
  second.abort();
  await assert.rejects(one, { name: "AbortError" });
  await assert.rejects(two, { name: "AbortError" });
  assert.deepEqual(stage.client.unsent(ROOM).map((it) => it.body), [{ kind: "text", text: "one" }]);
  socket.says(sent(socket.one("send"), 1));
  assert.deepEqual(stage.shown(), [[1, "one"]]);
  assert.deepEqual(socket.heard("send"), []);
  await assert.rejects(stage.client.send(ROOM, "three", { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("nothing is called queued, and nothing goes out, before the store has it; a store that fails stops nothing", async () => {
  const stage = new Stage();
  const written: (() => void)[] = [];
  let fails = false;
  const store: Store = {
    load: () => Promise.resolve([]),
    put: () => (fails ? Promise.reject(new Error("full")) : new Promise((resolve) => written.push(resolve))),
    remove: () => Promise.resolve(),
  };
  const writes = async () => {
    while (written.length > 0) {
      written.splice(0).forEach((it) => it());
      await settle();
    }
  };
  const statuses = () => (stage.told.send ?? []).map((it) => it.status);
  await stage.starts({ store });
  await settle();
  const socket = stage.socket;
  socket.opens();
  socket.says({
    event: "welcome", ref: socket.one("hello")["ref"], user: "alice", role: "customer", now: 0, expires_at: 9e6,
    reconnect_by: 6e6, conversations: [conversation()], more: false, limits: {},
  });
  await writes();
  void stage.client.send(ROOM, "hello");
  await settle();
  assert.deepEqual(socket.heard("send"), []);
  assert.equal(stage.client.unsent(ROOM).length, 1);
  assert.deepEqual(statuses(), [], "a restart would lose it");
  await writes();
  assert.deepEqual(statuses(), ["queued"]);
  socket.says(sent(socket.one("send"), 1));
  await writes();
  const id = stage.client.newId();
  void stage.client.send(OTHER_ROOM, "not this", { id });
  assert.ok(stage.client.cancel(OTHER_ROOM, id));
  await writes();
  assert.deepEqual(statuses().splice(2), ["cancelled"], "and nothing after it");
  fails = true;
  void stage.client.send(ROOM, "again");
  await settle();
  const again = socket.one("send");
  assert.equal(again["after"], 1);
  assert.match(String(stage.told.problem?.[0]), /full/);
  socket.says(sent(again, 2));
  assert.deepEqual(statuses(), ["queued", "sent", "cancelled", "sent"], "nobody is told that it is kept");
});

test("what one user left in a store is neither shown to another nor sent in another name", async () => {
  const stage = new Stage();
  await stage.starts();
  await stage.connects([entry(1)]);
  void stage.client.send(ROOM, "from alice");
  await stage.client.close();
  await stage.starts();
  const socket = await stage.connects([], [], { user: "carol" });
  await stage.time.pass(5_000);
  assert.deepEqual(socket.heard(), []);
  assert.deepEqual(stage.client.entries(ROOM), []);
  assert.deepEqual([...stage.store.load()], [["user", "carol"]]);
});
