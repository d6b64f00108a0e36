// Times and names in words. The only place that formats.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const short = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "2-digit", year: "2-digit" });

const DAY_MS = 86_400_000;

/** The local day that a time is in, as a number that goes up by one each day. */
export function dayOf(ts: number): number {
  const it = new Date(ts);
  return Math.round(Date.UTC(it.getFullYear(), it.getMonth(), it.getDate()) / DAY_MS);
}

export const timeOf = (ts: number): string => clock.format(ts);

/** "Today", "Yesterday", a weekday, or the date. */
export function dayName(ts: number, now: number): string {
  const ago = dayOf(now) - dayOf(ts);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  return ago > 1 && ago < 7 ? weekday.format(ts) : date.format(ts);
}

/** As short as a list of conversations wants it. */
export function whenInList(ts: number, now: number): string {
  const ago = dayOf(now) - dayOf(ts);
  if (ago === 0) return timeOf(ts);
  if (ago === 1) return "Yesterday";
  return ago > 1 && ago < 7 ? weekday.format(ts) : short.format(ts);
}

export function lastSeen(ts: number, now: number): string {
  if (now - ts < 60_000) return "last seen just now";
  const day = dayName(ts, now);
  return day === "Today" ? `last seen at ${timeOf(ts)}` : `last seen ${day.toLowerCase()} at ${timeOf(ts)}`;
}

/** Up to two letters for an avatar. */
export function initials(name: string): string {
  const parts = name.split(/[\s._-]+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)].map((it) => firstLetter(it ?? "")) : [firstLetter(name)];
  return letters.join("").toUpperCase();
}

const firstLetter = (word: string): string => [...word][0] ?? "?";

/** One of the avatars' colours, always the same for a name. */
export function hueOf(name: string): number {
  let sum = 7;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}
