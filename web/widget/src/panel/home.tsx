/** The first view: begin, go on, come back to something earlier, ask what people ask, or take another door. */
import { h } from "preact";
import type { QuickReply } from "../protocol.ts";
import { words } from "../strings/strings.ts";
import { conversations, type Entry, type Visit } from "./conversation.ts";
import { doorName, Glyph, Icon, offered } from "./icons.tsx";

export interface HomeProps {
  visit: Visit;
  /** When somebody of the team answers. */
  people: string;
  /** Goes to a conversation; `another` begins one. */
  look: (conversation: string) => void;
  ask: (question: QuickReply) => void;
  /** To another door; null: which one is asked. */
  goOn: (channel: string | null) => void;
}

/** Earlier conversations that are offered; more would hide what people come for. */
const MOST_EARLIER = 4;

/** What it was about: the visitor's own first words. */
const about = (entries: Entry[]): string => {
  const first = entries.find(({ kind }) => kind === "customer") ?? entries[0];
  return first?.text || first?.files[0]?.name || "";
};

const lastWords = (entries: Entry[]): string => {
  const last = entries[entries.length - 1];
  return last?.text || last?.files[0]?.name || "";
};

export const Home = ({ visit, people, look, ask, goOn }: HomeProps) => {
  const { settings, ended, fresh } = visit;
  const all = conversations(visit.entries);
  const open = all.find(([id]) => !ended.includes(id));
  const others = all.filter((one) => one !== open).slice(0, MOST_EARLIER);
  return (
    <div class="home">
      <div class="hero">
        <span class="logo">{(settings?.workspace ?? " ")[0]}</span>
        <h2>
          {visit.name ?? words.hello}
          <br />
          {words.help}
        </h2>
        <p>
          <i class={settings?.open_now ? "" : "away"} />
          {people}
        </p>
      </div>
      <div class="cards">
        <button class="card begin" onClick={() => look(open?.[0] ?? "another")}>
          <span class="grow">
            <b>{open ? words.goOn : words.start}</b>
            <span class="cut">{open ? lastWords(open[1]) : words.assistant}</span>
          </span>
          <span class="round">
            <Icon name="send" />
          </span>
        </button>
        {(open || others.length > 0) && (
          <div class="card">
            {open && (
              <button class="question" onClick={() => look("another")}>
                <b>{words.new}</b>
                <Icon name="plus" size={14} />
              </button>
            )}
            {others.length > 0 && <small>{words.earlier}</small>}
            {others.map(([id, entries]) => (
              <button key={id} class="question" onClick={() => look(id)}>
                <span class="cut grow">{about(entries)}</span>
                {fresh.includes(id) && <i class="new" />}
                <small>{new Date(entries[entries.length - 1]?.at || Date.now()).toLocaleDateString(words.language, { day: "numeric", month: "short" })}</small>
                <Icon name="next" size={14} />
              </button>
            ))}
          </div>
        )}
        {settings && settings.quick_replies.length > 0 && (
          <div class="card">
            <small>{words.ask}</small>
            {settings.quick_replies.map((question) => (
              <button class="question" onClick={() => ask(question)}>
                <span>{question.title}</span>
                <Icon name="next" size={14} />
              </button>
            ))}
          </div>
        )}
      </div>
      {settings && settings.continue.length > 0 && (
        <div class="elsewhere">
          <small>{words.elsewhere}</small>
          <div class="doors">
            {offered(settings.continue).map((channel) => (
              <button class="door" onClick={() => goOn(channel)}>
                <Glyph channel={channel} />
                {doorName(channel)}
              </button>
            ))}
            {settings.continue.length > offered(settings.continue).length && (
              <button class="door all" aria-label={words.more} title={words.more} onClick={() => goOn(null)}>
                …
              </button>
            )}
          </div>
        </div>
      )}
    </div>
  );
};
