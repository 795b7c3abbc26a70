import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type PluginOption } from "vite";
import languages from "./src/strings/languages.json" with { type: "json" };

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One column of the table of words. */
const words = (language: string): Plugin => {
  const name = "virtual:words";
  const column = Math.max(0, languages.indexOf(language));
  return {
    name: "words",
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => {
      if (id !== `\0${name}`) return null;
      const table = JSON.parse(readFileSync(at("src/strings/strings.json"), "utf8")) as Record<string, string[]>;
      const spoken = [["language", language], ...Object.entries(table).map(([word, columns]) => [word, columns[column]])];
      // Each by its own name, so that a script carries only the words it says.
      return spoken.map(([word, text], index) => `const w${index} = ${JSON.stringify(text)};\nexport { w${index} as ${word} };`).join("\n");
    },
  };
};

/** Scripts, built one after the other: `--mode loader` gives widget.js, `--mode panel.fr` gives panel.fr.js, which speaks French, and `more.fr` what is seldom wanted. */
export default defineConfig(async ({ mode }) => {
  const [script = "", language = "en"] = mode.split(".");
  const entries: Record<string, string> = { panel: "src/panel/main.tsx", more: "src/more/main.tsx" };
  const plugins: PluginOption[] = [words(language)];
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
      lib: {
        entry: at(entries[script] ?? "src/loader/main.ts"),
        name: "rapportScript",
        formats: ["iife" as const],
        fileName: () => (script in entries ? `${mode}.js` : "widget.js"),
      },
      // What is fetched later draws with what the panel has.
      rolldownOptions: script === "more" ? { external: ["preact"], output: { globals: { preact: "rapport.preact" } } } : {},
      reportCompressedSize: false,
      minify: true,
    },
  };
});
