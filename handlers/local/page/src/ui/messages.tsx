// The log on the screen: days, messages, more of it when scrolled up, and a way back down.
//
// The scroller runs upwards (`column-reverse`): its zero is the newest message. So what is loaded above moves nothing,
// and what comes below stays in view for whoever is at the bottom.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../model/chat";
import type { Message } from "../model/timeline";
import type { Talk } from "../model/talk";
import { dayName } from "../model/words";
import { Down } from "./icons";
import { MessageRow } from "./message";

interface Props {
  readonly chat: Chat;
  readonly talk: Talk;
  readonly onMenu: (message: Message) => void;
  readonly onReact: (message: Message) => void;
}

/** How far from the newest message counts as being there. */
const NEAR_PX = 48;

export function Messages({ chat, talk, onMenu, onReact }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const [focused, focus] = useState<string>();
  const [away, setAway] = useState(false);
  const rows = talk.rows.value;
  const newest = talk.messages.value.at(-1);
  const current = rows.some((row) => row.key === focused) ? focused : newest?.id;

  useEffect(() => {
    if (!top.current) return;
    const margin = { root: scroller.current, rootMargin: "600px 0px 0px 0px" };
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && void chat.loadOlder(talk), margin);
    watch.observe(top.current);
    return () => watch.disconnect();
    // Again after each page: it may have been too short to push the top out of sight.
  }, [talk, talk.entries.value[0]?.seq, talk.older.value, talk.loading.value, chat.link.value]);

  useStay(scroller, newest);
  useEffect(() => {
    talk.atEnd.value = !away;
  }, [talk, away]);

  const scrollDown = () => scroller.current?.scrollTo({ top: 0 });
  const toQuote = (seq: number) => {
    const row = scroller.current?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-id]");
    if (!row || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
    const message = talk.messages.value.find((it) => it.id === row.dataset["id"]);
    const all = [...(scroller.current?.querySelectorAll<HTMLElement>("[data-id]") ?? [])];
    const next = { ArrowUp: all[all.indexOf(row) - 1], ArrowDown: all[all.indexOf(row) + 1], Home: all[0], End: all.at(-1) }[event.key];
    const acts = message && message.seq !== undefined && !message.deleted;
    if (next) next.focus();
    else if (acts && (event.key === "Enter" || event.key === " ")) onMenu(message);
    else if (acts && event.key === "r") chat.intend(talk, "reply", message);
    else return;
    event.preventDefault();
  };

  return (
    <div class="messages-frame">
      <div
        class="messages"
        ref={scroller}
        tabIndex={rows.length > 0 ? -1 : 0}
        role="group"
        aria-label={`Messages with ${talk.other.value}`}
        onScroll={({ currentTarget }) => setAway(currentTarget.scrollTop < -NEAR_PX)}
        onKeyDown={onKeyDown}
        onFocusOut={({ currentTarget, relatedTarget }) => {
          // Whoever comes back begins at the newest.
          if (!currentTarget.contains(relatedTarget as Node | null)) focus(undefined);
        }}
        onFocusIn={({ target }) => focus((target as HTMLElement).closest<HTMLElement>("[data-id]")?.dataset["id"])}
      >
        <ol class="log" data-oldest={talk.entries.value[0]?.seq}>
          {rows.map((row) =>
            row.kind === "message" ? (
              <MessageRow
                key={row.key}
                chat={chat}
                talk={talk}
                message={row.message}
                first={row.first}
                last={row.last}
                current={row.key === current}
                onMenu={onMenu}
                onReact={onReact}
                onQuote={toQuote}
              />
            ) : row.kind === "day" ? (
              <li key={row.key} class="day">
                <span>{dayName(row.ts, Date.now())}</span>
              </li>
            ) : (
              <li key={row.key} class="unread-line">
                <span>New messages</span>
              </li>
            ),
          )}
        </ol>
        <div class="top" ref={top}>
          {talk.older.value ? <span class="loading">Loading earlier messages…</span> : <Beginning talk={talk} />}
        </div>
      </div>
      {away && (
        <button type="button" class="to-newest" onClick={scrollDown} aria-label="To the newest message">
          <Down />
          {talk.unread.value > 0 && <span class="badge">{talk.unread.value}</span>}
        </button>
      )}
    </div>
  );
}

function Beginning({ talk }: { readonly talk: Talk }) {
  return (
    <p class="beginning">
      {talk.messages.value.length === 0 ? `Say hello to ${talk.other.value}.` : `This is where it began.`}
    </p>
  );
}

/** Goes to the end for one's own words. */
function useStay(scroller: { readonly current: HTMLDivElement | null }, newest: Message | undefined): void {
  const last = useRef(newest?.id);
  useLayoutEffect(() => {
    if (last.current === newest?.id) return;
    last.current = newest?.id;
    if (newest?.mine && newest.seq === undefined) scroller.current?.scrollTo({ top: 0 });
  });
}
