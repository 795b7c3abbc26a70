/** How the website chat should look: what the script tag says about it. */
export interface Looks {
  connection: string;
  colour: string;
  locale: string;
  theme: string;
  greet: boolean;
  /** Nothing is kept in the browser before the visitor agrees. */
  consent: boolean;
}

const isColour = (text: string): boolean => /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text);
const isName = (text: string): boolean => /^[\w.-]+$/.test(text);

/** The attributes of the script tag; what is not of its kind is left out, so that no text can leave its place. */
const attributes = ({ connection, colour, locale, theme, greet, consent }: Looks): string =>
  [
    `data-connection="${isName(connection) ? connection : "web"}"`,
    isColour(colour) ? `data-colour="${colour}"` : "",
    isName(locale) ? `data-locale="${locale}"` : "",
    isName(theme) ? `data-theme="${theme}"` : "",
    greet ? "data-greet" : "",
    consent ? "data-consent" : "",
  ]
    .filter(Boolean)
    .join(" ");

/** The one line for the shop's page. */
export const snippet = (server: string, looks: Looks): string =>
  `<script src="${server}/widget.js" ${attributes(looks)} async></script>`;

/** A page that carries it, to look at. */
export const preview = (server: string, looks: Looks): string =>
  `<!doctype html><html lang="${isName(looks.locale) ? looks.locale : "en"}"><meta charset="utf-8">` +
  `<meta name="viewport" content="width=device-width"><title>Preview</title>` +
  `<style>body{font:15px/1.6 system-ui,sans-serif;margin:0;padding:24px;color-scheme:light;background:#fff;color:#555}` +
  `i{display:block;height:10px;border-radius:5px;background:#e9e6e0;margin:14px 0}</style>` +
  `<main><h1 style="font-size:20px;color:#222">Your page</h1><i></i><i style="width:80%"></i><i style="width:60%"></i></main>` +
  `${snippet(server, looks)}</html>`;
