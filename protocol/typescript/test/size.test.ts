/** Goal: an app pays 8 KB for the client, as its users download it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BYTES_MAX = 8 * 1024;

test("the whole client is at most 8 KB, minified and gzipped", async (t) => {
  const { outputFiles } = await build({
    entryPoints: ["dist/index.js"], bundle: true, minify: true, format: "esm", target: "es2022", write: false,
  });
  const [bundle] = outputFiles;
  assert.ok(bundle);
  const gzipped = gzipSync(bundle.contents, { level: 9 }).length;
  t.diagnostic(`${bundle.contents.length} bytes minified, ${gzipped} gzipped`);
  assert.ok(gzipped <= BYTES_MAX, `${gzipped} bytes`);
});
