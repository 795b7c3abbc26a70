import type { ReactNode } from "react";
import { ChannelTile, hueOf, useChannelLabel } from "../elements/Channel.tsx";

export interface Cell {
  count: number;
  /** What the cell is, for those who do not see its row and column. */
  name: string;
  open: () => void;
}

interface HeatTableProps {
  label: string;
  corner: string;
  columns: { key: string; head: ReactNode }[];
  rows: { channel: string; cells: (Cell | null)[] }[];
}

const STRONGEST = 36;

/** Numbers on the tint of their row's door: stronger is more. Every number opens its conversations. */
export const HeatTable = ({ label, corner, columns, rows }: HeatTableProps) => {
  const name = useChannelLabel();
  const most = Math.max(1, ...rows.flatMap(({ cells }) => cells.map((cell) => cell?.count ?? 0)));
  return (
    <div className="overflow-x-auto" tabIndex={0} role="group" aria-label={label}>
      <table className="w-full min-w-[520px] border-separate border-spacing-1 text-12">
        <thead>
          <tr>
            <th scope="col" className="text-left font-medium text-t3">
              {corner}
            </th>
            {columns.map(({ key, head }) => (
              <th key={key} scope="col" className="px-1 font-medium whitespace-nowrap text-t2">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ channel, cells }) => (
            <tr key={channel} style={hueOf(channel)}>
              <th scope="row" className="pr-2 text-left font-medium whitespace-nowrap">
                <span className="flex items-center gap-1.5">
                  <ChannelTile channel={channel} size="s" labelled />
                  {name(channel)}
                </span>
              </th>
              {cells.map((cell, index) => (
                <td key={columns[index]?.key ?? index} className="p-0">
                  {cell && cell.count > 0 ? (
                    <button
                      type="button"
                      aria-label={cell.name}
                      title={cell.name}
                      onClick={cell.open}
                      style={{ background: `color-mix(in srgb, var(--c) ${Math.round(6 + (STRONGEST - 6) * Math.sqrt(cell.count / most))}%, var(--surface-1))` }}
                      className="block h-8 w-full rounded-1 text-center tabular-nums max-md:h-11"
                    >
                      {cell.count}
                    </button>
                  ) : (
                    <span className="block h-8 rounded-1 bg-s2 max-md:h-11" />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
