/** What is to be sent. It survives a restart; each send keeps the `after` of its first attempt for ever. */
import type { ClientBody, ConversationId, EntryId, SendFrame, Seq } from "../types.js";

/** A send that was not acknowledged yet, as the store keeps it. */
export interface Outgoing {
  /** When it was made, among all of this device. */
  place: number;
  conversation: ConversationId;
  id: EntryId;
  body: ClientBody;
  replyTo?: Seq | undefined;
  /** The cursor when it was first tried; absent before. */
  after?: Seq | undefined;
}

export interface Sending extends Outgoing {
  inFlight: boolean;
  notBefore: number;
}

export class Outbox {
  readonly #queues = new Map<ConversationId, Sending[]>();
  #place = 0;

  all(): Sending[] {
    return [...this.#queues.values()].flat();
  }

  of(conversation: ConversationId): readonly Sending[] {
    return this.#queues.get(conversation) ?? [];
  }

  push(send: Omit<Outgoing, "place"> & { place?: number }): Sending {
    const place = send.place ?? this.#place + 1;
    this.#place = Math.max(this.#place, place);
    const sending = { ...send, place, inFlight: false, notBefore: 0 };
    const queue = this.#queues.get(send.conversation) ?? [];
    queue.push(sending);
    queue.sort((one, other) => one.place - other.place);
    this.#queues.set(send.conversation, queue);
    return sending;
  }

  /** Of each conversation the first, where it is not on its way. */
  firsts(): Sending[] {
    return [...this.#queues.values()].flatMap((it) => it.slice(0, 1)).filter((it) => !it.inFlight);
  }

  find(conversation: ConversationId, id: EntryId): Sending | undefined {
    return this.of(conversation).find((it) => it.id === id);
  }

  /** A send was answered for good, or taken back. */
  remove(conversation: ConversationId, id: EntryId): Sending | undefined {
    const found = this.find(conversation, id);
    const rest = this.of(conversation).filter((it) => it !== found);
    if (rest.length > 0) this.#queues.set(conversation, rest);
    else this.#queues.delete(conversation);
    return found;
  }
}

/** The frame, the same at each attempt. */
export function frameOf(send: Sending): SendFrame {
  const { conversation, id, after = 0, body, replyTo } = send;
  const frame: SendFrame = { action: "send", conversation, id, after, body };
  return replyTo === undefined ? frame : { ...frame, reply_to: replyTo };
}

/** As the store keeps it. */
export function keptSend({ place, conversation, id, body, replyTo, after }: Sending): Outgoing {
  return { place, conversation, id, body, replyTo, after };
}
