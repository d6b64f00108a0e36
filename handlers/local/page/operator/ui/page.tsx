// The operator's page.

import { ThemeButton } from "../../src/ui/theme";
import { now, paused, samples, trouble } from "../model/live";
import { Charts } from "./charts";
import { Connections } from "./connections";
import { AllCounts } from "./counts";
import { day } from "./format";
import { Message } from "./message";
import { Person } from "./person";
import { Tiles } from "./tiles";

export function Page() {
  return (
    <>
      <header class="head">
        <h1>
          Switchboard <span>operator</span>
        </h1>
        <Status />
        <button type="button" class="button quiet" aria-pressed={paused.value} onClick={() => (paused.value = !paused.value)}>
          Pause
        </button>
        <ThemeButton />
      </header>
      <main>
        {samples.value.length > 0 && (
          <>
            <Tiles />
            <Charts />
          </>
        )}
        <div class="lookups">
          <Message />
          <Person />
        </div>
        <Connections />
        {samples.value.length > 0 && <AllCounts />}
      </main>
    </>
  );
}

function Status() {
  const live = now.value;
  const [kind, words] = trouble.value
    ? ["is-lost", `no answer: ${trouble.value}`]
    : paused.value
      ? ["is-paused", `paused at ${live ? day(live.now) : "the start"}`]
      : live
        ? ["is-live", `live, version ${live.version}`]
        : ["is-paused", "asking"];
  return (
    <p class={`status ${kind}`} role="status">
      {words}
    </p>
  );
}
