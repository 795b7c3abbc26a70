import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { AtSign, BookOpen, MessageSquareText } from "lucide-react";
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cannedQuery, knowledgeAnswerQuery, teammatesQuery } from "../api/queries.ts";
import { IconButton } from "../elements/Button.tsx";
import type { Canned } from "../api/types.ts";
import { filled, type Sign, stepWords, type Wish, wishAt } from "./suggest.ts";

interface Option {
  key: string;
  title: string;
  detail: string;
  insert: string;
  /** A canned reply that does something besides. */
  canned?: Canned;
}

const most = 6;

/** What fits the wish: canned replies, teammates, or passages of the knowledge. */
const useOptions = (wish: Wish | null, gaps: Record<string, string | null>): Option[] => {
  const { t } = useTranslation();
  const sign = wish?.sign;
  const query = (wish?.query ?? "").toLowerCase();
  const canned = useQuery({ ...cannedQuery, enabled: sign === "/" });
  const team = useQuery({ ...teammatesQuery, enabled: sign === "@" });
  const found = useQuery({ ...knowledgeAnswerQuery(sign === "#" ? query.trim() : ""), enabled: sign === "#" && query.trim().length > 2 });
  if (sign === "/") {
    return (canned.data?.items ?? [])
      .filter(({ name, text }) => name.toLowerCase().includes(query) || text.toLowerCase().includes(query))
      .slice(0, most)
      .map((one) => ({
        key: one.id,
        title: one.name,
        detail: one.text || one.steps.map((step) => stepWords(step, t)).join(", "),
        insert: filled(one.text, gaps),
        ...(one.steps.length > 0 ? { canned: one } : {}),
      }));
  }
  if (sign === "@") {
    return (team.data?.items ?? [])
      .filter(({ name, invited }) => !invited && name.toLowerCase().includes(query))
      .slice(0, most)
      .map(({ id, name, email }) => ({ key: id, title: name, detail: email, insert: `@${name} ` }));
  }
  if (sign === "#") {
    return (found.data?.citations ?? [])
      .slice(0, most)
      .map(({ source, heading, text }) => ({ key: source + heading, title: heading || source, detail: text, insert: text }));
  }
  return [];
};

const signs = [
  { sign: "/", name: "canned", icon: MessageSquareText },
  { sign: "#", name: "article", icon: BookOpen },
  { sign: "@", name: "mention", icon: AtSign },
] as const;

interface FieldProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onText: (text: string) => void;
  note: boolean;
  disabled: boolean;
  label: string;
  placeholder: string;
  describedBy: string | undefined;
  /** What the gaps of canned replies stand for. */
  gaps: Record<string, string | null>;
  onSubmit: () => void;
  /** What the AI would say: shown while the field is empty, taken with Tab, put away with Escape. */
  ghost?: string | null;
  onAccept?: () => void;
  onDecline?: () => void;
  /** A canned reply was put in that does something besides. */
  onCanned?: (canned: Canned) => void;
}

/** A field for words, in which / brings canned replies, # passages of the knowledge, and @ names a teammate. */
export const WritingField = ({
  field,
  text,
  onText,
  note,
  disabled,
  label,
  placeholder,
  describedBy,
  gaps,
  onSubmit,
  ghost = null,
  onAccept,
  onDecline,
  onCanned,
}: FieldProps) => {
  const { t } = useTranslation();
  const [wish, setWish] = useState<Wish | null>(null);
  const [marked, setMarked] = useState(0);
  const listId = useId();
  const ghostId = useId();
  const allowed = wish && (note || wish.sign !== "@") ? wish : null;
  const options = useOptions(allowed, gaps);
  const look = (value: string, caret: number) => {
    setWish(wishAt(value, caret));
    setMarked(0);
  };
  // The caret stands behind what was put in before the next key is heard: a frame later it would tear a quick typist's words apart.
  const landing = useRef<number | null>(null);
  useLayoutEffect(() => {
    const caret = landing.current;
    if (caret === null) return;
    landing.current = null;
    field.current?.focus();
    field.current?.setSelectionRange(caret, caret);
  });
  const put = (option: Option) => {
    if (!wish) return;
    const next = text.slice(0, wish.start) + option.insert + text.slice(wish.end);
    landing.current = wish.start + option.insert.length;
    onText(next);
    setWish(null);
    if (option.canned) onCanned?.(option.canned);
  };
  const begin = (sign: Sign) => {
    const box = field.current;
    if (!box) return;
    const before = text.slice(0, box.selectionStart);
    const next = `${before}${before === "" || /\s$/.test(before) ? "" : " "}${sign}`;
    landing.current = next.length;
    onText(next + text.slice(box.selectionEnd));
    look(next, next.length);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      setWish(null);
      onSubmit();
      return;
    }
    const option = options[marked];
    if (allowed && option) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        setMarked((marked + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length);
        return;
      }
      if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        put(option);
        return;
      }
    }
    if (ghost && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      landing.current = ghost.length;
      onAccept?.();
      return;
    }
    if (event.key !== "Escape") return;
    if (ghost) {
      event.preventDefault();
      onDecline?.();
      return;
    }
    if (allowed) {
      event.preventDefault();
      setWish(null);
    } else event.currentTarget.blur();
  };
  return (
    <div className="relative mt-2">
      {allowed && (options.length > 0 || allowed.sign === "/") && (
        <div className="absolute inset-x-0 bottom-full z-30 mb-2 overflow-hidden rounded-3 border border-line bg-overlay p-1 shadow-2">
          <ul id={listId} role="listbox" aria-label={t("composer.options")}>
            {options.map((option, index) => (
              <li
                key={option.key}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={index === marked}
                onMouseDown={(event) => {
                  event.preventDefault();
                  put(option);
                }}
                className={clsx("cursor-default rounded-2 px-2.5 py-1.5", index === marked && "bg-s3")}
              >
                <span className="block truncate font-medium">{option.title}</span>
                <span className="block truncate text-12 text-t2">{option.detail}</span>
              </li>
            ))}
          </ul>
          {options.length === 0 && (
            <p role="status" className="px-2.5 py-1.5 text-12 text-t2">
              {t("composer.noOptions")} {t("composer.manage")}
            </p>
          )}
        </div>
      )}
      <textarea
        ref={field}
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          look(event.target.value, event.target.selectionStart);
        }}
        onClick={(event) => look(text, event.currentTarget.selectionStart)}
        onBlur={() => setWish(null)}
        onKeyDown={onKeyDown}
        disabled={disabled}
        rows={2}
        aria-label={label}
        aria-describedby={ghost ? ghostId : describedBy}
        aria-autocomplete="list"
        aria-controls={options.length > 0 ? listId : undefined}
        aria-activedescendant={options.length > 0 ? `${listId}-${marked}` : undefined}
        placeholder={ghost ?? placeholder}
        className="field-sizing-content max-h-[30vh] min-h-11 w-full resize-none rounded-1 bg-transparent px-1 text-14 outline-none placeholder:text-t3 focus-visible:shadow-none max-md:text-16"
      />
      {ghost && (
        <p id={ghostId} className="sr-only">
          {t("composer.ghost", { text: ghost })}
        </p>
      )}
      <div role="group" aria-label={t("composer.tools")} className="absolute -bottom-8 left-0 flex max-md:-bottom-11">
        {signs
          .filter(({ sign }) => (note ? sign !== "#" : sign !== "@"))
          .map(({ sign, name, icon: Icon }) => (
            <IconButton key={sign} label={`${t(`composer.${name}`)} ${sign}`} disabled={disabled} onClick={() => begin(sign)}>
              <Icon size={15} aria-hidden="true" />
            </IconButton>
          ))}
      </div>
    </div>
  );
};
