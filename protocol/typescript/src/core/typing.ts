/** Who is writing: what is said of it at most every three seconds, and forgotten six seconds after it was heard. */
import type { ConversationId, Typing } from "../types.js";

const EVERY_MS = 3_000;
const FORGET_MS = 6_000;

export class Typists {
  #nextAt = 0;
  #wanted: { conversation: ConversationId; on: boolean } | undefined;
  #said = false;
  readonly #heard = new Map<string, { typing: Typing; until: number }>();

  /** Somebody here begins, goes on, or ends. */
  want(conversation: ConversationId, on: boolean): void {
    // An end that was never preceded by a beginning says nothing.
    this.#wanted = on || this.#said ? { conversation, on } : undefined;
  }

  /** What to say now. A beginning is worth nothing later; an end is. */
  due(now: number): { conversation: ConversationId; on: boolean } | undefined {
    const wanted = this.#wanted;
    if (wanted && now < this.#nextAt) {
      if (wanted.on) this.#wanted = undefined;
      return;
    }
    this.#wanted = undefined;
    if (wanted) {
      this.#nextAt = now + EVERY_MS;
      this.#said = wanted.on;
    }
    return wanted;
  }

  /** Nobody to say it to. */
  drop(): void {
    this.#wanted = undefined;
    this.#said = false;
  }

  /** Returns whether it is news. */
  heard(typing: Typing, now: number): boolean {
    const key = `${typing.conversation}/${typing.user}`;
    const wasOn = this.#heard.delete(key);
    if (typing.on) this.#heard.set(key, { typing, until: now + FORGET_MS });
    return typing.on !== wasOn;
  }

  /** Those of whom nothing was heard for too long. */
  forgotten(now: number): Typing[] {
    const all = [...this.#heard].filter(([, it]) => now >= it.until);
    for (const [key] of all) this.#heard.delete(key);
    return all.map(([, it]) => ({ ...it.typing, on: false }));
  }

  next(isOnline: boolean): number {
    const untils = [...this.#heard.values()].map((it) => it.until);
    return Math.min(this.#wanted && isOnline ? this.#nextAt : Infinity, ...untils);
  }
}
