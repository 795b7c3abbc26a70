/** Figures of a report as people read them. */
import type { Report, ReportFigure, ReportRow } from "../api/types.ts";

export interface Tongue {
  locale: string;
  currency: string;
}

const digits = (locale: string, most: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: most });

/** "9 s", "2 min 10", "3 h 5", "2 d". */
export const spanWords = (seconds: number, locale: string): string => {
  if (seconds < 60) return `${digits(locale, seconds < 10 ? 1 : 0).format(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60}`;
  return `${Math.round(hours / 24)} d`;
};

export const moneyWords = (amount: number, { locale, currency }: Tongue): string => {
  const most = Math.abs(amount) > 0 && Math.abs(amount) < 1 ? 4 : Math.abs(amount) < 1_000 ? 2 : 0;
  return new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: most, minimumFractionDigits: 0 }).format(amount);
};

export const shareWords = (share: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: share > 0.995 && share < 1 ? 1 : 0 }).format(share);

/** Nothing that could be counted is a dash, never a zero. */
export const figureWords = (figure: ReportFigure | undefined, tongue: Tongue): string => {
  if (!figure || figure.value === null) return "–";
  switch (figure.unit) {
    case "share":
      return shareWords(figure.value, tongue.locale);
    case "seconds":
      return spanWords(figure.value, tongue.locale);
    case "money":
      return moneyWords(figure.value, tongue);
    case "count":
      return digits(tongue.locale, 0).format(figure.value);
    case "number":
      return digits(tongue.locale, 1).format(figure.value);
    case "mood":
      return digits(tongue.locale, 2).format(figure.value);
  }
};

/** The difference to the days before, with its sign; nothing where there is nothing to compare with. */
export const changeWords = (figure: ReportFigure, tongue: Tongue): string | null => {
  if (figure.value === null || figure.before === null) return null;
  const change = figure.value - figure.before;
  const sign = change > 0 ? "+" : "−";
  const size = Math.abs(change);
  if (figure.unit === "share") {
    const points = digits(tongue.locale, 1).format(size * 100);
    return points === "0" ? null : `${sign}${points} pt`;
  }
  const words = figureWords({ ...figure, value: size }, tongue);
  return size === 0 ? null : `${sign}${words}`;
};

export const figureOf = (report: Report | undefined, name: string): ReportFigure | undefined =>
  report?.figures.find(({ figure }) => figure === name);

export const rowsOf = (report: Report | undefined, name: string): ReportRow[] =>
  report?.tables.find(({ table }) => table === name)?.rows ?? [];

export const numberIn = (row: ReportRow, name: string): number => {
  const value = row[name];
  return typeof value === "number" ? value : 0;
};

export const wordIn = (row: ReportRow, name: string): string => {
  const value = row[name];
  return typeof value === "string" ? value : "";
};

const day = 86_400_000;

/** Days as bars, at most so many: neighbouring days share one where there are more. */
export const barsOf = (figure: ReportFigure, from: string, to: string, most = 30): number[] => {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const length = Math.round((last - first) / day) + 1;
  if (!(length > 0)) return [];
  const each = Math.ceil(length / most);
  const bars = Array.from({ length: Math.ceil(length / each) }, () => 0);
  for (const { day: date, count } of figure.days) {
    const at = Math.floor(Math.round((Date.parse(date) - first) / day) / each);
    bars[at] = (bars[at] ?? 0) + count;
  }
  return bars;
};
