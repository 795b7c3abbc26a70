import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { conversationsOfQuery } from "../api/queries.ts";
import type { Conversation } from "../api/types.ts";
import { ChannelTile } from "../elements/Channel.tsx";
import { Modal } from "../elements/Sheet.tsx";
import { SkeletonRows } from "../elements/States.tsx";
import { Pick } from "../elements/Popover.tsx";
import { useMoment } from "../time/use-moment.ts";
import { dayAndTime } from "../time/words.ts";

interface MergeProps {
  conversation: Conversation;
  open: boolean;
  onClose: () => void;
  onMerge: (absorb: string) => void;
}

/** Two conversations of one person are one matter: picks the other one. */
export const MergeTalks = ({ conversation, open, onClose, onMerge }: MergeProps) => {
  const { t } = useTranslation();
  const moment = useMoment();
  const query = useQuery({ ...conversationsOfQuery(conversation.customer.id), enabled: open });
  const others = query.data?.items.filter(({ id }) => id !== conversation.id) ?? [];
  return (
    <Modal open={open} onClose={onClose} title={t("filing.mergeTitle")}>
      <p className="mb-2 text-t2">{t("filing.mergeText")}</p>
      {query.isPending && <SkeletonRows rows={2} avatars={false} />}
      {query.data && others.length === 0 && <p className="text-t3">{t("filing.mergeNone")}</p>}
      {others.map((other) => (
        <Pick
          key={other.id}
          icon={<ChannelTile channel={other.channel} size="s" labelled />}
          hint={dayAndTime(other.updated_at, moment)}
          onPick={() => {
            onMerge(other.id);
            onClose();
          }}
        >
          {t(`status.${other.status}`)} · {other.last_message?.text ?? t("inbox.noMessage")}
        </Pick>
      ))}
    </Modal>
  );
};
