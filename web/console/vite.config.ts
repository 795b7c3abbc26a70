import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type PluginOption } from "vite";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const server = process.env["RAPPORT_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig(async ({ mode }) => {
  const plugins: PluginOption[] = [react(), tailwindcss()];
  if (mode === "fake") {
    const { fakeApi } = await import("./dev/fake-api.ts");
    plugins.push(fakeApi());
  }
  return {
    base: "/",
    plugins,
    server: {
      host: "127.0.0.1",
      ...(mode === "fake"
        ? {}
        : {
            proxy: {
              "/api": server,
              "/playground/": server,
              "/widget": { target: server, ws: true },
              "/widget.js": server,
            },
          }),
    },
    build: {
      outDir: "dist",
      assetsDir: "assets",
      target: "es2022",
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: { console: page("index.html"), playground: page("playground.html") },
      },
    },
  };
});
