/** Makes of an app's value what a frame can carry. */
import { SwitchboardError } from "./errors.js";

const BODY_BYTES_MAX = 16_384;
const FRAME_BYTES_MAX = 32_768;

/**
 * A copy that nobody else holds, so that every attempt says the same.
 * Half an emoji, as cutting a text leaves it, is no text: the gateway could not read the frame.
 */
export function copied<T>(value: T): T {
  const text = JSON.stringify(value, (_, it: unknown) =>
    typeof it === "string" ? it.replace(/[\ud800-\udfff]/gu, "\ufffd") : it,
  );
  return JSON.parse(text) as T;
}

/** Refuses what would be refused, and what would cost the connection. */
export function bounded<T>(value: T, max: "body" | "frame"): T {
  const limit = max === "body" ? BODY_BYTES_MAX : FRAME_BYTES_MAX;
  if (bytes(JSON.stringify(value)) > limit) throw new SwitchboardError("too_large", `a ${max} has at most ${limit} bytes`);
  return value;
}

/** The bytes of a text in UTF-8; not every platform has a `TextEncoder`. */
function bytes(text: string): number {
  let count = 0;
  for (const it of text) count += it < "\u0080" ? 1 : it < "\u0800" ? 2 : it.length === 1 ? 3 : 4;
  return count;
}
