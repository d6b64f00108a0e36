/** Goal: the device stays connected as the protocol asks, and never storms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { conversation, ROOM, sent, Stage } from "./support/stage.js";
import { settle } from "./support/time.js";

const MINUTE = 60_000;

test("the token travels as a subprotocol, the device in the query, and the client speaks first", async () => {
  const stage = new Stage();
  await stage.starts();
  assert.equal(stage.socket.url, "ws://gateway.test/local?device=phone-1");
  assert.deepEqual(stage.socket.protocols, ["switchboard.v1", "bearer.token-1"]);
  assert.equal(stage.client.state, "connecting");
  stage.socket.opens();
  assert.deepEqual(stage.socket.frames, [{ action: "hello", ref: "1" }]);
  await stage.time.pass(0);
});

test("pauses between attempts lie anywhere below a bound that doubles from half a second to a minute", async () => {
  for (const share of [0, 0.5, 0.999999]) {
    const stage = new Stage();
    stage.time.random = () => share;
    await stage.starts();
    for (const bound of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      const { length } = stage.sockets;
      stage.socket.breaks();
      await stage.time.pass(Math.ceil(bound * share) - 1);
      assert.equal(stage.sockets.length, share === 0 ? length + 1 : length, `${bound}`);
      await stage.time.pass(1);
      assert.equal(stage.sockets.length, length + 1, `${bound}`);
    }
  }
});

test("a connection that was good begins the pauses anew, one that was replaced at once does not", async () => {
  const stage = new Stage();
  stage.time.random = () => 0.999999;
  await stage.starts();
  for (const bound of [500, 1_000, 2_000]) {
    (await stage.connects()).breaks();
    await stage.time.pass(bound - 1);
    const { length } = stage.sockets;
    await stage.time.pass(1);
    assert.equal(stage.sockets.length, length + 1);
  }
  const good = await stage.connects();
  await stage.time.pass(5_000);
  good.breaks();
  await stage.time.pass(500);
  assert.equal(stage.sockets.length, 5);
});

test("after nine silent minutes a ping goes out, and a socket that does not answer is given up for dead", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  await stage.time.pass(9 * MINUTE - 1);
  assert.deepEqual(socket.heard(), []);
  await stage.time.pass(1);
  assert.deepEqual(socket.heard(), [{ action: "ping" }]);
  socket.answersPings = false;
  await stage.time.pass(9 * MINUTE);
  assert.deepEqual(socket.heard(), [{ action: "ping" }]);
  await stage.time.pass(14_999);
  assert.equal(socket.closedByClient, false);
  await stage.time.pass(1);
  assert.equal(socket.closedByClient, true);
  await stage.time.pass(500);
  assert.equal(stage.sockets.length, 2);
});

test("a question that is not answered, and a handshake that does not end, are dead sockets too", async () => {
  const stage = new Stage();
  await stage.starts();
  await stage.time.pass(15_000);
  assert.equal(stage.sockets[0]?.closedByClient, true);
  await stage.time.pass(500);
  const socket = await stage.connects();
  const presence = stage.client.presence(["bob"]);
  socket.heard();
  await stage.time.pass(15_000);
  assert.equal(socket.closedByClient, true);
  await stage.time.pass(1_000);
  const next = await stage.connects();
  next.says({ event: "presence", ref: next.one("presence")["ref"], users: {} });
  assert.deepEqual(await presence, {});
});

test("a new connection is open before `reconnect_by`, and the old one serves until then", async () => {
  const stage = new Stage();
  await stage.starts();
  const old = await stage.connects();
  // The server's clock is not ours: only how long it is from `now` counts.
  await stage.time.pass(99 * MINUTE - 1);
  assert.equal(stage.sockets.length, 1);
  await stage.time.pass(1);
  assert.equal(stage.sockets.length, 2);
  assert.deepEqual(stage.tokens, [false, false]);
  old.heard();
  void stage.client.send(ROOM, "over the old one");
  old.says(sent(old.one("send"), 1));
  void stage.client.send(ROOM, "over either");
  const { ref: _, ...said } = old.one("send");
  const next = await stage.welcomes();
  assert.equal(old.closedByClient, true);
  const { ref: __, ...again } = next.one("send");
  assert.deepEqual(again, said);
  assert.equal(stage.client.state, "online");
});

test("where the token's end is the reason, the new connection has a new token", async () => {
  const stage = new Stage();
  await stage.starts();
  await stage.connects([], undefined, { now: 0, expires_at: 30 * MINUTE, reconnect_by: 30 * MINUTE });
  await stage.time.pass(29 * MINUTE);
  assert.deepEqual(stage.tokens, [false, true]);
});

test("a token that has ended meanwhile is not offered again", async () => {
  const stage = new Stage();
  await stage.starts();
  await stage.connects([], undefined, { now: 0, expires_at: 30 * MINUTE, reconnect_by: 30 * MINUTE });
  stage.client.background();
  stage.time.jump(40 * MINUTE);
  stage.client.foreground();
  assert.deepEqual(stage.tokens, [false, true]);
});

test("`token_expired` brings a new token, and what it interrupted is sent again", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  void stage.client.send(ROOM, "hello");
  const { ref, ...said } = socket.one("send");
  socket.says({ event: "error", ref, code: "token_expired", message: "", retry: false });
  assert.equal(socket.closedByClient, true);
  await stage.time.pass(500);
  assert.deepEqual(stage.tokens, [false, true]);
  const { ref: _, ...again } = (await stage.connects()).one("send");
  assert.deepEqual(again, said);
});

test("a 401 brings a new token; without a status, the first failure does, and then one in eight", async () => {
  const named = new Stage();
  await named.starts();
  await named.connects();
  named.socket.breaks();
  await named.time.pass(500);
  named.socket.breaks("Unexpected server response: 401");
  await named.time.pass(1_000);
  assert.deepEqual(named.tokens, [false, false, true]);

  const blind = new Stage();
  await blind.starts();
  for (let attempt = 0; attempt < 10; attempt++) {
    const { length } = blind.sockets;
    blind.socket.breaks();
    while (blind.sockets.length === length) await blind.time.pass(100);
  }
  assert.deepEqual(blind.tokens.map(Number).join(""), "01000000010");
});

test("a token callback that fails is told, and tried again after a pause", async () => {
  const stage = new Stage();
  let fails = true;
  const token = () => (fails ? Promise.reject(new Error("no session")) : "token");
  await stage.starts({ token });
  await settle();
  assert.match(String(stage.told.problem?.[0]), /no session/);
  assert.equal(stage.sockets.length, 0);
  fails = false;
  await stage.time.pass(500);
  assert.equal(stage.sockets.length, 1);
});

test("in the background the connection is closed; in the foreground it is opened at once, whatever the pause", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  stage.client.background();
  assert.equal(socket.closedByClient, true);
  assert.equal(stage.client.state, "offline");
  void stage.client.send(ROOM, "later");
  await stage.time.pass(10 * MINUTE);
  assert.equal(stage.sockets.length, 1);
  stage.client.foreground();
  await settle();
  assert.equal(stage.sockets.length, 2);
  stage.socket.breaks();
  stage.client.foreground();
  await settle();
  assert.equal(stage.sockets.length, 3);
  (await stage.connects()).one("send");
  assert.deepEqual(stage.told.state, ["connecting", "online", "offline", "connecting", "online"]);
});

test("a connection that slept with the phone is not trusted: it is asked, and given up where it says nothing", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  socket.answersPings = false;
  stage.time.jump(5 * MINUTE);
  stage.client.foreground();
  assert.deepEqual(socket.heard(), [{ action: "ping" }]);
  await stage.time.pass(15_000);
  assert.equal(socket.closedByClient, true);
});

test("a clock that makes no sense makes no storm", async () => {
  const stage = new Stage();
  await stage.starts();
  await stage.connects([], undefined, { now: 10, expires_at: 5, reconnect_by: 5 });
  await stage.time.pass(4_000);
  assert.equal(stage.sockets.length, 1);
});

test("unknown events, unknown fields and what is no frame are ignored", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects([], [{ ...conversation(), mood: "good" } as never]);
  socket.says({ event: "weather", conversation: null, seq: 99, ref: "1" });
  socket.onmessage?.({ data: "not JSON" });
  socket.onmessage?.({ data: "null" });
  socket.says([] as never);
  assert.equal(stage.client.state, "online");
});

test("a question is given up by its signal, and is asked no more", async () => {
  const stage = new Stage();
  await stage.starts();
  const socket = await stage.connects();
  const [early, late] = [new AbortController(), new AbortController()];
  const one = stage.client.presence(["bob"], { signal: early.signal });
  early.abort(new Error("enough"));
  await assert.rejects(one, /enough/);
  socket.heard();
  socket.breaks();
  const two = stage.client.open("bob", { key: "booking-1", signal: late.signal });
  late.abort();
  await assert.rejects(two, { name: "AbortError" });
  await stage.time.pass(500);
  assert.deepEqual((await stage.connects()).heard(), []);
});
