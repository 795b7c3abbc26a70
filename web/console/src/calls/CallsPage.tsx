import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { PhoneIncoming, PhoneOutgoing } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { callsQuery } from "../api/queries.ts";
import type { Call } from "../api/types.ts";
import { Avatar } from "../elements/Avatar.tsx";
import { PageFrame } from "../elements/Card.tsx";
import { Chip } from "../elements/Chip.tsx";
import { Shield } from "../elements/Proof.tsx";
import { Empty, Failure, SkeletonRows } from "../elements/States.tsx";
import { useShortcuts } from "../shell/shortcuts.ts";
import { CallPanel } from "./CallPanel.tsx";
import { Lasting } from "./Lasting.tsx";
import { callerWords, stateTones } from "./words.ts";

interface RowProps {
  call: Call;
  open: boolean;
  onOpen: () => void;
}

const Row = ({ call, open, onOpen }: RowProps) => {
  const { t } = useTranslation();
  const Way = call.direction === "inbound" ? PhoneIncoming : PhoneOutgoing;
  return (
    <li>
      <button
        type="button"
        aria-current={open || undefined}
        onClick={onOpen}
        className={clsx(
          "flex min-h-16 w-full items-center gap-3 border-l-2 px-3 py-2 text-left hover:bg-s2",
          open ? "border-accent bg-s2" : "border-transparent",
        )}
      >
        <Avatar name={call.name} />
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-2">
            <span className="min-w-0 truncate font-semibold">{callerWords(call, t)}</span>
            {call.proof && <Shield proof={call.proof} />}
          </span>
          <span className="flex items-center gap-1.5 text-12 text-t3">
            <Way size={12} aria-hidden="true" className="flex-none" />
            <span className="truncate">{t(`calls.way.${call.direction}`, { number: call.number ?? call.connection })}</span>
          </span>
        </span>
        <span className="flex flex-none flex-col items-end gap-1">
          <Lasting since={call.at} />
          <Chip tone={stateTones[call.state]}>{call.taken_by ? t("calls.with", { name: call.taken_by }) : t(`calls.state.${call.state}`)}</Chip>
        </span>
      </button>
    </li>
  );
};

/** Who is on the phone now, what is said, and what a person can do about it. */
export const CallsPage = () => {
  const { t } = useTranslation();
  const query = useQuery(callsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const calls = query.data?.items ?? [];
  const open = calls.find(({ id }) => id === chosen) ?? calls[0];
  const step = (by: number) => {
    const at = calls.findIndex(({ id }) => id === open?.id);
    const next = calls[Math.min(calls.length - 1, Math.max(0, at + by))];
    if (next) setChosen(next.id);
  };
  useShortcuts({ j: () => step(1), k: () => step(-1) });
  return (
    <PageFrame title={t("place.calls")} note={t("calls.note")}>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !query.data && <Failure title={t("calls.failed")} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && !open && <Empty title={t("empty.calls.title")} text={t("empty.calls.text")} />}
      {open && (
        <div className="grid grid-cols-[320px_minmax(0,1fr)] items-start gap-4 max-xl3:grid-cols-1">
          <ul aria-label={t("calls.underWay")} className="divide-y divide-line overflow-hidden rounded-3 border border-line bg-s1">
            {calls.map((call) => (
              <Row key={call.id} call={call} open={call.id === open.id} onOpen={() => setChosen(call.id)} />
            ))}
          </ul>
          <CallPanel key={open.id} call={open} />
        </div>
      )}
    </PageFrame>
  );
};
