// What stands between messages, and which of them belong together. Pure.

import { dayOf } from "./words";
import type { Message } from "./timeline";

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly ts: number }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly first: boolean; readonly last: boolean };

/** Messages of one person within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

/** The rows of a conversation; the line of the unread stands below `readUpTo`. */
export function rows(messages: readonly Message[], readUpTo: number | undefined): Row[] {
  const rows: Row[] = [];
  let marked = readUpTo === undefined;
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    const newDay = !before || dayOf(before.ts) !== dayOf(message.ts);
    if (newDay) rows.push({ kind: "day", key: `day-${dayOf(message.ts)}`, ts: message.ts });
    let line = false;
    if (!marked && !message.mine && message.seq !== undefined && message.seq > (readUpTo ?? 0)) {
      marked = line = true;
      rows.push({ kind: "unread", key: "unread" });
    }
    rows.push({
      kind: "message",
      key: message.id,
      message,
      first: newDay || line || !together(before, message),
      last: !after || !together(message, after),
    });
  });
  return rows;
}

function together(one: Message | undefined, next: Message): boolean {
  return one !== undefined && one.from === next.from && next.ts - one.ts < TOGETHER_MS && dayOf(one.ts) === dayOf(next.ts);
}
