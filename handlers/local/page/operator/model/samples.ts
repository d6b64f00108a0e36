// Counters over time: what was read each second, and what follows from two readings. Pure.

/** All samples of one reading, by name and labels as Prometheus writes them. */
export type Reading = ReadonlyMap<string, number>;

/** A reading and when it was made, by the gateway's clock. */
export interface Sample {
  readonly at: number;
  readonly reading: Reading;
}

/** How much is kept: five minutes of one reading a second. */
export const KEPT_MS = 300_000;

const HISTOGRAM_BOUND = /_bucket\{le="([^"]+)"\}$/;

export function parse(text: string): Reading {
  const reading = new Map<string, number>();
  for (const line of text.split("\n")) {
    const at = line.lastIndexOf(" ");
    if (at > 0 && !line.startsWith("#")) reading.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return reading;
}

/** The series with a sample more, and without what is too old. A gateway that began anew counts from 0: so does the series. */
export function grown(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  const anew = last !== undefined && (next.at < last.at || fell(last.reading, next.reading));
  const kept = anew ? [] : samples.filter((it) => it.at > next.at - KEPT_MS);
  return [...kept, next];
}

function fell(before: Reading, now: Reading): boolean {
  const count = "switchboard_frames_in_total";
  return (now.get(count) ?? 0) < (before.get(count) ?? 0);
}

/** The parts of a metric, by the values of one of its labels: the first where none is named. Others are summed up. */
export function parts(reading: Reading | undefined, name: string, label = "[a-z_]+"): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const named = new RegExp(`[{,]${label}="([^"]*)"`);
  for (const [key, value] of reading ?? []) {
    const part = key.startsWith(`${name}{`) ? named.exec(key)?.[1] : undefined;
    if (part !== undefined) found.set(part, (found.get(part) ?? 0) + value);
  }
  return found;
}

/** The whole of a metric: its own sample, or the sum of its parts. */
export function whole(reading: Reading | undefined, name: string): number {
  const own = reading?.get(name);
  return own ?? [...parts(reading, name).values()].reduce((sum, it) => sum + it, 0);
}

/** The newest sample that is at least so old, or else the oldest. */
export function before(samples: readonly Sample[], upto: number, ms: number): Sample | undefined {
  const from = samples[upto]?.at ?? 0;
  for (let place = upto; place >= 0; place -= 1) {
    const sample = samples[place];
    if (sample && sample.at <= from - ms) return sample;
  }
  return samples[0];
}

/** How often a second something happened over the last `ms` before a sample; null where nobody can say. */
export function rate(samples: readonly Sample[], place: number, ms: number, name: string): number | null {
  const now = samples[place];
  const then = before(samples, place, ms);
  if (!now || !then || now.at <= then.at) return null;
  return ((whole(now.reading, name) - whole(then.reading, name)) * 1_000) / (now.at - then.at);
}

/** How much a counter grew over everything that is kept. */
export function growth(samples: readonly Sample[], name: string): number {
  return whole(samples.at(-1)?.reading, name) - whole(samples[0]?.reading, name);
}

/** A quantile of what a histogram took over the last `ms` before a sample; null where it took nothing. */
export function quantile(samples: readonly Sample[], place: number, ms: number, name: string, q: number): number | null {
  const now = samples[place];
  const then = before(samples, place, ms);
  if (!now || !then || now === then) return null;
  const classes = bounds(now.reading, name).map(([key, bound]) => ({ bound, within: (now.reading.get(key) ?? 0) - (then.reading.get(key) ?? 0) }));
  const count = classes.at(-1)?.within ?? 0;
  if (count === 0) return null;
  let below = { bound: 0, within: 0 };
  for (const it of classes) {
    if (it.within >= q * count) {
      // Within a class nobody knows more: as if evenly spread. Above the last bound it is at least that.
      if (!Number.isFinite(it.bound)) return below.bound;
      return below.bound + ((it.bound - below.bound) * (q * count - below.within)) / (it.within - below.within || 1);
    }
    below = it;
  }
  return below.bound;
}

function bounds(reading: Reading, name: string): readonly (readonly [string, number])[] {
  const found: (readonly [string, number])[] = [];
  for (const key of reading.keys()) {
    const bound = key.startsWith(`${name}_bucket{`) ? HISTOGRAM_BOUND.exec(key)?.[1] : undefined;
    if (bound !== undefined) found.push([key, bound === "+Inf" ? Infinity : Number(bound)]);
  }
  return found.toSorted((a, b) => a[1] - b[1]);
}
