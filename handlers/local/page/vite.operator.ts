import { defineConfig } from "vite";
import chat from "./vite.config.ts";

/** The operator's page: a bundle of its own, so that neither page carries the other's code. */
export default defineConfig({
  root: new URL("operator", import.meta.url).pathname,
  base: "/_local/operator/",
  publicDir: false,
  build: { ...chat.build },
  server: { proxy: { "/_local/trace": "http://127.0.0.1:8080", "/_local/metrics": "http://127.0.0.1:8080", "^/_local/operator/(live|user|close)": "http://127.0.0.1:8080" } },
});
