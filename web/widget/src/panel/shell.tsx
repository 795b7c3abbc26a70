/** The panel itself: header, the view that is open, and what lies over it. */
import { Component, createRef, Fragment, h } from "preact";
import type { Core } from "../core.ts";
import type { QuickReply } from "../protocol.ts";
import { type Say, speaker } from "../strings/strings.ts";
import { Composer } from "./composer.tsx";
import { type Conversation, lastSeq } from "./conversation.ts";
import { Home } from "./home.tsx";
import { doorName, Icon } from "./icons.tsx";
import { Sheet } from "./sheet.tsx";
import { Thread } from "./thread.tsx";

export interface ShellProps {
  core: Core;
  state: Conversation;
  visible: boolean;
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
}

/** Without a word from the server that all is settled, a pause after two answers counts as an end worth asking about. */
const PAUSE_BEFORE_RATING = 90_000;
const TYPING_EVERY = 3_000;

export class Shell extends Component<ShellProps, ShellState> {
  private readonly box = createRef<HTMLElement>();
  private readonly say: Say = speaker(this.props.core.locale);
  private typed = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;

  override state: ShellState = {
    view: this.props.core.fill || this.props.state.entries.length ? "thread" : "home",
    draft: "",
    asked: false,
    sheet: false,
    door: null,
    paused: false,
    rating: null,
  };

  override componentDidMount(): void {
    document.addEventListener("visibilitychange", this.look);
    this.componentDidUpdate({ ...this.props, visible: false, prefill: null });
  }

  override componentDidUpdate(before: ShellProps): void {
    const { state, visible, prefill, handed, core } = this.props;
    const entries = state.entries.length;
    if (prefill !== before.prefill && prefill !== null) this.setState({ draft: prefill, view: "thread" });
    if (entries && !before.state.entries.length) this.setState({ view: "thread" });
    if (entries !== before.state.entries.length) {
      clearTimeout(this.pause);
      if (this.state.paused) this.setState({ paused: false });
      this.pause = setTimeout(() => this.setState({ paused: true }), PAUSE_BEFORE_RATING);
    }
    if (handed !== before.handed || state.joined !== before.state.joined) this.setState({ sheet: false });
    if (visible && !before.visible && !core.fill) this.box.current?.querySelector("textarea")?.focus({ preventScroll: true });
    this.look();
  }

  private readonly look = (): void => {
    const seq = lastSeq(this.props.state);
    if (this.props.visible && this.state.view === "thread" && seq) this.props.core.seen(seq);
  };

  private readonly reply = (chosen: QuickReply): void => {
    this.setState({ view: "thread" });
    this.props.core.line.say(chosen.title, chosen.payload);
  };

  private readonly goOn = (door: string): void => {
    this.setState({ door, sheet: true });
    this.props.core.line.tell({ type: "continue", channel: door });
  };

  private readonly rate = (rating: number): void => {
    this.setState({ rating });
    this.props.core.line.tell({ type: "rate", value: rating });
  };

  private readonly typing = (): void => {
    const now = Date.now();
    if (now - this.typed < TYPING_EVERY || !this.props.state.online) return;
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
    const { core, state } = this.props;
    const { say } = this;
    const close = (
      <button class="icon" aria-label={say("close")} onClick={core.close}>
        <Icon name="close" />
      </button>
    );
    if (this.state.view === "home") return <div class="corner">{close}</div>;
    return (
      <div class="top">
        {!core.fill && (
          <button class="icon" aria-label={say("back")} onClick={() => this.setState({ view: "home" })}>
            <Icon name="back" size={20} />
          </button>
        )}
        <span class={state.teammate ? "logo human" : "logo"}>{(state.teammate ?? state.settings?.workspace ?? " ")[0]}</span>
        <span class="grow">
          <b>{title}</b>
          <small>{say(state.teammate ? "person" : "assistant")}</small>
        </span>
        {state.settings && state.settings.continue.length > 0 && (
          <button
            class="icon"
           
            aria-label={say("more")}
            title={say("more")}
            onClick={() => this.setState({ door: null, sheet: true })}
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
    const { state, core, handed } = this.props;
    const { say } = this;
    const { joined } = state;
    const note = state.undone ? say("undone") : handed && !joined ? say("ready", doorName(handed)) : "";
    return (
      <>
        {joined && (
          <div class="strip" role="status">
            <span class="grow">{say("connected", joined.as)}</span>
            <button onClick={() => core.line.tell({ type: "not_me", link: joined.link })}>
              {say("notYou")}
            </button>
          </div>
        )}
        {note && <div class="strip">{note}</div>}
        {state.welcomed && !state.online && (
          <div class="strip warn" role="status">
            {say("offline")}
          </div>
        )}
      </>
    );
  }

  override render({ core, state, visible, announced }: ShellProps, { view, draft, asked, sheet, door, paused, rating }: ShellState) {
    const { line, fill, locale } = core;
    const { say } = this;
    const { settings, teammate, entries } = state;
    const answers = entries.filter((entry) => entry.kind === "ai" || entry.kind === "teammate").length;
    const workspace = settings?.workspace ?? say("chat");
    const title = teammate ? `${teammate}, ${workspace}` : workspace;
    const mayRate = rating !== null || state.resolved || (paused && answers > 1);
    return (
      <section
        ref={this.box}
        class={fill ? "panel full" : "panel"}
        role="dialog"
        aria-modal={fill ? undefined : "true"}
        aria-label={title}
        hidden={!visible}
        onKeyDown={this.onKeyDown}
      >
        {this.header(title)}
        {this.strip()}
        {view === "home" ? (
          <Home state={state} say={say} begin={() => this.setState({ view: "thread" })} ask={this.reply} goOn={this.goOn} />
        ) : (
          <Thread
            state={state}
            say={say}
            locale={locale}
            reply={this.reply}
            goOn={this.goOn}
            rating={rating}
            rate={mayRate ? this.rate : null}
            address={this.props.core.address}
          />
        )}
        <Composer
          say={say}
          teammate={teammate}
          openNow={settings?.open_now ?? false}
          asked={asked && !teammate}
          draft={draft}
          setDraft={(text) => this.setState({ draft: text })}
          send={(text) => {
            this.setState({ draft: "", view: "thread" });
            line.say(text);
          }}
          typing={this.typing}
          person={() => {
            this.setState({ asked: true, view: "thread" });
            line.tell({ type: "person" });
          }}
        />
        {sheet && (
          <Sheet
            say={say}
            doors={settings?.continue ?? []}
            chosen={door}
            link={state.link}
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
