/** The app's own questions. */
import type { ClientFrame } from "../types.js";

export type Asking = Extract<ClientFrame, { action: "open" | "history" | "inbox" | "presence" | "device" | "settings" }>;

/** What is done when something has an answer. */
export type Done = (error: Error | undefined, reply?: unknown) => void;

/** A question of the app's. It is asked until it is answered. */
export interface Ask {
  frame: Asking;
  done: Done;
  inFlight: boolean;
  notBefore: number;
}

/** Waits for a list that only the book learns from. */
export const nobody: Done = () => {};
