// Where is my message.

import type { Timeline } from "../model/doors";
import { clock, day } from "./format";
import { fields, message } from "./lookups";

export function Message() {
  const state = message.state.value;
  const submit = (event: Event) => {
    event.preventDefault();
    message.put(fields.conversation.value.trim(), fields.seq.value.trim());
  };
  return (
    <section class="card" id="message" tabIndex={-1} aria-labelledby="message-title">
      <h2 id="message-title">Where is my message?</h2>
      <form class="ask" onSubmit={submit}>
        <label class="wide">
          <span>Conversation</span>
          <input required spellcheck={false} autocomplete="off" value={fields.conversation} onInput={({ currentTarget }) => (fields.conversation.value = currentTarget.value)} />
        </label>
        <label class="narrow">
          <span>Entry</span>
          <input required inputMode="numeric" pattern="\s*[0-9]+\s*" autocomplete="off" value={fields.seq} onInput={({ currentTarget }) => (fields.seq.value = currentTarget.value)} />
        </label>
        <button type="submit" class="button">
          Trace
        </button>
      </form>
      <div aria-live="polite">
        {state.kind === "nothing" && <p class="hint">A conversation’s id and the entry’s number: what happened to it, to whom, and with what answer.</p>}
        {state.kind === "refused" && <p class="refused">{state.why}</p>}
        {state.kind === "answer" && <Steps timeline={state.answer} />}
      </div>
    </section>
  );
}

/** Steps that did not go well. */
const isBad = (event: string, answer: string | undefined) =>
  ((event === "posted" || event === "reposted") && answer !== "200") || (event === "pushed" && answer !== "sent") || event === "unpushed";
const isDone = (event: string) => event === "confirmed" || event === "read";

function Steps({ timeline }: { readonly timeline: Timeline }) {
  const first = timeline.steps[0]?.at ?? 0;
  return (
    <>
      <p class="where">{timeline.where}</p>
      <ol class="steps">
        {timeline.steps.map((it, place) => (
          <li key={place} class={isBad(it.event, it.answer) ? "is-bad" : isDone(it.event) ? "is-done" : undefined}>
            <time dateTime={new Date(it.at).toISOString()} title={day(it.at)}>
              {clock(it.at)}
            </time>
            <span class="later">+{it.at - first} ms</span>
            <span class="words">{it.words}</span>
          </li>
        ))}
      </ol>
      {timeline.torn && <p class="hint">Steps before {day(timeline.whole_since)} are no longer held; what the tables say stands.</p>}
    </>
  );
}
