// Two tabs of one user stay in step, each a device of its own, which it stays when it is reloaded.

import assert from "node:assert/strict";
import { Phone, play, REFUSED } from "../stage.js";

const REFUSING = { expected: REFUSED };

await play(async (stage) => {
  const one = await stage.context();
  const alices = [];
  for (let tab = 0; tab < 2; tab += 1) alices.push(new Phone(await stage.page(one, "/?user=alice&role=customer", REFUSING), "alice"));
  const bob = new Phone(await stage.page(await stage.context(), "/?user=bob&role=provider", REFUSING), "bob");
  const [first, second] = alices;
  for (const phone of [...alices, bob]) await phone.isOnline();

  await first.root.getByRole("button", { name: "Start one" }).click();
  await first.root.getByRole("textbox", { name: "With which provider?" }).fill("bob");
  await first.root.getByRole("button", { name: "Start", exact: true }).click();
  await first.composer.waitFor();

  // What one tab does, the other shows.
  await first.write("from the first");
  await second.list.getByRole("button", { name: /bob/ }).click();
  await second.sees("from the first");
  await second.write("from the second");
  await first.sees("from the second");
  for (const phone of alices) await phone.holds(2);

  // What one tab has read, the other does not count.
  const unread = second.list.getByText("1 unread");
  for (const phone of alices) await phone.page.setViewportSize({ width: 400, height: 800 });
  for (const phone of alices) await phone.root.getByRole("button", { name: "Back to conversations" }).click();
  await bob.list.getByRole("button", { name: /alice/ }).click();
  await bob.write("to both");
  for (const phone of alices) await phone.list.getByText("1 unread").waitFor();
  await first.list.getByRole("button", { name: /bob/ }).click();
  await first.sees("to both");
  await unread.waitFor({ state: "detached" });
  await bob.ticks("to both", "Read");
  assert.equal(await second.page.title(), "alice · Switchboard");

  // Neither has thrown the other out.
  for (const phone of alices) await phone.isOnline();

  // The second is still the second without the first, and has what it had not sent.
  await second.list.getByRole("button", { name: /bob/ }).click();
  await stage.gateway.kill();
  await second.write("from the second, later");
  await second.ticks("from the second, later", "Waiting to be sent");
  const { page } = second;
  const url = page.url();
  await page.goto("about:blank");
  await first.page.close();
  stage.gateway = await stage.gateway.again();
  await page.goto(url);
  await bob.sees("from the second, later");
  await bob.holds(4);
});
