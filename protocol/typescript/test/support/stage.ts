/** A client on sockets that a test holds the other end of. */
import assert from "node:assert/strict";
import { MemoryStore, Switchboard, type Conversation, type Events, type Options } from "../../src/index.js";
import { FakeTime, settle } from "./time.js";

export type Frame = Record<string, any>;

export const ROOM = "01M82EAW1YQZZPSY4WDE1WCZ4F";
export const OTHER_ROOM = "01M82EAW1YQZZPSY4WDE1WCZ4G";

/** The gateway's end of a socket. */
export class FakeSocket {
  readyState = 0;
  onopen: ((event: object) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  /** What the client said and the test has not looked at. */
  readonly frames: Frame[] = [];
  closedByClient = false;
  answersPings = true;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(text: string): void {
    assert.equal(this.readyState, 1, "nothing is sent over a socket that is not open");
    const frame = JSON.parse(text) as Frame;
    this.frames.push(frame);
    if (frame["action"] === "ping" && this.answersPings) queueMicrotask(() => this.says({ event: "pong" }));
  }

  close(): void {
    this.readyState = 3;
    this.closedByClient = true;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.({});
  }

  says(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The connection is lost, or was refused with that message. */
  breaks(message?: string): void {
    this.readyState = 3;
    if (message) this.onerror?.({ message });
    this.onclose?.({});
  }

  /** What was said, which is no longer looked at. */
  heard(action?: string): Frame[] {
    const heard = this.frames.filter((it) => !action || it["action"] === action);
    for (const it of heard) this.frames.splice(this.frames.indexOf(it), 1);
    return heard;
  }

  /** The one frame of that action that was said. */
  one(action: string): Frame {
    const heard = this.heard(action);
    assert.equal(heard.length, 1, `one ${action}, not ${JSON.stringify(heard)}`);
    return heard[0]!;
  }
}

export class Stage {
  readonly time = new FakeTime();
  readonly sockets: FakeSocket[] = [];
  readonly tokens: boolean[] = [];
  readonly told: { [K in keyof Events]?: Events[K][] } = {};
  store = new MemoryStore();
  client!: Switchboard;

  /** A client that has started. */
  async starts(options: Partial<Options> = {}): Promise<void> {
    const { sockets, tokens } = this;
    this.client = new Switchboard({
      url: "ws://gateway.test/local",
      device: "phone-1",
      token: (fresh) => {
        tokens.push(fresh);
        return `token-${tokens.length}`;
      },
      store: this.store,
      environment: this.time,
      WebSocket: class extends FakeSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          sockets.push(this);
        }
      },
      ...options,
    });
    const names = ["state", "entry", "change", "send", "conversation", "receipt", "typing", "synced", "problem"] as const;
    for (const name of names) this.client.on(name, (detail) => void ((this.told[name] ??= []) as unknown[]).push(detail));
    await this.client.start();
    await settle();
  }

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!;
  }

  /** The newest socket opens, and is welcomed with these conversations. */
  async welcomes(conversations: Conversation[] = [conversation()], more: Frame = {}): Promise<FakeSocket> {
    await settle();
    const { socket } = this;
    socket.opens();
    const now = 5_000_000;
    socket.says({
      event: "welcome", ref: socket.one("hello")["ref"], user: "alice", role: "customer", now,
      expires_at: now + 3_600_000 * 3, reconnect_by: now + 6_000_000, conversations, more: false,
      limits: { frame_bytes: 32768, text_chars: 8000, sends_per_10s: 20 }, ...more,
    });
    await settle();
    return socket;
  }

  /** The newest socket opens, is welcomed, and synced with these entries. */
  async connects(entries: Frame[] = [], conversations?: Conversation[], more?: Frame): Promise<FakeSocket> {
    const socket = await this.welcomes(conversations, more);
    socket.says({ event: "synced", ref: socket.one("sync")["ref"], entries, more: false });
    await settle();
    return socket;
  }

  /** The client comes back with what its store holds. */
  async restarts(): Promise<void> {
    await this.client.close();
    await this.starts();
  }

  /** What is shown of a conversation. */
  shown(id = ROOM): [number, string][] {
    return this.client.entries(id).map((it) => [it.seq, it.body.kind === "text" ? it.body.text : it.body.kind]);
  }
}

export function conversation(changes: Partial<Conversation> = {}): Conversation {
  return {
    conversation: ROOM, key: "", subject: "",
    members: [
      { user: "alice", role: "customer", recv: 0, read: 0 },
      { user: "bob", role: "provider", recv: 0, read: 0 },
    ],
    last_seq: 0, last_at: 1, last: null, unread: 0, ...changes,
  };
}

/** An entry of bob's. */
export function entry(seq: number, text = `text ${seq}`, more: Frame = {}): Frame {
  const id = `01K0000000000000000000${String(seq).padStart(4, "0")}`;
  return { event: "entry", conversation: ROOM, seq, id, from: "bob", ts: seq, body: { kind: "text", text }, ...more };
}

/** The answer to a send. */
export function sent(frame: Frame, seq: number): Frame {
  const { ref, conversation, id } = frame;
  return { event: "sent", ref, conversation, id, seq, ts: seq, duplicate: false };
}
