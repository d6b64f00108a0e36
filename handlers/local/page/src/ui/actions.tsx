// What can be done with a message.

import type { Chat } from "../model/chat";
import type { Message } from "../model/timeline";
import type { Talk } from "../model/talk";
import { QUICK } from "./emoji";
import { Copy, Edit, Plus, Reply, Trash } from "./icons";
import { moveAmong, Sheet } from "./sheet";

interface Props {
  readonly chat: Chat;
  readonly talk: Talk;
  readonly message: Message;
  readonly onMoreEmoji: () => void;
  readonly onClose: () => void;
}

export function Actions({ chat, talk, message, onMoreEmoji, onClose }: Props) {
  const then = (act: () => void) => () => {
    onClose();
    act();
  };
  const mine = (emoji: string) => message.reactions.some((it) => it.emoji === emoji && it.users.includes(chat.user));
  return (
    <Sheet label={`Message from ${message.mine ? "you" : message.from}`} onClose={onClose} kind="actions">
      <div class="quick-emoji" role="group" aria-label="React" onKeyDown={(event) => moveAmong(event, 1)}>
        {QUICK.map((emoji) => (
          <button key={emoji} type="button" aria-label={`React ${emoji}`} aria-pressed={mine(emoji)} onClick={then(() => chat.react(talk, message, emoji))}>
            {emoji}
          </button>
        ))}
        <button type="button" aria-label="Another emoji" class="another" onClick={onMoreEmoji}>
          <Plus />
        </button>
      </div>
      <div class="verbs" onKeyDown={(event) => moveAmong(event, 1)}>
        <button type="button" onClick={then(() => chat.intend(talk, "reply", message))}>
          <Reply /> Reply
        </button>
        {message.isText && (
          <button type="button" onClick={then(() => void navigator.clipboard?.writeText(message.text))}>
            <Copy /> Copy
          </button>
        )}
        {message.mine && message.isText && (
          <button type="button" onClick={then(() => chat.intend(talk, "edit", message))}>
            <Edit /> Edit
          </button>
        )}
        {message.mine && (
          <button type="button" class="danger" onClick={then(() => chat.remove(talk, message))}>
            <Trash /> Delete for everyone
          </button>
        )}
      </div>
    </Sheet>
  );
}
