/** A whole theme from the shop's one colour: a fill with readable text on it, and a tone of it that reads as text. */

export type Rgb = readonly [number, number, number];

const INK: Rgb = [28, 26, 23];
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const DARK_SURFACE: Rgb = [25, 24, 22];

/** Reads `#rgb` and `#rrggbb`; anything else falls back to ink. */
export const parseColour = (text: string | null | undefined): Rgb => {
  const digits = /^#?(?:([\da-f]{3})|([\da-f]{6}))$/i.exec((text ?? "").trim());
  const hex = digits?.[1] ? digits[1].replace(/./g, "$&$&") : digits?.[2];
  if (!hex) return INK;
  const value = parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

const luminance = (colour: Rgb): number => {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Contrast ratio of WCAG 2, from 1 to 21. */
export const contrast = (a: Rgb, b: Rgb): number => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
};

/** Moves the colour towards another, 5 % at a time, until it stands out enough from the surface. */
const until = (colour: Rgb, towards: Rgb, surface: Rgb, ratio: number): Rgb => {
  let toned = colour;
  for (let share = 0.05; contrast(toned, surface) < ratio && share < 1; share += 0.05) {
    toned = colour.map((part, index) => Math.round(part + ((towards[index] ?? 0) - part) * share)) as unknown as Rgb;
  }
  return toned;
};

export interface Theme {
  fill: Rgb;
  onFill: Rgb;
  brand: Rgb;
}

/** The same hue as bright as a screen in the dark wants it, before any white is added. */
const brighten = (colour: Rgb): Rgb => {
  const gain = Math.max(1, 208 / Math.max(...colour, 1));
  return colour.map((part) => Math.round(part * gain)) as unknown as Rgb;
};

/** `fill` behind text, `onFill` on it (4.5 at least), `brand` for text and lines on the panel (4.5 at least). */
export const themeOf = (colour: Rgb, dark: boolean): Theme => {
  const surface = dark ? DARK_SURFACE : WHITE;
  const fill = dark ? until(colour, WHITE, surface, 2.6) : colour;
  const onFill = [WHITE, INK].find((text) => contrast(fill, text) >= 4.5) ?? BLACK;
  return { fill, onFill, brand: dark ? until(brighten(colour), WHITE, surface, 7) : until(colour, INK, surface, 4.5) };
};

/** Sets the theme as custom properties, through the object model, which a strict content policy allows. */
export const paint = (host: HTMLElement, colour: string | null, dark: boolean): void => {
  const theme = themeOf(parseColour(colour), dark);
  const set = (name: string, value: Rgb): void => host.style.setProperty(name, `rgb(${value.join(" ")})`);
  set("--fill", theme.fill);
  set("--on", theme.onFill);
  set("--brand", theme.brand);
};
