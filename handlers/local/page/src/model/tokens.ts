// Tokens, from the configured source or from whoever sits in front of the page.

import { signal } from "@preact/signals";
import type { Person } from "../config";

/** Where a phone's tokens come from. */
export class Tokens {
  readonly #person: Person;
  readonly #url: string | undefined;
  #answer: ((token: string) => void) | undefined;
  /** Whether somebody has to paste a token. */
  readonly wanted = signal(false);

  constructor(person: Person, url: string | undefined) {
    this.#person = person;
    this.#url = url;
  }

  async next(): Promise<string> {
    if (this.#url === undefined) return this.#ask();
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(this.#person),
    });
    if (!response.ok) throw new Error(`the token was answered with ${response.status}`);
    const { token }: { token: string } = await response.json();
    return token;
  }

  /** Takes a pasted token; says what is wrong with it. */
  paste(text: string): string | undefined {
    const token = text.trim().replace(/^Bearer\s+/i, "");
    const claims = claimsOf(token);
    if (!claims) return "This is not a token: it has three parts with dots between them.";
    if (claims.sub !== this.#person.user) return `This token is ${claims.sub}'s, not ${this.#person.user}'s.`;
    if (claims.exp * 1_000 <= Date.now()) return "This token has expired.";
    this.wanted.value = false;
    this.#answer?.(token);
    return undefined;
  }

  #ask(): Promise<string> {
    this.wanted.value = true;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }
}

/** Read, not verified: the gateway does that. */
function claimsOf(token: string): { sub: string; exp: number } | undefined {
  try {
    const [, payload = ""] = token.split(".");
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const { sub, exp } = claims as { sub?: unknown; exp?: unknown };
    return typeof sub === "string" && typeof exp === "number" ? { sub, exp } : undefined;
  } catch {
    return undefined;
  }
}
