import type { ErrorCode, ErrorFrame } from "./types.js";

/** A refusal of the gateway. Where `retry` was true, the client has tried again by itself. */
export class SwitchboardError extends Error {
  override readonly name = "SwitchboardError";

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }

  static of(frame: ErrorFrame): SwitchboardError {
    return new SwitchboardError(frame.code, frame.message);
  }
}

/** What a signal that was aborted rejects with, where it brings no reason of its own. */
export function aborted(signal?: AbortSignal): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : Object.assign(new Error("aborted"), { name: "AbortError" });
}
