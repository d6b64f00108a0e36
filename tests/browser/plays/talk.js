// Two people chat: everything that a message can do, seen on both phones.

import assert from "node:assert/strict";
import { play } from "../stage.js";

await play(async (stage) => {
  const { page, alice, bob } = await stage.twoPhones();

  await alice.write("hello bob");
  await bob.sees("hello bob");
  await alice.ticks("hello bob", "Read");

  // Text is text.
  const markup = `<img src=x onerror="document.title='broken'"> <b>bold</b> & "quotes"`;
  await bob.write(markup);
  await alice.sees(markup);
  assert.equal(await page.title(), "Switchboard");

  // Typing shows itself, and ends with the message.
  // At a hand's pace: it is said at most every three seconds.
  await bob.composer.pressSequentially("on my way, as soon as the van is loaded", { delay: 120 });
  await alice.root.locator(".conversation .standing.typing").waitFor();
  await bob.write("on my way");
  await alice.sees("on my way");
  await alice.root.locator(".conversation .standing.typing").waitFor({ state: "detached" });

  // A reply quotes, and leads to what it quotes.
  await alice.bubble("on my way").hover();
  await alice.message("on my way").getByRole("button", { name: "Reply" }).click();
  await alice.write("drive safely");
  const reply = bob.message("drive safely");
  await reply.locator(".quote").getByText("on my way").waitFor();
  await reply.locator(".quote").click();
  assert.equal(await page.evaluate(() => document.activeElement?.querySelector(".text")?.textContent), "on my way");

  // A reaction appears on both, and goes.
  await bob.bubble("drive safely").click({ button: "right" });
  await bob.root.getByRole("button", { name: "React 👍" }).click();
  const thumb = alice.message("drive safely").getByRole("button", { name: "👍 from bob" });
  await thumb.waitFor();
  await bob.message("drive safely").getByRole("button", { name: "👍 from you" }).click();
  await thumb.waitFor({ state: "detached" });

  // Any emoji, into a message.
  await alice.root.getByRole("button", { name: "Emoji", exact: true }).click();
  await alice.root.getByRole("dialog").getByRole("button", { name: "🎉" }).click();
  await alice.composer.press("Enter");
  await bob.sees("🎉");

  // An edit and a deletion.
  await alice.bubble("drive safely").click({ button: "right" });
  await alice.root.getByRole("button", { name: "Edit" }).click();
  await alice.write("drive very safely");
  await bob.message("drive very safely").getByText("edited").waitFor();
  await alice.bubble("drive very safely").click({ button: "right" });
  await alice.root.getByRole("button", { name: "Delete for everyone" }).click();
  await bob.root.getByText("This message was deleted").waitFor();
  await alice.root.getByText("You deleted this message").waitFor();
  assert.deepEqual(await bob.texts(), ["hello bob", markup, "on my way", "🎉"]);

  // While the list is on bob's screen, it counts and previews; a look into it is a reading.
  await bob.root.getByRole("button", { name: "Back to conversations" }).click();
  await alice.write("one");
  await alice.write("two");
  const item = bob.list.getByRole("button", { name: /alice/ });
  await item.getByText("2 unread").waitFor();
  await item.getByText("two").waitFor();
  await alice.ticks("two", "Delivered");
  await item.click();
  await bob.root.getByText("New messages").waitFor();
  await alice.ticks("two", "Read");
});
