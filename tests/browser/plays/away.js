// One goes away, gets a push, comes back and has everything once.

import assert from "node:assert/strict";
import { play } from "../stage.js";

await play(async (stage) => {
  const { page, alice, bob } = await stage.twoPhones();
  await alice.write("are you there?");
  await bob.sees("are you there?");

  // In the background there is no connection: each message is pushed at once, and the newest stands on the lock screen.
  await bob.background(true);
  await alice.write("I wait outside");
  await alice.write("it rains");
  await alice.ticks("it rains", "Sent");
  const notification = bob.root.getByRole("list", { name: "Notifications" }).getByRole("button", { name: /alice/ });
  await notification.waitFor();
  await bob.bench.getByRole("list").getByText(/up to #3/).waitFor();

  // Through the notification into the conversation.
  await notification.click();
  await bob.holds(3);
  assert.deepEqual(await bob.texts(), ["are you there?", "I wait outside", "it rains"]);
  await alice.ticks("it rains", "Read");

  // Without a network the gateway takes the phone for connected; what is not confirmed is pushed after the grace.
  await bob.network(false);
  await bob.root.getByRole("status").getByText("No network").waitFor();
  await alice.write("in the tunnel?");
  await bob.bench.getByRole("list").getByText(/up to #4/).waitFor();
  await bob.network(true);
  await bob.holds(4);
  await alice.ticks("in the tunnel?", "Read");

  // All of it survives the page.
  await page.reload();
  await bob.holds(4);
  await alice.holds(4);
  assert.deepEqual(await bob.texts(), ["are you there?", "I wait outside", "it rains", "in the tunnel?"]);
});
