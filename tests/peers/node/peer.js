// Speaks the wire protocol to a gateway with the client library `ws`, whose authors never saw the gateway.
//
// Environment: PEER_URL (ws://host:port/stage), PEER_CUSTOMER and PEER_PROVIDER: tokens of two users called alice and bob.
// Ends with 0 when everything was as the protocol says, otherwise with a message that names the step.

import assert from "node:assert/strict";
import WebSocket from "ws";

const PATIENCE_MS = 20_000;
const FRAME_BYTES_MAX = 32 * 1024;
const { PEER_URL: URL, PEER_CUSTOMER: ALICE, PEER_PROVIDER: BOB } = process.env;

let ids = 0;
// Ids are ULIDs: 26 characters.
const nextId = () => `01JZZZZZZZ0N0DE${String((ids += 1)).padStart(11, "0")}`;
const open = new Set();

/** A promise with a bound on real time. */
const patiently = (what, promise) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** A socket, and what is asked and heard on it. */
class Device {
  asked = 0;
  heard = [];
  waiting = [];

  static async connect(token, device, { protocols = false } = {}) {
    const it = new Device();
    const url = `${URL}?device=${device}`;
    // The library offers permessage-deflate.
    it.socket = protocols
      ? new WebSocket(url, ["switchboard.v1", `bearer.${token}`])
      : new WebSocket(url, { headers: { Authorization: `Bearer ${token}` } });
    open.add(it.socket);
    it.closed = new Promise((resolve) => {
      it.socket.on("close", (code, reason) => resolve([code, String(reason)]));
    });
    it.socket.on("message", (data, isBinary) => {
      assert.ok(!isBinary, "the gateway sent a binary message");
      const frame = JSON.parse(data);
      const waiting = it.waiting.shift();
      waiting ? waiting(frame) : it.heard.push(frame);
    });
    await patiently("the handshake's answer", new Promise((resolve, reject) => {
      it.socket.once("open", resolve);
      it.socket.once("error", reject);
      it.socket.once("unexpected-response", (_, response) => reject({ status: response.statusCode }));
    }));
    // A socket that is closed in the middle of a write says so: what matters is the close frame.
    it.socket.on("error", () => {});
    return it;
  }

  say(frame, options) {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame), options);
  }

  hear() {
    const next = this.heard.length
      ? Promise.resolve(this.heard.shift())
      : new Promise((resolve) => this.waiting.push(resolve));
    return patiently("a frame", next);
  }

  async hearEvent(event) {
    const frame = await this.hear();
    assert.equal(frame.event, event, JSON.stringify(frame));
    return frame;
  }

  /** Sends a frame, in the given way, and returns the answer to it. */
  async ask(frame, say = (text) => this.say(text)) {
    const ref = String((this.asked += 1));
    say(JSON.stringify({ ...frame, ref }));
    const answer = await this.hear();
    assert.equal(answer.ref, ref, JSON.stringify(answer));
    return answer;
  }

  /** The code and the reason with which the gateway closes. */
  end() {
    return patiently("the close frame", this.closed);
  }
}

const sendFrame = (conversation, id, after, text) => ({
  action: "send", conversation, id, after, body: { kind: "text", text },
});

const steps = {
  async aHandshakeWithoutATokenIsRefused() {
    const socket = new WebSocket(URL);
    socket.on("error", () => {});
    const refused = new Promise((resolve) => {
      socket.once("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.once("open", () => resolve("let in"));
    });
    assert.equal(await patiently("the refusal", refused), 401);
    socket.terminate();
  },

  async aBrowsersHandshakeChoosesTheProtocol() {
    const alice = await Device.connect(ALICE, "node-browser", { protocols: true });
    assert.equal(alice.socket.protocol, "switchboard.v1");
    assert.equal((await alice.ask({ action: "hello" })).user, "alice");
  },

  async noExtensionIsTaken() {
    const alice = await Device.connect(ALICE, "node-extensions");
    assert.equal(alice.socket.extensions, "");
  },

  async twoUsersTalk() {
    const alice = await Device.connect(ALICE, "node-a");
    const bob = await Device.connect(BOB, "node-b");
    const opened = await alice.ask({ action: "open", with: "bob", key: "node" });
    assert.deepEqual([opened.event, opened.created, opened.last_seq], ["opened", true, 0]);
    const { conversation } = opened;
    assert.equal((await bob.hearEvent("opened")).conversation, conversation);

    // In one frame, and in many whose ends fall within characters, with pings between them.
    const texts = ["on my way 👋🏽", "世界 ".repeat(1500)];
    const frames = texts.map((text, seq) => sendFrame(conversation, nextId(), seq, text));
    const sent = [await alice.ask(frames[0])];
    const pongs = [];
    alice.socket.on("pong", (data) => pongs.push(String(data)));
    let pings = 0;
    sent.push(await alice.ask(frames[1], (text) => {
      const data = Buffer.from(text);
      for (let at = 0; at < data.length; at += 997) {
        const fin = at + 997 >= data.length;
        alice.socket.send(data.subarray(at, at + 997), { binary: false, fin });
        if (!fin) alice.socket.ping(String((pings += 1)));
      }
    }));
    assert.ok(pings > 5);
    assert.deepEqual(pongs, Array.from({ length: pings }, (_, it) => String(it + 1)));
    for (const [place, answer] of sent.entries()) {
      const { id, body } = frames[place];
      assert.deepEqual([answer.event, answer.seq, answer.duplicate], ["sent", place + 1, false]);
      const entry = await bob.hearEvent("entry");
      assert.deepEqual([entry.seq, entry.id, entry.from], [place + 1, id, "alice"]);
      assert.deepEqual(entry.body, body);
    }

    const again = await alice.ask(frames[1]);
    assert.deepEqual([again.seq, again.ts, again.duplicate], [2, sent[1].ts, true]);
    assert.equal((await bob.hearEvent("entry")).id, frames[1].id);

    bob.say({ action: "receipt", receipts: [{ conversation, recv: 2, read: 1 }] });
    const receipt = await alice.hearEvent("receipt");
    assert.deepEqual([receipt.user, receipt.recv, receipt.read], ["bob", 2, 1]);

    const page = await bob.ask({ action: "history", conversation, after: 0 });
    assert.deepEqual(page.entries.map((it) => it.body.text), texts);
    assert.equal(page.more, false);
  },

  async pingsAreAnswered() {
    const alice = await Device.connect(ALICE, "node-pings");
    for (const payload of [Buffer.alloc(0), Buffer.from("ping"), Buffer.alloc(125, 0xff)]) {
      const pong = new Promise((resolve) => alice.socket.once("pong", resolve));
      alice.socket.ping(payload);
      assert.ok(payload.equals(await patiently("a pong", pong)));
    }
    alice.say({ action: "ping" });
    assert.deepEqual(await alice.hear(), { event: "pong" });
  },

  async aBadFrameClosesNothing() {
    const alice = await Device.connect(ALICE, "node-errors");
    for (const [frame, code] of [[{}, "bad_request"], [{ action: "dance" }, "unknown_action"]]) {
      assert.equal((await alice.ask(frame)).code, code);
    }
    alice.say("no JSON");
    assert.equal((await alice.hearEvent("error")).code, "bad_request");
    assert.equal((await alice.ask({ action: "hello" })).event, "welcome");
  },

  async theLongestFrameIsHeard() {
    const alice = await Device.connect(ALICE, "node-long");
    const frame = JSON.stringify({ action: "ping", pad: "" });
    alice.say(frame.replace('""', `"${"x".repeat(FRAME_BYTES_MAX - frame.length)}"`));
    assert.deepEqual(await alice.hear(), { event: "pong" });
  },

  async offencesCloseWithTheirCodes() {
    const offences = [
      [1009, (socket) => socket.send("x".repeat(FRAME_BYTES_MAX + 1))],
      [1003, (socket) => socket.send(Buffer.from("binary"))],
      [1007, (socket) => socket.send(Buffer.from([0xff]), { binary: false })],
      // Fragments of 30,000 octets: 128 KiB are exceeded with the fifth.
      [1009, (socket) => [1, 2, 3, 4, 5].forEach(() => socket.send("x".repeat(30_000), { fin: false }))],
    ];
    for (const [number, [code, offend]] of offences.entries()) {
      const alice = await Device.connect(ALICE, `node-offence-${number}`);
      offend(alice.socket);
      assert.equal((await alice.end())[0], code, `offence ${number}`);
    }
  },

  async closesAreEchoed() {
    for (const [code, reason] of [[1000, ""], [1001, "leaving"], [4000, "adiós"]]) {
      const alice = await Device.connect(ALICE, `node-close-${code}`);
      alice.socket.close(code, reason);
      assert.deepEqual(await alice.end(), [code, reason]);
    }
    const silent = await Device.connect(ALICE, "node-close");
    silent.socket.close();
    assert.deepEqual(await silent.end(), [1005, ""]);
  },

  async aDeviceThatComesAgainReplacesItself() {
    const first = await Device.connect(ALICE, "node-twice");
    assert.equal((await first.ask({ action: "hello" })).event, "welcome");
    const second = await Device.connect(ALICE, "node-twice");
    assert.deepEqual(await first.end(), [1000, ""]);
    assert.equal((await second.ask({ action: "hello" })).event, "welcome");
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    // Whoever opens a conversation needs the other to have connected once.
    await Device.connect(BOB, "node-known");
    await step();
  } catch (error) {
    console.error(`${name}:`, error);
    process.exit(1);
  }
  for (const socket of open) socket.terminate();
  open.clear();
  console.log(`${name}: ok`);
}
