// Beside a phone: what may happen to it, and what the push service was told for it.

import type { Chat } from "../model/chat";
import type { PushNote } from "../model/pushes";
import { timeOf } from "../model/words";
import { Bell, Bolt, Out, Sleep, Wifi } from "./icons";

export function Bench({ chat }: { readonly chat: Chat }) {
  const up = chat.network.up.value;
  const foreground = chat.foreground.value;
  return (
    <aside class="bench" aria-label={`${chat.user}'s bench`}>
      <header>
        <h2>{chat.user}</h2>
        <p>
          {chat.role}
          <span class={`link is-${chat.link.value}`}>{up ? chat.link.value : "no network"}</span>
        </p>
        <a class="alone" href={`?user=${encodeURIComponent(chat.user)}&role=${chat.role}`} target="_blank" rel="noopener" aria-label={`Open ${chat.user}'s phone alone`} title="Open alone, for a real phone">
          <Out />
        </a>
      </header>
      <div class="switches" role="group" aria-label={`What happens to ${chat.user}'s phone`}>
        <button type="button" role="switch" aria-checked={up} onClick={() => chat.setNetwork(!up)}>
          <Wifi />
          <span>Network</span>
          <span class="lever" aria-hidden="true" />
        </button>
        <button type="button" role="switch" aria-checked={!foreground} onClick={() => (foreground ? chat.toBackground() : chat.toForeground())}>
          <Sleep />
          <span>Background</span>
          <span class="lever" aria-hidden="true" />
        </button>
        <button type="button" onClick={() => chat.network.kill()} disabled={!up || !foreground}>
          <Bolt />
          <span>Kill the socket</span>
        </button>
      </div>
      {chat.pushInbox && <Pushes chat={chat} pushes={chat.pushInbox.all.value} />}
    </aside>
  );
}

/** How many are listed. */
const SHOWN_MAX = 20;

function Pushes({ chat, pushes }: { readonly chat: Chat; readonly pushes: readonly PushNote[] }) {
  return (
    <section class="push-inbox" aria-label={`${chat.user}'s push inbox`}>
      <h3>
        <Bell /> Push inbox
        {pushes.length > 0 && <span class="count">{pushes.length}</span>}
      </h3>
      {pushes.length === 0 ? (
        <p class="hint">Whatever {chat.user}'s phone does not confirm is pushed. Put it in the background, or cut its network, and write to it.</p>
      ) : (
        <ol tabIndex={0} aria-label="Pushes, newest first">
          {pushes.slice(0, SHOWN_MAX).map((push) => (
            <li key={`${push.conversation} ${push.seq} ${push.at}`}>
              <time>{timeOf(push.at)}</time>
              <strong>{chat.nameOf(push.conversation)}</strong>
              <span class="push-text">{push.text}</span>
              <small>
                {push.platform} · up to #{push.seq} · badge {push.badge}
              </small>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
