/** What is to be done by whoever drives the core. */
import type { Events } from "../events.js";
import type { ClientFrame } from "../types.js";
import type { Sending } from "./outbox.js";

/** What is to be done, in this order. */
export type Effect =
  | { do: "connect"; link: number; fresh: boolean }
  | { do: "transmit"; link: number; frame: ClientFrame }
  | { do: "close"; link: number }
  /**
   * Keep a value; without one, forget it. What was kept before is kept before anything later is transmitted.
   * Of a send that still waits then, `queued` is told when the store has it, and not where the store fails.
   */
  | { do: "keep"; key: string; value?: unknown; send?: Sending | undefined }
  | { [K in keyof Events]: { do: "tell"; event: K; detail: Events[K] } }[keyof Events];

export class Effects {
  readonly #all: Effect[] = [];

  push(effect: Effect): void {
    this.#all.push(effect);
  }

  keep(key: string, value?: unknown, send?: Sending): void {
    this.push({ do: "keep", key, value, send });
  }

  tell<K extends keyof Events>(event: K, detail: Events[K]): void {
    this.push({ do: "tell", event, detail } as Effect);
  }

  /** All of them; each is said once. */
  take(): Effect[] {
    return this.#all.splice(0);
  }
}
