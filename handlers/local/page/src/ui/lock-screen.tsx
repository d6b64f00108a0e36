// What a phone shows while the app is in the background: the time, and what was pushed to it.

import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../model/chat";
import { timeOf } from "../model/words";
import { Mark } from "./icons";

const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export function LockScreen({ chat }: { readonly chat: Chat }) {
  const now = useNow();
  const shown = chat.pushInbox?.notifications.value ?? [];
  return (
    <div class="lock-screen">
      <time class="lock-clock">{timeOf(now)}</time>
      <p class="lock-day">{day.format(now)}</p>
      <ul class="notifications" aria-label="Notifications" aria-live="polite">
        {shown.map((push) => (
          <li key={push.conversation}>
            <button type="button" onClick={() => chat.toForeground(push.conversation)}>
              <Mark />
              <span>
                <strong>{chat.nameOf(push.conversation)}</strong>
                <span>{push.text}</span>
              </span>
              <time>{timeOf(push.at)}</time>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="unlock" onClick={() => chat.toForeground()}>
        Open the app
      </button>
    </div>
  );
}

function useNow(): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
