/** Goal: what a store was given survives, in a browser's database too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { IndexedDbStore, ulid } from "../src/index.js";
import { entry, ROOM, Stage } from "./support/stage.js";
import { seeded } from "./support/time.js";

test("an IndexedDB gives back what it was given, to whoever opens it next", async () => {
  const factory = new IDBFactory();
  const store = new IndexedDbStore("switchboard-alice", factory);
  await store.put("a", { text: "one" });
  await store.put("b", 2);
  await store.put("a", { text: "two" });
  await store.remove("b");
  await store.close();
  const next = new IndexedDbStore("switchboard-alice", factory);
  assert.deepEqual([...(await next.load())], [["a", { text: "two" }]]);
  assert.deepEqual([...(await new IndexedDbStore("switchboard-bob", factory).load())], []);
});

test("an IndexedDB that refuses a value says so", async () => {
  const store = new IndexedDbStore("switchboard-alice", new IDBFactory());
  await assert.rejects(store.put("a", () => {}));
});

test("no more than the newest fifty entries of a conversation are kept", async () => {
  const stage = new Stage();
  await stage.starts();
  await stage.connects(Array.from({ length: 80 }, (_, place) => entry(place + 1)));
  assert.equal(stage.client.entries(ROOM).length, 80);
  await stage.restarts();
  assert.deepEqual(stage.shown().map(([seq]) => seq), Array.from({ length: 50 }, (_, place) => place + 31));
  const older = stage.client.older(ROOM);
  const socket = await stage.connects();
  assert.equal(socket.one("history")["before"], 31);
  void older;
});

test("ids are ULIDs: they sort by time, and no two are the same", () => {
  const random = seeded(7);
  const ids = Array.from({ length: 1_000 }, (_, place) => ulid(1_700_000_000_000 + place, random));
  for (const id of ids) assert.match(id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ulid(1_469_918_176_385, () => 0), "01ARYZ6S410000000000000000");
});
