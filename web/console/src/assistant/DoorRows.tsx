import { ChevronDown } from "lucide-react";
import clsx from "clsx";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Manner } from "../api/types.ts";
import { ChannelTile, useChannelLabel } from "../elements/Channel.tsx";
import { ToneSelect } from "./MannerFields.tsx";
import { withDoor } from "./manner.ts";

const field =
  "h-9 w-full rounded-2 border border-line-control bg-s1 px-2.5 text-13 outline-none placeholder:text-t3 focus-visible:border-accent max-md:h-11 max-md:text-16";

interface Props {
  channels: readonly string[];
  manner: Manner;
  onChange: (manner: Manner) => void;
}

/** What differs on a door: its tone, and the business's own first and last words. */
export const DoorRows = ({ channels, manner, onChange }: Props) => {
  const { t } = useTranslation();
  const label = useChannelLabel();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul>
      {channels.map((channel) => {
        const door = manner.doors[channel];
        const shown = open === channel;
        const said = [door?.tone && t(`tone.${door.tone}`), door?.greeting, door?.sign_off].filter(Boolean).join(" · ");
        return (
          <li key={channel} className="border-b border-line last:border-b-0">
            <button
              type="button"
              aria-expanded={shown}
              onClick={() => setOpen(shown ? null : channel)}
              className="flex min-h-10 w-full items-center gap-2 rounded-1 text-left hover:bg-s2 max-md:min-h-11"
            >
              <ChannelTile channel={channel} />
              <span className="flex-none font-medium">{label(channel)}</span>
              <span className="min-w-0 flex-1 truncate text-12 text-t3">{said || t("assistant.asElsewhere")}</span>
              <ChevronDown size={14} aria-hidden="true" className={clsx("flex-none text-t3 transition-transform", shown && "rotate-180")} />
            </button>
            {shown && (
              <div className="grid gap-3 pt-1 pb-4">
                <ToneSelect
                  label={t("assistant.toneOn", { channel: label(channel) })}
                  none={t("assistant.sameTone")}
                  tone={door?.tone ?? null}
                  onTone={(tone) => onChange(withDoor(manner, channel, { tone }))}
                />
                <label className="grid gap-1">
                  <span className="text-12 text-t2">{t("assistant.greeting")}</span>
                  <input
                    value={door?.greeting ?? ""}
                    maxLength={300}
                    autoComplete="off"
                    placeholder={t("assistant.greetingExample")}
                    onChange={(event) => onChange(withDoor(manner, channel, { greeting: event.target.value || null }))}
                    className={field}
                  />
                </label>
                {channel !== "voice" && (
                  <label className="grid gap-1">
                    <span className="text-12 text-t2">{t("assistant.signOff")}</span>
                    <input
                      value={door?.sign_off ?? ""}
                      maxLength={300}
                      autoComplete="off"
                      placeholder={t("assistant.signOffExample")}
                      onChange={(event) => onChange(withDoor(manner, channel, { sign_off: event.target.value || null }))}
                      className={field}
                    />
                  </label>
                )}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
};
