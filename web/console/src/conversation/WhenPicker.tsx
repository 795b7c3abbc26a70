import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Pick, pickField, Popover } from "../elements/Popover.tsx";
import { momentOf } from "../time/natural.ts";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";
import { snoozeChoices } from "./snooze.ts";

interface WhenProps {
  label: string;
  open: boolean;
  onOpen: (open: boolean) => void;
  onWhen: (at: Date) => void;
  trigger: ReactNode;
  side?: "top" | "bottom";
}

/** A moment ahead, in one's own words or from a short list. */
export const WhenPicker = ({ label, open, onOpen, onWhen, trigger, side = "bottom" }: WhenProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const [text, setText] = useState("");
  const meant = momentOf(text, moment);
  const choose = (at: Date) => {
    onOpen(false);
    setText("");
    onWhen(at);
  };
  return (
    <Popover open={open} onOpen={onOpen} trigger={trigger} label={label} side={side}>
      <form
        className="p-1"
        onSubmit={(event) => {
          event.preventDefault();
          if (meant) choose(meant);
        }}
      >
        <input
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label={label}
          placeholder={t("when.placeholder")}
          className={pickField}
        />
        <p role="status" className="min-h-6 px-1 pt-1 text-12 text-t2">
          {meant ? `${dayAndTime(meant.toISOString(), moment)} ↵` : text ? t("when.unknown") : label}
        </p>
      </form>
      {snoozeChoices(moment).map(({ name, until }) => (
        <Pick key={name} hint={dayAndTime(until.toISOString(), moment)} onPick={() => choose(until)}>
          {t(`snooze.${name}`)}
        </Pick>
      ))}
    </Popover>
  );
};
