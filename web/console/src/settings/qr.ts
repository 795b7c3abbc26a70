/** View box and dark shapes of the server's QR picture, so that no markup is ever parsed into the page; null when it is none. */
export const qrShapes = (svg: string | null): { box: string; path: string } | null => {
  const attribute = (name: string): string => new RegExp(`\\s${name}="([\\d\\s.,a-z-]*)"`, "i").exec(svg ?? "")?.[1] ?? "";
  const box = attribute("viewBox");
  const path = attribute("d");
  return box && path ? { box, path } : null;
};
