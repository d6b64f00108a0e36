// By keyboard alone: into the conversation, send, reply, react, edit, and back, with the focus where one expects it.

import assert from "node:assert/strict";
import { Phone, PHONE, play } from "../stage.js";

await play(async (stage) => {
  const context = await stage.context({ viewport: PHONE });
  const page = await stage.page(context, "/?user=alice&role=customer");
  const alice = new Phone(page, "alice");
  const bob = new Phone(await stage.page(await stage.context(), "/?user=bob&role=provider"), "bob");
  for (const phone of [alice, bob]) await phone.isOnline();
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
  /** Tab until the focus is on what has this name; each stop is visible. */
  const tabTo = async (name) => {
    const seen = [];
    for (let stops = 0; stops < 40; stops += 1) {
      await keyboard.press("Tab");
      const here = (await focused()) ?? "";
      if (name.test(here)) return;
      seen.push(here);
    }
    assert.fail(`no way to ${name} but ${seen.join(", ")}`);
  };

  await alice.root.getByText("No conversations yet.").waitFor();
  await tabTo(/^New conversation$/);
  await keyboard.press("Enter");
  await keyboard.type("nobody");
  await keyboard.press("Enter");
  await alice.root.getByRole("alert").getByText("There is no provider nobody yet.").waitFor();
  await keyboard.press("Escape");
  assert.equal(await focused(), "New conversation");
  await keyboard.press("Enter");
  await keyboard.type("bob");
  await keyboard.press("Enter");
  await alice.composer.waitFor();

  // The composer has the focus: one writes at once.
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await keyboard.type("first line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await bob.list.getByRole("button", { name: /alice/ }).click();
  await bob.sees("first line\nsecond line");
  await bob.write("an answer");
  await alice.sees("an answer");

  // Up into the log, and a reply.
  await keyboard.press("Shift+Tab");
  await keyboard.press("Shift+Tab");
  assert.match((await focused()) ?? "", /an answer/);
  await keyboard.press("ArrowUp");
  assert.match((await focused()) ?? "", /first line/);
  await keyboard.press("ArrowDown");
  await keyboard.press("r");
  await alice.root.getByText("Reply to bob").waitFor();
  await keyboard.type("a reply");
  await keyboard.press("Enter");
  await bob.message("a reply").locator(".quote").getByText("an answer").waitFor();

  // A reaction through the menu.
  await keyboard.press("Shift+Tab");
  await keyboard.press("Shift+Tab");
  await keyboard.press("ArrowUp");
  await keyboard.press("Enter");
  await keyboard.press("ArrowRight");
  await keyboard.press("Enter");
  await bob.message("an answer").getByRole("button", { name: "❤️ from alice" }).waitFor();
  assert.match((await focused()) ?? "", /an answer/, "the focus went back to the message");

  // The last own message, edited by fingers that wait for nothing.
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.press("ArrowUp");
  await keyboard.type(" indeed");
  await alice.root.getByText("Edit message").waitFor();
  await keyboard.press("Enter");
  await bob.sees("a reply indeed");

  await keyboard.press("Escape");
  await alice.list.getByRole("button", { name: /bob/ }).waitFor();
});
