/**
 * The rules of the protocol for a device, as a state machine without sockets, timers, storage or dice of its own.
 *
 * It is told what happened and what time it is, and says what is to be done: {@link Effect}.
 */
import type {
  ClientFrame, ConversationId, Entry, EntryId, ErrorFrame, Marks, PlatformError, Seq, ServerFrame, UserId, Welcome,
} from "../types.js";
import { aborted, SwitchboardError } from "../errors.js";
import type { State } from "../events.js";
import { type Ask, type Asking, type Done, nobody } from "./asks.js";
import { type Effect, Effects } from "./effects.js";
import { Library, type Loads } from "./library.js";
import { ANSWER_MS, Links, type Link } from "./links.js";
import { frameOf, keptSend, Outbox, type Outgoing, type Sending } from "./outbox.js";
import { Questions, type Question } from "./questions.js";
import { Receipts } from "./receipts.js";
import type { KeptLog, Log } from "./shelf.js";
import { Syncing } from "./syncing.js";
import { Typists } from "./typing.js";

/** The first pause after an error that says to try again, and the greatest. */
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** Above every place. */
const ABOVE_ALL = Number.MAX_SAFE_INTEGER;

export class Core {
  readonly library: Library;
  readonly outbox = new Outbox();
  readonly links: Links;
  state: State = "offline";
  readonly #questions = new Questions();
  readonly #receipts = new Receipts();
  readonly #syncing = new Syncing();
  readonly #typists = new Typists();
  readonly #dones = new Map<EntryId, Done>();
  #asks: Ask[] = [];
  /** Nothing is asked before: a dependency of the gateway's has failed. */
  #notBefore = 0;
  #failures = 0;
  readonly #effects = new Effects();

  constructor(loads: Loads, random: () => number) {
    this.library = new Library(loads, this.#effects);
    this.links = new Links(random);
  }

  /** What is to be done; each is said once. */
  effects(): Effect[] {
    return this.#effects.take();
  }

  // What the app wants.

  /** Takes up what was kept. */
  restore(kept: Iterable<[key: string, value: unknown]>): void {
    for (const [key, value] of kept) {
      if (key === "user") this.library.user = value as UserId;
      if (key.startsWith("log/")) this.library.restore(value as KeptLog);
      if (key.startsWith("send/")) this.#queue(value as Outgoing);
    }
  }

  /** From now on the device wants to be connected, at once. */
  start(now: number): void {
    this.links.wanted = true;
    this.links.connectAt = now;
    const { active } = this.links;
    if (active && !active.pinged && this.links.isStale(active, now)) this.#transmit(active.id, { action: "ping" }, now);
    this.tick(now);
  }

  /** The device goes away; what is to be sent stays. */
  stop(now: number): void {
    this.links.wanted = false;
    for (const link of [...this.links.all]) this.#giveUp(link, now);
    this.library.flush();
    this.#tellState();
  }

  send(send: Omit<Outgoing, "place" | "after">, done: Done, now: number): void {
    const sending = this.#queue(send);
    this.#dones.set(send.id, done);
    this.#effects.keep(`send/${send.id}`, keptSend(sending), sending);
    this.tick(now);
  }

  /** A send waits, and its log is wanted. */
  #queue(send: Parameters<Outbox["push"]>[0]): Sending {
    this.library.log(send.conversation);
    return this.outbox.push(send);
  }

  /** Takes a send back, where it was never tried. */
  cancel(conversation: ConversationId, id: EntryId): boolean {
    const send = this.outbox.find(conversation, id);
    if (!send || send.after !== undefined) return false;
    this.#settle(send, "cancelled", aborted());
    return true;
  }

  /** Forgets whoever waits for a send. What was tried once may be in the log, so it is still sent. */
  abandon(id: EntryId): void {
    this.#dones.delete(id);
  }

  /** Asks until there is an answer; returns what ends that. */
  ask(frame: Asking, done: Done, now: number): () => void {
    const ask: Ask = { frame, done, inFlight: false, notBefore: 0 };
    this.#asks.push(ask);
    this.tick(now);
    return () => this.#forget(ask);
  }

  /** Somebody here has seen a conversation up to there. */
  read(conversation: ConversationId, seq: Seq, now: number): void {
    this.library.read(conversation, seq);
    this.tick(now);
  }

  typing(conversation: ConversationId, on: boolean, now: number): void {
    if (this.links.active) this.#typists.want(conversation, on);
    this.tick(now);
  }

  // What happens.

  opened(id: number, now: number): void {
    const link = this.links.get(id);
    if (!link || link.open) return;
    link.open = true;
    const giveUp = () => this.#giveUp(link, now);
    this.#question(link, { action: "hello" }, now, {
      answered: (frame) => this.#welcomed(link, frame as Welcome, now),
      again: () => {},
      refused: giveUp,
    });
    this.tick(now);
  }

  /** A connection has ended, or was never made; `unauthorized`: its token was no good. */
  closed(id: number, now: number, unauthorized = false): void {
    const link = this.links.get(id);
    if (link) {
      this.#forgetLink(link, now);
      this.links.fresh ||= unauthorized;
    }
    this.tick(now);
  }

  heard(id: number, frame: ServerFrame | PlatformError, now: number): void {
    const link = this.links.get(id);
    if (!link) return;
    link.heardAt = now;
    if (!("event" in frame)) {
      // The platform's own: whatever is in flight was not answered.
      if ("message" in frame) this.#platformError(link, now);
    } else if (frame.event === "error") {
      this.#error(link, frame, now);
    } else {
      const ref = "ref" in frame ? frame.ref : undefined;
      const question = this.#questions.take(ref);
      if (question) {
        this.#failures = 0;
        question.answered(frame);
      }
      this.#told(frame, now);
    }
    this.tick(now);
  }

  /** Time has passed: does whatever is to be done now. */
  tick(now: number): void {
    this.#giveUpTheDead(now);
    const next = this.links.connect(now);
    if (next) this.#effects.push({ do: "connect", link: next.link.id, fresh: next.fresh });
    for (const typing of this.#typists.forgotten(now)) this.#effects.tell("typing", typing);
    this.library.flush();
    const { active } = this.links;
    if (active && now >= this.#notBefore) this.#pump(active, now);
    if (!active) this.#typists.drop();
    this.library.flush();
    this.#tellState();
  }

  /** When `tick` has something to do at the latest, if nothing happens before. */
  next(now: number): number {
    const due = [this.links.next(), this.#questions.next(ANSWER_MS), this.#typists.next(this.links.active !== undefined)];
    if (this.links.active) {
      const work = [this.#receipts.next(this.library.logs.values())];
      for (const log of this.library.logs.values()) work.push(log.askAt ?? Infinity);
      for (const it of this.outbox.firsts()) if (this.#maySend(it)) work.push(it.notBefore);
      for (const it of this.#asks) if (!it.inFlight) work.push(it.notBefore);
      if (this.#notBefore > now) work.push(now);
      due.push(Math.max(Math.min(...work), this.#notBefore));
    }
    return Math.min(...due);
  }

  // What is to be done now.

  #pump(link: Link, now: number): void {
    if (this.#syncing.isDue) this.#sync(link, now);
    for (const log of this.library.logs.values()) {
      if (!log.loaded && !log.asking && this.#syncing.isDone && this.#isWanted(log)) {
        this.#history(link, log, { before: ABOVE_ALL, limit: 20 }, now);
      } else if (log.askAt !== undefined && log.askAt <= now) {
        this.#history(link, log, { after: log.cursor, limit: 100 }, now);
      }
    }
    for (const ask of this.#asks) if (!ask.inFlight && ask.notBefore <= now) this.#askNow(link, ask, now);
    for (const send of this.outbox.firsts()) if (send.notBefore <= now && this.#maySend(send)) this.#sendNow(link, send, now);
    const ref = this.#questions.ref();
    const receipts: Marks[] = this.#receipts.due(this.library.logs.values(), now, ref);
    if (receipts.length > 0) {
      for (const it of receipts) this.library.changed(this.library.log(it.conversation));
      this.#transmit(link.id, { action: "receipt", ref, receipts }, now);
    }
    const typing = this.#typists.due(now);
    if (typing) this.#transmit(link.id, { action: "typing", ref: this.#questions.ref(), ...typing }, now);
    if (this.links.isSilent(link, now)) this.#transmit(link.id, { action: "ping" }, now);
  }

  /** Whether somebody waits for a log that is not held. */
  #isWanted(log: Log): boolean {
    return log.ahead.size > 0 || this.outbox.of(log.conversation).length > 0;
  }

  /** A send needs a cursor: where nothing is held of the log, its end is loaded first. */
  #maySend(send: Sending): boolean {
    return send.after !== undefined || this.library.log(send.conversation).loaded;
  }

  #sync(link: Link, now: number): void {
    const begun = new Set<Log>();
    this.#question(link, { action: "sync", cursors: this.#syncing.cursors() }, now, {
      answered: (frame) => {
        if (frame.event !== "synced") return;
        for (const it of frame.entries) {
          const log = this.library.log(it.conversation);
          if (!log.loaded) begun.add(log);
        }
        this.library.takeAll(frame.entries, now);
        this.#syncing.answered(frame.more, begun);
        if (this.#syncing.isDone) this.#effects.tell("synced", undefined);
      },
      again: (at) => {
        this.#syncing.isDue = true;
        this.#pause(at);
      },
      refused: () => {
        this.#syncing.isDone = true;
      },
    });
  }

  #history(link: Link, log: Log, span: { after: Seq; limit: number } | { before: Seq; limit: number }, now: number): void {
    const { conversation } = log;
    log.asking = true;
    log.askAt = undefined;
    const cursor = log.cursor;
    this.#question(link, { action: "history", conversation, ...span }, now, {
      answered: (frame) => {
        if (frame.event !== "page") return;
        log.asking = false;
        this.library.takeAll(frame.entries, now);
        if (!log.loaded) this.library.begin(log, 0);
        // What helped is asked on at once, what did not, after a while.
        if (log.lacks && log.cursor > cursor) log.askAt = now;
        else log.mindTheGap(now);
      },
      again: (at) => {
        log.asking = false;
        if (log.loaded) log.askAt = at;
        else this.#pause(at);
      },
      refused: () => {
        log.asking = false;
        log.ahead.clear();
        log.hinted = 0;
        if (!log.loaded) this.library.begin(log, 0);
      },
    });
  }

  #askNow(link: Link, ask: Ask, now: number): void {
    ask.inFlight = true;
    this.#question(link, ask.frame, now, {
      answered: (reply) => {
        this.#forget(ask);
        ask.done(undefined, reply);
      },
      again: (at) => {
        ask.inFlight = false;
        ask.notBefore = at;
      },
      refused: (error) => {
        this.#forget(ask);
        ask.done(SwitchboardError.of(error));
      },
    });
  }

  #forget(ask: Ask): void {
    this.#asks = this.#asks.filter((it) => it !== ask);
  }

  #sendNow(link: Link, send: Sending, now: number): void {
    const { conversation, id } = send;
    send.inFlight = true;
    if (send.after === undefined) {
      send.after = this.library.log(conversation).cursor;
      this.#effects.keep(`send/${id}`, keptSend(send));
    }
    this.#question(link, frameOf(send), now, {
      // `sent` is told below, asked for or not: it may come twice.
      answered: () => {},
      again: (at) => {
        send.inFlight = false;
        send.notBefore = at;
      },
      refused: (error) => this.#settle(send, "refused", SwitchboardError.of(error)),
    });
  }

  #settle(send: Sending, status: "sent" | "refused" | "cancelled", error?: Error, reply?: unknown): void {
    const { conversation, id } = send;
    if (!this.outbox.remove(conversation, id)) return;
    this.#effects.keep(`send/${id}`);
    this.#effects.tell("send", { conversation, id, status, ...(error instanceof SwitchboardError && { error }) });
    this.#dones.get(id)?.(error, reply);
    this.#dones.delete(id);
  }

  // What is heard.

  #welcomed(link: Link, frame: Welcome, now: number): void {
    if (frame.user !== this.library.user) this.#become(frame.user);
    // By the server's clock, since it may be another than ours.
    const replaced = this.links.welcome(link, now, frame.reconnect_by - frame.now, frame.expires_at - frame.now);
    for (const old of replaced) {
      this.links.drop(old);
      this.#effects.push({ do: "close", link: old.id });
      for (const it of this.#questions.takeAll(old.id)) it.again(now);
    }
    for (const it of frame.conversations) {
      const log = this.library.learn(it);
      const me = it.members.find((member) => member.user === frame.user);
      if (me) {
        log.said = { recv: me.recv, read: me.read };
        log.read = Math.max(log.read, me.read);
      }
    }
    this.#syncing.begin(this.library.logs.values());
  }

  /** The store was somebody else's: nothing of it may be shown, or sent in another name. */
  #become(user: UserId): void {
    if (this.library.user !== "") {
      for (const send of this.outbox.all()) this.#settle(send, "refused", new SwitchboardError("not_allowed", "another user has logged in"));
      this.library.forget();
    }
    this.library.user = user;
    this.#effects.keep("user", user);
  }

  #told(frame: ServerFrame, now: number): void {
    switch (frame.event) {
      case "opened": {
        this.library.learn(frame);
        break;
      }
      case "inbox": {
        for (const it of frame.conversations) this.library.learn(it);
        break;
      }
      case "sent": {
        const send = this.outbox.find(frame.conversation, frame.id);
        if (!send) break;
        const { conversation, id, seq, ts } = frame;
        this.#settle(send, "sent", undefined, frame);
        const { said } = this.library.log(conversation);
        said.recv = Math.max(said.recv, send.after ?? 0);
        const entry: Entry = { event: "entry", conversation, seq, id, from: this.library.user, ts, body: send.body };
        this.library.take(send.replyTo === undefined ? entry : { ...entry, reply_to: send.replyTo }, now);
        break;
      }
      case "entry": {
        const log = this.library.log(frame.conversation);
        // Delivered again: the receipt for it was lost.
        if (log.loaded && frame.seq <= log.cursor) {
          const { said } = log;
          said.recv = Math.min(said.recv, Math.max(log.base, frame.seq - 1));
        }
        if (!log.loaded && frame.seq === 1) this.library.begin(log, 0);
        // Of a conversation that was not listed: it has come to the top.
        if (!this.library.book.all.has(frame.conversation) && !this.#asks.some((it) => it.done === nobody)) {
          this.#asks.push({ frame: { action: "inbox" }, done: nobody, inFlight: false, notBefore: 0 });
        }
        this.library.take(frame, now);
        this.#heardTyping({ event: "typing", conversation: frame.conversation, user: frame.from, on: false }, now);
        break;
      }
      case "page": {
        this.library.takeAll(frame.entries, now);
        this.library.prepend(frame.conversation, frame.entries);
        break;
      }
      case "receipt": {
        this.library.receipt(frame, now);
        break;
      }
      case "typing": {
        this.#heardTyping(frame, now);
        break;
      }
      case "settings": {
        this.library.settings(frame);
        break;
      }
      default:
    }
  }

  #heardTyping(typing: Extract<ServerFrame, { event: "typing" }>, now: number): void {
    if (this.#typists.heard(typing, now)) this.#effects.tell("typing", typing);
  }

  #error(link: Link, frame: ErrorFrame, now: number): void {
    if (frame.code === "token_expired") {
      const question = this.#questions.take(frame.ref);
      this.#giveUp(link, now);
      question?.again(now);
      this.links.fresh = true;
      return;
    }
    const at = now + (frame.retry_after_ms ?? this.#backoff());
    if (frame.ref !== undefined && this.#receipts.refused(frame.ref, frame.retry, at)) return;
    // A frame that could not be read has no `ref`: it is known where it can only be one.
    const question = frame.ref === undefined ? this.#questions.takeOnly(link.id) : this.#questions.take(frame.ref);
    if (frame.retry) question?.again(at);
    else question?.refused(frame);
    if (link.welcomedAt === undefined) this.#giveUp(link, now);
  }

  #platformError(link: Link, now: number): void {
    const at = now + this.#backoff();
    for (const it of this.#questions.takeAll(link.id)) it.again(at);
    this.#receipts.lost(at);
    this.#pause(at);
    if (link.welcomedAt === undefined) this.#giveUp(link, now);
  }

  /** How long to wait where an error asks to try again and does not say when. */
  #backoff(): number {
    return Math.min(RETRY_MS * 2 ** this.#failures++, RETRY_MAX_MS);
  }

  #pause(until: number): void {
    this.#notBefore = Math.max(this.#notBefore, until);
  }

  // Connections.

  #giveUpTheDead(now: number): void {
    const late = this.#questions.late(now, ANSWER_MS).map((id) => this.links.get(id));
    for (const link of new Set([...late, ...this.links.dead(now)])) if (link) this.#giveUp(link, now);
  }

  #giveUp(link: Link, now: number): void {
    if (!this.links.get(link.id)) return;
    this.#effects.push({ do: "close", link: link.id });
    this.#forgetLink(link, now);
  }

  #forgetLink(link: Link, now: number): void {
    const wasActive = this.links.active === link;
    this.links.lose(link, now);
    for (const it of this.#questions.takeAll(link.id)) it.again(now);
    if (wasActive) this.#receipts.lost(now);
  }

  #question(link: Link, frame: ClientFrame, now: number, question: Omit<Question, "link" | "at">): void {
    const ref = this.#questions.ref();
    this.#questions.add(ref, { link: link.id, at: now, ...question });
    this.#transmit(link.id, { ...frame, ref }, now);
  }

  #transmit(id: number, frame: ClientFrame, now: number): void {
    const link = this.links.get(id);
    if (!link) return;
    link.spokeAt = now;
    link.pinged = frame.action === "ping";
    this.#effects.push({ do: "transmit", link: id, frame });
  }

  #tellState(): void {
    const state = this.links.active ? "online" : this.links.wanted ? "connecting" : "offline";
    if (state === this.state) return;
    this.state = state;
    this.#effects.tell("state", state);
  }
}
