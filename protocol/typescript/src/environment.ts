/** What the client needs of the world around it. */

/** The parts of a WebSocket that are used: browsers', React Native's and `ws`'s all have them. */
export interface Socket {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
}

/** A constructor of such. */
export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/** Time and chance, for tests. */
export interface Environment {
  /** Milliseconds; it may jump forward, as after a sleep. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** A number from 0 to below 1. */
  random(): number;
}
