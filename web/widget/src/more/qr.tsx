/**
 * Draws the server's QR picture from its shapes alone, so that no markup from outside is ever parsed into the page
 * (which pages that require trusted types would refuse anyway).
 */
import { h } from "preact";

/** View box and dark shapes of the server's QR code, or null when it is not one. */
export const qrShapes = (svg: string | null): { box: string; path: string } | null => {
  const attribute = (name: string): string => new RegExp(`\\s${name}="([\\d\\s.,a-z-]*)"`, "i").exec(svg ?? "")?.[1] ?? "";
  const box = attribute("viewBox");
  const path = attribute("d");
  return box && path ? { box, path } : null;
};

export const Qr = ({ svg, label }: { svg: string | null; label: string }) => {
  const shapes = qrShapes(svg);
  return shapes ? (
    <svg class="qr" viewBox={shapes.box} role="img" aria-label={label}>
      <path d={shapes.path} />
    </svg>
  ) : null;
};
