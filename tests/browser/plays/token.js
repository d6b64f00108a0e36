// Tokens expire under the conversation, and nobody notices.

import assert from "node:assert/strict";
import { play } from "../stage.js";

await play(async (stage) => {
  const context = await stage.context();
  const tokens = [];
  // The gateway's own tokens, of shorter lives.
  await context.route("**/_local/token", async (route) => {
    const asked = route.request().postDataJSON();
    tokens.push(asked.user);
    await route.continue({ postData: JSON.stringify({ ...asked, expires_s: 8 }) });
  });
  const { page, alice, bob } = await stage.twoPhones({ context });
  // Whatever the banner says while tokens change.
  const said = await page.evaluateHandle(() => {
    const seen = [];
    for (const banner of document.querySelectorAll(".banner")) {
      new MutationObserver(() => banner.textContent && seen.push(banner.textContent)).observe(banner, { childList: true, subtree: true });
    }
    return seen;
  });
  const asked = (user) => tokens.filter((it) => it === user).length;
  // What is told between the two goes on over three generations of tokens.
  for (let count = 1; asked("alice") < 4 || asked("bob") < 4; count += 1) {
    const before = tokens.length;
    await alice.write(`message ${count}`);
    await bob.holds(count);
    await alice.ticks(`message ${count}`, "Read");
    if (tokens.length === before) await page.waitForRequest("**/_local/token");
  }
  // The new connection was there when the old one went: nobody was told anything.
  assert.deepEqual(await said.jsonValue(), []);
});
