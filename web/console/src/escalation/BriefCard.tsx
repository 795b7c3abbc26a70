import clsx from "clsx";
import { ArrowRight, ChevronDown, PhoneOutgoing, UsersRound } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Escalation } from "../api/types.ts";
import { addressWords } from "../customer/facts.ts";
import { Button, buttonClass } from "../elements/Button.tsx";
import { Chip, Deadline, lineWords, reasonWords, RuleChip, ruleWords } from "../elements/Chip.tsx";
import { useMayChange } from "../session/may.ts";

interface BriefProps {
  escalation: Escalation;
  /** A number to call, where the rule wants an answer at once. */
  phone: string | null;
  /** The team that has it. */
  team: string | null;
  /** The answering teammate, once somebody accepted. */
  acceptedBy: string | null;
  mine: boolean;
  onAccept: () => void;
  onReturn: () => void;
  onShowMessage: (message: string) => void;
}

interface LineProps {
  label: string;
  text: string;
  clamp: boolean;
  /** Left out on a phone until the whole brief is opened. */
  minor?: boolean;
  /** One line where there is width for it. */
  short?: boolean;
}

const Line = ({ label, text, clamp, minor = false, short = false }: LineProps) => (
  <div className={clsx("flex min-w-0 gap-2", clamp && minor && "max-md:hidden")}>
    <dt className="w-[62px] flex-none text-12 leading-5 text-t3">{label}</dt>
    <dd
      className={clsx("min-w-0", clamp && (short ? "line-clamp-2 md:line-clamp-1" : "line-clamp-2"))}
      title={clamp ? text : undefined}
    >
      {text}
    </dd>
  </div>
);

const Items = ({ label, items }: { label: string; items: readonly string[] }) => (
  <div>
    <h3 className="text-12 text-t3">{label}</h3>
    <ul className="grid gap-0.5">
      {items.map((item) => (
        <li
          key={item}
          className="relative pl-3 before:absolute before:top-[9px] before:left-0 before:size-1 before:rounded-full before:bg-line-control"
        >
          {item}
        </li>
      ))}
    </ul>
  </div>
);

/** What a person needs to know before taking over, pinned above the thread. */
export const BriefCard = ({ escalation, phone, team, acceptedBy, mine, onAccept, onReturn, onShowMessage }: BriefProps) => {
  const { t } = useTranslation();
  const [full, setFull] = useState(false);
  const detailsId = useId();
  const may = useMayChange();
  const { brief } = escalation;
  const accepted = escalation.status === "accepted";
  const heading = useId();
  return (
    <section
      aria-labelledby={heading}
      className={clsx(
        "relative z-10 mx-auto max-h-[62vh] w-full max-w-[760px] flex-none overflow-y-auto rounded-3 border border-warn-line bg-s1 px-3.5 py-3 shadow-2",
      )}
    >
      <h2 id={heading} className="sr-only">
        {t("brief.label", { name: brief.name })}
      </h2>
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
        <RuleChip rule={escalation.rule} />
        {escalation.also.map((rule) => (
          <RuleChip key={rule} rule={rule} />
        ))}
        {team && (
          <Chip>
            <UsersRound size={12} aria-hidden="true" className="flex-none" />
            <span className="max-w-[140px] truncate">{team}</span>
          </Chip>
        )}
        {escalation.way && escalation.way !== "same_channel" && <Chip>{t(`way.${escalation.way}`)}</Chip>}
        <p
          className="min-w-0 flex-1 truncate font-semibold max-md:order-last max-md:basis-full max-md:whitespace-normal"
          title={reasonWords(brief.why)}
        >
          {lineWords(brief.need)}
        </p>
        {accepted ? (
          <Chip tone="accent">
            {mine ? t("brief.youAnswer") : t("brief.answers", { name: acceptedBy ?? t("author.teammate") })}
          </Chip>
        ) : escalation.status === "released" ? (
          <Chip tone="danger">{t("brief.released")}</Chip>
        ) : (
          escalation.due_at && (
            <span className="max-md:ml-auto">
              <Deadline dueAt={escalation.due_at} long />
            </span>
          )
        )}
      </div>
      <dl className="mt-2 grid grid-cols-2 gap-x-5 gap-y-0.5 max-md:grid-cols-1">
        <Line label={t("brief.why")} text={reasonWords(brief.why)} clamp={!full} />
        <Line label={t("brief.promised")} text={lineWords(brief.promised.join("; "))} clamp={!full} minor />
        <Line label={t("brief.tried")} text={full ? brief.tried.join("; ") : (brief.tried.at(-1) ?? "")} clamp={!full} />
        <Line label={t("brief.mood")} text={lineWords(brief.emotion)} clamp={!full} minor short />
      </dl>
      {full && (
        <div id={detailsId} className="mt-3 grid gap-3 border-t border-line pt-3">
          <p className="text-14">{brief.summary}</p>
          <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
            <Items label={t("brief.learned")} items={brief.learned.map(lineWords)} />
            <Items label={t("brief.contacts")} items={brief.contacts.map(lineWords)} />
          </div>
          <div>
            <h3 className="text-12 text-t3">{t("brief.evidence")}</h3>
            {escalation.evidence.map((piece) => (
              <p key={piece.message + piece.rule} className="mt-1">
                <span className="text-12 text-warn">{ruleWords(piece.rule)}</span> “<mark>{piece.quote}</mark>”{" "}
                <button
                  type="button"
                  className="text-12 font-medium text-accent hover:underline"
                  onClick={() => onShowMessage(piece.message)}
                >
                  {t("brief.showMessage")}
                </button>
              </p>
            ))}
          </div>
        </div>
      )}
      <p className="mt-2 flex gap-2 rounded-2 bg-s2 px-2.5 py-1.5">
        <ArrowRight size={14} aria-hidden="true" className="mt-[3px] flex-none" />
        <span className={clsx("min-w-0", !full && "line-clamp-2")}>
          <strong className="font-semibold">{t("brief.next")}</strong> {brief.next_step}
        </span>
      </p>
      <div className="mt-2.5 flex flex-wrap items-center gap-2 max-md:grid max-md:grid-cols-2">
        {may && !mine && (
          <Button look="ink" height="s" shortcut="A" onClick={onAccept}>
            {t("actions.accept")}
          </Button>
        )}
        {may && (
          <Button height="s" shortcut="R" onClick={onReturn}>
            {t("actions.returnToAi")}
          </Button>
        )}
        {phone && (
          <a href={`tel:${phone}`} className={clsx(buttonClass("line", "s"), "max-md:col-span-2")}>
            <PhoneOutgoing size={13} aria-hidden="true" />
            {t("brief.call", { number: addressWords({ kind: "phone", value: phone }) })}
          </a>
        )}
        <span className="flex-1 max-md:hidden" />
        <Button
          look="quiet"
          height="s"
          aria-expanded={full}
          aria-controls={full ? detailsId : undefined}
          className="max-md:col-span-2 max-md:-my-1.5"
          onClick={() => setFull(!full)}
        >
          {full ? t("brief.less") : t("brief.more")}
          <ChevronDown size={13} aria-hidden="true" className={clsx("transition-transform", full && "rotate-180")} />
        </Button>
      </div>
    </section>
  );
};
