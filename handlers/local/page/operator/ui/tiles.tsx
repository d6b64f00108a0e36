// What matters most, as numbers.

import type { ComponentChildren } from "preact";
import { now, samples } from "../model/live";
import { growth, parts, quantile, rate, whole } from "../model/samples";
import { count, dollars, ms, perSecond } from "./format";

const MINUTE_MS = 60_000;
const DOLLARS = "switchboard_dollars_total";
const ERRORS = ["unavailables", "error_frames", "relays_failed", "pushes_failed", "stream_records_given_up"];

function Tile({ name, value, children, alarm = false }: { readonly name: string; readonly value: string; readonly children?: ComponentChildren; readonly alarm?: boolean }) {
  return (
    <div class={alarm ? "tile is-alarming" : "tile"}>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <small>{children}</small>
      </dd>
    </div>
  );
}

export function Tiles() {
  const all = samples.value;
  const last = all.length - 1;
  const reading = all[last]?.reading;
  const roles = now.value?.roles ?? {};
  const total = (name: string) => whole(reading, `switchboard_${name}_total`);
  const lately = (name: string) => rate(all, last, 10_000, `switchboard_${name}_total`);
  const latency = (q: number) => quantile(all, last, MINUTE_MS, "switchboard_send_to_relay_milliseconds", q);
  const errors = ERRORS.reduce((sum, it) => sum + growth(all, `switchboard_${it}_total`), 0);
  const metered = parts(reading, DOLLARS).size > 0;
  const hourly = (rate(all, last, MINUTE_MS, DOLLARS) ?? 0) * 3_600;
  return (
    <dl class="tiles">
      <Tile name="Connections" value={count(now.value?.open ?? 0)}>
        customers {count(roles["customer"] ?? 0)}, providers {count(roles["provider"] ?? 0)}
      </Tile>
      <Tile name="Sends a second" value={perSecond(lately("sends"))}>
        {count(total("sends"))} since the start
      </Tile>
      <Tile name="Relays a second" value={perSecond(lately("relays_delivered"))}>
        {count(total("relays_delivered"))} taken, {count(total("relays_gone"))} gone
      </Tile>
      <Tile name="Pushes a second" value={perSecond(lately("pushes"))}>
        {count(total("pushes"))} since the start
      </Tile>
      <Tile name="Send to relay, p99" value={ms(latency(0.99))}>
        p50 {ms(latency(0.5))}, of the last minute
      </Tile>
      <Tile name="Errors" value={count(errors)} alarm={errors > 0}>
        in the last five minutes
      </Tile>
      <Tile name="Cost an hour" value={metered ? dollars(hourly) : "no meter"}>
        {metered ? `${dollars(whole(reading, DOLLARS))} since the start` : "no dollars are counted here"}
      </Tile>
    </dl>
  );
}
