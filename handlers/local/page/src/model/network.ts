// A phone's network, with switches: what the client gets as its WebSocket goes through here.

import { signal, type ReadonlySignal } from "@preact/signals";

type Protocols = string | string[] | undefined;

/** The network of one phone. */
export class Network {
  readonly #up = signal(true);
  readonly #lines = new Set<Line>();
  /** To be given to the client in place of the browser's own. */
  readonly WebSocket: new (url: string | URL, protocols?: string | string[]) => WebSocket;

  constructor() {
    const make = (url: string | URL, protocols: Protocols): Line => {
      const line = new Line(url, protocols, this.#up.peek());
      this.#lines.add(line);
      line.addEventListener("close", () => this.#lines.delete(line));
      return line;
    };
    this.WebSocket = function (url: string | URL, protocols?: string | string[]) {
      return make(url, protocols);
    } as unknown as Network["WebSocket"];
  }

  get up(): ReadonlySignal<boolean> {
    return this.#up;
  }

  /**
   * No network. As in a tunnel, the gateway is not told: the socket stays open on its side, what it posts is lost, and
   * only the missing confirmations tell it that nobody is there. The phone's own system knows, and fails its sockets.
   */
  cut(): void {
    this.#up.value = false;
    for (const line of this.#lines) line.lose();
  }

  restore(): void {
    this.#up.value = true;
  }

  /** Closes what is open; the next connection works. */
  kill(): void {
    for (const line of this.#lines) line.break();
  }
}

/** A WebSocket over a network that can go away. */
class Line extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly url: string;
  readonly #socket: WebSocket | undefined;
  #ended = false;

  constructor(url: string | URL, protocols: Protocols, up: boolean) {
    super();
    this.url = String(url);
    if (!up) {
      // As a browser does: later, so that the caller can listen first.
      queueMicrotask(() => this.#fail());
      return;
    }
    const socket = new WebSocket(url, protocols);
    this.#socket = socket;
    socket.onopen = () => this.#tell(new Event("open"));
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#tell(new MessageEvent("message", { data }));
    socket.onerror = () => this.#tell(new Event("error"));
    socket.onclose = ({ code, reason, wasClean }) => this.#end(code, reason, wasClean);
  }

  get readyState(): number {
    return this.#ended || !this.#socket ? this.CLOSED : this.#socket.readyState;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? "";
  }

  get bufferedAmount(): number {
    return this.#ended ? 0 : (this.#socket?.bufferedAmount ?? 0);
  }

  send(data: string): void {
    if (!this.#ended) this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket?.close(code, reason);
  }

  /** The network is gone: what the gateway still sends reaches nobody. */
  lose(): void {
    this.#fail();
  }

  /** The connection breaks, and the gateway knows. */
  break(): void {
    this.#socket?.close();
    this.#fail();
  }

  #fail(): void {
    this.#tell(new Event("error"));
    this.#end(1006, "", false);
  }

  #end(code: number, reason: string, wasClean: boolean): void {
    if (this.#ended) return;
    const event = new CloseEvent("close", { code, reason, wasClean });
    this.#tell(event, true);
  }

  #tell(event: Event, last = false): void {
    if (this.#ended) return;
    this.#ended = last;
    const listener = this[`on${event.type}` as "onopen"];
    listener?.(event);
    this.dispatchEvent(event);
  }
}
