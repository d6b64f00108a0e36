// 1,000 messages while every phone's network is cut and restored at random: each shown once, in order, on both screens.
//
// The gateway takes 20 messages in ten seconds of a user in a conversation, so ten people write, in five conversations.

import assert from "node:assert/strict";
import { play } from "../stage.js";

const PAIRS = 5;
const EACH = 100;
/** A bound on real time: the gateway's rate alone makes it 50 seconds. */
const RATE_MS = 120_000;
/** How often a phone's network changes. */
const EVERY_MS = 1_000;

/** The page's own switches, turned or left by dice that belong to the pair: its number is their seed. */
const breakNetworks = ([seed, every]) => {
  const state = { cuts: 0, timer: 0 };
  let dice = seed;
  const turns = () => {
    dice = (Math.imul(dice, 1_664_525) + 1_013_904_223) >>> 0;
    return dice >= 2 ** 31;
  };
  state.timer = setInterval(() => {
    for (const lever of document.querySelectorAll('[role="switch"]:first-child')) {
      if (!turns()) continue;
      state.cuts += lever.getAttribute("aria-checked") === "true" ? 1 : 0;
      lever.click();
    }
  }, every);
  return state;
};

/** Types and sends, in both phones by turns, as the page's own fields and forms take it. */
const typeAll = async ([users, each]) => {
  const setValue = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  for (let count = 1; count <= each; count += 1) {
    for (const user of users) {
      const field = document.querySelector(`[data-user="${user}"] .composer textarea`);
      setValue.call(field, `${user} ${count}`);
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      field.form.requestSubmit();
    }
    // Until the screens have taken it.
    await new Promise((resolve) => requestAnimationFrame(() => resolve()));
  }
};

await play(async (stage) => {
  const pairs = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    pairs.push(await stage.twoPhones({ viewport: { width: 900, height: 700 } }, `/?customer=c${pair}&provider=p${pair}`));
  }
  let cuts = 0;
  await Promise.all(
    pairs.map(async ({ page, alice, bob }, pair) => {
      const seed = pair + 1;
      const pass = async () => {
        const chaos = await page.evaluateHandle(breakNetworks, [seed, EVERY_MS]);
        await page.evaluate(typeAll, [[alice.user, bob.user], EACH]);
        // It goes on until both see half of it.
        await page.waitForFunction(
          (wanted) => [...document.querySelectorAll(".phone")].every((it) => it.querySelectorAll(".row[data-seq]").length >= wanted),
          EACH,
          { timeout: RATE_MS },
        );
        cuts += await chaos.evaluate((state) => (clearInterval(state.timer), state.cuts));
        for (const phone of [alice, bob]) await phone.network(true);
        for (const phone of [alice, bob]) await phone.holds(2 * EACH, RATE_MS);
        const texts = await alice.texts();
        assert.deepEqual(await bob.texts(), texts);
        for (const phone of [alice, bob]) {
          const own = texts.filter((it) => it.startsWith(`${phone.user} `));
          assert.deepEqual(own, Array.from({ length: EACH }, (_, place) => `${phone.user} ${place + 1}`));
        }
      };
      await pass().catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
    }),
  );
  console.log(`${PAIRS * EACH * 2} messages, ${cuts} cuts`);
  assert(cuts > PAIRS * 2, `${cuts} cuts are no chaos`);
});
