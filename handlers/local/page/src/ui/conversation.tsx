// One conversation, whole: who it is with, the log, and the composer.

import { useRef, useState } from "preact/hooks";
import type { Chat } from "../model/chat";
import type { Message } from "../model/timeline";
import type { Talk } from "../model/talk";
import { lastSeen } from "../model/words";
import { Actions } from "./actions";
import { Avatar } from "./avatar";
import { Composer } from "./composer";
import { EmojiPicker } from "./emoji-picker";
import { Back } from "./icons";
import { Messages } from "./messages";

type Open = { readonly kind: "actions" | "react"; readonly message: Message };

export function ConversationScreen({ chat, talk }: { readonly chat: Chat; readonly talk: Talk }) {
  const [open, setOpen] = useState<Open>();
  const screen = useRef<HTMLDivElement>(null);
  const close = () => setOpen(undefined);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) chat.show(undefined);
  };
  return (
    <div class="conversation" ref={screen} onKeyDown={onKeyDown}>
      <header class="bar">
        <button type="button" class="round back" aria-label="Back to conversations" onClick={() => chat.show(undefined)}>
          <Back />
        </button>
        <Avatar name={talk.other.value} online={chat.presences.isHere(talk.other.value)} />
        <div class="who">
          <h2>{talk.other.value}</h2>
          <Standing chat={chat} talk={talk} />
        </div>
      </header>
      <Messages key={talk.id} chat={chat} talk={talk} onMenu={(message) => setOpen({ kind: "actions", message })} onReact={(message) => setOpen({ kind: "react", message })} />
      <Composer chat={chat} talk={talk} onScreen={screen.current} />
      {open?.kind === "actions" && (
        <Actions chat={chat} talk={talk} message={open.message} onClose={close} onMoreEmoji={() => setOpen({ kind: "react", message: open.message })} />
      )}
      {open?.kind === "react" && (
        <EmojiPicker
          label="React with an emoji"
          onClose={close}
          onPick={(emoji) => {
            close();
            chat.react(talk, open.message, emoji);
          }}
        />
      )}
    </div>
  );
}

function Standing({ chat, talk }: { readonly chat: Chat; readonly talk: Talk }) {
  const presence = chat.presences.of(talk.other.value);
  if (talk.typing.value) {
    return (
      <p class="standing typing">
        typing
        <span class="dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      </p>
    );
  }
  if (chat.presences.isHere(talk.other.value)) return <p class="standing">online</p>;
  return <p class="standing">{presence ? lastSeen(presence.last_seen, Date.now()) : talk.subject.value || "\u00a0"}</p>;
}
