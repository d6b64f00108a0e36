/**
 * Goal: whatever a network and a phone do, each message is in the log once, in its writer's order, and on both screens.
 * Method: two clients in a world whose time, delays and faults belong to a seed: frames come late, twice and out of
 * order or not at all, connections break, handshakes fail, acknowledgements are lost, clients are killed and start
 * again with what their store holds.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore, Switchboard, type Entry } from "../src/index.js";
import { Gateway } from "./support/gateway.js";
import { ROOM } from "./support/stage.js";
import { FakeTime, seeded } from "./support/time.js";

const SEEDS = 60;
const MESSAGES = 20;

class Phone {
  readonly store = new MemoryStore();
  readonly said: string[] = [];
  client!: Switchboard;
  /** What was told as shown since the last start. */
  told: number[] = [];

  constructor(
    readonly user: string,
    readonly gateway: Gateway,
  ) {}

  /** It starts; where it ran before, it was killed: it says nothing more, and its sockets are lost. */
  async starts(): Promise<void> {
    const { time, random } = this.gateway;
    const told: number[] = [];
    this.told = told;
    const environment = {
      now: () => time.now(), setTimeout: time.setTimeout.bind(time), clearTimeout: time.clearTimeout.bind(time), random,
    };
    this.client = new Switchboard({
      url: "ws://gateway.test/local", device: `${this.user}-1`, token: () => "token", store: this.store, load: "whole",
      WebSocket: this.gateway.sockets(this.user), environment,
    });
    this.client.on("entry", (entry) => {
      told.push(entry.seq);
      if (random() < 0.3) this.client.read(ROOM);
    });
    this.client.on("problem", (problem) => assert.fail(String(problem)));
    await this.client.start();
  }

  says(text: string): void {
    this.said.push(text);
    void this.client.send(ROOM, text);
  }
}

const textOf = ({ body }: Entry) => (body.kind === "text" ? body.text : "");

async function plays(seed: number): Promise<void> {
  const random = seeded(seed);
  const time = new FakeTime();
  time.random = random;
  const gateway = new Gateway(time, random);
  const phones = [new Phone("alice", gateway), new Phone("bob", gateway)];
  for (const it of phones) await it.starts();
  await time.pass(2_000);
  for (let place = 0; place < MESSAGES; place++) {
    for (const phone of phones) {
      if (random() < 0.8) phone.says(`${phone.user} ${place}`);
      if (random() < 0.1) {
        await phone.client.close();
        await phone.starts();
      }
      if (random() < 0.1) phone.client.background();
      await time.pass(Math.floor(random() * 3_000));
      phone.client.foreground();
    }
    if (random() < 0.2) gateway.cuts();
  }
  gateway.isBad = false;
  await time.pass(240_000);

  assert.deepEqual(gateway.broken, []);
  for (const phone of phones) {
    assert.deepEqual(gateway.log.filter((it) => it.from === phone.user).map(textOf), phone.said);
    const shown = phone.client.entries(ROOM);
    const { length } = shown;
    assert.deepEqual(shown.map((it) => [it.seq, it.id, textOf(it)]), gateway.log.slice(-length).map((it) => [it.seq, it.id, textOf(it)]));
    assert.ok(length >= Math.min(gateway.log.length, 20), `${phone.user} holds ${length}`);
    assert.deepEqual(phone.told, [...phone.told].sort((one, other) => one - other));
    assert.equal(new Set(phone.told).size, phone.told.length);
    assert.equal(phone.client.unsent(ROOM).length, 0);
  }
}

test(`${SEEDS} worlds end with every message once, in order, on both screens`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    await plays(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
  }
});
