import { defineConfig } from "vite";

const client = new URL("../../../protocol/typescript/src/index.ts", import.meta.url).pathname;

export default defineConfig({
  // The page also lives under a path of a bucket.
  base: "./",
  // From its sources: the page needs no built package beside it.
  resolve: { alias: { "@switchboard/client": client } },
  build: {
    // The first with `light-dark()`: each colour is said once.
    target: ["chrome123", "firefox120", "safari17.5"],
    // Nothing is inlined: the content security policy names files alone.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  // `npm run dev` beside a running gateway.
  server: {
    proxy: {
      "/local": { target: "ws://127.0.0.1:8080", ws: true },
      "/_local": "http://127.0.0.1:8080",
      "/config.json": "http://127.0.0.1:8080",
    },
  },
});
