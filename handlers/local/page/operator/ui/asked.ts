// A question that was asked: its answer, or why there is none. Only the newest question's answer counts.

import { signal } from "@preact/signals";

export type State<T> = { readonly kind: "nothing" } | { readonly kind: "asked" } | { readonly kind: "answer"; readonly answer: T } | { readonly kind: "refused"; readonly why: string };

export function asking<T, A extends unknown[]>(ask: (...of: A) => Promise<T>) {
  const state = signal<State<T>>({ kind: "nothing" });
  let newest = 0;
  const put = async (...of: A) => {
    newest += 1;
    const mine = newest;
    // What was answered stays until it is replaced: nothing jumps.
    if (state.value.kind !== "answer") state.value = { kind: "asked" };
    const next: State<T> = await ask(...of).then(
      (answer) => ({ kind: "answer" as const, answer }),
      (error: unknown) => ({ kind: "refused" as const, why: error instanceof Error ? error.message : "unknown" }),
    );
    if (mine === newest) state.value = next;
  };
  return { state, put };
}
