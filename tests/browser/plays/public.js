// Open to other machines, the gateway gives no tokens: the page offers no way around it, and asks for one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Phone, play } from "../stage.js";

await play(
  async (stage) => {
    const config = await (await fetch(stage.gateway.url("/config.json"))).json();
    assert.deepEqual(Object.keys(config).toSorted(), ["endpoint", "routes", "store"]);
    assert(!JSON.stringify(config).includes("_local"), JSON.stringify(config));

    const page = await stage.page(await stage.context(), "/?user=alice&role=customer");
    const alice = new Phone(page, "alice");
    const field = alice.root.getByRole("textbox", { name: "alice's token" });
    const submit = alice.root.getByRole("button", { name: "Sign in" });
    const token = (user) => execFileSync(process.env.SWITCHBOARD, ["token", "--user", user, "--role", "customer", "--data", stage.gateway.data], { encoding: "utf8", env: {} });
    for (const [wrong, because] of [["nonsense", "This is not a token"], [token("mallory"), "This token is mallory's"]]) {
      await field.fill(wrong);
      await submit.click();
      await alice.root.getByRole("alert").getByText(because).waitFor();
    }
    await field.fill(token("alice"));
    await submit.click();
    await alice.isOnline();
    await alice.root.getByText("No conversations yet.").waitFor();
  },
  { flags: ["--public"] },
);
