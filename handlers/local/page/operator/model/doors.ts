// The operator's doors of the gateway. Answers are states and steps, never what a message says.

export interface Step {
  readonly event: string;
  readonly at: number;
  readonly words: string;
  readonly answer?: string;
}

export interface Timeline {
  readonly conversation: string;
  readonly seq: number;
  readonly steps: readonly Step[];
  readonly where: string;
  readonly torn: boolean;
  readonly whole_since: number;
}

export interface Link {
  readonly connection: string;
  readonly device: string | null;
  readonly connected_at: number;
}

/** A connection among all, with who has it. */
export interface Connected extends Link {
  readonly user: string;
  readonly role: string;
  readonly last_active_at: number;
}

export interface Live {
  readonly now: number;
  readonly version: string;
  readonly open: number;
  readonly roles: Readonly<Record<string, number>>;
  readonly devices: readonly (readonly [name: string, count: number])[];
  readonly connections: readonly Connected[];
}

export interface Member {
  readonly user: string;
  readonly role: string;
  readonly recv: number;
  readonly read: number;
  readonly muted_until: number | null;
}

export interface Person {
  readonly user: string;
  readonly role: string;
  readonly last_seen: number;
  readonly connections: readonly Link[];
  readonly devices: readonly { readonly device: string; readonly platform: string; readonly registered_at: number }[];
  readonly conversations: readonly { readonly conversation: string; readonly last_seq: number; readonly last_at: number; readonly members: readonly Member[] }[];
  readonly more: boolean;
}

/** The gateway said no, and why. */
export class Refused extends Error {}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, { cache: "no-store", ...init });
  if (response.ok) return response;
  const said: { readonly message?: string } = await response.json().catch(() => ({}));
  throw new Refused(said.message ?? `the gateway answered ${response.status}`);
}

export const live = async (): Promise<Live> => (await ask("/_local/operator/live")).json();

export const metrics = async (): Promise<string> => (await ask("/_local/metrics")).text();

export const trace = async (conversation: string, seq: string): Promise<Timeline> =>
  (await ask(`/_local/trace?${new URLSearchParams({ conversation, seq })}`)).json();

export const person = async (user: string): Promise<Person> => (await ask(`/_local/operator/user?${new URLSearchParams({ user })}`)).json();

export async function close(connection: string): Promise<void> {
  // Another origin's page cannot send this header without being let, and nobody lets it.
  const headers = { "content-type": "application/json", "x-switchboard-operator": "1" };
  await ask("/_local/operator/close", { method: "POST", headers, body: JSON.stringify({ connection }) });
}
