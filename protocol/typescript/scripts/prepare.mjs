// Builds `dist/`, also where the package was only checked out: `npm install <path>` installs no tools for it.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (program, ...args) => execFileSync(program, args, { cwd: home, stdio: ["ignore", "inherit", "inherit"] });
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

if (!existsSync(`${home}/node_modules/typescript`)) run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent");
run(process.execPath, "node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
