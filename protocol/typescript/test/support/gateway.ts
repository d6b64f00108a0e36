/** A gateway of the protocol's bare rules, with every bad habit that a network has. Its time is the test's. */
import type { Entry } from "../../src/index.js";
import type { FakeTime } from "./time.js";
import { FakeSocket, ROOM, type Frame } from "./stage.js";

interface Connection {
  socket: FakeSocket;
  user: string;
}

export class Gateway {
  readonly log: Entry[] = [];
  /** What broke the protocol. */
  readonly broken: string[] = [];
  /** Whether the network still has its bad habits. */
  isBad = true;
  #connections: Connection[] = [];
  readonly #afters = new Map<string, string>();
  readonly #recv = new Map<string, number>();

  constructor(
    readonly time: FakeTime,
    readonly random: () => number,
  ) {}

  /** A constructor of sockets that lead here, of a user's. */
  sockets(user: string): new (url: string, protocols: string[]) => FakeSocket {
    const arrives = (socket: FakeSocket) => this.#arrives({ socket, user });
    return class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        arrives(this);
      }
    };
  }

  /** Cuts some connections. */
  cuts(): void {
    for (const it of this.#connections) if (this.#chance(0.5)) this.#break(it);
  }

  #chance(share: number): boolean {
    return this.isBad && this.random() < share;
  }

  #later(run: () => void): void {
    this.time.setTimeout(run, 1 + Math.floor(this.random() * (this.isBad ? 800 : 20)));
  }

  #arrives(connection: Connection): void {
    const { socket } = connection;
    this.#later(() => {
      if (socket.closedByClient) return;
      if (this.#chance(0.2)) return socket.breaks();
      this.#connections.push(connection);
      socket.send = (text) => this.#later(() => this.#hears(connection, JSON.parse(text) as Frame));
      socket.opens();
    });
  }

  #break(connection: Connection): void {
    this.#connections = this.#connections.filter((it) => it !== connection);
    if (!connection.socket.closedByClient) connection.socket.breaks();
  }

  #tells(connection: Connection, frame: Frame): void {
    const tell = () => this.#connections.includes(connection) && !connection.socket.closedByClient && connection.socket.says(frame);
    this.#later(tell);
    if (this.#chance(0.1)) this.#later(tell);
  }

  #hears(connection: Connection, frame: Frame): void {
    if (!this.#connections.includes(connection)) return;
    const { ref } = frame;
    if (this.#chance(0.04)) return this.#break(connection);
    if (this.#chance(0.05)) return this.#tells(connection, { message: "Internal server error", connectionId: "", requestId: "" });
    if (this.#chance(0.05)) return this.#tells(connection, { event: "error", ref, code: "unavailable", message: "", retry: true });
    const answer = this.#answer(connection, frame);
    if (!answer) return;
    // Done, and the answer lost with the connection.
    if (this.#chance(0.08)) return this.#break(connection);
    this.#tells(connection, { ...answer, ref });
  }

  #answer(connection: Connection, frame: Frame): Frame | undefined {
    const { user } = connection;
    const above = (seq: number) => this.log.filter((it) => it.seq > seq);
    switch (frame["action"]) {
      case "hello":
        return {
          event: "welcome", user, role: "customer", now: 0, expires_at: 9e6, reconnect_by: 60_000,
          conversations: [this.#room()], more: false, limits: {},
        };
      case "inbox":
        return { event: "inbox", conversations: [this.#room()] };
      case "ping":
        return { event: "pong" };
      case "sync": {
        const entries = above(frame["cursors"][ROOM] ?? 0);
        return { event: "synced", entries: entries.slice(0, 5), more: entries.length > 5 };
      }
      case "history": {
        const entries = above(frame["after"]).slice(0, 5);
        return { event: "page", conversation: ROOM, entries, more: false };
      }
      case "receipt":
        for (const { recv, read } of frame["receipts"] as Frame[]) {
          if (recv > this.log.length || read > recv) this.broken.push(`${user} confirms ${recv}, has read ${read}`);
          this.#recv.set(user, Math.max(recv, this.#recv.get(user) ?? 0));
        }
        return undefined;
      case "send":
        return this.#append(connection, frame);
      default:
        this.broken.push(`${user} says ${JSON.stringify(frame)}`);
        return undefined;
    }
  }

  #room(): Frame {
    const members = ["alice", "bob"].map((user) => ({
      user, role: user === "alice" ? "customer" : "provider", recv: this.#recv.get(user) ?? 0, read: 0,
    }));
    const last = this.log.at(-1) ?? null;
    return { conversation: ROOM, key: "", subject: "", members, last_seq: this.log.length, last_at: 1, last, unread: 0 };
  }

  #append(connection: Connection, frame: Frame): Frame {
    const { user } = connection;
    const { id, after, body } = frame;
    const said = JSON.stringify([after, body]);
    if ((this.#afters.get(id) ?? said) !== said) this.broken.push(`${user} sends ${id} with another after or body`);
    this.#afters.set(id, said);
    if (after > this.log.length) this.broken.push(`${user} sends after ${after}`);
    // As the gateway does it: what stands at or below `after` is not looked for.
    const known = this.log.find((it) => it.id === id && it.seq > after);
    const entry: Entry = known ?? { event: "entry", conversation: ROOM, seq: this.log.length + 1, id, from: user, ts: this.time.now(), body };
    if (!known) {
      this.log.push(entry);
      for (const it of this.#connections) {
        // Dropped now and then: a relay is a doorbell.
        if (it !== connection && !this.#chance(0.15)) this.#tells(it, { ...entry });
      }
    }
    return { event: "sent", conversation: ROOM, id, seq: entry.seq, ts: entry.ts, duplicate: known !== undefined };
  }
}
