/** The conversation from its first word to what is being said now. */
import { Component, createRef, Fragment, h } from "preact";
import type { QuickReply } from "../protocol.ts";
import type { Say } from "../strings/strings.ts";
import type { Conversation, Entry } from "./conversation.ts";
import { doorName, Glyph, Icon } from "./icons.tsx";
import { Text } from "./text.tsx";

export interface ThreadProps {
  state: Conversation;
  say: Say;
  locale: string;
  reply: (chosen: QuickReply) => void;
  goOn: (channel: string) => void;
  rating: number | null;
  rate: ((value: number) => void) | null;
  /** Where something of the server's lies. */
  address: (path: string) => string;
}

const day = (at: string): string => (at ? new Date(at).toDateString() : "");

interface BubbleProps {
  entry: Entry;
  say: Say;
  locale: string;
  online: boolean;
  address: (path: string) => string;
}

const Bubble = ({ entry, say, locale, online, address }: BubbleProps) => {
  if (entry.kind === "joined") {
    return (
      <div class="joined">
        <span>{say("joined", entry.name ?? "")}</span>
      </div>
    );
  }
  if (entry.kind === "system") return <div class="joined">{<span>{entry.text}</span>}</div>;
  const time = entry.at ? new Date(entry.at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" }) : "";
  const waits = entry.kind === "customer" && entry.seq === null && !online;
  return (
    <div class={`said ${entry.kind}`}>
      {entry.files.map(({ name, shown_as, url }) => (
        <a class="chip" href={address(url.slice(1))} target="_blank" rel="noopener noreferrer" download={name}>
          {/^image/.test(shown_as ?? "") ? <img src={address(url.slice(1))} alt={name} /> : [<Icon name="page" size={12} />, name]}
        </a>
      ))}
      {(entry.text || entry.sentences) && (
        <div class="bubble" dir="auto">
          <Text text={entry.text} />
          {entry.sentences && <i class="cursor" />}
        </div>
      )}
      {entry.sources.length > 0 && (
        <div class="chips" role="group" aria-label={say("sources")}>
          {entry.sources.map((source) => {
            const inside = [<Icon name="page" size={12} />, <span>{source.title}</span>];
            return source.url && /^https?:/.test(source.url) ? (
              <a class="chip" href={source.url} target="_blank" rel="noopener noreferrer">
                {inside}
              </a>
            ) : (
              <span class="chip">
                {inside}
              </span>
            );
          })}
        </div>
      )}
      {waits && <small>{say("waiting")}</small>}
      {entry.kind === "teammate" && (
        <small>
          {entry.name}, {time}
        </small>
      )}
    </div>
  );
};

export class Thread extends Component<ThreadProps> {
  private readonly box = createRef<HTMLDivElement>();
  private shown = "";
  /** A keyboard, a strip or a turned phone takes room: the newest words stay in view. */
  private readonly room = new ResizeObserver(() => this.toEnd());

  private toEnd(): void {
    this.box.current?.scrollTo(0, this.box.current.scrollHeight);
  }

  /** Follows what is new; leaves the reader alone when nothing changed. */
  override componentDidUpdate(): void {
    const { state, rate } = this.props;
    const last = state.entries[state.entries.length - 1];
    const now = [last?.key, last?.text, state.typing, state.trouble, Boolean(rate), state.welcomed, last?.sentences === null].join();
    if (now !== this.shown) this.toEnd();
    this.shown = now;
  }

  override componentDidMount(): void {
    this.componentDidUpdate();
    if (this.box.current) this.room.observe(this.box.current);
  }

  override componentWillUnmount(): void {
    this.room.disconnect();
  }

  override render({ state, say, locale, reply, goOn, rating, rate }: ThreadProps) {
    const { entries, settings, typing } = state;
    const last = entries[entries.length - 1];
    const answers = entries.filter((entry) => entry.kind === "ai" || entry.kind === "teammate").length;
    const speaking = typing ?? last?.sentences;
    const replies = !last ? (settings?.quick_replies ?? []) : last.kind === "ai" ? last.replies : [];
    const offerDoors = answers > 1 && !speaking && last?.kind === "ai" && !state.joined && !state.teammate;

    // The first day is named when it is past; afterwards each change of day is.
    const first = Math.max(Date.now(), Date.parse(entries.find((entry) => entry.at)?.at ?? "") || 0);
    let shownDay = new Date(first).toDateString();
    return (
      <div class="thread" ref={this.box} tabIndex={0} role="log" aria-live="off" aria-label={say("chat")}>
        <div class="grow" />
        {state.greeting && !entries.length && (
          <div class="said ai">
            <div class="bubble">{state.greeting}</div>
          </div>
        )}
        {entries.map((entry) => {
          const today = day(entry.at) || shownDay;
          const turned = today !== shownDay;
          shownDay = today;
          return (
            <Fragment key={entry.key}>
              {turned && (
                <div class="day">
                  {new Date(entry.at).toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" })}
                </div>
              )}
              <Bubble entry={entry} say={say} locale={locale} online={state.online} address={this.props.address} />
            </Fragment>
          );
        })}
        {typing && (
          <div class={`said ${typing}`} role="img" aria-label={`${state.teammate ?? "AI"} ${say("typing")}`}>
            <div class="bubble dots">
              <i />
              <i />
              <i />
            </div>
          </div>
        )}
        {replies.length > 0 && !speaking && (
          <div class="chips">
            {replies.map((one) => (
              <button class="reply" onClick={() => reply(one)}>
                {one.title}
              </button>
            ))}
          </div>
        )}
        {offerDoors && (
          <div class="chips">
            {settings?.continue.map((channel) => (
              <button class="chip go" onClick={() => goOn(channel)}>
                <Glyph channel={channel} />
                {say("continue", doorName(channel))}
              </button>
            ))}
          </div>
        )}
        {rate && (
          <div class="rate" role="group" aria-label={say("rate")}>
            <span>{rating ? say("thanks") : say("rate")}</span>
            {[1, 2, 3, 4, 5].map((value) => (
              <button
               
                class={rating !== null && value <= rating ? "on" : ""}
                aria-label={say("stars", value)}
                aria-pressed={rating === value}
                onClick={() => rate(value)}
              >
                <Icon name="star" size={17} />
              </button>
            ))}
          </div>
        )}
        {state.trouble && <div class="day">{say("trouble")}</div>}
      </div>
    );
  }
}
