/** The panel itself: header, the view that is open, and what lies over it. */
import { Component, createRef, Fragment, h } from "preact";
import type { Core, Ready } from "../core.ts";
import type { QuickReply, Settings } from "../protocol.ts";
import { fill, words } from "../strings/strings.ts";
import { Composer } from "./composer.tsx";
import { lastSeq, present, shown, teammateOf, type Visit } from "./conversation.ts";
import { Home } from "./home.tsx";
import { doorName, Icon } from "./icons.tsx";
import { Thread } from "./thread.tsx";

export interface ShellProps {
  core: Core;
  visit: Visit;
  /** What is seldom wanted, once it is here. */
  more: Ready | null;
  attach: (files: File[], conversation: string | null) => void;
  visible: boolean;
  /** It was open on the page before. */
  resumes: boolean;
  prefill: string | null;
  /** A door whose code was handed to the page around us. */
  handed: string | null;
  announced: string[];
}

interface ShellState {
  view: "home" | "thread";
  draft: string;
  asked: boolean;
  sheet: boolean;
  door: string | null;
  paused: boolean;
  rating: number | null;
  /** A file hovers over the panel. */
  dropping: boolean;
}

/** Without a word from the server that all is settled, a pause after two answers counts as an end worth asking about. */
const PAUSE_BEFORE_RATING = 90_000;
const TYPING_EVERY = 3_000;
const MINUTE = 60;

/** When somebody of the team answers, as a person says it. */
const people = (settings: Settings | null): string => {
  const { person_within_s: within, person_by: by } = settings ?? {};
  if (within) return fill(words.here, new Intl.RelativeTimeFormat(words.language, { style: "short" }).format(Math.ceil(within / MINUTE), "minute"));
  return by ? fill(words.away, new Date(by).toLocaleString(words.language, { weekday: "short", hour: "2-digit", minute: "2-digit" })) : "";
};

export class Shell extends Component<ShellProps, ShellState> {
  private readonly box = createRef<HTMLElement>();
  private typed = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;

  override state: ShellState = {
    view: this.props.core.fill || this.props.visit.entries.length ? "thread" : "home",
    draft: this.props.core.memory.value.draft,
    asked: this.props.core.memory.value.asked,
    sheet: false,
    door: null,
    paused: false,
    rating: null,
    dropping: false,
  };

  private get entries() {
    return shown(this.props.visit, this.props.core.fill);
  }

  override componentDidMount(): void {
    document.addEventListener("visibilitychange", this.look);
    this.componentDidUpdate({ ...this.props, visible: false, prefill: null });
  }

  override componentDidUpdate(before: ShellProps): void {
    const { visit, visible, prefill, handed, core } = this.props;
    const entries = visit.entries.length;
    if (prefill !== before.prefill && prefill !== null) {
      this.write(prefill);
      this.setState({ view: "thread" });
    }
    if (entries && !before.visit.entries.length) this.setState({ view: "thread" });
    if (entries !== before.visit.entries.length) {
      clearTimeout(this.pause);
      if (this.state.paused) this.setState({ paused: false });
      this.pause = setTimeout(() => this.setState({ paused: true }), PAUSE_BEFORE_RATING);
    }
    if (this.state.asked && teammateOf(this.entries)) this.ask(false);
    if (handed !== before.handed || visit.joined !== before.visit.joined) this.setState({ sheet: false });
    if (visible && !before.visible && !core.fill && !this.props.resumes) this.box.current?.querySelector("textarea")?.focus({ preventScroll: true });
    this.look();
  }

  private readonly look = (): void => {
    const { core, visit, visible } = this.props;
    const seq = lastSeq(this.entries);
    if (visible && this.state.view === "thread" && seq) core.seen(seq, core.fill ? null : present(visit));
  };

  /** Where what is said now belongs; of a new conversation only the first word says that it is one. */
  private get here(): string | null {
    const { visit, core } = this.props;
    const conversation = core.fill ? null : present(visit);
    const begun = conversation === "another" && visit.entries.some((entry) => entry.conversation === "another");
    return begun ? null : conversation;
  }

  private readonly say = (text: string, payload: string | null = null): void => {
    this.setState({ view: "thread" });
    this.props.core.line.say(text, payload, this.here);
  };

  /** Half of a sentence outlives the page. */
  private readonly write = (draft: string): void => {
    this.setState({ draft });
    this.props.core.memory.save({ draft });
  };

  private readonly ask = (asked: boolean): void => {
    this.setState({ asked });
    this.props.core.memory.save({ asked });
  };

  private readonly reply = (chosen: QuickReply): void => this.say(chosen.title, chosen.payload);

  private readonly turn = (conversation: string): void => {
    this.ask(false);
    this.setState({ view: "thread", paused: false, rating: null });
    this.props.core.hear({ type: "shown", conversation });
  };

  private readonly attach = (files: FileList): void => {
    if (!files.length) return;
    this.setState({ view: "thread" });
    this.props.attach(Array.from(files), this.here);
  };

  private readonly goOn = (door: string | null): void => {
    this.props.core.fetch("more");
    this.setState({ door, sheet: true });
    if (door) this.props.core.line.tell({ type: "continue", channel: door });
  };

  private readonly rate = (rating: number): void => {
    this.setState({ rating });
    this.props.core.line.tell({ type: "rate", value: rating, conversation: this.here });
  };

  private readonly typing = (): void => {
    const now = Date.now();
    if (now - this.typed < TYPING_EVERY || !this.props.visit.online) return;
    this.typed = now;
    this.props.core.line.tell({ type: "typing" });
  };

  /** Esc closes what is on top; Tab stays inside while the panel covers the page. */
  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const { core } = this.props;
    const { sheet } = this.state;
    if (event.key === "Escape") {
      event.stopPropagation();
      if (sheet) this.setState({ sheet: false });
      else core.close();
    }
    if (event.key !== "Tab" || (core.fill && !sheet)) return;
    const area = this.box.current?.querySelector(".sheet") ?? this.box.current;
    const stops = Array.from(area?.querySelectorAll<HTMLElement>("button:not(:disabled), a, textarea, [tabindex]") ?? []);
    if (event.shiftKey) stops.reverse();
    if (core.root.activeElement === stops[stops.length - 1]) {
      event.preventDefault();
      stops[0]?.focus();
    }
  };

  private header(title: string) {
    const { core, visit } = this.props;
    const { sound } = core.memory.value;
    const teammate = teammateOf(this.entries);
    const close = (
      <button class="icon" aria-label={words.close} onClick={core.close}>
        <Icon name="close" />
      </button>
    );
    if (this.state.view === "home") {
      return (
        <div class="corner">
          <button
            class={sound ? "icon on" : "icon"}
            aria-label={words.sound}
            title={words.sound}
            aria-pressed={sound}
            onClick={() => {
              core.memory.save({ sound: !sound });
              core.fetch("more");
              this.forceUpdate();
            }}
          >
            <Icon name="bell" />
          </button>
          {close}
        </div>
      );
    }
    return (
      <div class="top">
        {!core.fill && (
          <button class="icon" aria-label={words.back} onClick={() => this.setState({ view: "home" })}>
            <Icon name="back" size={20} />
            {visit.fresh.length > 0 && <i class="new" />}
          </button>
        )}
        <span class={teammate ? "logo human" : "logo"}>{(teammate ?? visit.settings?.workspace ?? " ")[0]}</span>
        <span class="grow">
          <b>{title}</b>
          <small>{teammate ? words.person : words.assistant}</small>
        </span>
        {visit.settings && visit.settings.continue.length > 0 && (
          <button
            class="icon"
            aria-label={words.more}
            title={words.more}
            onClick={() => this.goOn(null)}
          >
            <Icon name="phone" />
          </button>
        )}
        {!core.fill && close}
      </div>
    );
  }

  /** What the visitor should know about the line and about who they are taken for. */
  private strip() {
    const { visit, core, handed } = this.props;
    const { joined } = visit;
    const note = visit.undone ? words.undone : handed && !joined ? fill(words.ready, doorName(handed)) : "";
    return (
      <>
        {joined && (
          <div class="strip" role="status">
            <span class="grow">{fill(words.connected, joined.as)}</span>
            <button onClick={() => core.line.tell({ type: "not_me", link: joined.link })}>{words.notYou}</button>
          </div>
        )}
        {note && <div class="strip">{note}</div>}
        {visit.welcomed && !visit.online && (
          <div class="strip warn" role="status">
            {words.offline}
          </div>
        )}
      </>
    );
  }

  override render({ core, visit, visible, announced, more }: ShellProps, state: ShellState) {
    const { view, draft, asked, sheet, door, paused, rating, dropping } = state;
    const { line, fill } = core;
    const { settings } = visit;
    const { entries } = this;
    const teammate = teammateOf(entries);
    const here = present(visit);
    const ended = here !== null && visit.ended.includes(here);
    const answers = entries.filter((entry) => entry.kind === "ai" || entry.kind === "teammate").length;
    const workspace = settings?.workspace ?? words.chat;
    const title = teammate ? `${teammate}, ${workspace}` : workspace;
    const mayRate = rating !== null || (ended && answers > 0) || (paused && answers > 1);
    const wait = people(settings);
    return (
      <section
        ref={this.box}
        class={`panel${fill ? " full" : ""}${dropping ? " dropping" : ""}`}
        role="dialog"
        aria-modal={fill ? undefined : "true"}
        aria-label={title}
        hidden={!visible}
        onKeyDown={this.onKeyDown}
        onDragOver={(event) => {
          event.preventDefault();
          this.setState({ dropping: true });
        }}
        onDragLeave={() => this.setState({ dropping: false })}
        onDrop={(event) => {
          event.preventDefault();
          this.setState({ dropping: false });
          if (event.dataTransfer) this.attach(event.dataTransfer.files);
        }}
      >
        {this.header(title)}
        {this.strip()}
        {view === "home" ? (
          <Home visit={visit} people={wait} look={this.turn} ask={this.reply} goOn={this.goOn} />
        ) : (
          <Thread
            visit={visit}
            entries={entries}
            teammate={teammate}
            ended={ended}
           
            more={more}
            reply={this.reply}
            goOn={this.goOn}
            another={fill ? null : () => this.turn("another")}
            rating={rating}
            rate={mayRate ? this.rate : null}
            address={core.address}
          />
        )}
        <Composer
         
          teammate={view === "home" ? null : teammate}
          people={wait}
          asked={asked && !teammate}
          draft={draft}
          setDraft={this.write}
          send={(text) => {
            this.write("");
            this.say(text);
          }}
          attach={this.attach}
          typing={this.typing}
          person={() => {
            this.ask(true);
            this.setState({ view: "thread" });
            line.tell({ type: "person", conversation: this.here });
          }}
        />
        {sheet && more && (
          <more.Sheet
           
            doors={settings?.continue ?? []}
            chosen={door}
            link={visit.link}
            choose={this.goOn}
            close={() => this.setState({ sheet: false })}
          />
        )}
        <div class="heard" aria-live="polite">
          {announced.map((text, index) => (
            <p key={index}>{text}</p>
          ))}
        </div>
      </section>
    );
  }
}
