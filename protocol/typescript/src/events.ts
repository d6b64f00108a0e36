import type { Conversation, ConversationId, Entry, EntryId, Receipt, Typing } from "./types.js";
import type { SwitchboardError } from "./errors.js";

/** `offline`: not wanted; `connecting`: wanted and not there; `online`: welcomed. */
export type State = "offline" | "connecting" | "online";

/** What happens, by name. */
export interface Events {
  /** The connection's state changed. */
  state: State;
  /** An entry is to be shown: each once, each conversation's in the order of `seq`; one's own too. */
  entry: Entry;
  /** An entry that was shown reads otherwise: it was edited or deleted. */
  change: Entry;
  /** A send waits and survives a restart, since the store has it; is in the log; or never will be. */
  send: { conversation: ConversationId; id: EntryId; status: "queued" | "sent" | "refused" | "cancelled"; error?: SwitchboardError };
  /** A conversation is new, or its unread count, members or last entry changed. */
  conversation: Conversation;
  /** A member got further: ticks. */
  receipt: Receipt;
  /** A member is writing, or no longer; it ends by itself. */
  typing: Typing;
  /** The device holds everything that it missed. */
  synced: undefined;
  /** The token callback or the store failed; the client goes on. */
  problem: unknown;
}

export type Listener<K extends keyof Events> = (detail: Events[K]) => void;

/** Listeners by event. */
export class Emitter {
  readonly #all = new Map<string, Set<(detail: never) => void>>();

  /** Listens; returns what ends it. */
  on<K extends keyof Events>(name: K, listener: Listener<K>): () => void {
    const listeners = this.#all.get(name) ?? new Set();
    this.#all.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<K extends keyof Events>(name: K, detail: Events[K]): void {
    for (const listener of [...(this.#all.get(name) ?? [])]) {
      try {
        (listener as Listener<K>)(detail);
      } catch (error) {
        // A listener that fails is its author's to see, and nobody else's to suffer.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
