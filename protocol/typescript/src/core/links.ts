/** Connections: backoff with full jitter, keep-alive, and a new connection before the old one ends. */

/** How long an answer may take before a connection is given up for dead. */
export const ANSWER_MS = 15_000;
/** The first backoff's bound, and the bound of all. */
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 60_000;
/** A connection that served for so long was a good one: the next backoff begins anew. */
const GOOD_MS = 5_000;
/** Silence after which a `ping` goes out: the platform closes after ten minutes. */
const SILENT_MS = 9 * 60_000;
/** How long before `reconnect_by` the next connection is opened, at most: less where little time is left. */
const AHEAD_MS = 60_000;
/** The least time that a connection is to serve, whatever the server's clock says: a wrong one must not make a storm. */
const LIFE_MIN_MS = 5_000;
/** A foreground that heard nothing for so long does not trust its connection. */
const STALE_MS = 10_000;

export interface Link {
  readonly id: number;
  open: boolean;
  welcomedAt?: number;
  since: number;
  spokeAt: number;
  heardAt: number;
  pinged: boolean;
  /** When to open another connection. */
  reconnectAt: number;
  /** Whether that one needs a new token, because this one's ends. */
  renews: boolean;
}

/** The connections of a device: mostly one, two while a new one takes over. */
export class Links {
  wanted = false;
  /** Whether the next handshake needs a new token. */
  fresh = false;
  /** When the last token ends, where that is known. */
  tokenEnds = Infinity;
  all: Link[] = [];
  connectAt = 0;
  #next = 1;
  #attempts = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The connection that serves: the newest that was welcomed. */
  get active(): Link | undefined {
    return this.all.filter((it) => it.welcomedAt !== undefined).pop();
  }

  get(id: number): Link | undefined {
    return this.all.find((it) => it.id === id);
  }

  /** The connection to be opened now, if there is one, and whether with a new token. */
  connect(now: number): { link: Link; fresh: boolean } | undefined {
    if (!this.wanted || now < this.connectAt || now < this.#due()) return;
    const link: Link = {
      id: this.#next++, open: false, since: now, spokeAt: now, heardAt: now, pinged: false,
      reconnectAt: Infinity, renews: false,
    };
    const fresh = this.fresh || this.all.some((it) => it.renews) || now > this.tokenEnds - AHEAD_MS;
    this.fresh = false;
    this.all.push(link);
    return { link, fresh };
  }

  /** When another connection is needed: now, or when the one that serves is to be replaced, or while one opens, never. */
  #due(): number {
    const newest = this.all[this.all.length - 1];
    return newest ? newest.reconnectAt : 0;
  }

  /** A connection serves from now on, for so long; returns those that it replaces. */
  welcome(link: Link, now: number, life: number, tokenLife: number): Link[] {
    link.welcomedAt = now;
    life = Math.max(life, LIFE_MIN_MS);
    link.reconnectAt = now + life - Math.min(AHEAD_MS, life / 10);
    link.renews = tokenLife <= life;
    this.tokenEnds = now + tokenLife;
    return this.all.filter((it) => it.id < link.id);
  }

  /** The connections over which something was said to which nothing was heard. */
  dead(now: number): Link[] {
    return this.all.filter(
      (it) =>
        (it.welcomedAt === undefined && now >= it.since + ANSWER_MS) ||
        (it.pinged && it.heardAt < it.spokeAt && now >= it.spokeAt + ANSWER_MS),
    );
  }

  isSilent(link: Link, now: number): boolean {
    return now >= link.spokeAt + SILENT_MS;
  }

  isStale(link: Link, now: number): boolean {
    return now >= link.heardAt + STALE_MS;
  }

  drop(link: Link): void {
    this.all = this.all.filter((it) => it !== link);
  }

  /** A connection is lost: the next attempt waits, anywhere between nothing and a bound that doubles. */
  lose(link: Link, now: number): void {
    this.drop(link);
    if (link.welcomedAt !== undefined && now >= link.welcomedAt + GOOD_MS) this.#attempts = 0;
    // Whoever sees no status cannot tell a refused token from a bad network: it tries another one, now and then.
    if (!link.open && this.#attempts % 8 === 0) this.fresh = true;
    const bound = Math.min(BACKOFF_MIN_MS * 2 ** this.#attempts, BACKOFF_MAX_MS);
    this.#attempts += 1;
    this.connectAt = now + Math.ceil(this.#random() * bound);
  }

  /** When something is to be done about connections. */
  next(): number {
    if (!this.wanted) return Infinity;
    const due = Math.max(this.#due(), this.connectAt);
    const waits = this.all.map((it) => {
      if (it.welcomedAt === undefined) return it.since + ANSWER_MS;
      return it.spokeAt + (it.pinged && it.heardAt < it.spokeAt ? ANSWER_MS : SILENT_MS);
    });
    return Math.min(due, ...waits);
  }
}
