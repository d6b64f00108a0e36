// One phone: its client, its network, and what its screen shows.

import { computed, effect, signal, untracked } from "@preact/signals";
import { IndexedDbStore, Switchboard, SwitchboardError, type State } from "@switchboard/client";
import type { Config, Person, Role } from "../config";
import { claimDevice } from "./device";
import { Network } from "./network";
import { Presences } from "./presences";
import { PushInbox } from "./push-inbox";
import { Talk, type Intent } from "./talk";
import type { Message } from "./timeline";
import { Tokens } from "./tokens";

/** A connection that is back sooner is nothing to tell anybody. */
const LATE_MS = 1_500;
/** How long a question waits that somebody looks at. */
const ANSWER_MS = 10_000;
/** Conversations that a welcome has. */
const FIRST = 20;

export async function openChat(config: Config, person: Person): Promise<Chat> {
  return new Chat(config, person, await claimDevice(person.user));
}

export class Chat {
  readonly user: string;
  readonly role: Role;
  readonly device: string;
  readonly network = new Network();
  readonly tokens: Tokens;
  readonly presences: Presences;
  readonly pushInbox: PushInbox | undefined;
  readonly client: Switchboard;

  readonly link = signal<State>("offline");
  /** Whether it has been whole once. */
  readonly ready = signal(false);
  /** Whether it has been without a connection for longer than nobody notices. */
  readonly late = signal(false);
  readonly foreground = signal(true);
  readonly current = signal<Talk | undefined>(undefined);
  /** What was heard last, for who listens to the page. */
  readonly heard = signal<{ readonly id: string; readonly text: string } | undefined>(undefined);
  /** Whether there may be conversations that are not in the list. */
  readonly more = computed(() => this.#known.value.size >= FIRST && !this.#whole.value);
  readonly #whole = signal(false);
  #next: string | undefined;
  readonly #known = signal<ReadonlyMap<string, Talk>>(new Map());
  readonly #dirty = new Set<Talk>();

  readonly talks = computed(() => [...this.#known.value.values()].sort((one, other) => other.lastAt.value - one.lastAt.value));
  readonly unread = computed(() => this.talks.value.reduce((sum, talk) => sum + talk.unread.value, 0));

  constructor(config: Config, { user, role }: Person, device: string) {
    this.user = user;
    this.role = role;
    this.device = device;
    this.tokens = new Tokens({ user, role }, config.tokens);
    this.client = new Switchboard({
      url: config.endpoint,
      device,
      token: () => this.tokens.next(),
      store: new IndexedDbStore(["switchboard", config.store ?? config.endpoint, user, device].join(" ")),
      WebSocket: this.network.WebSocket,
    });
    this.presences = new Presences(this);
    this.pushInbox = config.pushes === undefined ? undefined : new PushInbox(config.pushes, this);
    this.#listen();
    this.#watch();
  }

  async start(): Promise<void> {
    await this.client.start();
    for (const { conversation } of this.client.conversations()) this.#talk(conversation);
    if (this.pushInbox) {
      // The local host's push service takes any token: nobody's phone rings.
      await this.client.registerPush({ platform: "fcm", token: `a-phone-on-the-page:${this.user}:${this.device}` });
    }
  }

  /** Begins the conversation of the demonstration: everybody has to have been there once. */
  meet(other: Chat): void {
    const end = effect(() => {
      if (!this.ready.value || !other.ready.value) return;
      queueMicrotask(() => end());
      void untracked(() => this.client.open(other.user)).then(({ conversation }) => {
        for (const chat of [this, other]) if (!chat.current.value) chat.show(chat.#talk(conversation));
      });
    });
  }

  /** Begins a conversation; says what was wrong. */
  async begin(user: string, subject: string): Promise<string | undefined> {
    try {
      const { conversation } = await this.client.open(user, { key: subject, subject, signal: AbortSignal.timeout(ANSWER_MS) });
      this.show(this.#talk(conversation));
      return undefined;
    } catch (error) {
      if (!(error instanceof SwitchboardError)) return "There is no connection. Try again when it is back.";
      return error.code === "unknown_user" ? `There is no ${this.role === "customer" ? "provider" : "customer"} ${user} yet.` : error.message;
    }
  }

  show(talk: Talk | undefined): void {
    const before = this.current.peek();
    if (before === talk) return;
    if (before) before.unreadFrom.value = undefined;
    if (talk) talk.unreadFrom.value = talk.unread.peek() > 0 ? talk.read.peek() : undefined;
    this.current.value = talk;
  }

  write(talk: Talk, text: string): void {
    talk.draft.value = text;
    this.client.typing(talk.id, text !== "");
  }

  intend(talk: Talk, kind: "reply" | "edit", message: Message): void;
  intend(talk: Talk, kind: undefined): void;
  intend(talk: Talk, kind: Intent["kind"] | undefined, message?: Message): void {
    if (talk.intent.peek()?.kind === "edit" || kind === "edit") talk.draft.value = kind === "edit" && message ? message.text : "";
    talk.intent.value = kind && message ? { kind, message } : undefined;
  }

  submit(talk: Talk): void {
    const text = talk.draft.peek().trim();
    const intent = talk.intent.peek();
    const seq = intent?.message.seq;
    if (intent?.kind === "edit") {
      if (seq !== undefined && text !== intent.message.text) this.#send(talk, { kind: "edit", of: seq, text });
    } else {
      this.#send(talk, { kind: "text", text }, seq);
    }
    talk.draft.value = "";
    talk.intent.value = undefined;
    this.client.typing(talk.id, false);
  }

  react(talk: Talk, { seq, reactions }: Message, emoji: string): void {
    const own = reactions.some((it) => it.emoji === emoji && it.users.includes(this.user));
    if (seq !== undefined) this.#send(talk, { kind: "reaction", of: seq, emoji, on: !own });
  }

  remove(talk: Talk, { seq }: Message): void {
    if (seq !== undefined) this.#send(talk, { kind: "delete", of: seq });
  }

  /** Sends again what was refused: it is another message now. */
  retry(talk: Talk, id: string): void {
    const refused = talk.outgoing.peek().find((it) => it.id === id);
    talk.discard(id);
    if (refused && refused.body.kind !== "deleted") this.#send(talk, refused.body, refused.replyTo);
  }

  discard(talk: Talk, id: string): void {
    talk.discard(id);
  }

  async loadOlder(talk: Talk): Promise<void> {
    if (talk.loading.peek() || !talk.older.peek() || this.link.peek() !== "online") return;
    talk.loading.value = true;
    try {
      await this.client.older(talk.id, { signal: AbortSignal.timeout(ANSWER_MS) });
      this.#touch(talk);
    } catch {
      // It is asked for again when the top is seen again.
    } finally {
      talk.loading.value = false;
    }
  }

  async loadInbox(): Promise<void> {
    const page = await this.client.inbox(this.#next === undefined ? {} : { next: this.#next });
    this.#next = page.next;
    this.#whole.value = page.next === undefined;
  }

  setNetwork(up: boolean): void {
    if (up) this.network.restore();
    else this.network.cut();
    if (up && this.foreground.peek()) this.client.foreground();
  }

  toBackground(): void {
    this.pushInbox?.sleep();
    this.foreground.value = false;
    this.client.background();
  }

  toForeground(conversation?: string): void {
    this.foreground.value = true;
    this.client.foreground();
    if (conversation !== undefined) this.show(this.#talk(conversation));
  }

  nameOf(conversation: string): string {
    return this.#known.value.get(conversation)?.other.value ?? "Switchboard";
  }

  #send(talk: Talk, body: Parameters<Switchboard["send"]>[1], replyTo?: number): void {
    // Whatever comes of it is told by events.
    void this.client.send(talk.id, body, { replyTo }).catch(() => {});
    talk.hold(this.client.entries(talk.id), this.client.unsent(talk.id));
  }

  #listen(): void {
    const { client } = this;
    client.on("state", (state) => {
      this.link.value = state;
    });
    client.on("synced", () => {
      this.ready.value = true;
    });
    client.on("conversation", (conversation) => this.#talk(conversation.conversation).learn(conversation));
    client.on("entry", (entry) => {
      const talk = this.#talk(entry.conversation);
      this.#touch(talk);
      if (entry.from === this.user) return;
      this.presences.here(entry.from);
      if (entry.body.kind === "text") this.heard.value = { id: entry.id, text: `${entry.from}: ${entry.body.text}` };
    });
    client.on("change", (entry) => this.#touch(this.#talk(entry.conversation)));
    client.on("send", ({ conversation, id, status, error }) => {
      const talk = this.#talk(conversation);
      if (status === "refused") talk.refuse(id, error?.code ?? "");
      else if (status === "queued") talk.keep(id);
      else this.#touch(talk);
    });
    client.on("typing", ({ conversation, user, on }) => {
      if (user === this.user) return;
      this.#talk(conversation).typing.value = on;
      if (on) this.presences.here(user);
    });
    client.on("problem", (problem) => console.warn("the client could not go on at once", problem));
  }

  /** What follows by itself from what is known. */
  #watch(): void {
    effect(() => {
      const there = this.link.value === "online" || !this.foreground.value;
      if (there) this.late.value = false;
      const timer = there ? undefined : setTimeout(() => (this.late.value = true), LATE_MS);
      return () => clearTimeout(timer);
    });
    // Whoever looks at the newest message has read it.
    effect(() => {
      const talk = this.current.value;
      if (!talk || !this.foreground.value || !visible.value || !talk.atEnd.value) return;
      const newest = talk.entries.value.at(-1)?.seq ?? 0;
      if (newest > talk.read.value) this.client.read(talk.id, newest);
    });
  }

  /** The conversation, known or not: the client tells of it sooner or later. */
  #talk(id: string): Talk {
    const known = this.#known.peek().get(id);
    if (known) return known;
    const talk = new Talk(id, this.user);
    const conversation = this.client.conversations().find((it) => it.conversation === id);
    if (conversation) talk.learn(conversation);
    talk.hold(this.client.entries(id), this.client.unsent(id), true);
    this.#known.value = new Map(this.#known.peek()).set(id, talk);
    return talk;
  }

  /** Takes over what the client holds, once for however much has happened. */
  #touch(talk: Talk): void {
    if (this.#dirty.size === 0) {
      queueMicrotask(() => {
        for (const it of this.#dirty) it.hold(this.client.entries(it.id), this.client.unsent(it.id));
        this.#dirty.clear();
      });
    }
    this.#dirty.add(talk);
  }
}

/** Whether anybody can see the page. */
export const visible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => {
  visible.value = document.visibilityState === "visible";
});
