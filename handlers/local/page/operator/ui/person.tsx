// A user: connections, devices, and how far conversations got.

import type { Person as Known } from "../model/doors";
import { now } from "../model/live";
import { CloseButton } from "./close";
import { ago, count, day } from "./format";
import { fields, find, lookUp, somebody } from "./lookups";

export function Person() {
  const state = somebody.state.value;
  const submit = (event: Event) => {
    event.preventDefault();
    somebody.put(fields.user.value.trim());
  };
  return (
    <section class="card" id="person" tabIndex={-1} aria-labelledby="person-title">
      <h2 id="person-title">A user</h2>
      <form class="ask" onSubmit={submit}>
        <label class="wide">
          <span>User</span>
          <input required spellcheck={false} autocomplete="off" autocapitalize="none" value={fields.user} onInput={({ currentTarget }) => (fields.user.value = currentTarget.value)} />
        </label>
        <button type="submit" class="button">
          Look up
        </button>
      </form>
      <div aria-live="polite">
        {state.kind === "nothing" && <p class="hint">Connections, devices and how far conversations got. Never what was written.</p>}
        {state.kind === "refused" && <p class="refused">{state.why}</p>}
        {state.kind === "answer" && <Found person={state.answer} />}
      </div>
    </section>
  );
}

function Found({ person }: { readonly person: Known }) {
  const time = now.value?.now ?? person.last_seen;
  return (
    <>
      <p class="where">
        {person.user}, {person.role}, last seen {ago(person.last_seen, time)} ago
      </p>
      <h3>Connections</h3>
      {person.connections.length === 0 && <p class="hint">None.</p>}
      <ul class="rows">
        {person.connections.map((it) => (
          <li key={it.connection}>
            <b>{it.device ?? "without a name"}</b>
            <code>{it.connection}</code>
            <span>for {ago(it.connected_at, time)}</span>
            <CloseButton connection={it.connection} what={`${person.user}'s ${it.device ?? "connection"}`} after={() => lookUp(person.user)} />
          </li>
        ))}
      </ul>
      <h3>Devices that can be pushed to</h3>
      {person.devices.length === 0 && <p class="hint">None.</p>}
      <ul class="rows">
        {person.devices.map((it) => (
          <li key={it.device}>
            <b>{it.device}</b>
            <span>{it.platform}</span>
            <span>since {day(it.registered_at)}</span>
          </li>
        ))}
      </ul>
      <h3>Conversations</h3>
      {person.conversations.length === 0 && <p class="hint">None.</p>}
      <ul class="rows">
        {person.conversations.map((it) => (
          <li key={it.conversation}>
            <code>{it.conversation}</code>
            <span>{it.members.map((member) => `${member.user} has ${count(member.recv)}, read ${count(member.read)}`).join("; ")}</span>
            {it.last_seq > 0 && (
              <button type="button" class="link" onClick={() => find(it.conversation, it.last_seq)}>
                entry {it.last_seq}
              </button>
            )}
          </li>
        ))}
      </ul>
      {person.more && <p class="hint">There are older ones.</p>}
    </>
  );
}
