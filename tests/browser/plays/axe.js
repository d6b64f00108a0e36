// Nothing that axe knows of keeps anybody out, on any screen, in light and in dark.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PHONE, Phone, play } from "../stage.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Looks at the page as it is. */
async function look(page, where) {
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((it) => `${it.target} ${it.failureSummary}`).join("; ")}`);
  });
  assert.deepEqual(found, [], where);
}

await play(async (stage) => {
  for (const dark of [false, true]) {
    const shade = dark ? "dark" : "light";
    const context = await stage.context({ dark });
    await context.addInitScript(axe);
    const { page, alice, bob } = await stage.twoPhones({ context }, `/?customer=alice-${shade}&provider=bob-${shade}`);
    await alice.write("hello");
    await alice.write("how are you?");
    await bob.sees("how are you?");
    await bob.bubble("hello").click({ button: "right" });
    await bob.root.getByRole("button", { name: "React 👍" }).click();
    await bob.bubble("hello").hover();
    await bob.message("hello").getByRole("button", { name: "Reply" }).click();
    await bob.write("fine");
    await alice.message("fine").locator(".quote").waitFor();
    await bob.ticks("fine", "Read");
    await look(page, `two phones, ${shade}`);

    await alice.bubble("hello").click({ button: "right" });
    await bob.root.getByRole("button", { name: "Emoji", exact: true }).click();
    await look(page, `a menu and the emoji, ${shade}`);
    await page.keyboard.press("Escape");
    await alice.root.getByRole("button", { name: "Delete for everyone" }).click();
    await bob.root.getByText("This message was deleted").waitFor();

    await alice.network(false);
    await alice.write("waiting");
    await alice.root.getByRole("status").getByText("No network").waitFor();
    await bob.background(true);
    await look(page, `no network, and a lock screen, ${shade}`);
    await alice.network(true);
    await bob.root.getByRole("list", { name: "Notifications" }).getByRole("button", { name: alice.user }).waitFor();
    await bob.bench.getByRole("list").getByText(/up to #/).first().waitFor();
    await alice.root.getByRole("button", { name: "Back to conversations" }).click();
    await look(page, `a push, and a list, ${shade}`);
    await page.getByRole("button", { name: "About" }).click();
    await look(page, `about, ${shade}`);
    await context.close();

    const small = await stage.context({ dark, viewport: PHONE, touch: true });
    await small.addInitScript(axe);
    const alone = new Phone(await stage.page(small, `/?user=carol-${shade}&role=customer`), `carol-${shade}`);
    await alone.root.getByText("No conversations yet.").waitFor();
    await look(alone.page, `nothing yet, ${shade}`);
    await alone.root.getByRole("button", { name: "New conversation" }).click();
    await look(alone.page, `a new conversation, ${shade}`);
    await small.close();
  }
});
