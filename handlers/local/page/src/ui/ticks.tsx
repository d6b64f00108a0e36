// How far an own message has come, for eyes and for ears.

import type { Delivery } from "../model/timeline";

const WORDS: Record<Delivery, string> = {
  new: "Just written",
  waiting: "Waiting to be sent",
  refused: "Not sent",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
};

export function Ticks({ delivery }: { readonly delivery: Delivery }) {
  return (
    <span class={`ticks ticks-${delivery}`}>
      <svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true" focusable="false">
        {delivery === "waiting" && <path d="M9 1.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM9 3.500V6l1.800 1.200" />}
        {delivery === "refused" && <path d="M9 1v6M9 10h.01" />}
        {delivery === "sent" && <path d="M5 6.500l3 3L14.500 3" />}
        {(delivery === "delivered" || delivery === "read") && <path d="M1.500 6.500l3 3L11 3M8.500 9l.5.500L16.500 3" />}
      </svg>
      <span class="sr">{WORDS[delivery]}</span>
    </span>
  );
}
