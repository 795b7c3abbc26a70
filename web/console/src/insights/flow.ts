/** Geometry of the picture that shows from which door to which customers go. */

/** Customers who went from one door to another. */
export interface Way {
  from: string;
  to: string;
  count: number;
}

export interface Pillar {
  channel: string;
  total: number;
  y: number;
  height: number;
}

export interface Band extends Way {
  path: string;
}

export interface Flow {
  left: Pillar[];
  right: Pillar[];
  bands: Band[];
}

interface Room {
  /** Where the pillars stand. */
  left: number;
  right: number;
  /** How wide they are. */
  thick: number;
  height: number;
  gap: number;
}

const sumBy = (ways: readonly Way[], side: "from" | "to"): [string, number][] => {
  const sums = new Map<string, number>();
  for (const way of ways) sums.set(way[side], (sums.get(way[side]) ?? 0) + way.count);
  return [...sums].sort(([one, a], [other, b]) => b - a || one.localeCompare(other));
};

const pillars = (sums: [string, number][], scale: number, room: Room): Pillar[] => {
  let y = 0;
  return sums.map(([channel, total]) => {
    const height = total * scale;
    const pillar = { channel, total, y, height };
    y += height + room.gap;
    return pillar;
  });
};

const round = (value: number): number => Math.round(value * 10) / 10;

/** Bands leave and arrive in the order of the pillars on the other side, so that as few as possible cross. */
export const layFlow = (ways: readonly Way[], room: Room): Flow => {
  const [from, to] = [sumBy(ways, "from"), sumBy(ways, "to")];
  const all = from.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return { left: [], right: [], bands: [] };
  const gaps = room.gap * (Math.max(from.length, to.length) - 1);
  const scale = (room.height - gaps) / all;
  const [left, right] = [pillars(from, scale, room), pillars(to, scale, room)];
  const starts = new Map(left.map(({ channel, y }) => [channel, y]));
  const ends = new Map(right.map(({ channel, y }) => [channel, y]));
  const place = (side: Pillar[], channel: string) => side.findIndex((pillar) => pillar.channel === channel);
  const ordered = [...ways].sort(
    (one, other) =>
      place(left, one.from) - place(left, other.from) || place(right, one.to) - place(right, other.to),
  );
  const [x0, x1] = [room.left + room.thick, room.right];
  const middle = round((x0 + x1) / 2);
  const bands = ordered.map((way) => {
    const height = way.count * scale;
    const [y0, y1] = [starts.get(way.from) ?? 0, ends.get(way.to) ?? 0];
    starts.set(way.from, y0 + height);
    ends.set(way.to, y1 + height);
    const [a, b, c, d] = [round(y0), round(y1), round(y1 + height), round(y0 + height)];
    return { ...way, path: `M${x0} ${a}C${middle} ${a} ${middle} ${b} ${x1} ${b}V${c}C${middle} ${c} ${middle} ${d} ${x0} ${d}Z` };
  });
  return { left, right, bands };
};
