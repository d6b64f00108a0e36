/** Which conversations a `sync` still has to look at, in rounds of as many as one frame takes. */
import type { ConversationId, Seq } from "../types.js";
import type { Log } from "./shelf.js";

const CURSORS_MAX = 500;

export class Syncing {
  /** Whether a frame is to be sent. */
  isDue = false;
  /** Whether everything was looked at since the last welcome. */
  isDone = false;
  #rest: Log[] = [];

  /** Begins anew. */
  begin(logs: Iterable<Log>): void {
    this.#rest = [...logs].filter((it) => it.loaded);
    this.isDue = true;
    this.isDone = false;
  }

  /** The cursors of this round. */
  cursors(): Record<ConversationId, Seq> {
    this.isDue = false;
    return Object.fromEntries(this.#rest.slice(0, CURSORS_MAX).map((it) => [it.conversation, it.cursor]));
  }

  /** An answer came; those that have no cursor yet are in the next round if it has more. */
  answered(more: boolean, begun: Iterable<Log>): void {
    if (more) this.#rest = [...new Set([...this.#rest.slice(0, CURSORS_MAX), ...begun, ...this.#rest.slice(CURSORS_MAX)])];
    else this.#rest = this.#rest.slice(CURSORS_MAX);
    this.isDue = more || this.#rest.length > 0;
    this.isDone = !this.isDue;
  }
}
