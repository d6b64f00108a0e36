// Where the gateway is, and where tokens come from: `config.json` beside the page, and the page's own address.

/** What stands in `config.json`. Addresses may be relative to the page. */
export interface Config {
  /** The WebSocket API with its stage. */
  readonly endpoint: string;
  /** Answers `POST {"user","role"}` with `{"token","expires_at"}`. Without it the page asks for a token. */
  readonly tokens?: string | undefined;
  /** The push inbox, where there is one to look into. */
  readonly pushes?: string | undefined;
  /** Names what the gateway stores: another name, another memory of the page. */
  readonly store?: string | undefined;
  /** What else answers there: path and meaning, for the page's "about". */
  readonly routes?: readonly (readonly [path: string, meaning: string])[] | undefined;
}

export type Role = "customer" | "provider";

export interface Person {
  readonly user: string;
  readonly role: Role;
}

/** Who is on the page: one person as the address says, or the two of the demonstration. */
export interface Cast {
  readonly people: readonly Person[];
  readonly alone: boolean;
}

export async function readConfig(): Promise<Config> {
  const response = await fetch("./config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json was answered with ${response.status}`);
  const config: Partial<Config> = await response.json();
  if (typeof config.endpoint !== "string") throw new Error("config.json names no endpoint");
  const absolute = (url: string | undefined): string | undefined => url && new URL(url, location.href).href;
  return {
    endpoint: socketUrl(config.endpoint),
    tokens: absolute(config.tokens),
    pushes: absolute(config.pushes),
    store: config.store,
    routes: config.routes,
  };
}

function socketUrl(endpoint: string): string {
  const url = new URL(endpoint, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

export function readCast(search: string): Cast {
  const asked = new URLSearchParams(search);
  const user = asked.get("user");
  if (user) return { alone: true, people: [{ user, role: asked.get("role") === "provider" ? "provider" : "customer" }] };
  return {
    alone: false,
    people: [
      { user: asked.get("customer") ?? "alice", role: "customer" },
      { user: asked.get("provider") ?? "bob", role: "provider" },
    ],
  };
}
