// What a log looks like to one of its members: edits, deletions and reactions folded into the messages that they name.
// Pure: it knows neither the network nor the screen.

import type { Entry } from "@switchboard/client";

/** An entry of this device that the gateway has not confirmed. */
export interface Outgoing {
  readonly id: string;
  readonly body: Entry["body"];
  readonly ts: number;
  readonly replyTo?: number | undefined;
  /** Whether the device's store has it: a reload does not lose it. */
  readonly kept: boolean;
  /** The error's code, where it never will be in the log. */
  readonly refused?: string | undefined;
  /** It is in the log, but not yet among the entries. */
  readonly accepted?: boolean | undefined;
}

export type Delivery = "new" | "waiting" | "refused" | "sent" | "delivered" | "read";

export interface Reaction {
  readonly emoji: string;
  readonly users: readonly string[];
}

export interface Quote {
  readonly seq: number;
  /** Absent where the quoted message is not loaded. */
  readonly from?: string | undefined;
  readonly text: string;
}

export interface Message {
  readonly id: string;
  /** None until it is in the log. */
  readonly seq: number | undefined;
  readonly from: string;
  readonly mine: boolean;
  readonly ts: number;
  readonly text: string;
  readonly isText: boolean;
  readonly deleted: boolean;
  readonly edited: boolean;
  readonly quote: Quote | undefined;
  readonly reactions: readonly Reaction[];
  /** Of one's own alone. */
  readonly delivery: Delivery | undefined;
}

/** How far the other member's devices have come. */
export interface Marks {
  readonly recv: number;
  readonly read: number;
}

type Draft = { -readonly [K in keyof Message]: Message[K] } & { reactionsBy: Map<string, Set<string>>; replyTo: number | undefined };

/** The messages of a log, oldest first; what is still to be sent comes last. */
export function timeline(me: string, entries: Iterable<Entry>, outgoing: Iterable<Outgoing>, marks: Marks): Message[] {
  const drafts: Draft[] = [];
  const bySeq = new Map<number, Draft>();
  for (const entry of entries) {
    const delivery = entry.from !== me ? undefined : entry.seq <= marks.read ? "read" : entry.seq <= marks.recv ? "delivered" : "sent";
    const draft = apply(bySeq, drafts, entry.from, entry.body, () => ({
      id: entry.id, seq: entry.seq, from: entry.from, mine: entry.from === me, ts: entry.ts, replyTo: entry.reply_to, delivery, edited: entry.edited_at !== undefined,
    }));
    if (draft) bySeq.set(entry.seq, draft);
  }
  for (const it of outgoing) {
    const { id, body, ts, replyTo, refused } = it;
    if (refused !== undefined && body.kind !== "text") continue;
    apply(bySeq, drafts, me, body, () => ({
      id, seq: undefined, from: me, mine: true, ts, replyTo, delivery: deliveryOf(it), edited: false,
    }));
  }
  return drafts.map((draft) => finish(draft, bySeq));
}

function deliveryOf({ refused, accepted, kept }: Outgoing): Delivery {
  if (refused !== undefined) return "refused";
  if (accepted) return "sent";
  return kept ? "waiting" : "new";
}

type Start = Pick<Draft, "id" | "seq" | "from" | "mine" | "ts" | "replyTo" | "delivery" | "edited">;

function apply(bySeq: Map<number, Draft>, drafts: Draft[], from: string, body: Entry["body"], start: () => Start): Draft | undefined {
  switch (body.kind) {
    case "edit": {
      const target = bySeq.get(body.of);
      if (target && !target.deleted) Object.assign(target, { text: body.text, edited: true });
      return undefined;
    }
    case "delete": {
      const target = bySeq.get(body.of);
      if (target) Object.assign(target, { text: "", deleted: true });
      return undefined;
    }
    case "reaction": {
      const users = bySeq.get(body.of)?.reactionsBy;
      const of = users?.get(body.emoji) ?? new Set();
      if (body.on) of.add(from);
      else of.delete(from);
      users?.set(body.emoji, of);
      return undefined;
    }
    default: {
      const isText = body.kind === "text";
      const draft: Draft = {
        ...start(), text: bodyText(body), isText, deleted: body.kind === "deleted", quote: undefined, reactions: [], reactionsBy: new Map(),
      };
      drafts.push(draft);
      return draft;
    }
  }
}

function finish({ reactionsBy, replyTo, ...message }: Draft, bySeq: Map<number, Draft>): Message {
  const reactions = [...reactionsBy].filter(([, users]) => users.size > 0 && !message.deleted);
  const quoted = replyTo === undefined ? undefined : bySeq.get(replyTo);
  return {
    ...message,
    reactions: reactions.map(([emoji, users]) => ({ emoji, users: [...users] })),
    quote: replyTo === undefined ? undefined : { seq: replyTo, from: quoted?.from, text: quoteText(quoted) },
  };
}

function quoteText(quoted: Draft | undefined): string {
  if (!quoted) return "An earlier message";
  return quoted.deleted ? "Deleted message" : quoted.text;
}

/** What a body says in words; nothing where it only changes another entry. */
export function bodyText(body: Entry["body"]): string {
  switch (body.kind) {
    case "text":
      return body.text;
    case "attachment":
      return body.text ?? body.name;
    case "custom":
      return body.type;
    case "deleted":
      return "";
    default:
      return "";
  }
}
