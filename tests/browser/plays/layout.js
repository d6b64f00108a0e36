// The page's shape: nothing is wider than the screen, nothing jumps, nothing comes from elsewhere, and not much comes.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DESKTOP, Phone, PHONE, play } from "../stage.js";

const BYTES_MAX = 100 * 1_024;

/** Collects layout shifts from the beginning, but for those of a log that grows. */
const watchShifts = () => {
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.map(({ node }) => node).filter((it) => it?.isConnected && !it.parentElement?.closest(".messages"));
      if (moved.length > 0) globalThis.shifts.push(`${value} ${moved.map((it) => it.className ?? it.nodeName).join(" ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
};

await play(async (stage) => {
  // A desktop, all of the page, counted.
  const context = await stage.context();
  await context.addInitScript(watchShifts);
  const bodies = [];
  const origins = new Set();
  context.on("response", (response) => {
    const { origin, pathname } = new URL(response.url());
    origins.add(origin);
    if (!pathname.startsWith("/_local/")) bodies.push(response.body());
  });
  const { page, alice, bob } = await stage.twoPhones({ context });
  await alice.write("hello");
  await bob.sees("hello");
  await alice.network(false);
  await alice.root.getByRole("status").getByText("No network").waitFor();
  await alice.network(true);
  await bob.background(true);
  await alice.write("a push");
  await bob.root.getByRole("list", { name: "Notifications" }).getByRole("button").waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
  assert.deepEqual([...origins], [stage.gateway.origin]);
  const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  console.log(`the page is ${bytes} bytes with gzip`);
  assert(bodies.length >= 4 && bytes <= BYTES_MAX, `the page is ${bytes} bytes`);

  // What it was served with.
  const index = await fetch(stage.gateway.url("/"));
  const policy = index.headers.get("content-security-policy") ?? "";
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) assert(policy.includes(part), policy);
  assert(!/unsafe|http/.test(policy), policy);
  const html = await index.text();
  const [, script] = /src="\.(\/assets\/[^"]+)"/.exec(html) ?? [];
  const asset = await fetch(stage.gateway.url(script));
  assert.match(asset.headers.get("cache-control") ?? "", /immutable/);
  assert.equal(asset.headers.get("x-content-type-options"), "nosniff");

  // Narrow, both and alone.
  for (const path of ["/", "/?user=alice&role=customer"]) {
    const small = await stage.context({ viewport: PHONE, touch: true });
    const narrow = await stage.page(small, path);
    const phone = new Phone(narrow, "alice");
    await phone.isOnline();
    const item = phone.list.getByRole("button", { name: /bob/ });
    if (path !== "/") await item.click();
    await phone.sees("a push");
    const wide = await narrow.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, PHONE.width, path);
    const small_targets = await narrow.evaluate(() =>
      [...document.querySelectorAll(".composer button, .bar button, .item, .switches button")]
        .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 44)
        .map((it) => it.outerHTML),
    );
    assert.deepEqual(small_targets, [], "a finger needs 44 pixels");
    await small.close();
  }

  // Alone and wide, list and conversation are both there.
  const wide = new Phone(await stage.page(await stage.context({ viewport: DESKTOP }), "/?user=alice&role=customer"), "alice");
  await wide.list.getByRole("button", { name: /bob/ }).click();
  await wide.sees("a push");
  assert(await wide.list.isVisible());
});
