/** Where the visitor writes; a person is always one tap away beneath it. */
import { createRef, h } from "preact";
import { fill, words } from "../strings/strings.ts";
import { Icon } from "./icons.tsx";

export interface ComposerProps {
  teammate: string | null;
  /** When somebody of the team answers. */
  people: string;
  asked: boolean;
  draft: string;
  setDraft: (text: string) => void;
  send: (text: string) => void;
  /** Files that were chosen or pasted. */
  attach: (files: FileList) => void;
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

const chooser = createRef<HTMLInputElement>();

export const Composer = (props: ComposerProps) => {
  const { teammate, draft, setDraft, attach } = props;

  const submit = (event: Event): void => {
    event.preventDefault();
    if (draft.trim()) props.send(draft.trim());
  };
  const label = teammate ? fill(words.replyTo, teammate) : words.write;
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
          // Programs put a picture of text beside the text; then the text is meant.
          onPaste={({ clipboardData: pasted }) => pasted && !pasted.getData("text") && attach(pasted.files)}
        />
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={({ currentTarget }) => {
            if (currentTarget.files) attach(currentTarget.files);
            // The same file may be chosen again.
            currentTarget.value = "";
          }}
        />
        <button type="button" class="icon" aria-label={words.attach} onClick={() => chooser.current?.click()}>
          <Icon name="clip" />
        </button>
        <button class="round" aria-label={words.send} disabled={!draft.trim()}>
          <Icon name="send" />
        </button>
      </div>
      <div class="under">
        <button type="button" class="talk" onClick={props.person} disabled={props.asked || teammate !== null}>
          <Icon name={props.asked ? "check" : "person"} size={14} />
          {props.asked ? words.asked : words.talk}
        </button>
        <span>{props.people}</span>
      </div>
    </form>
  );
};
