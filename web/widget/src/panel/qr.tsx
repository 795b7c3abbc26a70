/**
 * Draws the server's QR picture from its shapes alone, so that no markup from outside is ever parsed into the page
 * (which pages that require trusted types would refuse anyway).
 */
import { h } from "preact";

const attribute = (element: string, name: string): string =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(element)?.[1] ?? "";

/** View box and dark shapes of a QR code in SVG, or null when it is not one. */
export const qrShapes = (svg: string | null): { box: string; path: string } | null => {
  if (!svg) return null;
  const root = /<svg[^>]*>/.exec(svg)?.[0] ?? "";
  const box = attribute(root, "viewBox") || `0 0 ${parseInt(attribute(root, "width"))} ${parseInt(attribute(root, "height"))}`;
  const path = (svg.match(/<(path|rect)\s[^>]*>/g) ?? [])
    .filter((shape) => !/fill="(#f{3,8}|white|none)"/i.test(shape))
    .map((shape) => {
      if (shape.startsWith("<path")) return attribute(shape, "d");
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => attribute(shape, name) || "0");
      return `M${x} ${y}h${width}v${height}h-${width}z`;
    })
    .join("");
  return path && /^[\d. -]+$/.test(box) ? { box, path } : null;
};

export const Qr = ({ svg, label }: { svg: string | null; label: string }) => {
  const shapes = qrShapes(svg);
  return shapes ? (
    <svg class="qr" viewBox={shapes.box} role="img" aria-label={label}>
      <path d={shapes.path} />
    </svg>
  ) : null;
};
