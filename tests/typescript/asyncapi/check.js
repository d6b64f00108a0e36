// Validates an AsyncAPI document with the parser that AsyncAPI's own CLI validates with, and counts what is in it.
// Prints a line for every finding, and ends with 1 where one is an error or a warning.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const WARNING = 1;

const [path] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(await readFile(path, "utf8"));
const findings = diagnostics.filter((it) => it.severity <= WARNING);
for (const { code, message, path: place } of findings) console.log(`${code}: ${message} at ${place.join(".")}`);
if (findings.length > 0 || !document) {
  process.exitCode = 1;
} else {
  console.log(`${document.operations().length} operations, ${document.messages().length} messages`);
}
