// What is going on, read every second.

import { signal } from "@preact/signals";
import { type Live, live, metrics } from "./doors";
import { grown, parse, type Sample } from "./samples";

const EVERY_MS = 1_000;

/** Who is connected, as of the last answer. */
export const now = signal<Live | null>(null);
/** The counters of the last minutes. */
export const samples = signal<readonly Sample[]>([]);
/** Why the last question was not answered. */
export const trouble = signal<string | null>(null);
/** The page stands still, to be looked at. */
export const paused = signal(false);

/** How many of the open connections were open at a sample, by role: the counters do not tell. */
export const open = signal<readonly { readonly at: number; readonly roles: Readonly<Record<string, number>> }[]>([]);

async function look(): Promise<void> {
  try {
    const [answer, text] = await Promise.all([live(), metrics()]);
    if (paused.value) return;
    samples.value = grown(samples.value, { at: answer.now, reading: parse(text) });
    const [first] = samples.value;
    open.value = [...open.value, { at: answer.now, roles: answer.roles }].filter((it) => it.at >= (first?.at ?? 0));
    now.value = answer;
    trouble.value = null;
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : "unknown";
  }
}

export function watch(): void {
  const again = async () => {
    if (!paused.value) await look();
    setTimeout(again, EVERY_MS);
  };
  again();
}
