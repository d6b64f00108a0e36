// Where one writes: a reply, an edit, an emoji, a message.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../model/chat";
import type { Talk } from "../model/talk";
import { EmojiPicker } from "./emoji-picker";
import { Check, Close, Edit, Reply, Send, Smile } from "./icons";

const TEXT_CHARS_MAX = 8_000;
/** From here on it is said how much is left. */
const TEXT_CHARS_NEAR = 7_500;

export function Composer({ chat, talk, onScreen }: { readonly chat: Chat; readonly talk: Talk; readonly onScreen: HTMLElement | null }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [picking, pick] = useState(false);
  const text = talk.draft.value;
  const intent = talk.intent.value;
  const chars = [...text].length;
  const ready = isReady(text);

  // As high as what is in it, and its border: a pixel less would give it a scroll bar.
  useLayoutEffect(() => {
    const it = field.current;
    if (!it) return;
    it.style.height = "auto";
    it.style.height = `${it.scrollHeight + it.offsetHeight - it.clientHeight}px`;
  }, [text, talk]);
  // Focus and caret are set before the next key can be pressed: after the paint, a fast typist would already be in it.
  // Whoever came here by this phone writes at once; on glass that would bring up the keyboard.
  useLayoutEffect(() => {
    const { activeElement } = document;
    const free = activeElement === document.body || field.current?.closest(".phone")?.contains(activeElement);
    if (free && !isTouch()) field.current?.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    if (!intent) return;
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
  }, [intent]);
  const caret = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [text]);

  const submit = () => {
    // What was typed since the last rendering counts, too.
    if (!isReady(talk.draft.peek())) return;
    chat.submit(talk);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && intent) {
      event.preventDefault();
      chat.intend(talk, undefined);
    } else if (event.key === "ArrowUp" && text === "" && !intent) {
      const own = talk.messages.value.findLast((it) => it.mine && it.isText && !it.deleted && it.seq !== undefined);
      if (!own) return;
      event.preventDefault();
      chat.intend(talk, "edit", own);
    }
  };
  const insert = (emoji: string) => {
    const it = field.current;
    const at = it?.selectionStart ?? text.length;
    caret.current = at + emoji.length;
    chat.write(talk, text.slice(0, at) + emoji + text.slice(it?.selectionEnd ?? at));
    pick(false);
    it?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {intent && (
        <div class="intent">
          {intent.kind === "reply" ? <Reply /> : <Edit />}
          <p>
            <strong>{intent.kind === "edit" ? "Edit message" : `Reply to ${intent.message.mine ? "yourself" : intent.message.from}`}</strong>
            <span>{intent.message.text}</span>
          </p>
          <button type="button" class="round small" aria-label={intent.kind === "edit" ? "Cancel the edit" : "Cancel the reply"} onClick={() => chat.intend(talk, undefined)}>
            <Close />
          </button>
        </div>
      )}
      {chars > TEXT_CHARS_NEAR && (
        <p class={chars > TEXT_CHARS_MAX ? "left over" : "left"} role="status">
          {chars > TEXT_CHARS_MAX ? `${chars - TEXT_CHARS_MAX} characters too long` : `${TEXT_CHARS_MAX - chars} characters left`}
        </p>
      )}
      <div class="field">
        <button type="button" class="round" aria-label="Emoji" aria-haspopup="dialog" aria-expanded={picking} onClick={() => pick(true)}>
          <Smile />
        </button>
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder="Message"
          aria-label={`Message to ${talk.other.value}`}
          enterkeyhint="send"
          autocomplete="off"
          onInput={({ currentTarget }) => chat.write(talk, currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class={ready ? "round send ready" : "round send"} aria-label={intent?.kind === "edit" ? "Save" : "Send"} aria-disabled={!ready}>
          {intent?.kind === "edit" ? <Check /> : <Send />}
        </button>
      </div>
      {picking && onScreen && <EmojiPicker label="Emoji" onPick={insert} onClose={() => pick(false)} />}
    </form>
  );
}

const isReady = (text: string): boolean => text.trim() !== "" && [...text].length <= TEXT_CHARS_MAX;

/** On a keyboard of glass, Enter is a new line and the button sends. */
const isTouch = (): boolean => matchMedia("(hover: none) and (pointer: coarse)").matches;
