import { Core } from "./core/core.js";
import type { Effect } from "./core/effects.js";
import type { Loads } from "./core/library.js";
import { keptSend, type Outgoing } from "./core/outbox.js";
import type { Environment, Socket, SocketConstructor } from "./environment.js";
import { aborted } from "./errors.js";
import { Emitter, type Events, type Listener, type State } from "./events.js";
import { bounded, copied } from "./sanitize.js";
import { MemoryStore, type Store } from "./store.js";
import type {
  ClientBody, ClientFrame, Conversation, ConversationId, Device, Entry, EntryId, Inbox, Opened, PlatformError, Present,
  RegisterDeviceFrame, Replies, Sent, Seq, ServerFrame, Timestamp, UserId,
} from "./types.js";
import { dice, ulid } from "./ulid.js";

/** What a client is made of. */
export interface Options {
  /** Where the gateway is: `wss://…/{stage}`, or `ws://127.0.0.1:8080/local`. */
  url: string;
  /** The device's name, 1 to 64 of `[A-Za-z0-9._-]`. It stays the same; two clients at a time need two names. */
  device: string;
  /** The user's token; `fresh`: the last one is no good any more, or will not be soon. */
  token: (fresh: boolean) => string | Promise<string>;
  /** What survives a restart is kept here; by default, nothing survives. */
  store?: Store;
  /** A WebSocket constructor, where the platform has none: `ws` in Node 20. */
  WebSocket?: unknown;
  /** How much of a log that is new to the device is loaded; by default `newest`, its last 20 entries. */
  load?: Loads;
  /** Whether the client watches the browser's `online` and `visibilitychange`; by default where there is such. */
  watch?: boolean;
  /** Time and chance, for tests. */
  environment?: Environment;
}

export interface Asking {
  /** Gives the question up. Without one it is asked until it is answered, over however many connections. */
  signal?: AbortSignal | undefined;
}

export interface SendOptions {
  /** Takes the send back if it was never tried; else it may be in the log, goes on, and only the promise ends. */
  signal?: AbortSignal | undefined;
  /** The entry that it answers. */
  replyTo?: Seq | undefined;
  /** An id from {@link Switchboard.newId}, to know it before the promise. */
  id?: EntryId | undefined;
}

const system: Environment = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
  random: dice,
};

const OPEN = 1;

/** A device of a user: connected or about to be, with what it holds of each conversation. */
export class Switchboard {
  readonly #options: Options;
  readonly #environment: Environment;
  readonly #store: Store;
  readonly #core: Core;
  readonly #events = new Emitter();
  readonly #sockets = new Map<number, Socket>();
  /** Writes to the store that something to be sent waits for. */
  #writes: Promise<void> | undefined;
  #timer: unknown;
  #started: Promise<void> | undefined;
  #unwatch = () => {};

  constructor(options: Options) {
    this.#options = options;
    this.#environment = options.environment ?? system;
    this.#store = options.store ?? new MemoryStore();
    this.#core = new Core(options.load ?? "newest", () => this.#environment.random());
  }

  /** Takes up what the store holds, and connects. Ready before it is connected: what is asked and sent waits. */
  start(): Promise<void> {
    return (this.#started ??= (async () => {
      const kept = this.#store.load();
      this.#core.restore(kept instanceof Promise ? await kept : kept);
      this.#unwatch = this.#watch();
      this.foreground();
    })());
  }

  /** Ends for good: closes the connection, and waits until everything is kept. */
  async close(): Promise<void> {
    await this.#started;
    this.#unwatch();
    this.background();
    await this.#writes;
  }

  /** The app is seen again, or the network is back: connects at once, and does not trust a connection that slept. */
  foreground(): void {
    this.#do((now) => this.#core.start(now));
  }

  /** The app is not seen any more: the connection is closed, so that the user gets pushes from now on. */
  background(): void {
    this.#do((now) => this.#core.stop(now));
  }

  /** Listens to what happens; returns what ends it. */
  on<K extends keyof Events>(name: K, listener: Listener<K>): () => void {
    return this.#events.on(name, listener);
  }

  get state(): State {
    return this.#core.state;
  }

  /** Who the gateway says that this is; empty before the first welcome. */
  get user(): UserId {
    return this.#core.library.user;
  }

  /** The conversations that are known, newest first. More of them: {@link inbox}. */
  conversations(): Conversation[] {
    return this.#core.library.book.list();
  }

  /** The entries that are held, ascending, edits and deletions done. Older ones: {@link older}. */
  entries(conversation: ConversationId): readonly Entry[] {
    return this.#core.library.logs.get(conversation)?.entries ?? [];
  }

  /** What is still to be sent to a conversation, in order. */
  unsent(conversation: ConversationId): readonly Outgoing[] {
    return this.#core.outbox.of(conversation).map(keptSend);
  }

  /** An id for an entry. */
  newId(): EntryId {
    return ulid(this.#environment.now(), () => this.#environment.random());
  }

  /**
   * Sends a text, or any other body. It is kept until it is in the log, also over a restart.
   * Rejects where the gateway refuses it for good.
   */
  send(conversation: ConversationId, body: string | ClientBody, options: SendOptions = {}): Promise<Sent> {
    const { signal, replyTo, id = this.newId() } = options;
    const sent = this.#settled<Sent>(signal, (done) => {
      const said = bounded(copied<ClientBody>(typeof body === "string" ? { kind: "text", text: body } : body), "body");
      this.#do((now) => this.#core.send({ conversation, id, body: said, replyTo }, done, now));
      return () => void (this.cancel(conversation, id) || this.#core.abandon(id));
    });
    // Whoever does not wait for it hears of a refusal by the event `send`.
    sent.catch(() => {});
    return sent;
  }

  /** Takes a send back; false where it was tried, and so may be in the log. */
  cancel(conversation: ConversationId, id: EntryId): boolean {
    return this.#do(() => this.#core.cancel(conversation, id));
  }

  /** The conversation with a user, new or not. */
  open(user: UserId, options: Asking & { key?: string; subject?: string } = {}): Promise<Opened> {
    const { signal, ...rest } = options;
    return this.#ask({ action: "open", with: user, ...rest }, signal);
  }

  /** Loads entries older than those that are held; says whether there are more. */
  async older(conversation: ConversationId, options: Asking & { limit?: number } = {}): Promise<boolean> {
    const log = this.#core.library.logs.get(conversation);
    const before = log?.loaded ? log.base + 1 : Number.MAX_SAFE_INTEGER;
    const { signal, limit = 50 } = options;
    if (before === 1) return false;
    return (await this.#ask({ action: "history", conversation, before, limit }, signal)).more;
  }

  /** Loads a page of the list of conversations; `next` of the reply leads on. */
  inbox(options: Asking & { limit?: number; next?: string } = {}): Promise<Inbox> {
    const { signal, ...rest } = options;
    return this.#ask({ action: "inbox", ...rest }, signal);
  }

  /** Who of them is there, of those with whom one shares a conversation. */
  async presence(users: UserId[], { signal }: Asking = {}): Promise<Record<UserId, Present>> {
    return (await this.#ask({ action: "presence", users }, signal)).users;
  }

  /** Somebody here has seen everything that is shown of a conversation, or all up to a place. */
  read(conversation: ConversationId, seq: Seq = Number.MAX_SAFE_INTEGER): void {
    this.#do((now) => this.#core.read(conversation, seq, now));
  }

  /** Somebody here writes: call it at every keystroke, and with `false` at the end. */
  typing(conversation: ConversationId, on = true): void {
    this.#do((now) => this.#core.typing(conversation, on, now));
  }

  /** Registers this device for pushes. */
  registerPush(
    push: Pick<RegisterDeviceFrame, "platform" | "token" | "locale">,
    { signal }: Asking = {},
  ): Promise<Device> {
    return this.#ask({ action: "device", device: this.#options.device, ...push }, signal);
  }

  /** Ends the pushes to this device. */
  unregisterPush({ signal }: Asking = {}): Promise<Device> {
    return this.#ask({ action: "device", device: this.#options.device, remove: true }, signal);
  }

  /** No pushes of a conversation until then; 0 ends it. */
  async mute(conversation: ConversationId, until: Timestamp, { signal }: Asking = {}): Promise<void> {
    await this.#ask({ action: "settings", conversation, muted_until: until }, signal);
  }

  /** A user may not send any more, or may again. */
  async block(user: UserId, blocked = true, { signal }: Asking = {}): Promise<void> {
    await this.#ask({ action: "settings", user, blocked }, signal);
  }

  #ask<F extends Parameters<Core["ask"]>[0]>(frame: F, signal: AbortSignal | undefined): Promise<Replies[F["action"]]> {
    return this.#settled(signal, (done) => {
      const said = bounded(copied(frame), "frame");
      return this.#do((now) => this.#core.ask(said, done, now));
    });
  }

  #settled<T>(
    signal: AbortSignal | undefined,
    begin: (done: (error: Error | undefined, reply?: unknown) => void) => () => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw aborted(signal);
      const give = () => {
        end();
        reject(aborted(signal));
      };
      const end = begin((error, reply) => {
        signal?.removeEventListener("abort", give);
        if (error) reject(error);
        else resolve(reply as T);
      });
      signal?.addEventListener("abort", give);
    });
  }

  /** Lets the core do something, does what it says, and sets the timer for when it has something to do next. */
  #do<T>(what: (now: number) => T): T {
    const result = what(this.#environment.now());
    // A listener may ask for more, which is done in its turn.
    for (const effect of this.#core.effects()) this.#carryOut(effect);
    this.#environment.clearTimeout(this.#timer);
    const now = this.#environment.now();
    const next = this.#core.next(now);
    if (next < Infinity) {
      const wait = Math.min(Math.max(next - now, 1), 2 ** 31 - 1);
      this.#timer = this.#environment.setTimeout(() => this.#do((at) => this.#core.tick(at)), wait);
    }
    return result;
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case "connect":
        return void this.#connect(effect.link, effect.fresh);
      case "transmit":
        return this.#transmit(effect.link, effect.frame);
      case "close":
        return this.#close(effect.link);
      case "keep":
        return this.#keep(effect);
      case "tell":
        return this.#events.emit(effect.event, effect.detail);
    }
  }

  async #connect(link: number, fresh: boolean): Promise<void> {
    try {
      const token = await this.#options.token(fresh);
      if (!this.#core.links.get(link)) return;
      const Constructor = (this.#options.WebSocket ?? globalThis.WebSocket) as SocketConstructor;
      const url = `${this.#options.url}?device=${encodeURIComponent(this.#options.device)}`;
      const socket = new Constructor(url, ["switchboard.v1", `bearer.${token}`]);
      this.#sockets.set(link, socket);
      let unauthorized = false;
      socket.onopen = () => this.#do((now) => this.#core.opened(link, now));
      socket.onmessage = ({ data }: MessageEvent) => this.#heard(link, data);
      socket.onclose = () => {
        this.#sockets.delete(link);
        this.#do((now) => this.#core.closed(link, now, unauthorized));
      };
      // Browsers do not say why; React Native and `ws` name the status.
      socket.onerror = (event: { message?: string }) => {
        unauthorized = /\b401\b/.test(event.message ?? "");
      };
    } catch (error) {
      this.#events.emit("problem", error);
      this.#do((now) => this.#core.closed(link, now));
    }
  }

  #heard(link: number, data: unknown): void {
    let frame: unknown;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return;
    }
    if (frame && typeof frame === "object") {
      this.#do((now) => this.#core.heard(link, frame as ServerFrame | PlatformError, now));
    }
  }

  #transmit(link: number, frame: ClientFrame): void {
    this.#onceKept(() => {
      const socket = this.#sockets.get(link);
      if (socket?.readyState === OPEN) socket.send(JSON.stringify(frame));
    });
  }

  #close(link: number): void {
    const socket = this.#sockets.get(link);
    if (!socket) return;
    this.#sockets.delete(link);
    socket.onopen = socket.onmessage = socket.onclose = null;
    // `ws` has to find a listener for what goes wrong from here on.
    socket.onerror = () => {};
    // What was said before may still wait for the store.
    this.#onceKept(() => socket.close(1000));
  }

  /** At once, or when the store has everything that it was given. */
  #onceKept(act: () => void): void {
    if (this.#writes) void this.#writes.then(act);
    else act();
  }

  #keep({ key, value, send }: Extract<Effect, { do: "keep" }>): void {
    const kept = () => {
      if (!send) return;
      const { conversation, id } = send;
      if (this.#core.outbox.find(conversation, id)) this.#events.emit("send", { conversation, id, status: "queued" });
    };
    try {
      const writing = value === undefined ? this.#store.remove(key) : this.#store.put(key, value);
      if (!writing) return void kept();
      const written = writing.then(kept).catch((error: unknown) => this.#events.emit("problem", error));
      const all: Promise<void> = Promise.all([this.#writes, written]).then(() => {
        if (this.#writes === all) this.#writes = undefined;
      });
      this.#writes = all;
    } catch (error) {
      this.#events.emit("problem", error);
    }
  }

  #watch(): () => void {
    const { watch = typeof document === "object" } = this.#options;
    if (!watch) return () => {};
    const back = () => {
      if (this.#core.links.wanted && document.visibilityState !== "hidden") this.foreground();
    };
    document.addEventListener("visibilitychange", back);
    globalThis.addEventListener("online", back);
    return () => {
      document.removeEventListener("visibilitychange", back);
      globalThis.removeEventListener("online", back);
    };
  }
}
