/** A phone in a neutral frame: our glyph, our colour, and the messages of one door. */
import clsx from "clsx";
import { ArrowUp, Contact, Paperclip } from "lucide-react";
import { type FormEvent, Fragment, type ReactNode, useEffect, useRef } from "react";
import { DoorTile, hue, useDoorName } from "./Door.tsx";
import type { Choice, Door, DrawnDoor, PhoneBubble } from "./types.ts";
import { gapWords, momentWords, useSpeech, type Word } from "./words.ts";

/** A first line for each phone, for who does not know what to write. */
const starters: Record<DrawnDoor, readonly Word[]> = {
  whatsapp: ["starter.whatsapp.need", "starter.whatsapp.rival"],
  telegram: ["starter.telegram.return", "starter.telegram.person"],
  discord: ["starter.sms.delivery", "starter.telegram.person"],
  email: ["starter.email.need", "starter.telegram.return"],
  sms: ["starter.sms.delivery", "starter.sms.known"],
  rcs: ["starter.sms.delivery", "starter.sms.known"],
  messenger: ["starter.telegram.return", "starter.telegram.person"],
  instagram: ["starter.whatsapp.need", "starter.whatsapp.rival"],
  voice: ["starter.sms.delivery", "starter.telegram.person"],
};

interface HeadProps {
  door: Door;
  last: string | null;
  here: boolean;
  aside?: ReactNode;
}

const PhoneHead = ({ door, last, here, aside }: HeadProps) => {
  const speech = useSpeech();
  const name = useDoorName()(door);
  return (
    <div className="mb-2.5 flex items-center gap-2 px-1 max-[1024px]:hidden">
      <DoorTile door={door} />
      <div className="min-w-0 flex-1">
        <h2 className="truncate text-13 leading-[18px] font-semibold">{name}</h2>
        {here && aside ? (
          // Beside the switch there is no room for the words; the frame's colour says it.
          <p className="sr-only">{speech.say("here")}</p>
        ) : (
          <p className="truncate text-12 text-t3 tabular-nums">{last ? momentWords(last, speech) : speech.say("notYet")}</p>
        )}
      </div>
      {here && !aside && (
        <span className="inline-flex h-5 items-center rounded-1 bg-accent-soft px-[7px] text-12 whitespace-nowrap text-accent">
          {speech.say("here")}
        </span>
      )}
      {aside}
    </div>
  );
};

interface FrameProps extends HeadProps {
  hidden: boolean;
  children: ReactNode;
}

/** The frame around any phone; it stays mounted while another one is looked at. */
export const PhoneFrame = ({ door, last, here, aside, hidden, children }: FrameProps) => (
  <section
    aria-label={useDoorName()(door)}
    style={hue(door)}
    className={clsx("min-h-0 min-w-0 flex-col", hidden ? "hidden" : "flex")}
  >
    <PhoneHead door={door} last={last} here={here} aside={aside} />
    <div
      className={clsx(
        "flex min-h-0 flex-1 flex-col overflow-hidden rounded-[22px] border bg-s1 transition-[border-color,box-shadow] duration-[160ms] max-[1024px]:rounded-[18px] max-[1024px]:border-line-strong max-[1024px]:[box-shadow:none]",
        here ? "min-[1024px]:border-accent min-[1024px]:[box-shadow:0_0_0_3px_var(--accent-soft),var(--shadow-2)]" : "border-line-strong shadow-2",
      )}
    >
      {children}
    </div>
  </section>
);

const shownText = (text: string): ReactNode =>
  text.split(/(\*\*?[^*\n]+\*\*?)/).map((part, index) =>
    index % 2 ? <b key={index} className="font-semibold">{part.replaceAll("*", "")}</b> : part,
  );

/** A shared contact comes as text with this sign; not every system has a picture for it. */
const SHARED_CONTACT = "\u{1F464}";

interface BubbleProps {
  bubble: PhoneBubble;
  choices: Choice[];
  press: (choice: Choice) => void;
}

const Bubble = ({ bubble, choices, press }: BubbleProps) => {
  const mine = bubble.direction === "in";
  return (
    <div className={clsx("arrive flex max-w-[88%] flex-col gap-1.5", mine ? "items-end self-end" : "items-start self-start")}>
      <p
        dir="auto"
        className={clsx(
          "rounded-[14px] px-[11px] py-[7px] text-[13.5px] leading-[19px] whitespace-pre-wrap [overflow-wrap:anywhere]",
          mine
            ? "rounded-br-1 [background:color-mix(in_srgb,var(--c)_15%,var(--surface-1))]"
            : "rounded-bl-1 border border-line bg-s1",
        )}
      >
        {bubble.files?.map((name) => (
          <span key={name} className="flex items-center gap-1.5 font-medium">
            <Paperclip size={14} aria-hidden="true" className="flex-none" />
            {name}
          </span>
        ))}
        {bubble.text.startsWith(SHARED_CONTACT) && (
          <Contact size={14} aria-hidden="true" className="mr-1.5 inline align-[-2px]" />
        )}
        {shownText(bubble.text.startsWith(SHARED_CONTACT) ? bubble.text.slice(SHARED_CONTACT.length).trimStart() : bubble.text)}
      </p>
      {choices.length > 0 && (
        <span className="flex flex-wrap gap-1.5">
          {choices.map((choice) => (
            <button
              key={choice.payload}
              type="button"
              onClick={() => press(choice)}
              className="min-h-7 rounded-full border bg-s1 px-2.5 text-left text-12 font-medium text-[var(--c)] [border-color:color-mix(in_srgb,var(--c)_45%,var(--surface-1))] hover:[background:color-mix(in_srgb,var(--c)_8%,var(--surface-1))] max-[1024px]:min-h-11 max-[1024px]:px-4"
            >
              {choice.title}
            </button>
          ))}
        </span>
      )}
    </div>
  );
};

const Dots = ({ label }: { label: string }) => (
  <div role="img" aria-label={label} className="arrive flex gap-1 self-start rounded-[14px] rounded-bl-1 border border-line bg-s1 p-3">
    {["opacity-100", "opacity-60", "opacity-35"].map((shade) => (
      <i key={shade} className={clsx("size-1.5 rounded-full bg-t3", shade)} />
    ))}
  </div>
);

export interface PhoneProps {
  door: DrawnDoor;
  hidden: boolean;
  here: boolean;
  aside?: ReactNode;
  shop: string;
  bubbles: PhoneBubble[];
  /** The last moment anything was said on any door before this bubble, so that a silence shows. */
  before: (bubble: PhoneBubble) => string | null;
  typing: boolean;
  draft: string;
  emptyNote: string;
  startToken: string | null;
  canShareContact: boolean;
  write: (text: string) => void;
  send: (text: string) => void;
  press: (choice: Choice) => void;
  shareContact: () => void;
  start: (token: string) => void;
  focus: () => void;
}

const notes: Record<DrawnDoor, Word> = {
  whatsapp: "doorNote.whatsapp",
  telegram: "doorNote.telegram",
  discord: "doorNote.discord",
  email: "doorNote.email",
  sms: "doorNote.sms",
  rcs: "doorNote.rcs",
  messenger: "doorNote.messenger",
  instagram: "doorNote.instagram",
  voice: "doorNote.voice",
};

export const Phone = (props: PhoneProps) => {
  const { door, bubbles, draft } = props;
  const { say } = useSpeech();
  const name = useDoorName()(door);
  const messages = useRef<HTMLDivElement>(null);
  const mine = bubbles.filter((bubble) => bubble.channel === door);
  const last = mine.at(-1);
  const lastSaid = mine.findLast((bubble) => bubble.direction === "in");

  useEffect(() => {
    messages.current?.scrollTo(0, messages.current.scrollHeight);
  }, [mine.length, props.typing, props.hidden]);

  const gapBefore = (bubble: PhoneBubble): string | null => {
    const before = props.before(bubble);
    return before ? gapWords(Date.parse(bubble.at) - Date.parse(before), say) : null;
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft.trim()) props.send(draft.trim());
  };
  return (
    <PhoneFrame door={door} last={last?.at ?? null} here={props.here} aside={props.aside} hidden={props.hidden}>
      <div className="flex flex-none items-center gap-2.5 border-b border-line px-4 py-3">
        <span className="grid size-[30px] flex-none place-items-center rounded-full bg-[var(--c)] text-13 font-bold text-s1">
          {props.shop[0]}
        </span>
        <div className="min-w-0">
          <p className="truncate text-13 leading-[17px] font-semibold">{props.shop}</p>
          <p className="truncate text-11 leading-[15px] text-t3">{say(notes[door])}</p>
        </div>
      </div>
      <div
        ref={messages}
        role="log"
        aria-label={name}
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col gap-[9px] overflow-y-auto p-3.5 [background:color-mix(in_srgb,var(--c)_4%,var(--surface-1))] [scrollbar-width:thin]"
      >
        <span className="flex-1" />
        {mine.length === 0 && !props.startToken && (
          <div className="mb-2 flex flex-col items-center gap-2.5">
            <p className="max-w-[250px] text-center text-12 text-balance text-t3">{props.emptyNote}</p>
            <div role="group" aria-label={say("starters")} className="flex flex-col items-center gap-1.5">
              {starters[door].map((starter) => (
                <button
                  key={starter}
                  type="button"
                  onClick={() => props.send(say(starter))}
                  className="min-h-7 max-w-[260px] rounded-[14px] border border-dashed bg-s1 px-3 py-1 text-center text-12 text-balance text-t2 [border-color:color-mix(in_srgb,var(--c)_45%,var(--surface-1))] hover:text-t1 hover:[background:color-mix(in_srgb,var(--c)_8%,var(--surface-1))] max-[1024px]:min-h-11"
                >
                  {say(starter)}
                </button>
              ))}
            </div>
          </div>
        )}
        {mine.map((bubble) => {
          const gap = gapBefore(bubble);
          return (
            <Fragment key={bubble.seq}>
              {gap && <p className="self-center py-0.5 text-11 text-t3">{gap}</p>}
              <Bubble
                bubble={bubble}
                choices={bubble === last && bubble.direction === "out" && door !== "sms" && door !== "email" ? bubble.buttons : []}
                press={props.press}
              />
              {bubble === lastSaid && bubble === last && !props.typing && (
                <p className="-mt-1 self-end text-11 text-t3">{say(`status.${bubble.status}`)}</p>
              )}
            </Fragment>
          );
        })}
        {props.typing && <Dots label={say("typing")} />}
      </div>
      {props.startToken && (
        <div className="flex flex-none flex-col gap-1.5 px-3 pt-2.5">
          <p className="text-center text-11 text-t3">{say("startNote")}</p>
          <button
            type="button"
            onClick={() => props.startToken && props.start(props.startToken)}
            className="h-9 rounded-full bg-[var(--c)] text-13 font-semibold text-s1 max-[1024px]:h-11"
          >
            {say("start")}
          </button>
        </div>
      )}
      {props.canShareContact && (
        <button
          type="button"
          onClick={props.shareContact}
          className="mx-3 mt-2.5 -mb-1 inline-flex h-8 flex-none items-center justify-center gap-1.5 rounded-2 bg-s2 text-12 font-medium hover:bg-s3 max-[1024px]:h-11"
        >
          <Contact size={14} aria-hidden="true" />
          {say("shareContact")}
        </button>
      )}
      <form
        onSubmit={submit}
        className="mx-3 mt-2.5 mb-3 flex flex-none items-center gap-1 rounded-[18px] border border-line-control pr-1 pl-3.5 focus-within:border-[var(--c)]"
      >
        <input
          value={draft}
          onChange={(event) => props.write(event.target.value)}
          onFocus={props.focus}
          placeholder={say("message")}
          aria-label={`${say("message")}, ${name}`}
          enterKeyHint="send"
          autoComplete="off"
          className="h-[34px] min-w-0 flex-1 bg-transparent text-[13.5px] outline-none placeholder:text-t3 focus-visible:shadow-none max-[1024px]:h-11 max-[1024px]:text-16"
        />
        <button
          type="submit"
          aria-label={say("send")}
          disabled={!draft.trim()}
          className="grid size-[26px] flex-none place-items-center rounded-full bg-[var(--c)] text-s1 disabled:opacity-45 max-[1024px]:size-9"
        >
          <ArrowUp size={15} aria-hidden="true" />
        </button>
      </form>
    </PhoneFrame>
  );
};
