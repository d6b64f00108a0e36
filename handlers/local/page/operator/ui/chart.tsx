// Lines over the last five minutes, with their newest values beside their names, or those under the pointer.

import { useState } from "preact/hooks";
import { KEPT_MS } from "../model/samples";

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface Shown {
  readonly title: string;
  readonly note: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number | null) => string;
}

const WIDTH = 600;
const HEIGHT = 120;

/** The next of 1, 2, 5, 10, … that is not below. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 5, 10].map((it) => it * power).find((it) => it >= value) ?? value;
}

export function Chart({ title, note, times, lines, format }: Shown) {
  const [under, point] = useState<number | null>(null);
  const end = times.at(-1) ?? 0;
  const top = ceiling(Math.max(0, ...lines.flatMap((it) => it.values.map((value) => value ?? 0))));
  const x = (at: number) => WIDTH - ((end - at) / KEPT_MS) * WIDTH;
  const y = (value: number) => HEIGHT - 1 - (value / top) * (HEIGHT - 2);
  const place = under !== null && under < times.length ? under : times.length - 1;
  const at = times[place] ?? end;
  const follow = ({ currentTarget, clientX }: PointerEvent) => {
    const box = (currentTarget as Element).getBoundingClientRect();
    const wanted = end - (1 - (clientX - box.left) / box.width) * KEPT_MS;
    const nearest = times.reduce((best, time, index) => (Math.abs(time - wanted) < Math.abs((times[best] ?? 0) - wanted) ? index : best), 0);
    point(nearest);
  };
  const newest = lines.map((it) => `${it.name} ${format(it.values[place] ?? null)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <p>{place === times.length - 1 ? note : `${Math.round((end - at) / 1_000)} s ago`}</p>
      </figcaption>
      <ul class="legend">
        {lines.map((it, index) => (
          <li key={it.name} class={`line-${index}`}>
            <span>{it.name}</span> <b>{format(it.values[place] ?? null)}</b>
          </li>
        ))}
      </ul>
      <div class="plot" onPointerMove={follow} onPointerLeave={() => point(null)}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${newest}`}>
          <path class="grid" d={`M0 ${y(top)}H${WIDTH}M0 ${y(top / 2)}H${WIDTH}M0 ${y(0)}H${WIDTH}`} />
          {lines.map((it, index) => (
            <path key={it.name} class={`line line-${index}`} d={path(it.values, times, x, y)} />
          ))}
          {place !== times.length - 1 && <path class="cursor" d={`M${x(at)} 0V${HEIGHT}`} />}
        </svg>
        <span class="top" aria-hidden="true">
          {format(top)}
        </span>
        <span class="from" aria-hidden="true">
          5 min ago
        </span>
        <span class="till" aria-hidden="true">
          now
        </span>
      </div>
    </figure>
  );
}

function path(values: readonly (number | null)[], times: readonly number[], x: (at: number) => number, y: (value: number) => number): string {
  let drawn = "";
  let pen = "M";
  values.forEach((value, index) => {
    const at = times[index];
    if (value === null || at === undefined) {
      pen = "M";
      return;
    }
    const [left, up] = [x(at).toFixed(1), y(value).toFixed(1)];
    // A value between two gaps is a dot.
    drawn += pen === "M" ? `M${left} ${up}h0.1` : `L${left} ${up}`;
    pen = "L";
  });
  return drawn;
}
