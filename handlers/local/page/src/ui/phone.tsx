// A phone: its chat while the app is in front, its lock screen while it is not.

import { useEffect } from "preact/hooks";
import type { Chat } from "../model/chat";
import { ConversationScreen } from "./conversation";
import { Conversations } from "./conversations";
import { LockScreen } from "./lock-screen";
import { SignIn } from "./sign-in";

export function Phone({ chat, framed }: { readonly chat: Chat; readonly framed: boolean }) {
  const talk = chat.current.value;
  const foreground = chat.foreground.value;
  useTitle(chat, !framed);
  return (
    <section class={framed ? "phone framed" : "phone"} aria-label={`${chat.user}'s phone`} data-user={chat.user} data-link={chat.link.value} data-ready={chat.ready.value}>
      <div class={talk ? "screen has-talk" : "screen"} inert={!foreground}>
        <Conversations chat={chat} />
        {talk ? (
          <ConversationScreen key={talk.id} chat={chat} talk={talk} />
        ) : (
          <div class="conversation empty" aria-hidden="true">
            <p>Choose a conversation</p>
          </div>
        )}
        <Banner chat={chat} />
        {chat.tokens.wanted.value && <SignIn chat={chat} />}
      </div>
      {!foreground && <LockScreen chat={chat} />}
      <div class="sr" role="log" aria-label={`What ${chat.user} hears`}>
        <p key={chat.heard.value?.id}>{chat.heard.value?.text}</p>
      </div>
    </section>
  );
}

/** Lies over the bar and moves nothing. */
function Banner({ chat }: { readonly chat: Chat }) {
  const [kind, text] = bannerOf(chat);
  return (
    <div class={kind ? `banner ${kind}` : "banner"} role="status">
      {text && (
        <p>
          <span class="pulse" aria-hidden="true" />
          {text}
        </p>
      )}
    </div>
  );
}

function bannerOf(chat: Chat): readonly [kind: string, text: string] {
  if (!chat.foreground.value || chat.tokens.wanted.value) return ["", ""];
  if (!chat.network.up.value) return ["is-off", "No network. Messages are sent when it is back."];
  if (chat.late.value) return ["is-off", "Reconnecting…"];
  return ["", ""];
}

/** A phone that is alone tells the tab how much there is to read. */
function useTitle(chat: Chat, alone: boolean): void {
  const unread = chat.unread.value;
  useEffect(() => {
    if (alone) document.title = unread > 0 ? `(${unread}) ${chat.user} · Switchboard` : `${chat.user} · Switchboard`;
  }, [alone, unread]);
}
