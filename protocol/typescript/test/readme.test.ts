/** Goal: what the README shows works, word for word, for somebody who has nothing yet. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { Switchboard } from "../src/index.js";
import { program, token } from "./support/program.js";

const run = promisify(execFile);
const LINES_MAX = 15;

test("from `npm install <path>` to a sent message in fifteen lines", async () => {
  const readme = await readFile("README.md", "utf8");
  const snippet = /```js\n([^]*?)```/.exec(readme)?.[1] ?? "";
  assert.ok(snippet.split("\n").filter((it) => it.trim()).length <= LINES_MAX, snippet);
  const host = await program("--listen", "127.0.0.1:0", "--data", ":memory:");
  const folder = await mkdtemp(join(tmpdir(), "switchboard-readme-"));
  try {
    // Of the line that says where the gateway is, only the port is another.
    assert.ok(snippet.includes("127.0.0.1:8080"));
    await writeFile(join(folder, "first.mjs"), snippet.replaceAll("127.0.0.1:8080", host.address));
    await writeFile(join(folder, "package.json"), '{"private":true}');
    // `ws` from where it is installed already: the network is not what is tried here.
    const npm = ["install", "--no-audit", "--no-fund", "--offline", resolve("."), resolve("node_modules/ws")];
    await run("npm", npm, { cwd: folder });
    const bob = new Switchboard({
      url: `ws://${host.address}/local`, device: "phone-1", WebSocket,
      token: () => token(`http://${host.address}/_local/token`, "bob", "provider"),
    });
    const hears = new Promise<unknown>((resolve) => bob.on("entry", (entry) => resolve(entry.body)));
    const synced = new Promise<void>((resolve) => bob.on("synced", () => resolve()));
    await bob.start();
    await synced;
    const { stdout } = await run(process.execPath, ["first.mjs"], { cwd: folder });
    assert.equal(stdout, "1 alice { kind: 'text', text: 'hello bob' }\n");
    assert.deepEqual(await hears, { kind: "text", text: "hello bob" });
    await bob.close();
  } finally {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
