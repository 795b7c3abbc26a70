import { AlarmClock } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { WhenPicker } from "../conversation/WhenPicker.tsx";
import { Button } from "../elements/Button.tsx";
import { Refused } from "../elements/FormEnd.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { useTaskSteps } from "./use-tasks.ts";

/** Something to do for this person, by when; it is the writer's until it is given to somebody. */
export const AddTask = ({ customer, conversation }: { customer: string; conversation?: string | undefined }) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const { add } = useTaskSteps();
  const [what, setWhat] = useState("");
  const [due, setDue] = useState<Date | null>(null);
  const [picking, setPicking] = useState(false);
  const keep = (event: FormEvent) => {
    event.preventDefault();
    if (!what.trim()) return;
    const body = { customer, what: what.trim(), due_at: due ? due.toISOString() : null, ...(conversation ? { conversation } : {}) };
    add.mutate(body, {
      onSuccess: () => {
        setWhat("");
        setDue(null);
      },
    });
  };
  return (
    <form onSubmit={keep} className="mt-2">
      <input
        value={what}
        maxLength={500}
        autoComplete="off"
        onChange={(event) => setWhat(event.target.value)}
        aria-label={t("tasks.what")}
        placeholder={t("tasks.what")}
        className="h-8 w-full rounded-2 border border-line-control bg-s1 px-2.5 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:text-16"
      />
      {what.trim() && (
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <WhenPicker
            label={t("tasks.dueAt")}
            open={picking}
            onOpen={setPicking}
            onWhen={setDue}
            trigger={
              <Button height="s">
                <AlarmClock size={13} aria-hidden="true" />
                {due ? dayAndTime(due.toISOString(), moment) : t("tasks.dueAt")}
              </Button>
            }
          />
          <span className="flex-1" />
          <Button look="ink" height="s" type="submit" disabled={add.isPending}>
            {t("tasks.add")}
          </Button>
        </div>
      )}
      <Refused error={add.error} className="mt-2" />
    </form>
  );
};
