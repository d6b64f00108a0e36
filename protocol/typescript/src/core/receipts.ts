/** Receipts: what was stored and seen, at most one frame a second, and again where they were lost. */
import type { Marks } from "../types.js";
import type { Log } from "./shelf.js";

const EVERY_MS = 1_000;
const AT_ONCE_MAX = 50;

export class Receipts {
  #nextAt = 0;
  /** The `ref` of the frame that was said last, and whom it was about. */
  #last: { ref: string; logs: Log[] } | undefined;

  /** When a frame is due. */
  next(logs: Iterable<Log>): number {
    for (const log of logs) if (isUnsaid(log)) return this.#nextAt;
    return Infinity;
  }

  /** What to say now. */
  due(logs: Iterable<Log>, now: number, ref: string): Marks[] {
    if (now < this.#nextAt) return [];
    const unsaid = [...logs].filter(isUnsaid).slice(0, AT_ONCE_MAX);
    if (unsaid.length === 0) return [];
    this.#nextAt = now + EVERY_MS;
    this.#last = { ref, logs: unsaid };
    return unsaid.map((log) => {
      log.said = marksOf(log);
      return { conversation: log.conversation, ...log.said };
    });
  }

  /** Whether the frame that was refused was the last of these; if it may be said again, it is. */
  refused(ref: string, again: boolean, at: number): boolean {
    if (this.#last?.ref !== ref) return false;
    if (again) this.lost(at);
    return true;
  }

  /** The last frame may not have got there. */
  lost(at: number): void {
    for (const log of this.#last?.logs ?? []) log.said = { recv: 0, read: 0 };
    this.#last = undefined;
    this.#nextAt = Math.max(this.#nextAt, at);
  }
}

function marksOf(log: Log): { recv: number; read: number } {
  return { recv: log.cursor, read: Math.min(log.read, log.cursor) };
}

function isUnsaid(log: Log): boolean {
  return log.loaded && (log.cursor > log.said.recv || Math.min(log.read, log.cursor) > log.said.read);
}

