// The operator's page: it lives, finds a message and a user, closes a connection, and keeps nobody out.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PHONE, play } from "../stage.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const BYTES_MAX = 30 * 1_024;
const SECRET = "the-key-is-under-the-mat";

async function look(page, where) {
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((it) => `${it.target} ${it.failureSummary}`).join("; ")}`);
  });
  assert.deepEqual(found, [], where);
}

/** The number of a tile. */
const tile = (page, name) => page.locator(".tile", { has: page.getByText(name, { exact: true }) });

await play(async (stage) => {
  const { alice, bob } = await stage.twoPhones();
  await alice.write(SECRET);
  await bob.sees(SECRET);
  await alice.ticks(SECRET, "Read");

  const context = await stage.context();
  await context.addInitScript(axe);
  const bodies = [];
  context.on("response", (response) => /operator(\/assets\/.*)?$/.test(new URL(response.url()).pathname) && bodies.push(response.body()));
  const page = await stage.page(context, "/_local/operator", { expected: /status of 404/ });
  await page.getByRole("status").getByText(/^live, version/).waitFor();
  await tile(page, "Connections").getByText("2", { exact: true }).waitFor();
  // What the gateway counts in dollars is summed up over everything that it tells apart.
  await tile(page, "Cost an hour").getByText(/^<?\$[0-9.]+ since the start$/).waitFor();
  const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  console.log(`the operator's page is ${bytes} bytes with gzip`);
  assert(bodies.length === 3 && bytes <= BYTES_MAX, `${bodies.length} files, ${bytes} bytes`);

  // It lives: what is sent is counted without anybody asking.
  const sends = tile(page, "Sends a second").locator("small");
  const before = Number(/^\d+/.exec(await sends.textContent())[0]);
  await bob.write("a reply");
  await bob.ticks("a reply", "Read");
  await sends.getByText(`${before + 1} since the start`).waitFor();

  const metrics = await (await fetch(stage.gateway.url("/_local/metrics"))).text();
  const costs = page.locator(".card", { has: page.getByRole("heading", { name: "Cost by action" }) });
  await costs.getByRole("row", { name: /^send .*\$/ }).waitFor();
  const actions = new Set([...metrics.matchAll(/^switchboard_dollars_total\{action="([^"]+)"/gm)].map(([, action]) => action));
  assert(actions.has("send") && actions.size > 3, [...actions].join());
  for (const action of actions) assert((await costs.textContent()).includes(action), action);

  // A user is found by the keyboard alone, and from there the newest message.
  await page.getByRole("textbox", { name: "User" }).focus();
  await page.keyboard.type("bob");
  await page.keyboard.press("Enter");
  const person = page.getByRole("region", { name: "A user" });
  await person.getByText("bob, provider, last seen").waitFor();
  await person.getByText(/^alice has 2, read 2; bob has \d, read \d$/).waitFor();
  await person.getByRole("button", { name: "entry 2" }).press("Enter");
  const message = page.getByRole("region", { name: "Where is my message?" });
  await message.locator(".where").getByText(/^confirmed by alice's page-\S+ \d+ ms after it was stored; read on/).waitFor();
  await message.getByRole("textbox", { name: "Entry" }).fill("1");
  await page.keyboard.press("Enter");
  const steps = message.getByRole("listitem");
  await steps.getByText(/^accepted from alice's page-/).waitFor();
  for (const step of [/^stored$/, /^posted to bob's page-\S+ \(\S+\): 200 after \d+ ms$/, /^confirmed by bob's page-/, /^read by bob/]) await steps.getByText(step).waitFor();
  // A browser writes into its console what is not there: that complaint is expected.
  await message.getByRole("textbox", { name: "Entry" }).fill("99");
  await page.keyboard.press("Enter");
  await message.getByText("there is no such entry").waitFor();
  assert(!(await page.content()).includes(SECRET), "an operator reads no messages");

  // A connection is closed after a second word, and its device comes back over another one.
  const own = person.getByRole("listitem").filter({ has: page.getByRole("button", { name: /close bob's/i }) });
  const first = await own.locator("code").textContent();
  await own.getByRole("button", { name: /^Close/ }).click();
  await own.getByRole("button", { name: /^Really close bob's/ }).click();
  await page.getByRole("region", { name: "Connections, newest first" }).getByText(first).waitFor({ state: "detached" });
  await bob.isOnline();
  await alice.write("still here?");
  await bob.sees("still here?");
  const rows = page.locator("tr", { has: page.getByText("closed by us", { exact: true }) });
  await rows.getByText("1", { exact: true }).first().waitFor();

  // Nothing in the way of anybody, in both lights, wide and narrow.
  for (const dark of [false, true]) {
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await look(page, `wide, ${dark}`);
    const small = await stage.context({ viewport: PHONE, dark, touch: true });
    await small.addInitScript(axe);
    const narrow = await stage.page(small, "/_local/operator");
    await narrow.getByRole("region", { name: "Connections, newest first" }).waitFor();
    assert.equal(await narrow.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    await look(narrow, `narrow, ${dark}`);
    await small.close();
  }

  // Paused, it stands still; without a gateway it says so.
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("status").getByText(/^paused at/).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("status").getByText(/^live/).waitFor();

  // A page of another origin reads nothing and closes nothing.
  const foreign = await stage.page(await stage.context(), "/", { expected: /./ });
  await foreign.route("http://elsewhere.test/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>elsewhere</title>" }));
  await foreign.goto("http://elsewhere.test/");
  const tried = await foreign.evaluate(async (origin) => {
    const ask = async (path, init) => fetch(origin + path, init).then((it) => it.status, () => "refused");
    const body = JSON.stringify({ connection: "x" });
    return [
      await ask("/_local/operator/live"),
      await ask("/_local/operator/close", { method: "POST", headers: { "content-type": "application/json", "x-switchboard-operator": "1" }, body }),
      await ask("/_local/operator/close", { method: "POST", headers: { "content-type": "application/json" }, body }),
    ];
  }, stage.gateway.origin);
  assert.deepEqual(tried, ["refused", "refused", "refused"]);
});

// Open to other machines, it wants the operator's token, and a browser asks for it as for a password.
const folder = await mkdtemp(join(tmpdir(), "operator-"));
const file = join(folder, "token");
const token = randomBytes(32).toString("hex");
await writeFile(file, token);
try {
  await play(
    async (stage) => {
      assert.equal((await fetch(stage.gateway.url("/_local/operator"))).status, 401);
      const context = await stage.context({ httpCredentials: { username: "operator", password: token } });
      const page = await stage.page(context, "/_local/operator", { expected: /status of 401/ });
      await page.getByRole("status").getByText(/^live, version/).waitFor();
      await page.getByRole("textbox", { name: "User" }).fill("bob");
      await page.keyboard.press("Enter");
      await page.getByText("bob, provider, last seen").waitFor();
    },
    { flags: ["--public", "--operator-token", file] },
  );
} finally {
  await rm(folder, { recursive: true });
}
