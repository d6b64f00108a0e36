// The stage of a play in the browser: the real gateway on a free port, and Chromium.
//
// A play says what people see, and waits for that alone: nothing here sleeps.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/** A bound on real time: nothing waits for it, and a page that hangs ends. */
export const PATIENCE_MS = 60_000;

/** Without them Chromium looks for servers of its maker's. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a browser says of a server that is not there. */
export const REFUSED = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|WebSocket connection to .* failed|ERR_EMPTY_RESPONSE/;

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** Plays a play, and fails the process where it fails, or where the page complained of anything. */
export async function play(act, { flags = [] } = {}) {
  const gateway = await Gateway.start(process.env.SWITCHBOARD_DATA, flags);
  const browser = await chromium.launch({ executablePath: browserPath(), args: FLAGS });
  const stage = new Stage(gateway, browser);
  try {
    await act(stage);
    assert.deepEqual(stage.complaints, [], "the page complained");
  } finally {
    await browser.close();
    await stage.gateway.kill();
  }
}

export class Stage {
  /** What pages wrote to their consoles as errors, and what they threw. */
  complaints = [];

  constructor(gateway, browser) {
    this.gateway = gateway;
    this.browser = browser;
  }

  /** A browser of somebody: its own storage. */
  async context({ viewport = DESKTOP, dark = false, touch = false, ...rest } = {}) {
    const context = await this.browser.newContext({
      viewport,
      colorScheme: dark ? "dark" : "light",
      hasTouch: touch,
      isMobile: touch,
      locale: "en-GB",
      reducedMotion: "reduce",
      ...rest,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  /** A page; what it complains of fails the play, but for what `expected` matches. */
  async page(context, path = "/", { expected = /^$/ } = {}) {
    const page = await context.newPage();
    const complain = (text) => expected.test(text) || this.complaints.push(text);
    page.on("console", (message) => message.type() === "error" && complain(message.text()));
    page.on("pageerror", (error) => complain(String(error)));
    await page.goto(this.gateway.url(path));
    return page;
  }

  /** The two phones of a page, in sync, each with the conversation on its screen. */
  async twoPhones(options = {}, path = "/", expectations = {}) {
    const context = options.context ?? (await this.context(options));
    const page = await this.page(context, path, expectations);
    const asked = new URLSearchParams(path.split("?")[1]);
    const alice = new Phone(page, asked.get("customer") ?? "alice");
    const bob = new Phone(page, asked.get("provider") ?? "bob");
    await alice.composer.waitFor();
    await bob.composer.waitFor();
    return { page, alice, bob };
  }
}

/** A phone as who holds it sees it. */
export class Phone {
  constructor(page, user) {
    this.page = page;
    this.user = user;
    this.root = page.getByRole("region", { name: `${user}'s phone` });
    this.bench = page.getByRole("complementary", { name: `${user}'s bench` });
    this.composer = this.root.getByRole("textbox", { name: /^Message to/ });
    this.rows = this.root.locator(".row");
    this.list = this.root.getByRole("navigation");
  }

  async write(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** The row of the message with this text. */
  message(text) {
    return this.rows.filter({ has: this.page.locator(".text").getByText(text, { exact: true }) });
  }

  bubble(text) {
    return this.message(text).locator(".bubble");
  }

  async sees(text) {
    await this.message(text).waitFor();
  }

  /** Waits for an own message to have come so far: `Just written`, `Waiting to be sent`, `Not sent`, `Sent`, `Delivered`, `Read`. */
  async ticks(text, words) {
    await this.message(text).locator(".ticks").getByText(words, { exact: true }).waitFor({ state: "attached" });
  }

  /** All texts in their order. */
  texts() {
    return this.rows.locator(".text").allTextContents();
  }

  /** Waits until so many messages are there, all of them in the log. */
  async holds(count, patience = PATIENCE_MS) {
    const root = `[data-user="${this.user}"]`;
    await this.page.waitForFunction(
      ([selector, wanted]) => document.querySelectorAll(`${selector} .row[data-seq]`).length === wanted && document.querySelectorAll(`${selector} .row`).length === wanted,
      [root, count],
      { timeout: patience },
    );
  }

  async isOnline() {
    await this.page.locator(`[data-user="${this.user}"][data-link="online"]`).waitFor();
  }

  async network(up) {
    await this.bench.getByRole("switch", { name: "Network" }).setChecked(up);
  }

  /** Keeps the page's store of this user busy, so that nothing is written there; returns what ends that. */
  async holdStore() {
    await this.page.evaluate(async (user) => {
      const { name } = (await indexedDB.databases()).find((it) => it.name.includes(` ${user} `));
      const opening = indexedDB.open(name);
      await new Promise((resolve) => (opening.onsuccess = resolve));
      const rows = opening.result.transaction("kept", "readwrite").objectStore("kept");
      window.storeIsHeld = true;
      // A transaction lives for as long as something is asked in it.
      await new Promise((resolve) => {
        const ask = () => {
          resolve();
          if (window.storeIsHeld) rows.count().onsuccess = ask;
        };
        rows.count().onsuccess = ask;
      });
    }, this.user);
    return () => this.page.evaluate(() => (window.storeIsHeld = false));
  }

  async background(on) {
    const lever = this.bench.getByRole("switch", { name: "Background" });
    if ((await lever.getAttribute("aria-checked")) !== String(on)) await lever.click();
  }

  async kill() {
    await this.bench.getByRole("button", { name: "Kill the socket" }).click();
  }
}

/** The executable, serving. */
export class Gateway {
  static async start(data, flags = [], listen = "127.0.0.1:0") {
    const child = spawn(process.env.SWITCHBOARD, ["serve", "--listen", listen, "--data", data, ...flags], { stdio: ["ignore", "pipe", "inherit"], env: {} });
    process.once("exit", () => child.kill("SIGKILL"));
    const gone = new Promise((resolve) => child.once("exit", resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      const [, origin] = /page +(http:\S+?)\/?$/.exec(line) ?? [];
      if (origin) return new Gateway(child, gone, origin, data);
    }
    throw new Error("the gateway did not say where its page is");
  }

  constructor(child, gone, origin, data) {
    Object.assign(this, { child, gone, origin, data });
    // Nobody reads on, and a full pipe would stop it.
    child.stdout.resume();
  }

  url(path) {
    return this.origin + path;
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.gone;
  }

  /** The same data on the same port. */
  again() {
    return Gateway.start(this.data, [], new URL(this.origin).host);
  }

  async pushes(user) {
    return (await fetch(this.url(`/_local/pushes?user=${user}`))).json();
  }

  async token(user, role, expires_s = 3_600) {
    const body = JSON.stringify({ user, role, expires_s });
    const answer = await fetch(this.url("/_local/token"), { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await answer.json()).token;
  }
}

function browserPath() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const all = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = all.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  assert(found, "there is no chromium: run tests/browser/setup");
  return found;
}
