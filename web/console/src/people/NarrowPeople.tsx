import { useTranslation } from "react-i18next";
import type { PeopleFilter } from "../api/endpoints.ts";
import type { Channel } from "../api/types.ts";
import { useChannelLabel } from "../elements/Channel.tsx";

type Narrowed = Omit<PeopleFilter, "q">;

export const everybody: Narrowed = { channel: null, proof: null, score: null, order: "newest" };

const doors: readonly Channel[] = ["widget", "whatsapp", "telegram", "discord", "email", "sms", "rcs", "instagram", "messenger", "voice", "api"];
const scores = [25, 50, 70] as const;

interface PickProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  onPick: (value: string) => void;
}

const Choose = ({ label, value, options, onPick }: PickProps) => (
  <select
    aria-label={label}
    value={value}
    onChange={(event) => onPick(event.target.value)}
    className="h-9 max-w-full rounded-2 border border-line-control bg-s1 px-2 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16"
  >
    {options.map(([key, words]) => (
      <option key={key} value={key}>
        {words}
      </option>
    ))}
  </select>
);

/** Who is shown of everybody, and who comes first. */
export const NarrowPeople = ({ narrowed, onNarrow }: { narrowed: Narrowed; onNarrow: (narrowed: Narrowed) => void }) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const narrow = (change: Partial<Narrowed>) => onNarrow({ ...narrowed, ...change });
  return (
    <div role="group" aria-label={t("people.narrow")} className="flex flex-wrap gap-2">
      <Choose
        label={t("people.byDoor")}
        value={narrowed.channel ?? ""}
        options={[["", t("people.anyDoor")], ...doors.map((door) => [door, label(door)] as const)]}
        onPick={(value) => narrow({ channel: doors.find((door) => door === value) ?? null })}
      />
      <Choose
        label={t("people.byProof")}
        value={narrowed.proof ?? ""}
        options={[
          ["", t("people.anyProof")],
          ["channel_asserted", t("people.known")],
          ["verified", t("proof.verified")],
        ]}
        onPick={(value) => narrow({ proof: value === "verified" || value === "channel_asserted" ? value : null })}
      />
      <Choose
        label={t("people.byScore")}
        value={String(narrowed.score ?? "")}
        options={[["", t("people.anyScore")], ...scores.map((score) => [String(score), t("people.scoreFrom", { score })] as const)]}
        onPick={(value) => narrow({ score: value === "" ? null : Number(value) })}
      />
      <Choose
        label={t("people.order")}
        value={narrowed.order}
        options={[
          ["newest", t("people.newest")],
          ["score", t("people.bestScore")],
        ]}
        onPick={(value) => narrow({ order: value === "score" ? "score" : "newest" })}
      />
    </div>
  );
};
