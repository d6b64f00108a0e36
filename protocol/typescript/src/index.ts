/** A Switchboard client for browsers, React Native and Node. */
export { Switchboard, type Asking, type Options, type SendOptions } from "./client.js";
export type { Outgoing } from "./core/outbox.js";
export type { Environment } from "./environment.js";
export { SwitchboardError } from "./errors.js";
export type { Events, Listener, State } from "./events.js";
export { IndexedDbStore, MemoryStore, type Store } from "./store.js";
export type * from "./types.js";
export { ulid } from "./ulid.js";
