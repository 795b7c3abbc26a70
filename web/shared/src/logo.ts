/** Three doors, three lines, one point: inner SVG of the mark on a 32 x 32 grid. */
export const markShape =
  '<g stroke="currentColor" stroke-width="2.8" stroke-linecap="round"><path d="M4 6h3.5c8 0 5.5 10 13 10"/><path d="M4 16h15"/><path d="M4 26h3.5c8 0 5.5-10 13-10"/></g><circle cx="24" cy="16" r="5.2" fill="var(--brand-point)"/>';

/** The whole mark as SVG text; decorative, so the name stands beside it as text. */
export const markSvg = (size = 20): string =>
  `<svg width="${size}" height="${size}" viewBox="0 0 32 32" fill="none" aria-hidden="true">${markShape}</svg>`;
