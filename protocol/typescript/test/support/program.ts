/** The real programs: the local gateway and the conformance kit, each on a port of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

export interface Program {
  /** `127.0.0.1:PORT`. */
  address: string;
  stop(): Promise<void>;
}

const built = process.env["SWITCHBOARD"] ?? resolve("../../target/debug/switchboard");

/** Runs it until it says where it listens. */
export async function program(...args: string[]): Promise<Program> {
  if (!existsSync(built)) throw new Error(`${built} is not built: cargo build -p switchboard-local`);
  const child = spawn(built, [...args], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill());
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /ws:\/\/([0-9.:]+)\//.exec(line)?.[1];
    if (address) {
      child.stdout.resume();
      return { address, stop: () => stopped(child) };
    }
  }
  throw new Error(`switchboard ${args.join(" ")} ended with ${child.exitCode}`);
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    if (child.exitCode !== null) resolve();
    child.kill("SIGTERM");
  });
}

/** A token of the local user pool. */
export async function token(url: string, user: string, role: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ user, role }) });
  if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}
