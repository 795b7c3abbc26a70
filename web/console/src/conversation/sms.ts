/** How many text messages a text takes: 160 characters of the telephone's own alphabet fit into one, 70 of any other. */
// 3GPP TS 23.038, section 6.2.1; the extension's letters count twice.
const basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const extended = new Set("^{}\\[~]|€");
/** Signs of print that leave in plain letters where that is all that keeps a text out of the alphabet. */
const plain = new Map<string, string>([
  ...[..."\u2018\u2019\u201a\u2032"].map((sign): [string, string] => [sign, "'"]),
  ...[..."\u201c\u201d\u201e\u2033«»"].map((sign): [string, string] => [sign, '"']),
  ...[..."\u2010\u2011\u2012\u2013\u2014\u2212•·"].map((sign): [string, string] => [sign, "-"]),
  ...[..."\u00a0\u2009\u202f\u2007\t"].map((sign): [string, string] => [sign, " "]),
  ...[..."\u200b\u200d\u00ad\ufeff"].map((sign): [string, string] => [sign, ""]),
  ["…", "..."],
  ["×", "x"],
]);

export interface Segments {
  /** Text messages. */
  count: number;
  /** Characters that still fit into the last one. */
  left: number;
}

/** What a text comes to on SMS. */
export const segments = (text: string): Segments => {
  const written = [...text].map((letter) => (basic.has(letter) || extended.has(letter) ? letter : (plain.get(letter) ?? letter))).join("");
  const letters = [...written];
  const fits = letters.every((letter) => basic.has(letter) || extended.has(letter));
  const used = fits ? letters.reduce((sum, letter) => sum + (extended.has(letter) ? 2 : 1), 0) : text.length;
  const [alone, each] = fits ? [160, 153] : [70, 67];
  if (used <= alone) return { count: used === 0 ? 0 : 1, left: alone - used };
  const count = Math.ceil(used / each);
  return { count, left: count * each - used };
};
