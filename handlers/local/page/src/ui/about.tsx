// What runs here and what answers where.

import { useEffect, useRef } from "preact/hooks";
import type { Config } from "../config";
import { Close } from "./icons";

export function About({ config, onClose }: { readonly config: Config; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog class="about" ref={dialog} aria-labelledby="about-title" onClose={onClose} onClick={({ target }) => target === dialog.current && close()}>
      <div class="about-inside">
        <header>
          <h2 id="about-title">About Switchboard</h2>
          <button type="button" class="round small" aria-label="Close" onClick={close}>
            <Close />
          </button>
        </header>
        <p>
          A real-time messaging gateway. Each phone on this page is a client of its own, with its own store and its own socket to <code>{config.endpoint}</code>.
        </p>
        <p>An entry counts as sent when it is in the log of its conversation. The phone of the other side hears of it over its socket, confirms it, or gets a push.</p>
        <h3>Try this</h3>
        <ul>
          <li>Cut bob's network and write as alice: one tick, and after three seconds a push, because nobody confirmed. Restore it: everything is there once.</li>
          <li>Cut alice's network and write: the messages wait, and go out in order.</li>
          <li>Kill a socket while typing. Put a phone in the background, and open the app from its notification.</li>
        </ul>
        {config.routes && (
          <>
            <h3>What answers here</h3>
            <table>
              <tbody>
                {config.routes.map(([path, meaning]) => (
                  <tr key={path}>
                    <th scope="row">{path.startsWith("/") ? <a href={path}>{path}</a> : <code>{path}</code>}</th>
                    <td>{meaning}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
        {!config.tokens && <p>This gateway issues no tokens here: each phone asks for one.</p>}
      </div>
    </dialog>
  );
}
