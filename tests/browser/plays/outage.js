// What is sent during an outage goes out after it, once and in order: without a network, without a socket, without a
// gateway, and over a reload.

import assert from "node:assert/strict";
import { play, REFUSED } from "../stage.js";

await play(async (stage) => {
  const { page, alice, bob } = await stage.twoPhones({}, "/", { expected: REFUSED });

  await alice.network(false);
  // What a reload would lose does not look as if it were safe.
  const free = await alice.holdStore();
  await alice.write("one");
  await alice.ticks("one", "Just written");
  await free();
  await alice.ticks("one", "Waiting to be sent");
  for (const text of ["two", "three"]) await alice.write(text);
  await alice.ticks("three", "Waiting to be sent");
  await alice.root.getByRole("status").getByText("No network").waitFor();
  assert.equal(await bob.rows.count(), 0);
  await alice.network(true);
  await bob.holds(3);
  await alice.ticks("three", "Read");

  // They wait through a reload, too.
  await alice.network(false);
  await alice.write("four");
  await alice.write("five");
  await alice.ticks("five", "Waiting to be sent");
  await page.reload();
  await bob.holds(5);
  await alice.holds(5);

  await alice.kill();
  await alice.write("six");
  await bob.holds(6);
  await alice.isOnline();

  // The gateway dies, and comes back on its data.
  await stage.gateway.kill();
  await alice.root.getByRole("status").getByText("Reconnecting").waitFor();
  await alice.write("seven");
  await bob.write("eight");
  stage.gateway = await stage.gateway.again();
  await alice.holds(8);
  await bob.holds(8);
  const texts = await alice.texts();
  assert.deepEqual(await bob.texts(), texts);
  assert.deepEqual(texts.slice(0, 6), ["one", "two", "three", "four", "five", "six"]);
  assert.deepEqual(texts.slice(6).toSorted(), ["eight", "seven"]);
});
