import { fileURLToPath } from "node:url";
import { defineConfig, type PluginOption } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Two scripts, built one after the other: `--mode loader` gives widget.js, `--mode panel` gives panel.js. */
const scripts = {
  loader: { entry: at("src/loader/main.ts"), file: "widget.js", name: "rapportLoader" },
  panel: { entry: at("src/panel/main.tsx"), file: "panel.js", name: "rapportPanel" },
} as const;

export default defineConfig(async ({ mode }) => {
  const script = mode === "panel" ? scripts.panel : scripts.loader;
  const plugins: PluginOption[] = [];
  if (mode === "dev") {
    const { fakeWidget } = await import("./dev/fake-widget.ts");
    plugins.push(fakeWidget());
  }
  return {
    root: at("."),
    plugins,
    publicDir: false as const,
    server: { host: "127.0.0.1" },
    oxc: { jsx: { runtime: "classic" as const, pragma: "h", pragmaFrag: "Fragment" } },
    build: {
      outDir: at("dist"),
      emptyOutDir: mode === "loader",
      target: "es2022",
      cssTarget: ["chrome123", "safari17.5", "firefox120"],
      modulePreload: false as const,
      lib: { entry: script.entry, formats: ["iife" as const], name: script.name, fileName: () => script.file },
      reportCompressedSize: true,
      minify: true,
    },
  };
});
