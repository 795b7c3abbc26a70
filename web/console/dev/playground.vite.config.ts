/** The playground page by itself, with everything behind it made up: `npx vite --config dev/playground.vite.config.ts`. */
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { fakePlayground } from "./fake-playground.ts";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  plugins: [fakePlayground(), react(), tailwindcss()],
  server: { host: "127.0.0.1" },
});
