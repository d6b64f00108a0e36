// The list of conversations, and how to begin another.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../model/chat";
import type { Talk } from "../model/talk";
import { whenInList } from "../model/words";
import { Avatar } from "./avatar";
import { Plus } from "./icons";
import { Sheet } from "./sheet";
import { Ticks } from "./ticks";

export function Conversations({ chat }: { readonly chat: Chat }) {
  const [beginning, begin] = useState(false);
  const talks = chat.talks.value;
  const list = useRef<HTMLElement>(null);
  useReturn(list, chat.current.value);
  return (
    <div class="conversations">
      <header class="bar">
        <Avatar name={chat.user} />
        <div class="who">
          <h2>Chats</h2>
          <p class="standing">
            {chat.user}, {chat.role}
          </p>
        </div>
        <button type="button" class="round" aria-label="New conversation" aria-haspopup="dialog" onClick={() => begin(true)}>
          <Plus />
        </button>
      </header>
      <nav class="list" ref={list} aria-label={`${chat.user}'s conversations`}>
        {talks.length === 0 ? <Nothing chat={chat} onBegin={() => begin(true)} /> : <ul>{talks.map((talk) => <Item key={talk.id} chat={chat} talk={talk} />)}</ul>}
        {chat.more.value && (
          <button type="button" class="plain" onClick={() => void chat.loadInbox()}>
            More conversations
          </button>
        )}
      </nav>
      {beginning && <Begin chat={chat} onClose={() => begin(false)} />}
    </div>
  );
}

/** Whoever leaves a conversation is where they came from. */
function useReturn(list: { readonly current: HTMLElement | null }, current: Talk | undefined): void {
  const before = useRef(current);
  useLayoutEffect(() => {
    if (!current && before.current && document.activeElement === document.body) {
      list.current?.querySelector<HTMLElement>(`[data-id="${before.current.id}"]`)?.focus({ preventScroll: true });
    }
    before.current = current;
  }, [current]);
}

function Item({ chat, talk }: { readonly chat: Chat; readonly talk: Talk }) {
  const unread = talk.unread.value;
  const { text, mine } = talk.preview.value;
  const current = chat.current.value === talk;
  const draft = !current && talk.draft.value.trim();
  return (
    <li>
      <button type="button" class={unread > 0 ? "item has-unread" : "item"} data-id={talk.id} aria-current={current ? "true" : undefined} onClick={() => chat.show(talk)}>
        <Avatar name={talk.other.value} online={chat.presences.isHere(talk.other.value)} />
        <span class="item-name">
          {talk.other.value}
          {talk.subject.value && <small> · {talk.subject.value}</small>}
        </span>
        {talk.lastAt.value > 0 && <time class="item-when">{whenInList(talk.lastAt.value, Date.now())}</time>}
        <span class="item-preview">
          {talk.typing.value ? (
            <span class="typing">typing…</span>
          ) : draft ? (
            <>
              <span class="draft">Draft: </span>
              {draft}
            </>
          ) : (
            <>
              {mine && <Ticks delivery={mine} />}
              {text}
            </>
          )}
        </span>
        {unread > 0 && (
          <span class="badge">
            {unread > 98 ? "99+" : unread}
            <span class="sr"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}

function Nothing({ chat, onBegin }: { readonly chat: Chat; readonly onBegin: () => void }) {
  if (chat.link.value !== "online" && !chat.ready.value) return <ul class="skeleton" aria-hidden="true">{[1, 2, 3].map((it) => <li key={it} />)}</ul>;
  return (
    <div class="nothing">
      <p>No conversations yet.</p>
      <button type="button" class="button" onClick={onBegin}>
        Start one
      </button>
    </div>
  );
}

function Begin({ chat, onClose }: { readonly chat: Chat; readonly onClose: () => void }) {
  const [problem, setProblem] = useState<string>();
  const other = chat.role === "customer" ? "provider" : "customer";
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const found = await chat.begin(String(fields.get("with")).trim(), String(fields.get("subject")).trim());
    if (found === undefined) onClose();
    else setProblem(found);
  };
  return (
    <Sheet label="New conversation" onClose={onClose} kind="begin">
      <form onSubmit={(event) => void submit(event)}>
        <h3>New conversation</h3>
        <label>
          With which {other}?
          <input name="with" required autocomplete="off" autocapitalize="none" spellcheck={false} data-first placeholder={other === "provider" ? "bob" : "alice"} />
        </label>
        <label>
          What is it about? <small>Optional: one conversation for each subject.</small>
          <input name="subject" maxLength={64} autocomplete="off" />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="buttons">
          <button type="button" class="button quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button">
            Start
          </button>
        </div>
      </form>
    </Sheet>
  );
}
