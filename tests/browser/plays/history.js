// 300 messages: loaded while one scrolls up, each once, in order, and what is being read stays where it is.
// The data directory was filled before.

import assert from "node:assert/strict";
import { play } from "../stage.js";

const COUNT = Number(process.env.MESSAGES);

await play(async (stage) => {
  const { page, alice, bob } = await stage.twoPhones();
  await alice.message(`message ${COUNT}`).waitFor();
  const scroller = alice.root.getByRole("group", { name: "Messages with bob" });
  const loaded = () => scroller.evaluate((it) => Number(it.querySelector(".log").dataset.oldest));

  let oldest = await loaded();
  assert(oldest > COUNT / 2, `${COUNT - oldest + 1} were loaded before anybody asked`);
  while (oldest > 1) {
    // Up to the top of what is there, and more comes above it.
    const moved = await scroller.evaluate(async (it, oldest) => {
      const log = it.querySelector(".log");
      const row = it.querySelector(`[data-seq="${oldest}"]`);
      it.scrollTop = it.clientHeight - it.scrollHeight + 150;
      const before = row.getBoundingClientRect().top;
      await new Promise((resolve) => {
        const look = () => (Number(log.dataset.oldest) < oldest ? resolve() : requestAnimationFrame(look));
        look();
      });
      return Math.abs(row.getBoundingClientRect().top - before);
    }, oldest);
    assert(moved < 2, `what was being read moved by ${moved} pixels`);
    const next = await loaded();
    assert(next < oldest);
    oldest = next;
  }
  await alice.root.getByText("This is where it began.").waitFor();
  assert.deepEqual(await alice.texts(), Array.from({ length: COUNT }, (_, place) => `message ${place + 1}`));
  const days = await alice.root.locator(".day").count();
  assert(days > 1, `${days} days`);

  // Somebody who reads above is not torn away, and finds the way back.
  const at = await scroller.evaluate((it) => it.querySelector('[data-seq="5"]').getBoundingClientRect().top);
  await bob.write("news");
  await alice.root.getByRole("button", { name: "To the newest message" }).getByText("1").waitFor();
  const then = await scroller.evaluate((it) => it.querySelector('[data-seq="5"]').getBoundingClientRect().top);
  assert(Math.abs(then - at) < 2, `what was being read moved by ${then - at} pixels`);
  await bob.ticks("news", "Delivered");
  await alice.root.getByRole("button", { name: "To the newest message" }).click();
  await bob.ticks("news", "Read");
  await page.close();
});
