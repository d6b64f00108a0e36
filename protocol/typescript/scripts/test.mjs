// Bundles each test into `build/` and runs it. Arguments: parts of the tests' file names; all where there are none.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);
const names = readdirSync(`${home}/test`)
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((it) => name.includes(it)));

rmSync(`${home}/build`, { recursive: true, force: true });
await build({
  entryPoints: names.map((name) => `${home}/test/${name}`),
  outdir: `${home}/build`,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = names.map((name) => `build/${name.replace(/\.ts$/, ".mjs")}`);
const ran = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { cwd: home, stdio: "inherit" });
process.exitCode = ran.status ?? 1;
