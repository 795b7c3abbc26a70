/** One column of the table, see `vite.config.ts`. */
declare module "virtual:words" {
  type Words = Record<keyof typeof import("./strings.json"), string>;
  const words: Words & { language: string };
  export = words;
}
