/** An amount as people read it: small ones keep the figures that say something. */
export const inMoney = (amount: number, currency: string | null, locale: string): string => {
  const digits = amount !== 0 && Math.abs(amount) < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  try {
    if (currency) return new Intl.NumberFormat(locale, { style: "currency", currency, ...digits }).format(amount);
  } catch {
    // No currency that this browser knows: the bare word after the number will do.
  }
  return `${new Intl.NumberFormat(locale, digits).format(amount)}${currency ? ` ${currency}` : ""}`;
};
