// Who of the others is there: asked for while somebody looks, and guessed from what they do.

import { effect, signal } from "@preact/signals";
import type { Present } from "@switchboard/client";
import { visible, type Chat } from "./chat";

const EVERY_MS = 10_000;
/** The most that the gateway answers at once. */
const USERS_MAX = 20;

export class Presences {
  readonly #known = signal<ReadonlyMap<string, Present>>(new Map());
  readonly #chat: Chat;

  constructor(chat: Chat) {
    this.#chat = chat;
    effect(() => {
      if (!visible.value || chat.link.value !== "online" || chat.talks.value.length === 0) return;
      const ask = () => void this.#ask();
      const timer = setInterval(ask, EVERY_MS);
      // Not within the effect: what is asked depends on more than it shall.
      queueMicrotask(ask);
      return () => clearInterval(timer);
    });
  }

  of(user: string): Present | undefined {
    return this.#known.value.get(user);
  }

  /** Whether they are there, as far as somebody can know who is there. */
  isHere(user: string): boolean {
    return this.#chat.link.value === "online" && this.of(user)?.online === true;
  }

  /** Something was heard of them. */
  here(user: string): void {
    if (!this.#known.peek().get(user)?.online) this.#learn({ [user]: { online: true, last_seen: Date.now() } });
  }

  async #ask(): Promise<void> {
    const talks = this.#chat.talks.peek();
    const users = [...new Set(talks.map((it) => it.other.peek()).filter(Boolean))].slice(0, USERS_MAX);
    if (users.length === 0) return;
    try {
      this.#learn(await this.#chat.client.presence(users, { signal: AbortSignal.timeout(EVERY_MS) }));
    } catch {
      // Asked again soon.
    }
  }

  #learn(users: Record<string, Present>): void {
    this.#known.value = new Map([...this.#known.peek(), ...Object.entries(users)]);
  }
}
