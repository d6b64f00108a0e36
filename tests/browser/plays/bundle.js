// What is committed is what the sources make.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("../../../handlers/local/page", import.meta.url));
const built = await mkdtemp(join(tmpdir(), "page-"));

async function contents(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return Object.fromEntries(await Promise.all(names.toSorted().map(async (it) => [it.slice(folder.length), await readFile(it, "utf8")])));
}

try {
  execFileSync("npm", ["run", "--silent", "check"], { cwd: page, stdio: "inherit" });
  execFileSync("npm", ["run", "--silent", "build", "--", built], { cwd: page, stdio: "inherit" });
  assert.deepEqual(await contents(join(page, "dist")), await contents(built), "handlers/local/page/dist is not what its sources make: `npm run build` there");
} finally {
  await rm(built, { recursive: true });
}
