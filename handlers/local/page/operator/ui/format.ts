// Numbers and times as people read them.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SMALL = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumSignificantDigits: 3 });

export const count = (value: number): string => WHOLE.format(value);

export const perSecond = (value: number | null): string => (value === null ? "–" : value >= 100 ? WHOLE.format(value) : SMALL.format(value));

export const ms = (value: number | null): string => (value === null ? "–" : `${value >= 10 ? WHOLE.format(value) : SMALL.format(value)} ms`);

/** Less than a hundredth of a cent is nothing to compare. */
export const dollars = (value: number): string => (value > 0 && value < 0.0001 ? "<$0.0001" : MONEY.format(value));

/** The time of day with milliseconds, in UTC as logs have it. */
export const clock = (at: number): string => new Date(at).toISOString().slice(11, 23);

export const day = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

/** How long ago, roughly. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
