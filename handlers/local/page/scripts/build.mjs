// Builds both pages: into `dist`, or into the folder that is named.

import { resolve } from "node:path";
import { build } from "vite";

const into = resolve(process.argv[2] ?? "dist");
for (const [configFile, outDir] of [
  ["vite.config.ts", into],
  ["vite.operator.ts", resolve(into, "operator")],
]) {
  await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
}
