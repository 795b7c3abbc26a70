/** The doors a customer can come through, each with its own silhouette. */
export const channelNames = [
  "widget",
  "whatsapp",
  "telegram",
  "discord",
  "email",
  "sms",
  "rcs",
  "instagram",
  "messenger",
  "voice",
  "api",
] as const;

export type ChannelName = (typeof channelNames)[number];

/** Inner SVG of each glyph on a 16 x 16 grid, drawn with strokes in the current colour. */
const shapes: Record<ChannelName, string> = {
  widget: '<rect x="2" y="2.8" width="12" height="10.4" rx="2.2"/><path d="M2 6.3h12"/><path d="M4.4 4.6h.01"/>',
  whatsapp:
    '<path d="M2.3 13.7l1-2.8a5.7 5.7 0 1 1 2.2 2z"/><path d="M6.2 6.1c-.1 2.1 1.6 3.9 3.8 3.8l.5-1.2-1.4-.7-.6.5a2.4 2.4 0 0 1-1-1l.5-.6-.7-1.4z" fill="currentColor" stroke="none"/>',
  telegram: '<path d="M14 2.5L1.9 7.4l4 1.5 1.6 4.4 2-2.7 3 2.1z"/><path d="M5.9 8.9l4.8-3.4"/>',
  discord:
    '<path d="M5.4 3.6C4.1 3.9 3.2 4.4 3.2 4.4 2 6.4 1.6 9 1.8 11.4c.9.8 2 1.3 3 1.4l.8-1.4h4.8l.8 1.4c1-.1 2.1-.6 3-1.4.2-2.4-.2-5-1.4-7 0 0-.9-.5-2.2-.8l-.6 1H6z"/><path d="M6 8.1h.01M10 8.1h.01" stroke-width="2.1"/>',
  email: '<rect x="1.8" y="3.1" width="12.4" height="9.8" rx="1.9"/><path d="M2.3 4.7L8 9.1l5.7-4.4"/>',
  sms: '<path d="M3.5 2.7h9a1.7 1.7 0 0 1 1.7 1.7v5a1.7 1.7 0 0 1-1.7 1.7H7.2l-3.3 2.4v-2.4h-.4a1.7 1.7 0 0 1-1.7-1.7v-5a1.7 1.7 0 0 1 1.7-1.7z"/><path d="M5.1 6.9h.01M8 6.9h.01M10.9 6.9h.01" stroke-width="1.9"/>',
  rcs: '<rect x="1.9" y="2.4" width="12.2" height="6.4" rx="1.7"/><path d="M3 11.3h4M9 11.3h4M3 13.6h4M9 13.6h4" stroke-width="1.5"/>',
  instagram:
    '<rect x="2.2" y="2.2" width="11.6" height="11.6" rx="3.4"/><circle cx="8" cy="8" r="2.7"/><path d="M11.3 4.7h.01" stroke-width="1.9"/>',
  messenger:
    '<path d="M8 2c-3.5 0-6.2 2.5-6.2 5.8 0 1.8.8 3.3 2 4.3v2.1l2-1.1c.7.2 1.4.3 2.2.3 3.5 0 6.2-2.4 6.2-5.6S11.5 2 8 2z"/><path d="M4.9 9.1l2.3-2.4 1.7 1.5 2.2-1.5"/>',
  voice:
    '<path d="M3.2 2.5h2.3l1.2 3.1-1.6 1.2a7.7 7.7 0 0 0 3.7 3.7l1.2-1.6 3.1 1.2v2.2c0 .7-.6 1.2-1.3 1.2C6.6 13.2 2.6 9.2 2 3.8c0-.7.5-1.3 1.2-1.3z"/>',
  api: '<path d="M6 2.6c-1.7 0-2 .8-2 1.9v1.5c0 1-.5 1.7-1.6 2 1.1.3 1.6 1 1.6 2v1.5c0 1.1.3 1.9 2 1.9M10 2.6c1.7 0 2 .8 2 1.9v1.5c0 1 .5 1.7 1.6 2-1.1.3-1.6 1-1.6 2v1.5c0 1.1-.3 1.9-2 1.9"/>',
};

/** True when the name is one of the doors this product knows. */
export const isChannel = (name: string): name is ChannelName => (channelNames as readonly string[]).includes(name);

/** Inner SVG markup for a 16 x 16 view box; an unknown door gets the braces. */
export const glyphShape = (name: string): string => shapes[isChannel(name) ? name : "api"];

/** A whole `<svg>` element as text, hidden from assistive technology. */
export const glyphSvg = (name: string, size = 16): string =>
  `<svg width="${size}" height="${size}" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.45" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${glyphShape(name)}</svg>`;

/** The CSS custom property with the door's hue. */
export const channelHue = (name: string): string => `var(--ch-${isChannel(name) ? name : "api"})`;
