// The newest connections.

import { now } from "../model/live";
import { CloseButton } from "./close";
import { ago, count } from "./format";
import { lookUp } from "./lookups";

export function Connections() {
  const live = now.value;
  if (!live) return null;
  return (
    <section class="card" aria-labelledby="connections-title">
      <h2 id="connections-title">Connections</h2>
      <p class="hint">{live.connections.length < live.open ? `The newest ${count(live.connections.length)} of ${count(live.open)}.` : live.open === 0 ? "Nobody is connected." : "All of them, newest first."}</p>
      {live.open > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Connections, newest first">
          <table class="connections">
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Role</th>
                <th scope="col">Device</th>
                <th scope="col">Open</th>
                <th scope="col">Silent</th>
                <th scope="col">Connection</th>
                <th scope="col">
                  <span class="sr">Close</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {live.connections.map((it) => (
                <tr key={it.connection}>
                  <th scope="row">
                    <button type="button" class="link" onClick={() => lookUp(it.user)}>
                      {it.user}
                    </button>
                  </th>
                  <td>{it.role}</td>
                  <td>{it.device ?? ""}</td>
                  <td>{ago(it.connected_at, live.now)}</td>
                  <td>{ago(it.last_active_at, live.now)}</td>
                  <td>
                    <code>{it.connection}</code>
                  </td>
                  <td>
                    <CloseButton connection={it.connection} what={`${it.user}'s ${it.device ?? "connection"}`} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
