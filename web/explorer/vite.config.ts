import { defineConfig } from "vite";

const server = "http://127.0.0.1:8000";

export default defineConfig({
  base: "/static/graphiql/",
  // The editor's language services are workers that import one another.
  worker: { format: "es" },
  build: {
    target: "es2022",
    // The polyfill is an inline script, which the page's content security policy refuses.
    modulePreload: { polyfill: false },
    // The code editor alone is larger than the limit Vite warns at.
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" means nothing to a page that is rendered in the browser only.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
    },
  },
  server: {
    proxy: {
      "/graphql": { target: server, ws: true },
      "/demo": { target: server },
    },
  },
});
