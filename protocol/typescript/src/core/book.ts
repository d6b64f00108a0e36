/** The conversations as a list shows them, kept up to date by what is heard. */
import type { Conversation, ConversationId, Entry, Receipt, UserId } from "../types.js";
import type { Log } from "./shelf.js";

/** Where `unread` stops counting. */
const UNREAD_MAX = 99;

export class Book {
  readonly all = new Map<ConversationId, Conversation>();

  /** Newest first. */
  list(): Conversation[] {
    return [...this.all.values()].sort((one, other) => other.last_at - one.last_at);
  }

  learn(conversation: Conversation): void {
    this.all.set(conversation.conversation, conversation);
  }

  /** An entry is shown; returns the conversation as it is now. */
  shown(entry: Entry, me: UserId): Conversation | undefined {
    return this.#change(entry.conversation, (known) => {
      if (entry.seq <= known.last_seq) return;
      const counts = entry.from !== me && countsAsUnread(entry);
      const unread = Math.min(known.unread + (counts ? 1 : 0), UNREAD_MAX);
      return { last: entry, last_seq: entry.seq, last_at: entry.ts, unread };
    });
  }

  /** An entry reads otherwise. */
  changed(entry: Entry): Conversation | undefined {
    return this.#change(entry.conversation, (known) => (known.last_seq === entry.seq ? { last: entry } : undefined));
  }

  /** Somebody got further; where it is oneself, there is less to read. */
  receipt({ conversation, user, recv, read }: Omit<Receipt, "event">, me: UserId, log?: Log): Conversation | undefined {
    return this.#change(conversation, (known) => {
      const members = known.members.map((it) =>
        it.user === user ? { ...it, recv: Math.max(it.recv, recv), read: Math.max(it.read, read) } : it,
      );
      if (user !== me || !log) return { members };
      const unread = log.entries.filter((it) => it.seq > read && it.from !== me && countsAsUnread(it)).length;
      // Where not everything above is held, it can only have become less.
      return { members, unread: Math.min(unread, log.base > read ? known.unread : UNREAD_MAX) };
    });
  }

  #change(id: ConversationId, change: (known: Conversation) => Partial<Conversation> | undefined) {
    const known = this.all.get(id);
    const changes = known && change(known);
    if (!changes) return;
    const changed = { ...known, ...changes };
    this.all.set(id, changed);
    return changed;
  }
}

function countsAsUnread({ body }: Entry): boolean {
  return body.kind === "text" || body.kind === "attachment";
}
