import { useQuery } from "@tanstack/react-query";
import { AlarmClock, Check, CornerUpLeft, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBulkStep } from "../api/actions.ts";
import type { ConversationStep } from "../api/endpoints.ts";
import { sessionQuery } from "../api/queries.ts";
import { AssignPicker, TagPicker } from "../conversation/Filing.tsx";
import { WhenPicker } from "../conversation/WhenPicker.tsx";
import { IconButton } from "../elements/Button.tsx";
import { toast } from "../elements/toast.ts";
import { chooseNone, useChosen } from "./selection.ts";

/** One action on every chosen conversation. */
export const BulkBar = ({ known }: { known: readonly string[] }) => {
  const { t } = useTranslation();
  const chosen = useChosen();
  const { data: session } = useQuery(sessionQuery);
  const bulk = useBulkStep();
  const [open, setOpen] = useState<"assign" | "tag" | "snooze" | null>(null);
  const toggle = (name: "assign" | "tag" | "snooze") => (next: boolean) => setOpen(next ? name : null);
  const all = (action: ConversationStep, back?: ConversationStep) => {
    const conversations = [...chosen];
    chooseNone();
    bulk.mutate(
      { conversations, action },
      {
        onSuccess: (refused) => {
          const done = conversations.length - refused;
          const text = refused > 0 ? t("bulk.some", { done, refused }) : t("bulk.done", { count: done });
          toast(text, back && (() => bulk.mutate({ conversations, action: back })));
        },
      },
    );
  };
  if (chosen.size === 0) return null;
  return (
    <div role="toolbar" aria-label={t("bulk.label")} className="flex h-11 flex-none items-center gap-0.5 border-b border-line bg-accent-soft pr-2 pl-4">
      <span role="status" className="flex-1 font-medium text-accent tabular-nums">
        {t("bulk.chosen", { count: chosen.size })}
      </span>
      <AssignPicker
        open={open === "assign"}
        onOpen={toggle("assign")}
        assignee={null}
        me={session?.teammate.id}
        onAssign={(teammate) => all({ step: "assign", teammate })}
        team={null}
        onTeam={(team) => all({ step: "assign", team: team?.id ?? null, teamName: team?.name ?? "" })}
      />
      <TagPicker
        open={open === "tag"}
        onOpen={toggle("tag")}
        tags={[]}
        known={known}
        onTag={(add, remove) => {
          setOpen(null);
          all({ step: "tag", add, remove }, { step: "tag", add: [], remove: add });
        }}
      />
      <WhenPicker
        label={t("snooze.until")}
        open={open === "snooze"}
        onOpen={toggle("snooze")}
        onWhen={(at) => all({ step: "snooze", until: at.toISOString() }, { step: "return" })}
        trigger={
          <IconButton label={t("actions.snooze")}>
            <AlarmClock size={16} aria-hidden="true" />
          </IconButton>
        }
      />
      <IconButton label={t("actions.returnToAi")} onClick={() => all({ step: "return" })}>
        <CornerUpLeft size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label={t("actions.resolve")} onClick={() => all({ step: "resolve" }, { step: "return" })}>
        <Check size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label={t("bulk.none")} onClick={chooseNone}>
        <X size={16} aria-hidden="true" />
      </IconButton>
    </div>
  );
};
