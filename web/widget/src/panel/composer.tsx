/** Where the visitor writes; a person is always one tap away beneath it. */
import { h } from "preact";
import type { Say } from "../strings/strings.ts";
import { Icon } from "./icons.tsx";

export interface ComposerProps {
  say: Say;
  teammate: string | null;
  openNow: boolean;
  asked: boolean;
  draft: string;
  setDraft: (text: string) => void;
  send: (text: string) => void;
  typing: () => void;
  person: () => void;
}

const LONGEST = 4000;
const TALLEST = 120;

/** As high as what is written in it. */
const fit = (area: HTMLTextAreaElement | null): void => {
  if (!area) return;
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, TALLEST)}px`;
};

export const Composer = (props: ComposerProps) => {
  const { say, teammate, draft, setDraft } = props;

  const submit = (event: Event): void => {
    event.preventDefault();
    if (draft.trim()) props.send(draft.trim());
  };
  const label = teammate ? say("replyTo", teammate) : say("write");
  return (
    <form class="composer" onSubmit={submit}>
      <div class="field">
        <textarea
          ref={fit}
          rows={1}
          value={draft}
          maxLength={LONGEST}
          placeholder={label}
          aria-label={label}
          enterkeyhint="send"
          onInput={(event) => {
            setDraft(event.currentTarget.value);
            props.typing();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
          }}
        />
        <button class="round" aria-label={say("send")} disabled={!draft.trim()}>
          <Icon name="send" />
        </button>
      </div>
      <div class="under">
        <button type="button" class="talk" onClick={props.person} disabled={props.asked || teammate !== null}>
          <Icon name={props.asked ? "check" : "person"} size={14} />
          {say(props.asked ? "asked" : "talk")}
        </button>
        <span>{say(props.openNow ? "here" : "away")}</span>
      </div>
    </form>
  );
};
