// The last five minutes in pictures.

import { open, samples } from "../model/live";
import { quantile, rate, type Sample } from "../model/samples";
import { Chart, type Line } from "./chart";
import { count, ms, perSecond } from "./format";

/** Over how long a rate is taken: short enough to see a moment, long enough for it to be smooth. */
const RATE_MS = 3_000;
/** Over how long a quantile is taken: a second may hold too few for a hundredth of them. */
const QUANTILE_MS = 15_000;

const name = (metric: string) => `switchboard_${metric}_total`;

const known = new WeakMap<Sample, Map<string, number | null>>();

/** A value at each sample. What was true at a sample stays so: it is reckoned once. */
function along(key: string, reckon: (place: number) => number | null): readonly (number | null)[] {
  return samples.value.map((sample, place) => {
    const values = known.get(sample) ?? new Map<string, number | null>();
    known.set(sample, values);
    const value = values.has(key) ? values.get(key) : reckon(place);
    values.set(key, value ?? null);
    return value ?? null;
  });
}

function rates(metrics: Readonly<Record<string, readonly string[]>>): readonly Line[] {
  return Object.entries(metrics).map(([title, summed]) => ({
    name: title,
    values: along(title, (place) => summed.map((it) => rate(samples.value, place, RATE_MS, name(it))).reduce((a, b) => (a === null || b === null ? null : a + b))),
  }));
}

function quantiles(metric: string): readonly Line[] {
  const histogram = `switchboard_${metric}_milliseconds`;
  return [0.5, 0.99].map((q) => ({
    name: `p${q * 100}`,
    values: along(`${metric} ${q}`, (place) => quantile(samples.value, place, QUANTILE_MS, histogram, q)),
  }));
}

export function Charts() {
  const times = samples.value.map((it) => it.at);
  const roles = ["customer", "provider"].map((role) => ({ name: `${role}s`, values: open.value.map((it) => it.roles[role] ?? 0) }));
  const shown = { times, format: perSecond, note: "a second" };
  return (
    <section class="charts" aria-label="The last five minutes">
      <Chart times={times} format={ms} note="of 15 s" title="Latency: from a send to its relays" lines={quantiles("send_to_relay")} />
      <Chart times={times} format={ms} note="of 15 s" title="Latency: from an entry to its delivery" lines={quantiles("deliver_lag")} />
      <Chart {...shown} title="Messages" lines={rates({ sends: ["sends"], relays: ["relays_delivered"], pushes: ["pushes"] })} />
      <Chart times={open.value.map((it) => it.at)} format={(it) => count(it ?? 0)} note="open" title="Connections" lines={roles} />
      <Chart {...shown} title="Comings and goings" lines={rates({ connects: ["connects"], disconnects: ["disconnects"] })} />
      <Chart
        {...shown}
        title="Errors"
        lines={rates({ "refused frames": ["refusals"], unavailable: ["unavailables"], "posts that failed": ["relays_gone", "relays_throttled", "relays_failed"], "pushes that failed": ["pushes_failed"] })}
      />
    </section>
  );
}
