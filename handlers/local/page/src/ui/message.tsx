// One message: its bubble, its reactions, and what can be done with it.

import { memo } from "./memo";
import type { Chat } from "../model/chat";
import type { Message } from "../model/timeline";
import type { Talk } from "../model/talk";
import { timeOf } from "../model/words";
import { Again, More, Reply, Smile } from "./icons";
import { Ticks } from "./ticks";

interface Props {
  readonly chat: Chat;
  readonly talk: Talk;
  readonly message: Message;
  readonly first: boolean;
  readonly last: boolean;
  readonly current: boolean;
  readonly onMenu: (message: Message) => void;
  readonly onReact: (message: Message) => void;
  readonly onQuote: (seq: number) => void;
}

export const MessageRow = memo(function MessageRow({ chat, talk, message, first, last, current, onMenu, onReact, onQuote }: Props) {
  const { mine, deleted, seq, delivery } = message;
  const sides = `${mine ? "mine" : "theirs"}${first ? " first" : ""}${last ? " last" : ""}`;
  const inLog = seq !== undefined && !deleted;
  return (
    <li class={`row ${sides}`} data-id={message.id} data-seq={seq} tabIndex={current ? 0 : -1} aria-keyshortcuts={inLog ? "Enter r" : undefined}>
      <div
        class="bubble-line"
        onContextMenu={(event) => {
          if (!inLog) return;
          event.preventDefault();
          onMenu(message);
        }}
      >
        <div class={bubbleClass(message)}>
          <span class="sr">{mine ? "You" : message.from}: </span>
          {message.quote && <Quoted chat={chat} quote={message.quote} onQuote={onQuote} />}
          {deleted ? <em class="gone">{mine ? "You deleted this message" : "This message was deleted"}</em> : <span class="text">{message.text}</span>}
          <span class="meta">
            {message.edited && !deleted && <span>edited</span>}
            <time dateTime={new Date(message.ts).toISOString()}>{timeOf(message.ts)}</time>
            {delivery && !deleted && <Ticks delivery={delivery} />}
          </span>
        </div>
        {inLog && (
          <div class="quick">
            <button type="button" tabIndex={-1} aria-label="React" onClick={() => onReact(message)}>
              <Smile />
            </button>
            <button type="button" tabIndex={-1} aria-label="Reply" onClick={() => chat.intend(talk, "reply", message)}>
              <Reply />
            </button>
            <button type="button" tabIndex={-1} aria-label="More" onClick={() => onMenu(message)}>
              <More />
            </button>
          </div>
        )}
      </div>
      {delivery === "refused" && <Refused chat={chat} talk={talk} message={message} />}
      {message.reactions.length > 0 && (
        <ul class="reactions" aria-label="Reactions">
          {message.reactions.map(({ emoji, users }) => {
            const own = users.includes(chat.user);
            return (
              <li key={emoji}>
                <button
                  type="button"
                  tabIndex={-1}
                  class={own ? "own" : ""}
                  aria-pressed={own}
                  aria-label={`${emoji} from ${users.map((it) => (it === chat.user ? "you" : it)).join(" and ")}`}
                  onClick={() => chat.react(talk, message, emoji)}
                >
                  {emoji}
                  {users.length > 1 && <span>{users.length}</span>}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
});

function bubbleClass({ deleted, isText, delivery, text }: Message): string {
  const big = isText && !deleted && /^(?:\p{Extended_Pictographic}[\u{fe0f}\u{1f3fb}-\u{1f3ff}]?){1,3}$/u.test(text);
  return `bubble${big ? " big" : ""}${deleted ? " deleted" : ""}${delivery ? ` is-${delivery}` : ""}`;
}

function Quoted({ chat, quote, onQuote }: { readonly chat: Chat; readonly quote: NonNullable<Message["quote"]>; readonly onQuote: (seq: number) => void }) {
  const from = quote.from === undefined ? "" : quote.from === chat.user ? "You" : quote.from;
  return (
    <button type="button" class="quote" tabIndex={-1} onClick={() => onQuote(quote.seq)}>
      <span class="sr">In reply to </span>
      {from && <strong>{from}</strong>}
      <span>{quote.text}</span>
    </button>
  );
}

function Refused({ chat, talk, message }: Pick<Props, "chat" | "talk" | "message">) {
  return (
    <p class="refused">
      <span>Not sent</span>
      <button type="button" onClick={() => chat.retry(talk, message.id)}>
        <Again /> Try again
      </button>
      <button type="button" onClick={() => chat.discard(talk, message.id)}>
        Discard
      </button>
    </p>
  );
}
