/** A conversation from its first word to what is being said now. */
import { Component, createRef, Fragment, h } from "preact";
import type { Ready } from "../core.ts";
import type { Card, QuickReply } from "../protocol.ts";
import { fill, words } from "../strings/strings.ts";
import type { Entry, Visit } from "./conversation.ts";
import { Glyph, Icon, offered, onwards } from "./icons.tsx";

import { Text } from "./text.tsx";

export interface ThreadProps {
  visit: Visit;
  /** Those before the visitor's eyes. */
  entries: Entry[];
  teammate: string | null;
  ended: boolean;
  more: Ready | null;
  reply: (chosen: QuickReply) => void;
  goOn: (channel: string) => void;
  /** Begins another conversation; absent where there is only one. */
  another: (() => void) | null;
  rating: number | null;
  rate: ((value: number) => void) | null;
  /** Where something of the server's lies. */
  address: (path: string) => string;
}

const day = (at: string): string => (at ? new Date(at).toDateString() : "");

const isWeb = (url: string | null): url is string => /^https?:/.test(url ?? "");

interface BubbleProps {
  entry: Entry;
  visit: Visit;
  more: Ready | null;
  address: (path: string) => string;
}

/** A product or a page: what it is, how it looks, where it is. */
const Offer = ({ card: { title, text, picture, url } }: { card: Card }) => (
  <div class="offer">
    {isWeb(picture) && <img src={picture} alt="" />}
    <b>{title}</b>
    <span>{text}</span>
    {isWeb(url) && (
      <a class="reply" href={url} target="_blank" rel="noopener noreferrer">
        {words.view}
      </a>
    )}
  </div>
);

const Bubble = ({ entry, visit, address, more }: BubbleProps) => {
  if (entry.kind === "system") return <div class="joined">{<span>{entry.text}</span>}</div>;
  const time = entry.at ? new Date(entry.at).toLocaleTimeString(words.language, { hour: "2-digit", minute: "2-digit" }) : "";
  const waits = entry.kind === "customer" && entry.seq === null && !visit.online;
  return (
    <div class={`said ${entry.kind}`}>
      {entry.id === null && entry.files.length > 0 && more && <more.Parcel entry={entry} post={more.post} largest={visit.settings?.largest_file ?? 0} />}
      {entry.files.map(
        ({ name, shown_as, url }) =>
          url && (
            <a class="chip" href={address(url.slice(1))} target="_blank" rel="noopener noreferrer" download={name}>
              {/^image/.test(shown_as ?? "") ? <img src={address(url.slice(1))} alt={name} /> : [<Icon name="page" size={12} />, <span>{name}</span>]}
            </a>
          ),
      )}
      {(entry.text || entry.sentences) && (
        <div class="bubble" dir="auto">
          <Text text={entry.text} />
          {entry.sentences && <i class="cursor" />}
        </div>
      )}
      {entry.sources.length > 0 && (
        <div class="chips" role="group" aria-label={words.sources}>
          {entry.sources.map((source) => {
            const inside = [<Icon name="page" size={12} />, <span>{source.title}</span>];
            return isWeb(source.url) ? (
              <a class="chip" href={source.url} target="_blank" rel="noopener noreferrer">
                {inside}
              </a>
            ) : (
              <span class="chip">{inside}</span>
            );
          })}
        </div>
      )}
      {entry.cards.map((card) => (
        <Offer card={card} />
      ))}
      {waits && <small>{words.waiting}</small>}
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
    const { visit, entries, ended, rate } = this.props;
    const last = entries[entries.length - 1];
    const now = [last?.key, last?.text, last?.refused, visit.typing, visit.trouble, Boolean(rate), ended, visit.welcomed, last?.sentences === null].join();
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

  override render(props: ThreadProps) {
    const { visit, entries, teammate, ended, more, reply, goOn, another, rating, rate, address } = props;
    const { settings, typing } = visit;
    const last = entries[entries.length - 1];
    const answers = entries.filter((entry) => entry.kind === "ai" || entry.kind === "teammate").length;
    const speaking = typing ?? last?.sentences;
    const replies = !last ? (settings?.quick_replies ?? []) : last.kind === "ai" ? last.replies : [];
    const offerDoors = answers > 1 && !speaking && last?.kind === "ai" && !visit.joined && !teammate;

    // The first day is named when it is past; afterwards each change of day is.
    const first = Math.max(Date.now(), Date.parse(entries.find((entry) => entry.at)?.at ?? "") || 0);
    let shownDay = new Date(first).toDateString();
    let answering = "";
    return (
      <div class="thread" ref={this.box} tabIndex={0} role="log" aria-live="off" aria-label={words.chat}>
        <div class="grow" />
        {visit.greeting && !entries.length && (
          <div class="said ai">
            <div class="bubble">{visit.greeting}</div>
          </div>
        )}
        {entries.map((entry) => {
          const today = day(entry.at) || shownDay;
          const turned = today !== shownDay;
          shownDay = today;
          const joins = entry.kind === "teammate" && entry.name !== answering;
          if (entry.kind !== "customer") answering = (entry.kind === "teammate" && entry.name) || "";
          return (
            <Fragment key={entry.key}>
              {turned && (
                <div class="day">
                  {new Date(entry.at).toLocaleDateString(words.language, { weekday: "long", day: "numeric", month: "long" })}
                </div>
              )}
              {joins && (
                <div class="joined">
                  <span>{fill(words.joined, entry.name ?? "")}</span>
                </div>
              )}
              <Bubble entry={entry} visit={visit} more={more} address={address} />
            </Fragment>
          );
        })}
        {typing && (
          <div class={`said ${typing}`} role="img" aria-label={`${teammate ?? "AI"} ${words.typing}`}>
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
            {offered(settings?.continue ?? []).map((channel) => (
              <button class="chip go" onClick={() => goOn(channel)}>
                <Glyph channel={channel} />
                {onwards(channel)}
              </button>
            ))}
          </div>
        )}
        {rate && (
          <div class="rate" role="group" aria-label={words.rate}>
            <span>{rating ? words.thanks : words.rate}</span>
            {[1, 2, 3, 4, 5].map((value) => (
              <button
                class={rating !== null && value <= rating ? "on" : ""}
                aria-label={fill(words.stars, value)}
                aria-pressed={rating === value}
                onClick={() => rate(value)}
              >
                <Icon name="star" size={17} />
              </button>
            ))}
          </div>
        )}
        {ended && another && (
          <div class="day">
            {words.ended}
            <button class="reply" onClick={another}>
              {words.new}
            </button>
          </div>
        )}
        {visit.trouble && <div class="day">{words.trouble}</div>}
      </div>
    );
  }
}
