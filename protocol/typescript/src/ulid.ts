/** Entry ids: ULIDs, 48 bits of time and 80 of chance. */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A new id. `random` gives numbers from 0 to below 1. */
export function ulid(now: number, random: () => number): string {
  let text = "";
  for (let place = 0, time = now; place < 10; place++, time = Math.floor(time / 32)) text = DIGITS[time % 32] + text;
  for (let place = 0; place < 16; place++) text += DIGITS[Math.floor(random() * 32)];
  return text;
}

/** Numbers from 0 to below 1 that nobody foresees, where the platform has such. */
export function dice(): number {
  const bits = new Uint32Array(1);
  if (!globalThis.crypto?.getRandomValues) return Math.random();
  return globalThis.crypto.getRandomValues(bits)[0]! / 2 ** 32;
}
