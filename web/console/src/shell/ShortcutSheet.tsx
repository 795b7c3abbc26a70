import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Modal } from "../elements/Sheet.tsx";
import { setSingleKeys, singleKeysOn } from "./shortcuts.ts";
import { closeFloating } from "./sheet-state.ts";

const lines = [
  { keys: ["Ctrl", "K"], name: "palette" },
  { keys: ["J"], name: "next" },
  { keys: ["K"], name: "previous" },
  { keys: ["A"], name: "accept" },
  { keys: ["R"], name: "return" },
  { keys: ["E"], name: "resolve" },
  { keys: ["H"], name: "snooze" },
  { keys: ["Y"], name: "approve" },
  { keys: ["W"], name: "reword" },
  { keys: ["D"], name: "discard" },
  { keys: ["C"], name: "compose" },
  { keys: ["N"], name: "note" },
  { keys: ["]"], name: "side" },
  { keys: ["G"], name: "assign" },
  { keys: ["L"], name: "tags" },
  { keys: ["X"], name: "choose" },
  { keys: ["I"], name: "explain" },
  { keys: ["O"], name: "openTask" },
  { keys: ["E"], name: "finishTask" },
  { keys: ["H"], name: "postpone" },
  { keys: ["T"], name: "putThrough" },
  { keys: ["Tab"], name: "useDraft" },
  { keys: ["/"], name: "canned" },
  { keys: ["#"], name: "article" },
  { keys: ["@"], name: "mention" },
  { keys: ["⇧", "Click"], name: "chooseThrough" },
  { keys: ["Esc"], name: "close" },
  { keys: ["Z"], name: "undo" },
  { keys: ["Ctrl", "↵"], name: "send" },
  { keys: ["?"], name: "sheet" },
] as const;

/** Every key at a glance, and the switch that turns single keys off. */
export const ShortcutSheet = ({ open }: { open: boolean }) => {
  const { t } = useTranslation();
  const [on, setOn] = useState(singleKeysOn);
  return (
    <Modal open={open} onClose={closeFloating} title={t("shell.shortcuts")}>
      <dl className="grid grid-cols-2 gap-x-8 max-md:grid-cols-1">
        {lines.map(({ keys, name }) => (
          <div key={name} className="flex items-center justify-between border-b border-line py-1.5">
            <dt className="text-t2">{t(`shortcut.${name}`)}</dt>
            <dd className="flex gap-0.5">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-[20px] rounded-1 border border-line bg-s1 px-1 text-center font-sans text-11 font-medium text-t2"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label className="mt-4 flex items-center gap-2">
        <input
          type="checkbox"
          checked={on}
          className="size-4 accent-[var(--accent)]"
          onChange={(event) => {
            setSingleKeys(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        {t("shell.singleKeys")}
      </label>
    </Modal>
  );
};
