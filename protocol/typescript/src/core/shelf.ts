/** What a device holds of each log: a stretch without gaps up to its cursor, and what came ahead of it. */
import type { Conversation, ConversationId, Entry, Seq } from "../types.js";

/** How long a gap may stay open before it is asked for: mostly the missing entry is just behind. */
const GAP_MS = 500;

/** What of one log is kept in the store: the newest entries, without gaps up to the cursor. */
export interface KeptLog {
  conversation: ConversationId;
  about?: Conversation | undefined;
  loaded: boolean;
  base: Seq;
  cursor: Seq;
  entries: Entry[];
  /** Up to where somebody here has seen it. */
  read: Seq;
  /** What the gateway was told. */
  said: { recv: Seq; read: Seq };
}

export class Log {
  /** Whether anything of it is held but its name. */
  loaded = false;
  base = 0;
  cursor = 0;
  /** Ascending, from `base + 1` to `cursor`, as they are to be shown. */
  entries: Entry[] = [];
  read = 0;
  said = { recv: 0, read: 0 };
  /** What came before its time. */
  ahead = new Map<Seq, Entry>();
  /** A place that exists, by somebody's account. */
  hinted = 0;
  /** When a gap is to be asked for. */
  askAt: number | undefined;
  asking = false;

  constructor(readonly conversation: ConversationId) {}

  /** Whether something is missing below what is known to be there, or everything is. */
  get lacks(): boolean {
    return this.ahead.size > 0 || this.hinted > this.cursor;
  }

  at(seq: Seq): Entry | undefined {
    return this.entries[seq - this.base - 1];
  }

  mindTheGap(now: number): void {
    if (!this.lacks || !this.loaded) {
      this.askAt = undefined;
    } else if (this.askAt === undefined && !this.asking) {
      this.askAt = now + GAP_MS;
    }
  }

  /** The log is held from here on. */
  begin(base: Seq): void {
    if (this.loaded) return;
    this.loaded = true;
    this.base = this.cursor = base;
    for (const seq of this.ahead.keys()) if (seq <= base) this.ahead.delete(seq);
  }

  /** Takes an entry. What follows from it: entries that are shown from now on, and those that they changed. */
  take(entry: Entry, now: number): { shown: Entry[]; changed: Entry[] } {
    const shown: Entry[] = [];
    const changed: Entry[] = [];
    if (entry.seq > this.cursor) this.ahead.set(entry.seq, entry);
    if (this.loaded) {
      for (let next; (next = this.ahead.get(this.cursor + 1)); ) {
        this.ahead.delete(++this.cursor);
        this.entries.push(next);
        shown.push(next);
        const target = apply(next, this);
        if (target) changed.push(target);
      }
    }
    this.mindTheGap(now);
    return { shown, changed };
  }

  /** Puts older entries below those that are held. They come as they read now: edits are in them. */
  prepend(entries: Entry[]): boolean {
    const older = entries.filter((it) => it.seq <= this.base);
    if (older.at(-1)?.seq !== this.base) return false;
    this.entries = [...older, ...this.entries];
    this.base -= older.length;
    return true;
  }

  /** What is kept of it: no more than so many entries. */
  keep(max: number, about?: Conversation): KeptLog {
    const entries = this.entries.slice(-max);
    const { conversation, loaded, cursor, read, said } = this;
    return { conversation, about, loaded, cursor, read, said: { ...said }, entries, base: cursor - entries.length };
  }

  static restore({ about: _, ...kept }: KeptLog): Log {
    return Object.assign(new Log(kept.conversation), kept, { entries: [...kept.entries] });
  }
}

/** Does to the entry that another one names what that one says; returns it where it changed. */
function apply(entry: Entry, log: Log): Entry | undefined {
  const { body } = entry;
  if (body.kind !== "edit" && body.kind !== "delete") return;
  const target = log.at(body.of);
  if (!target || target.body.kind === "deleted") return;
  // It came with later edits in it.
  if (target.edited_at !== undefined && target.edited_at > entry.ts) return;
  const changed: Entry =
    body.kind === "delete"
      ? { ...target, body: { kind: "deleted" } }
      : { ...target, body: { ...target.body, text: body.text } as Entry["body"], edited_at: entry.ts };
  log.entries[target.seq - log.base - 1] = changed;
  return changed;
}
