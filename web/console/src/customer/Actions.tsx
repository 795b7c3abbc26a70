import clsx from "clsx";
import { ArrowLeftRight, CalendarCheck, FileText, PackageOpen, Wrench } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useActionVerdict } from "../api/actions.ts";
import type { Action } from "../api/types.ts";
import { Button } from "../elements/Button.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime, type Moment } from "../time/words.ts";
import { useMayChange } from "../session/may.ts";

/** "Return of order EC-31001", "Consultation, Tue 1 Dec 15:00". */
export const actionWords = (action: Pick<Action, "tool" | "arguments">, t: TFunction<"console">, moment: Moment): string => {
  const { order = "", wanted = "", what = "", about = "", arguments: given = {}, starts_at } = action.arguments;
  if (action.tool === "tool.call") {
    const told = Object.entries(given).map(([name, value]) => `${name.replaceAll("_", " ")} ${String(value)}`);
    return told.length === 0 ? about : `${about} (${told.join(", ")})`;
  }
  return t(`action.${action.tool}`, { order, wanted, what, when: starts_at ? dayAndTime(starts_at, moment) : "" });
};

const icons = { "return.create": PackageOpen, "exchange.create": ArrowLeftRight, "booking.create": CalendarCheck, "tool.call": Wrench } as const;

interface ActionsProps {
  customer: string;
  actions: readonly Action[];
  onShowMessage: (message: string) => void;
}

/** What was done for the customer, newest first; what waits for a teammate stands on top with its two buttons. */
export const Actions = ({ customer, actions, onShowMessage }: ActionsProps) => {
  const waits = (action: Action) => Number(action.status === "waiting");
  const shown = [...actions].reverse().sort((a, b) => waits(b) - waits(a));
  return (
    <ul className="grid gap-2">
      {shown.map((action) => (
        <li key={action.id}>
          <OneAction customer={customer} action={action} onShowMessage={onShowMessage} />
        </li>
      ))}
    </ul>
  );
};

const OneAction = ({ customer, action, onShowMessage }: { customer: string; action: Action; onShowMessage: (message: string) => void }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const verdict = useActionVerdict(customer);
  const may = useMayChange();
  const Icon = icons[action.tool];
  const waiting = action.status === "waiting";
  const { message } = action;
  const what = actionWords(action, t, moment);
  return (
    <div className={clsx(waiting && "rounded-2 border border-warn-line bg-s1 p-2.5")}>
      <div className="flex items-start gap-2">
        <Icon size={14} aria-hidden="true" className={clsx("mt-[3px] flex-none", waiting ? "text-warn" : "text-t3")} />
        <div className="min-w-0 flex-1">
          {message === null ? (
            <p>{what}</p>
          ) : (
            <button type="button" className="rounded-1 text-left hover:underline" onClick={() => onShowMessage(message)}>
              {what}
            </button>
          )}
          <p className="text-12 text-t3">
            {action.number} · {t(`action.status.${action.status}`)}
            {action.by && ` · ${action.by}`}
          </p>
          {waiting && action.because && <p className="mt-1 text-12 text-t2">{t(`action.because.${action.because}`)}</p>}
        </div>
        {action.document && (
          <a
            href={action.document}
            target="_blank"
            rel="noreferrer"
            className="flex-none rounded-1 p-1 text-t3 hover:text-accent"
            aria-label={t("action.document", { number: action.number })}
          >
            <FileText size={14} aria-hidden="true" />
          </a>
        )}
      </div>
      {may && waiting && (
        <div className="mt-2 flex gap-2">
          <Button look="ink" height="s" disabled={verdict.isPending} onClick={() => verdict.mutate({ action: action.id, verdict: "approve" })}>
            {t("action.approve")}
          </Button>
          <Button height="s" disabled={verdict.isPending} onClick={() => verdict.mutate({ action: action.id, verdict: "decline" })}>
            {t("action.decline")}
          </Button>
        </div>
      )}
    </div>
  );
};
