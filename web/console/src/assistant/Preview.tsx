import { useTranslation } from "react-i18next";
import type { MannerTried } from "../api/types.ts";
import { Card } from "../elements/Card.tsx";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { Refused } from "../elements/FormEnd.tsx";

interface Props {
  question: string;
  onQuestion: (question: string) => void;
  items: MannerTried["items"] | undefined;
  error: unknown;
}

/** One answer on every door, side by side, as somebody new would read it. */
export const Preview = ({ question, onQuestion, items, error }: Props) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  return (
    <Card title={t("assistant.preview")} note={t("assistant.previewNote")}>
      <label className="mb-3 grid gap-1">
        <span className="text-12 text-t2">{t("assistant.question")}</span>
        <input
          value={question}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => onQuestion(event.target.value)}
          className="h-9 w-full rounded-2 border border-line-control bg-s1 px-3 text-14 outline-none focus-visible:border-accent max-md:h-11 max-md:text-16"
        />
      </label>
      <Refused error={error} className="" />
      <ul className="grid grid-cols-2 gap-3 max-md:grid-cols-1" aria-label={t("assistant.preview")}>
        {items?.map(({ channel, messages }) => (
          <li key={channel} className="min-w-0 rounded-2 border border-line bg-s0 p-3">
            <p className="mb-2 flex items-center gap-2 font-medium">
              <ChannelTile channel={channel} />
              {label(channel)}
            </p>
            {messages.map((text, place) => (
              <p key={place} className="mt-1.5 rounded-2 bg-ai-soft px-2.5 py-1.5 break-words whitespace-pre-line first:mt-0">
                {text}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
};
