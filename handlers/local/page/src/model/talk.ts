// One conversation as one member's device holds it.

import { computed, signal } from "@preact/signals";
import type { Conversation, Entry, Outgoing as Unsent } from "@switchboard/client";
import { bodyText, timeline, type Message, type Outgoing } from "./timeline";
import { rows } from "./rows";

/** What the composer is about to do. */
export type Intent = { readonly kind: "reply" | "edit"; readonly message: Message };

/** A conversation: what is known of it, and what of its log is loaded. */
export class Talk {
  readonly id: string;
  readonly me: string;
  readonly subject = signal("");
  readonly other = signal("");
  readonly otherMarks = signal({ recv: 0, read: 0 });
  readonly read = signal(0);
  readonly unread = signal(0);
  readonly lastSeq = signal(0);
  readonly lastAt = signal(0);
  readonly last = signal<Entry | undefined>(undefined);
  readonly typing = signal(false);
  /** Whether the newest message is on the screen. */
  readonly atEnd = signal(true);

  /** Ascending, without gaps once the client has told everything, and up to the newest. */
  readonly entries = signal<readonly Entry[]>([]);
  readonly outgoing = signal<readonly Outgoing[]>([]);
  readonly loading = signal(false);
  /** Where reading begins again; none where everything was read when it was opened. */
  readonly unreadFrom = signal<number | undefined>(undefined);

  // What its screen holds while another conversation is on it.
  readonly draft = signal("");
  readonly intent = signal<Intent | undefined>(undefined);

  readonly messages = computed(() => timeline(this.me, this.entries.value, this.outgoing.value, this.otherMarks.value));
  readonly rows = computed(() => rows(this.messages.value, this.unreadFrom.value));
  /** Whether there is more above. */
  readonly older = computed(() => (this.entries.value[0]?.seq ?? this.lastSeq.value + 1) > 1);
  readonly preview = computed(() => this.#preview());

  constructor(id: string, me: string) {
    this.id = id;
    this.me = me;
  }

  /** What the client knows of it. */
  learn(conversation: Conversation): void {
    this.subject.value = conversation.subject;
    this.unread.value = conversation.unread;
    this.lastSeq.value = conversation.last_seq;
    this.lastAt.value = conversation.last_at;
    this.last.value = conversation.last ?? undefined;
    for (const { user, recv, read } of conversation.members) {
      if (user === this.me) {
        this.read.value = read;
      } else {
        this.other.value = user;
        const { recv: hadRecv, read: hadRead } = this.otherMarks.peek();
        if (recv !== hadRecv || read !== hadRead) this.otherMarks.value = { recv, read };
      }
    }
  }

  /** What the client holds of it; whether what is still to be sent, and new here, comes from the device's store. */
  hold(entries: readonly Entry[], unsent: readonly Unsent[], restored = false): void {
    this.entries.value = [...entries];
    const shown = new Set(entries.map((it) => it.id));
    const waiting = new Map(unsent.map((it) => [it.id, it]));
    // What was accepted while something before it is still on its way here stays until it is shown.
    const kept = this.outgoing.peek().filter((it) => !shown.has(it.id));
    const known = new Set(kept.map((it) => it.id));
    const added = unsent.filter((it) => !known.has(it.id)).map((it) => outgoingOf(it, restored));
    this.outgoing.value = [...kept.map((it) => (waiting.has(it.id) || it.refused ? it : { ...it, accepted: true })), ...added];
  }

  /** The device's store has it: a reload does not lose it. */
  keep(id: string): void {
    this.outgoing.value = this.outgoing.peek().map((it) => (it.id === id ? { ...it, kept: true } : it));
  }

  /** The gateway refused it for good, or it is given up. */
  refuse(id: string, code: string): void {
    this.outgoing.value = this.outgoing.peek().map((it) => (it.id === id ? { ...it, refused: code } : it));
  }

  discard(id: string): void {
    this.outgoing.value = this.outgoing.peek().filter((it) => it.id !== id);
  }

  #preview(): { readonly text: string; readonly mine: Message["delivery"] } {
    const newest = this.messages.value.at(-1);
    if (newest) return { text: newest.deleted ? "Message deleted" : newest.text, mine: newest.delivery };
    const entry = this.last.value;
    if (!entry) return { text: "No messages yet", mine: undefined };
    const { recv, read } = this.otherMarks.value;
    const mine = entry.from !== this.me ? undefined : entry.seq <= read ? "read" : entry.seq <= recv ? "delivered" : "sent";
    return { text: sentence(entry), mine };
  }
}

function sentence({ from, body }: Entry): string {
  switch (body.kind) {
    case "edit":
      return body.text;
    case "deleted":
    case "delete":
      return "Message deleted";
    case "reaction":
      return body.on ? `${from} reacted ${body.emoji}` : `${from} took a reaction back`;
    default:
      return bodyText(body);
  }
}

function outgoingOf({ id, body, replyTo }: Unsent, kept: boolean): Outgoing {
  return { id, body, ts: timeOfId(id), replyTo, kept };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** When an entry's id was made: a ULID begins with it. */
function timeOfId(id: string): number {
  return [...id.slice(0, 10)].reduce((ms, digit) => ms * 32 + CROCKFORD.indexOf(digit), 0);
}
