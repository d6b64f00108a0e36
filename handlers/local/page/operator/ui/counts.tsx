// Counts by their parts: since the start, and over the last five minutes.

import { now, samples } from "../model/live";
import { parts } from "../model/samples";
import { count, dollars } from "./format";

const REASONS: Readonly<Record<string, string>> = {
  client: "the client closed",
  going_away: "idle or open for too long",
  limit: "a limit was broken",
  server: "closed by us",
  lost: "nobody said goodbye",
  other: "anything else",
};

const ERRORS: readonly (readonly [metric: string, words: string])[] = [
  ["refusals", "frames refused"],
  ["unavailables", "frames answered unavailable"],
  ["error_frames", "the platform's error frames"],
  ["authorizations_refused", "handshakes not authorised"],
  ["relays_gone", "posts to connections that had gone"],
  ["relays_throttled", "posts to slow readers"],
  ["relays_failed", "posts that failed"],
  ["pushes_failed", "pushes that failed"],
  ["pushes_dead", "pushes to dead devices"],
  ["undelivered", "entries that nobody can be told of"],
  ["stream_batches_retried", "batches tried again"],
  ["stream_records_given_up", "records given up"],
];

interface Row {
  readonly name: string;
  readonly total: number;
  readonly lately: number | null;
}

function Counts({ title, rows, format = count }: { readonly title: string; readonly rows: readonly Row[]; readonly format?: (value: number) => string }) {
  const [some, none] = [rows.filter((it) => it.total > 0), rows.filter((it) => it.total === 0)];
  const timed = rows.some((it) => it.lately !== null);
  return (
    <section class="card">
      <h2>{title}</h2>
      {some.length > 0 && (
        <table class="counts">
          <thead>
            <tr>
              <th scope="col">
                <span class="sr">What</span>
              </th>
              {timed && <th scope="col">last 5 min</th>}
              <th scope="col">{timed ? "all" : "now"}</th>
            </tr>
          </thead>
          <tbody>
            {some.map((it) => (
              <tr key={it.name}>
                <th scope="row">{it.name}</th>
                {timed && <td>{it.lately === null ? "" : format(it.lately)}</td>}
                <td>{format(it.total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {none.length > 0 && <p class="hint">None: {none.map((it) => it.name).join(", ")}.</p>}
    </section>
  );
}

/** Rows of a metric's parts, with what they grew by. */
function split(metric: string, words: Readonly<Record<string, string>> = {}, label?: string): readonly Row[] {
  const then = parts(samples.value[0]?.reading, metric, label);
  return [...parts(samples.value.at(-1)?.reading, metric, label)].map(([part, total]) => ({ name: words[part] ?? part.replaceAll("_", " "), total, lately: total - (then.get(part) ?? 0) }));
}

export function AllCounts() {
  const [first, last] = [samples.value[0]?.reading, samples.value.at(-1)?.reading];
  const errors = ERRORS.map(([metric, name]) => {
    const total = last?.get(`switchboard_${metric}_total`) ?? 0;
    return { name, total, lately: total - (first?.get(`switchboard_${metric}_total`) ?? 0) };
  });
  const connects = split("switchboard_connects_by_role_total", { customer: "connects of customers", provider: "connects of providers" });
  const refused = split("switchboard_handshakes_refused_total").map((it) => ({ ...it, name: `handshakes answered ${it.name}` }));
  const costs = ["action", "for"].map((label) => split("switchboard_dollars_total", {}, label).toSorted((a, b) => b.total - a.total));
  const devices = (now.value?.devices ?? []).map(([name, total]) => ({ name: name || "without a name", total, lately: null }));
  return (
    <div class="cards">
      <Counts title="Connects" rows={[...connects, ...refused]} />
      <Counts title="Disconnects by reason" rows={split("switchboard_disconnects_by_reason_total", REASONS)} />
      <Counts title="Errors" rows={errors} />
      {devices.length > 0 && <Counts title="Open connections by device" rows={devices} />}
      {costs.map((rows, place) => rows.length > 0 && <Counts key={place} title={place === 0 ? "Cost by action" : "Cost by what is billed"} rows={rows} format={dollars} />)}
    </div>
  );
}
