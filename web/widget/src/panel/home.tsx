/** The first view: begin, go on, ask what people ask, or take another door. */
import { h } from "preact";
import type { QuickReply } from "../protocol.ts";
import type { Say } from "../strings/strings.ts";
import type { Conversation } from "./conversation.ts";
import { doorName, Glyph, Icon } from "./icons.tsx";

export interface HomeProps {
  state: Conversation;
  say: Say;
  begin: () => void;
  ask: (question: QuickReply) => void;
  goOn: (channel: string) => void;
}

export const Home = ({ state, say, begin, ask, goOn }: HomeProps) => {
  const { settings, entries } = state;
  const last = entries[entries.length - 1];
  return (
    <div class="home">
      <div class="hero">
        <span class="logo">{(settings?.workspace ?? " ")[0]}</span>
        <h2>
          {state.name ?? say("hello")}
          <br />
          {say("help")}
        </h2>
        <p>
          <i class={settings?.open_now ? "" : "away"} />
          {say(settings?.open_now ? "here" : "away")}
        </p>
      </div>
      <div class="cards">
        <button class="card begin" onClick={begin}>
          <span class="grow">
            <b>{say(last ? "goOn" : "start")}</b>
            <span class="cut">{last?.text || say("assistant")}</span>
          </span>
          <span class="round">
            <Icon name="send" />
          </span>
        </button>
        {settings && settings.quick_replies.length > 0 && (
          <div class="card">
            <small>{say("ask")}</small>
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
          <small>{say("elsewhere")}</small>
          <div class="doors">
            {settings.continue.map((channel) => (
              <button class="door" onClick={() => goOn(channel)}>
                <Glyph channel={channel} />
                {doorName(channel)}
              </button>
            ))}
          </div>
        </div>
      )}
    </div>
  );
};
