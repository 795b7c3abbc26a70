/** A picture that looks like a QR code for development; it does not scan. */
export const fakeQr = (text: string): string => {
  const size = 29;
  let seed = [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  const finder = (x: number, y: number): boolean =>
    [[0, 0], [size - 7, 0], [0, size - 7]].some(([left = 0, top = 0]) => {
      const inside = x >= left && x < left + 7 && y >= top && y < top + 7;
      const ring = Math.max(Math.abs(x - left - 3), Math.abs(y - top - 3));
      return inside && ring !== 2;
    });
  const quiet = (x: number, y: number): boolean => (x < 8 && y < 8) || (x > size - 9 && y < 8) || (x < 8 && y > size - 9);
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      seed = (seed * 1664525 + 1013904223) >>> 0;
      if (finder(x, y) || (!quiet(x, y) && seed > 0x80000000)) path += `M${x} ${y}h1v1h-1z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}"><path d="${path}"/></svg>`;
};
