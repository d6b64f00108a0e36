/** Goal: the conformance kit has nothing to say. Method: all its plays at once, each with a client of its own, over real sockets. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { Switchboard, type Entry } from "../src/index.js";
import { program, token, type Program } from "./support/program.js";

const PLAYS = [
  "hello", "lost-ack", "duplicate", "gap", "cut-page", "expired-token", "platform-error", "unavailable", "rate-limited",
  "refused", "one-in-flight", "receipts", "unknowns", "replaced", "reconnect", "reconnect-by", "changes",
];

/** What the kit reads of a screen: an edit has a text as well, and is not shown as one. */
function line({ seq, body }: Entry): [number, string] {
  return [seq, body.kind === "text" ? body.text : body.kind];
}

let kit: Program;
before(async () => {
  kit = await program("conformance", "--listen", "127.0.0.1:0");
});
after(() => kit.stop());

test("the kit has no other plays", async () => {
  const page = await (await fetch(`http://${kit.address}/`)).text();
  const [, plays = ""] = page.split("\nPlays\n");
  const names = [...plays.split(/\n(?=\S)/)[0]!.matchAll(/^ {2}([a-z-]+)$/gm)].map((it) => it[1]);
  assert.deepEqual(names, [...PLAYS].sort());
});

describe("the kit's plays", { concurrency: PLAYS.length }, () => {
  for (const play of PLAYS) {
    test(play, async () => {
      const client = new Switchboard({
        url: `ws://${kit.address}/${play}`,
        device: "phone-1",
        token: () => token(`http://${kit.address}/${play}/token`, "alice", "customer"),
        WebSocket,
      });
      client.on("entry", (entry) => {
        client.read(entry.conversation);
        if (entry.from === client.user || entry.body.kind !== "text") return;
        const { text } = entry.body;
        if (text.startsWith("send ")) void client.send(entry.conversation, text.slice(5));
        if (text !== "report") return;
        const data = { shown: client.entries(entry.conversation).map(line) };
        void client.send(entry.conversation, { kind: "custom", type: "conformance.report", data });
      });
      await client.start();
      const answer = await fetch(`http://${kit.address}/${play}/verdict?wait=120`);
      const verdict = (await answer.json()) as { passed: boolean; broken: object[]; waiting?: string };
      await client.close();
      assert.ok(verdict.passed, JSON.stringify(verdict, null, 1));
    });
  }
});
