/** Everything that the device holds: the logs, and the list of the conversations. It tells what changes, and keeps it. */
import type { Conversation, ConversationId, Entry, Receipt, Seq, Settings, UserId } from "../types.js";
import { Book } from "./book.js";
import type { Effects } from "./effects.js";
import { type KeptLog, Log } from "./shelf.js";

/** How much of a log a device that is new to it wants. */
export type Loads = "newest" | "whole";

/** Entries of one log that the store keeps. */
const KEPT_MAX = 50;

export class Library {
  readonly logs = new Map<ConversationId, Log>();
  readonly book = new Book();
  /** Who the gateway says that we are. */
  user: UserId = "";
  readonly #loads: Loads;
  readonly #effects: Effects;
  readonly #dirty = new Set<Log>();

  constructor(loads: Loads, effects: Effects) {
    this.#loads = loads;
    this.#effects = effects;
  }

  log(conversation: ConversationId): Log {
    let log = this.logs.get(conversation);
    if (!log) this.logs.set(conversation, (log = new Log(conversation)));
    return log;
  }

  restore(kept: KeptLog): void {
    this.logs.set(kept.conversation, Log.restore(kept));
    if (kept.about) this.book.learn(kept.about);
  }

  /** Nothing of it is this user's. */
  forget(): void {
    for (const conversation of this.logs.keys()) this.#effects.keep(`log/${conversation}`);
    this.logs.clear();
    this.book.all.clear();
    this.#dirty.clear();
  }

  /** A log is to be kept as it is now. */
  changed(log: Log): void {
    this.#dirty.add(log);
  }

  flush(): void {
    for (const log of this.#dirty) {
      this.#effects.keep(`log/${log.conversation}`, log.keep(KEPT_MAX, this.book.all.get(log.conversation)));
    }
    this.#dirty.clear();
  }

  learn(conversation: Conversation): Log {
    const log = this.log(conversation.conversation);
    if (this.#loads === "whole" || conversation.last_seq === 0) this.begin(log, 0);
    this.book.learn(conversation);
    this.#tell(conversation);
    return log;
  }

  /** A log is held from there on. */
  begin(log: Log, base: Seq): void {
    log.begin(base);
    this.changed(log);
  }

  /** Takes what a page brings. */
  takeAll(entries: Entry[], now: number): void {
    for (const it of entries) {
      const log = this.log(it.conversation);
      if (!log.loaded) this.begin(log, it.seq - 1);
      if (it.seq > log.cursor) this.take(it, now);
    }
  }

  /** Puts what is older below. */
  prepend(conversation: ConversationId, entries: Entry[]): void {
    const log = this.log(conversation);
    if (log.prepend(entries)) this.changed(log);
  }

  take(entry: Entry, now: number): void {
    const log = this.log(entry.conversation);
    const { shown, changed } = log.take(entry, now);
    if (shown.length > 0) this.changed(log);
    for (const it of shown) {
      this.#effects.tell("entry", it);
      this.#tell(this.book.shown(it, this.user));
    }
    for (const it of changed) {
      this.#effects.tell("change", it);
      this.#tell(this.book.changed(it));
    }
  }

  /** Somebody here has seen a conversation up to there. */
  read(conversation: ConversationId, seq: Seq): void {
    const log = this.log(conversation);
    const read = Math.min(seq, log.cursor);
    if (read <= log.read) return;
    log.read = read;
    this.changed(log);
    this.#tell(this.book.receipt({ conversation, user: this.user, recv: log.cursor, read }, this.user, log));
  }

  receipt(frame: Receipt, now: number): void {
    const log = this.log(frame.conversation);
    // Somebody has received what we have not: it is on its way, or was lost on it.
    log.hinted = Math.max(log.hinted, frame.recv);
    log.mindTheGap(now);
    if (frame.user === this.user && frame.read > log.read) {
      log.read = frame.read;
      this.changed(log);
    }
    this.#effects.tell("receipt", frame);
    this.#tell(this.book.receipt(frame, this.user, log));
  }

  settings(frame: Settings): void {
    const known = "conversation" in frame && this.book.all.get(frame.conversation);
    if (!known) return;
    const members = known.members.map((it) => (it.user === this.user ? { ...it, muted_until: frame.muted_until } : it));
    this.learn({ ...known, members });
  }

  #tell(conversation: Conversation | undefined): void {
    if (!conversation) return;
    this.changed(this.log(conversation.conversation));
    this.#effects.tell("conversation", conversation);
  }
}
